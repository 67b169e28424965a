"""Fine print: EventClassified rules field by field, the last by `issued_at` that has the field."""

from typing import Any

import pytest

from contracts.codes import Tier
from contracts.envelope import Message
from contracts.events import EventClassified
from services.monitoring.algebra.messages import from_message
from services.monitoring.algebra.rulings import NOT_CLASSIFIED, Classification, classify
from tests.monitoring.algebra.builders import approved, assessed, at, classified, held, item, key, message

EVENT = key()
PLAN = approved(
    1,
    "2026-09-05 08:00",
    item("r1", tier="MAJOR", topic_area="KHCN", lead_unit="P_DT"),
    item("r2", topic_area="HOP_TAC"),
)
T1, T2, T3 = "2026-11-21 08:00", "2026-11-22 08:00", "2026-11-23 08:00"


def words(*messages: Message) -> tuple[Any, ...]:
    """Tier, topic area and plan item in force."""
    event = assessed(PLAN, *messages)[EVENT].event
    return event["tier"], event["topic_area"], event["plan_item_id"]


SENT = held(topic_area="SINH_VIEN")
LINKED = held(topic_area="SINH_VIEN", plan_item_id="r1")

FIELDS: tuple[tuple[str, tuple[Message, ...], tuple[Any, ...]], ...] = (
    ("nothing said: the sender's topic area", (SENT,), ("ROUTINE", "SINH_VIEN", None)),
    ("the item's topic area before the sender's", (LINKED,), ("MAJOR", "KHCN", "r1")),
    (
        "the classified topic area before both",
        (LINKED, classified(EVENT, topic_area="DAO_TAO")),
        ("MAJOR", "DAO_TAO", "r1"),
    ),
    (
        "each field from the last that has it",
        (LINKED, classified(EVENT, T1, tier="FOCAL", topic_area="DAO_TAO"), classified(EVENT, T2, tier="ROUTINE")),
        ("ROUTINE", "DAO_TAO", "r1"),
    ),
    (
        "the last by issued_at, not by time",
        (SENT, classified(EVENT, T2, tier="FOCAL"), classified(EVENT, T1, tier="MAJOR", time=T3)),
        ("FOCAL", "SINH_VIEN", None),
    ),
    (
        "at one issued_at the later time",
        (SENT, classified(EVENT, T1, tier="FOCAL", time=T3), classified(EVENT, T1, tier="MAJOR", time=T2)),
        ("FOCAL", "SINH_VIEN", None),
    ),
    ("another item", (LINKED, classified(EVENT, plan_item_id="r2")), ("ROUTINE", "HOP_TAC", "r2")),
    ("null detaches", (LINKED, classified(EVENT, plan_item_id=None)), ("ROUTINE", "SINH_VIEN", None)),
    (
        "attached again",
        (LINKED, classified(EVENT, T1, plan_item_id=None), classified(EVENT, T2, plan_item_id="r2")),
        ("ROUTINE", "HOP_TAC", "r2"),
    ),
    (
        "a detached event stays so when the sender says the item again",
        (LINKED, classified(EVENT, T1, plan_item_id=None), held(plan_item_id="r1", revision=2)),
        ("ROUTINE", None, None),
    ),
    (
        "what is absent is left as it was",
        (LINKED, classified(EVENT, T1, plan_item_id=None), classified(EVENT, T2, tier="MAJOR")),
        ("MAJOR", "SINH_VIEN", None),
    ),
    ("an unknown item counts as none", (LINKED, classified(EVENT, plan_item_id="r9")), ("ROUTINE", "SINH_VIEN", "r9")),
)


@pytest.mark.parametrize("row", FIELDS, ids=[f"fine print: {row[0]}" for row in FIELDS])
def test_classifications_rule_field_by_field(row: tuple[str, tuple[Message, ...], tuple[Any, ...]]) -> None:
    _, messages, expected = row
    assert words(*messages) == expected


def test_where_the_tier_is_from() -> None:
    asked = [
        assessed(PLAN, *given)[EVENT].event["tier_from"]
        for given in ((SENT,), (LINKED,), (LINKED, classified(EVENT, tier="FOCAL")))
    ]
    assert asked == ["DEFAULT", "PLAN_ITEM", "CLASSIFIED"]


# fine print: unit is the sender's, else the item's; an unknown item, unit or topic area is flagged
FLAGS: tuple[tuple[str, tuple[Message, ...], list[str]], ...] = (
    ("linked", (LINKED,), []),
    ("unplanned", (SENT,), ["UNPLANNED"]),
    ("unknown item", (held(plan_item_id="r9"),), ["UNKNOWN_PLAN_ITEM", "UNPLANNED"]),
    ("unknown item classified", (LINKED, classified(EVENT, plan_item_id="r9")), ["UNKNOWN_PLAN_ITEM", "UNPLANNED"]),
)


@pytest.mark.parametrize("row", FLAGS, ids=[f"fine print: {row[0]}" for row in FLAGS])
def test_what_is_unknown_is_flagged(row: tuple[str, tuple[Message, ...], list[str]]) -> None:
    _, messages, expected = row
    assert assessed(PLAN, *messages)[EVENT].event["flags"] == expected


def test_the_unit_is_the_senders() -> None:
    assert assessed(PLAN, LINKED)[EVENT].event["unit"] == "K_CK"


def test_an_absent_item_is_not_a_null_one_on_the_wire() -> None:
    data = {"event": EVENT, "by": "ptt-1", "reason": "r", "issued_at": at(T1)}
    absent, null = (EventClassified.from_data(data | given) for given in ({}, {"plan_item_id": None}))
    again = [EventClassified.from_data(one.to_data()) for one in (absent, null)]
    facts = [from_message(message("event-classified", one.to_data(), time=T1)) for one in again]
    assert [fact.names_item for fact in facts] == [False, True]
    assert not EventClassified(**data, tier=Tier.MAJOR).has("plan_item_id")


def test_no_classification_says_nothing() -> None:
    assert classify(()) == NOT_CLASSIFIED == Classification()
