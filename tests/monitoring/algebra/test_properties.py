"""The obligation, Algebra: the documents are a pure function of the set of facts and `now`; R20."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.canonical import canonical_json
from contracts.envelope import Message, decode, encode
from contracts.times import format_time
from services.monitoring.algebra import calendars, plans
from services.monitoring.algebra.facts import Fact, collect, from_doc, to_doc
from services.monitoring.algebra.groups import touches
from services.monitoring.algebra.messages import from_message, is_fact
from services.monitoring.algebra.obligations import Assessment, assess, state_at, to_assessed
from services.monitoring.algebra.plans import Reference
from tests.monitoring.algebra.builders import assessed
from tests.monitoring.algebra.histories import History

SEEDS = st.integers(min_value=1_000, max_value=1_000_000)
DELAY = timedelta(days=400)


def written(assessments: dict[str, Assessment]) -> bytes:
    """The canonical bytes of everything that was assessed."""
    return canonical_json(
        {root: {"event": one.event, "owed": list(one.obligations)} for root, one in assessments.items()}
    )


def by_key(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.event is not None:
            found.setdefault(fact.event, []).append(fact)
    return found


class Kept:
    """What a service keeps as JSON: facts inside each event's document, plans and versions; learnt piecemeal."""

    def __init__(self) -> None:
        self.events: dict[str, list[Any]] = {}
        self.plans: list[Any] = []
        self.versions: list[Any] = []

    def learn(self, message: Message) -> None:
        again = decode(encode(message))
        if again.name == "plan-approved":
            self.plans.append(json.loads(json.dumps(plans.to_doc(plans.from_message(again)))))
        elif again.name in ("calendar-issued", "policy-issued"):
            self.versions.append(json.loads(json.dumps(calendars.to_doc(calendars.from_message(again)))))
        elif is_fact(again):
            fact = from_message(again)
            assert fact.event is not None
            known = [from_doc(doc) for doc in self.events.get(fact.event, [])]
            self.events[fact.event] = [to_doc(one) for one in collect([*known, fact])]

    def assessed(self, now: Any) -> dict[str, Assessment]:
        reference = Reference(map(plans.from_doc, self.plans), map(calendars.from_doc, self.versions))
        facts_of = {key: tuple(map(from_doc, docs)) for key, docs in self.events.items()}
        keys = {key for facts in facts_of.values() for key in touches(facts, reference)}
        return assess({key: facts_of.get(key, ()) for key in {*facts_of, *keys, *reference.milestones}}, reference, now)


def redelivered(messages: list[Message], dice: Random) -> list[Message]:
    """The messages in another order, some twice, the second time recorded up to 400 days later."""
    again = [
        replace(one, recordedtime=one.recordedtime + dice.random() * DELAY) for one in messages if dice.random() < 0.3
    ]
    everything = messages + again
    dice.shuffle(everything)
    return everything


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, order=st.randoms(use_true_random=False))
def test_order_duplication_and_delay_change_no_byte(seed: int, order: Random) -> None:
    history = History(seed)
    kept = Kept()
    for message in redelivered(history.messages, order):
        kept.learn(message)
    assert written(kept.assessed(history.now)) == written(assessed(*history.messages, now=history.now, shipped=False))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_a_group_is_found_by_following_what_its_facts_point_to(seed: int) -> None:
    history = History(seed)
    kept = Kept()
    for message in history.messages:
        kept.learn(message)
    whole = kept.assessed(history.now)
    reference = Reference(map(plans.from_doc, kept.plans), map(calendars.from_doc, kept.versions))
    facts_of = {key: tuple(map(from_doc, docs)) for key, docs in kept.events.items()}
    points = {key: touches(facts, reference) for key, facts in facts_of.items()}
    for key in facts_of:
        group, frontier = {key}, {key}
        while frontier:
            reached = {other for one in frontier for other in points.get(one, ())}
            frontier = (reached | {one for one, others in points.items() if others & frontier}) - group
            group |= frontier
        alone = assess({one: facts_of.get(one, ()) for one in group}, reference, history.now)
        assert all(written({root: one}) == written({root: whole[root]}) for root, one in alone.items())


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, later=st.integers(min_value=0, max_value=400 * 24))
def test_time_alone_only_turns_what_is_open_to_missed(seed: int, later: int) -> None:
    history = History(seed)
    then = history.now + later * timedelta(hours=1)
    early, late = (assessed(*history.messages, now=now, shipped=False) for now in (history.now, then))
    for root, one in early.items():
        assert [state_at(doc, then) for doc in one.obligations] == list(late[root].obligations)
        for before, after in zip(one.obligations, late[root].obligations, strict=True):
            is_turned = (before["state"], after["state"]) == ("OPEN", "MISSED")
            assert before == after or (is_turned and before["due_at"] <= format_time(then))


# contract, deadline-miss-withdrawn: the messages that have a reason to take a miss away or to move it
EVIDENCE = {"content-published", "content-corrected", "content-withdrawn"}
REVISED = {"event-held", "event-scheduled", "event-cancelled", "event-classified", "event-merged", "plan-approved"}
WAIVED = {"obligation-waived", "obligation-waiver-revoked"}
CALENDAR = {"calendar-issued", "policy-issued"}
REASONS = EVIDENCE | REVISED | WAIVED | CALENDAR
NEVER = {"content-submitted", "delivery-failed", "cause-set"}


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS)
def test_a_miss_goes_only_by_a_message_that_gives_a_reason(seed: int) -> None:
    history = History(seed)
    missed: dict[str, str] = {}
    for count in range(1, len(history.messages) + 1):
        found = assessed(*history.messages[:count], now=history.now, shipped=False)
        docs = {doc["obligation_id"]: doc for one in found.values() for doc in one.obligations}
        last = history.messages[count - 1].name
        gone = [key for key, at in missed.items() if key not in docs or docs[key]["missed_at"] != at]
        assert not gone or last in REASONS, f"{last} took a miss away"
        for key in gone:
            doc = docs.get(key)
            assert doc is None or doc["state"] != "VOID" or doc["void_reason"] is not None
        missed = {key: doc["missed_at"] for key, doc in docs.items() if doc["missed_at"] is not None}


def test_every_kind_of_message_either_gives_a_reason_or_never_takes_a_miss_away() -> None:
    names = {message.name for seed in range(40) for message in History(seed).messages}
    assert names == REASONS | NEVER


@pytest.mark.parametrize("seed", range(20))
def test_every_obligation_is_a_message_of_the_contract(seed: int) -> None:
    history = History(seed)
    for one in assessed(*history.messages, now=history.now, shipped=False).values():
        for doc in one.obligations:
            told = to_assessed(doc).to_data()
            assert {name: doc[name] for name in told} == told
            assert (doc["state"] == "VOID") is (doc["void_reason"] is not None)
            assert set(doc["explanation"]) == {"vi", "en"}
