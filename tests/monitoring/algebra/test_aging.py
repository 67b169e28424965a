"""The obligation, States: what time alone does to events is what judging their facts anew would say."""

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.times import format_time
from services.monitoring import decisions
from services.monitoring.algebra.groups import touches
from services.monitoring.algebra.instants import to_instant
from services.monitoring.algebra.plans import Reference
from services.monitoring.decisions import Judgement, Sight
from tests.monitoring.algebra.builders import facts_of, reference_of
from tests.monitoring.algebra.histories import History

SEEDS = st.integers(min_value=1_000, max_value=1_000_000)
Docs = dict[str, dict[str, Any]]


def events_of(history: History, reference: Reference) -> Docs:
    """The documents of all events, in which nothing is judged yet."""
    facts = facts_of(history.messages)
    pointed_to = {key for some in facts.values() for key in touches(some, reference)}
    docs = {key: decisions.new_event(key) for key in {*facts, *reference.milestones, *pointed_to}}
    learnt = {key: decisions.learn(doc, facts.get(key, ())) or doc for key, doc in docs.items()}
    return {key: decisions.look_around(doc, decisions.facts_in(doc), reference) for key, doc in learnt.items()}


def stored(made: Judgement, before: Docs) -> Docs:
    return before | {doc["_id"]: doc for doc in made.obligations}


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, dice=st.randoms(use_true_random=False))
def test_time_alone_says_and_keeps_what_judging_anew_would(seed: int, dice: Random) -> None:
    history = History(seed)
    reference = reference_of(history.messages)
    now = history.now - timedelta(days=dice.randrange(60))
    first = decisions.judge(events_of(history, reference), [], Sight(7, reference, format_time(now)))
    events, owed = {doc["_id"]: doc for doc in first.events}, stored(first, {})
    for _ in range(6):
        dates = sorted(one["due_at"] for one in owed.values() if one["due_at"] and one["due_at"] > format_time(now))
        in_grace = to_instant(dice.choice(dates[:3])) + timedelta(seconds=30) if dates else now
        later = (timedelta(minutes=1), timedelta(hours=20), timedelta(days=dice.randrange(40)))
        now = dice.choice((in_grace, *(now + span for span in later)))
        heard = [format_time(now - timedelta(seconds=dice.choice((0, 50, 90_000)))) for _ in range(2)]
        sight = Sight(7, reference, format_time(now), *(dice.choice((None, one)) for one in heard))
        assert all(decisions.is_judged(doc, sight) for doc in events.values())
        aged, judged = (how(events, owed.values(), sight) for how in (decisions.age, decisions.judge))
        assert (aged.said, aged.ready, aged.under) == (judged.said, judged.ready, judged.under)
        assert (aged.events, aged.obligations, aged.gone) == (judged.events, judged.obligations, judged.gone)
        assert aged.root_of == judged.root_of
        events, owed = {doc["_id"]: doc for doc in aged.events}, stored(aged, owed)


def test_the_histories_have_much_that_time_does() -> None:
    said, ready = set[str](), 0
    for seed in range(1_000, 1_040):
        history = History(seed)
        reference, late = reference_of(history.messages), format_time(history.now + timedelta(days=30))
        early = Sight(7, reference, format_time(history.now - timedelta(days=30)))
        first = decisions.judge(events_of(history, reference), [], early)
        events = {doc["_id"]: doc for doc in first.events}
        aged = decisions.age(events, first.obligations, Sight(7, reference, late, late, late))
        said |= {type(one.data).__name__ for one in aged.said}
        for due_at in {one["due_at"] for one in first.obligations if one["state"] == "OPEN" and one["due_at"]}:
            in_grace = Sight(7, reference, format_time(to_instant(due_at) + timedelta(seconds=30)))
            ready += len(decisions.age(events, first.obligations, in_grace).ready)
    assert said == {"ObligationAssessed", "DeadlineMissed"}
    assert ready >= 40
