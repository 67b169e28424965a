"""What is folded from other rooms is the same in any order, and once more changes nothing."""

from functools import reduce
from itertools import permutations
from typing import Any

import pytest

from contracts.envelope import Message
from contracts.events import EventHeld, EventScheduled
from services.publishing.projections import (
    fold_event,
    fold_obligation,
    fold_plan,
    is_cancelled,
    plan_item_of,
)
from tests.publishing.builders import DAY, NOW, OTHER_EVENT, approved, assessed, cancelled, classified, merged, reported

FOLDS = {"obligation": fold_obligation, "event": fold_event, "plan": fold_plan}


def folded(kind: str, messages: tuple[Message, ...]) -> Any:
    """The document after all the messages."""
    return reduce(lambda doc, message: FOLDS[kind](doc, message) or doc, messages, None)


SETS: tuple[tuple[str, str, tuple[Message, ...]], ...] = (
    ("R11 an obligation", "obligation", (assessed(1), assessed(2, "MISSED"), assessed(3, "LATE"))),
    (
        "A13 an event",
        "event",
        (
            reported(EventScheduled, id="e-1", at=NOW - 9 * DAY, title="Tên cũ"),
            reported(EventHeld, id="e-2"),
            cancelled(id="e-3", at=NOW - DAY),
            classified(id="e-4", plan_item_id="kh-1"),
            merged(OTHER_EVENT, id="e-5"),
        ),
    ),
    ("R09 a plan", "plan", (approved(1), approved(2, "Ngày hội việc làm"))),
)


@pytest.mark.parametrize(("kind", "messages"), [row[1:] for row in SETS], ids=[row[0] for row in SETS])
def test_any_order_and_repetition_gives_the_same(kind: str, messages: tuple[Message, ...]) -> None:
    expected = folded(kind, messages)
    for order in permutations(messages):
        assert folded(kind, (*order, *order[:2])) == expected


STATES = (("OPEN", True), ("MISSED", True), ("ON_TIME", False), ("LATE", False), ("WAIVED", False), ("VOID", False))


@pytest.mark.parametrize(("state", "is_open"), STATES, ids=[f"R20 {row[0]}" for row in STATES])
def test_which_states_ask_for_work(state: str, is_open: bool) -> None:
    assert folded("obligation", (assessed(1, state),))["is_open"] is is_open


def test_an_obligation_without_a_calendar_has_no_due_time() -> None:
    assert folded("obligation", (assessed(1, due_at=None),))["due_at"] is None


RULINGS: tuple[tuple[str, tuple[Message, ...], bool], ...] = (
    ("A13 cancelled after it was scheduled", (reported(EventScheduled, id="a"), cancelled(id="b")), True),
    ("A13 cancelled first heard of", (cancelled(id="b"),), True),
    ("A13 a later revision is held", (cancelled(id="b", revision=1), reported(EventHeld, id="a", revision=2)), False),
)


@pytest.mark.parametrize(("messages", "expected"), [row[1:] for row in RULINGS], ids=[row[0] for row in RULINGS])
def test_when_an_event_counts_as_cancelled(messages: tuple[Message, ...], expected: bool) -> None:
    assert is_cancelled(folded("event", messages)) is expected


def test_an_unknown_sender_never_outweighs_a_known_one() -> None:
    stranger = {"source": "/sis", "id": "x", "authenticated": False}
    known = reported(EventHeld, id="a", title="Tên đúng")
    messages = (known, reported(EventHeld, id="x", title="Tên lạ", revision=9, origin=stranger))
    assert folded("event", messages)["report"]["title"] == "Tên đúng"


def test_the_last_ruling_links_an_event_to_its_plan_item() -> None:
    sent = reported(EventHeld, id="a", plan_item_id="kh-1")
    assert plan_item_of(folded("event", (sent,))) == "kh-1"
    assert plan_item_of(folded("event", (sent, classified(id="c", plan_item_id=None)))) is None
    assert plan_item_of(folded("event", (sent, classified(id="c", tier="MAJOR")))) == "kh-1"


def test_the_newest_approved_revision_holds_items_and_groups() -> None:
    plan = folded("plan", (approved(2, "Ngày hội việc làm"), approved(1)))
    assert [item["title"] for item in plan["items"]] == ["Tin tuần", "Ngày hội việc làm"]
    assert plan["groups"][0]["members"] == ["acc-ctv"]
