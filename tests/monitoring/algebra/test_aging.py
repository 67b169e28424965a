"""The obligation, States: what time alone does to events is what judging their facts anew would say."""

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.times import format_time
from services.monitoring import decisions
from services.monitoring.algebra import calendars, plans
from services.monitoring.algebra.messages import from_message, is_fact
from services.monitoring.algebra.plans import Reference
from services.monitoring.decisions import Judgement, Sight
from tests.monitoring.algebra.histories import History

SEEDS = st.integers(min_value=1_000, max_value=1_000_000)
Docs = dict[str, dict[str, Any]]


def reference_of(history: History) -> Reference:
    approved = [plans.from_message(one) for one in history.messages if one.name == "plan-approved"]
    issued = [one for one in history.messages if one.name in ("calendar-issued", "policy-issued")]
    return Reference(approved, [calendars.from_message(one) for one in issued])


def events_of(history: History, reference: Reference) -> Docs:
    """The documents of all events, in which nothing is judged yet."""
    docs = {key: decisions.new_event(key) for key in reference.milestones}
    for fact in (from_message(one) for one in history.messages if is_fact(one)):
        if fact.event is not None:
            doc = docs.get(fact.event) or decisions.new_event(fact.event)
            docs[fact.event] = decisions.learn(doc, [fact]) or doc
    seen = {key: decisions.look_around(doc, decisions.facts_in(doc), reference) for key, doc in docs.items()}
    pointed_to = {key for doc in seen.values() for key in doc["touches"]} - seen.keys()
    return seen | {key: decisions.new_event(key) for key in pointed_to}


def stored(made: Judgement, before: Docs) -> Docs:
    return before | {doc["_id"]: doc for doc in made.obligations}


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, dice=st.randoms(use_true_random=False))
def test_time_alone_says_and_keeps_what_judging_anew_would(seed: int, dice: Random) -> None:
    history = History(seed)
    reference = reference_of(history)
    now = history.now - timedelta(days=dice.randrange(60))
    first = decisions.judge(events_of(history, reference), [], Sight(7, reference, format_time(now)))
    events, owed = {doc["_id"]: doc for doc in first.events}, stored(first, {})
    for _ in range(6):
        now += dice.choice((timedelta(minutes=1), timedelta(hours=20), timedelta(days=dice.randrange(40))))
        heard = [format_time(now - timedelta(seconds=dice.choice((0, 50, 90_000)))) for _ in range(2)]
        sight = Sight(7, reference, format_time(now), *(dice.choice((None, one)) for one in heard))
        assert all(decisions.is_judged(doc, sight) for doc in events.values())
        aged, judged = (how(events, owed.values(), sight) for how in (decisions.age, decisions.judge))
        assert aged.said == judged.said
        assert (aged.events, aged.obligations, aged.gone) == (judged.events, judged.obligations, judged.gone)
        assert aged.root_of == judged.root_of
        events, owed = {doc["_id"]: doc for doc in aged.events}, stored(aged, owed)


def test_the_histories_have_much_that_time_does() -> None:
    said: set[str] = set()
    for seed in range(1_000, 1_040):
        history = History(seed)
        reference, late = reference_of(history), format_time(history.now + timedelta(days=30))
        early = Sight(7, reference, format_time(history.now - timedelta(days=30)))
        first = decisions.judge(events_of(history, reference), [], early)
        events = {doc["_id"]: doc for doc in first.events}
        aged = decisions.age(events, first.obligations, Sight(7, reference, late, late, late))
        said |= {type(one.data).__name__ for one in aged.said}
    assert said == {"ObligationAssessed", "DeadlineMissed"}
