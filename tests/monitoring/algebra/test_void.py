"""Fine print, Which VOID documents exist: what the full set of facts would have owed under an earlier classification,
plan revision or message of the event; A13, R20: never deleted, each with its reason."""

from typing import Any

import pytest

from contracts.envelope import Message
from tests.monitoring.algebra.builders import (
    act,
    approved,
    asks,
    cancelled,
    classified,
    held,
    item,
    key,
    merged,
    milestone,
    owes,
    published,
    scheduled,
    stamp,
)

EVENT = key()
T1, T2, T3 = "2026-11-10 08:00", "2026-11-11 08:00", "2026-11-12 08:00"
AFTER = ("WEBSITE POST", "E_BOARD POST")
BEFORE = ("WEBSITE PRE", "E_BOARD PRE")
MASS = ("MASS_MEDIA POST",)


def void(*messages: Message, root: str | None = None) -> dict[str, str]:
    """What is VOID, with why."""
    return {slot: doc["void_reason"] for slot, doc in owes(*messages, root=root).items() if doc["state"] == "VOID"}


def because(reason: str, *slots: str) -> dict[str, str]:
    return dict.fromkeys(slots, reason)


def tier(code: str, when: str) -> Message:
    return classified(EVENT, when, tier=code)


def plan(revision: int, when: str, *requirements: Any, **given: Any) -> Message:
    return approved(revision, when, item("r1", *requirements, **given))


LINKED = held(plan_item_id="r1", revision=2)
TOLD = scheduled(plan_item_id="r1")

# (rule, messages, what is VOID and why)
VOID: tuple[tuple[str, tuple[Message, ...], dict[str, str]], ...] = (
    ("nothing changed", (held(),), {}),
    ("A13 cancelled after it was held", (held(), cancelled(revision=2)), because("CANCELLED", *AFTER)),
    ("A13 cancelled before: nothing was owed", (scheduled(), cancelled(revision=2)), {}),
    (
        "A13 cancelled, foreseen and focal",
        (scheduled(), tier("FOCAL", T1), cancelled(revision=2)),
        because("CANCELLED", *BEFORE),
    ),
    ("A13 cancelled and held again: nothing is VOID", (held(), cancelled(revision=2), held(revision=3)), {}),
    (
        "an earlier message: held, then only scheduled",
        (held(), scheduled(revision=2)),
        because("REVISED", *AFTER),
    ),
    (
        "an earlier message that is cancelled now",
        (held(), scheduled(revision=2), cancelled(revision=3)),
        because("CANCELLED", *AFTER),
    ),
    (
        "an earlier message named an item that asks for more",
        (plan(1, T1, tier="MAJOR"), held(plan_item_id="r1"), held(revision=2)),
        because("REVISED", *MASS),
    ),
    (
        "an earlier message, a stranger's: never deleted either",
        (held(known=False), scheduled()),
        because("REVISED", *AFTER),
    ),
    ("an earlier classification", (held(), tier("MAJOR", T1), tier("ROUTINE", T2)), because("CLASSIFIED", *MASS)),
    (
        "an earlier classification, whenever issued",
        (held(), tier("MAJOR", "2027-01-01 08:00"), tier("ROUTINE", "2027-01-02 08:00")),
        because("CLASSIFIED", *MASS),
    ),
    (
        "none before the first classification owes what the item asks",
        (plan(1, T1, asks("EN_WEB")), LINKED, classified(EVENT, T2, plan_item_id=None)),
        because("CLASSIFIED", "EN_WEB POST"),
    ),
    (
        "classified away before the start",
        (scheduled(), tier("FOCAL", T1), tier("MAJOR", T2)),
        because("CLASSIFIED", *BEFORE),
    ),
    (
        "classified away after the start",
        (scheduled(), tier("FOCAL", T1), tier("MAJOR", "2026-11-25 08:00")),
        because("CLASSIFIED", *BEFORE),
    ),
    (
        "what was owed under a later classification only is not VOID",
        (held(), tier("ROUTINE", T1), tier("MAJOR", T2)),
        {},
    ),
    (
        "an earlier plan revision",
        (plan(1, T1, asks("WEBSITE"), asks("EN_WEB")), plan(2, T2, asks("WEBSITE")), LINKED),
        because("PLAN_CHANGED", "EN_WEB POST"),
    ),
    (
        "of all earlier revisions, not only the last",
        (plan(1, T1, asks("UTE_TV")), plan(2, T2, asks("EN_WEB")), plan(3, T3, asks("WEBSITE")), LINKED),
        because("PLAN_CHANGED", "UTE_TV POST", "EN_WEB POST"),
    ),
    (
        "a later revision changes nothing already held",
        (plan(1, T1, asks("WEBSITE")), plan(2, "2026-11-25 08:00", asks("EN_WEB")), LINKED),
        {},
    ),
    # room: before its first approved revision a plan is no "earlier revision", so every planned event is not VOID too
    ("before the plan there is no earlier revision", (plan(1, T1, asks("EN_WEB")), LINKED), {}),
    (
        "an item dropped by a later revision",
        (plan(1, T1, asks("EN_WEB")), approved(2, T2), LINKED),
        because("PLAN_CHANGED", "EN_WEB POST"),
    ),
    (
        "before the event: the revision that asked for it was in force until the next",
        (plan(1, "2026-11-03 08:00", tier="FOCAL"), plan(2, T2, tier="MAJOR"), TOLD),
        because("PLAN_CHANGED", *BEFORE),
    ),
    (
        "before the event: the message that named the focal item was in force until the next",
        (plan(1, "2026-09-05 08:00", tier="FOCAL"), TOLD, scheduled(revision=2, time=T1)),
        because("REVISED", *BEFORE),
    ),
    (
        "a plan and a classification together",
        (plan(1, T1, asks("EN_WEB")), plan(2, T2, asks("WEBSITE")), LINKED, classified(EVENT, T3, plan_item_id=None)),
        because("CLASSIFIED", "EN_WEB POST"),
    ),
    (
        "a message and a classification together",
        (
            plan(1, T1, asks("EN_WEB")),
            held(plan_item_id="r1"),
            held(revision=2),
            classified(EVENT, T2, plan_item_id=None),
        ),
        because("REVISED", "EN_WEB POST"),
    ),
)


@pytest.mark.parametrize("row", VOID, ids=[row[0] for row in VOID])
def test_which_void_documents_exist(row: tuple[str, tuple[Message, ...], dict[str, str]]) -> None:
    _, messages, expected = row
    assert void(*messages) == expected


FOCAL = item("f1", starts_at="2026-11-20 08:00")
M1 = milestone("f1")
DROPPED = approved(2, T1)

# A milestone: dropped = VOID unless held
MILESTONE: tuple[tuple[str, tuple[Message, ...], dict[str, str]], ...] = (
    ("dropped", (DROPPED,), because("PLAN_CHANGED", *BEFORE)),
    ("dropped after its start", (approved(2, "2026-12-01 08:00"),), because("PLAN_CHANGED", *BEFORE)),
    (
        "dropped, though a sender scheduled it",
        (DROPPED, scheduled(plan_item_id="f1")),
        because("PLAN_CHANGED", *BEFORE),
    ),
    (
        "dropped, but held: what the item asked for is VOID, what every event owes is not",
        (DROPPED, held(plan_item_id="f1")),
        because("PLAN_CHANGED", *BEFORE, *MASS),
    ),
    ("dropped and taken up again", (DROPPED, approved(3, T2, FOCAL)), {}),
    ("re-dated", (approved(2, T1, item("f1", starts_at="2026-11-27 08:00")),), {}),
    ("cancelled by a sender", (scheduled(plan_item_id="f1"), cancelled(revision=2)), because("CANCELLED", *BEFORE)),
)


@pytest.mark.parametrize("row", MILESTONE, ids=[f"fine print, milestone: {row[0]}" for row in MILESTONE])
def test_which_void_documents_a_milestone_has(row: tuple[str, tuple[Message, ...], dict[str, str]]) -> None:
    _, messages, expected = row
    assert void(approved(1, "2026-09-05 08:00", FOCAL), *messages, root=M1) == expected


def test_what_is_void_says_since_when_and_keeps_its_dates_and_evidence() -> None:
    shown = published(EVENT, "PRESS", "2026-11-21 08:00")
    waived = act("obligation-waived", EVENT, "MASS_MEDIA", "2026-11-22 08:00")
    doc = owes(held(), tier("MAJOR", T1), tier("ROUTINE", T2), shown, waived)["MASS_MEDIA POST"]
    kept = {
        name: doc[name] for name in ("state", "voided_at", "due_at", "content_id", "missed_at", "cause", "channels")
    }
    assert kept == {
        "state": "VOID",
        "voided_at": stamp(T2),
        "due_at": stamp("2026-11-24 00:00"),
        "content_id": "c1",
        "missed_at": None,
        "cause": None,
        "channels": ["PRESS", "BROADCAST", "SOCIAL"],
    }
    assert doc["waiver"] is not None


# since when: the classification, approval or report after which it was owed no more
SINCE: tuple[tuple[str, tuple[Message, ...], str, str], ...] = (
    (
        "the classification",
        (held(), tier("MAJOR", T1), tier("ROUTINE", T2), tier("ROUTINE", T3)),
        "MASS_MEDIA POST",
        T2,
    ),
    (
        "the approval",
        (plan(1, T1, asks("EN_WEB")), plan(2, T2, asks("WEBSITE")), plan(3, T3, asks("WEBSITE")), LINKED),
        "EN_WEB POST",
        T2,
    ),
    ("the report", (held(), scheduled(revision=2, time=T3)), "WEBSITE POST", T3),
    ("the cancellation", (held(), cancelled(revision=2, time=T3)), "WEBSITE POST", T3),
)


@pytest.mark.parametrize("row", SINCE, ids=[row[0] for row in SINCE])
def test_since_when_it_is_void(row: tuple[str, tuple[Message, ...], str, str]) -> None:
    _, messages, slot, since = row
    assert owes(*messages)[slot]["voided_at"] == stamp(since)


def test_the_reports_of_a_merged_key_count_among_the_earlier_messages() -> None:
    other = held("e2", plan_item_id="r1", time="2026-11-20 17:00")
    messages = (plan(1, T1, tier="MAJOR"), other, held(time="2026-11-20 18:00"), merged(key("e2"), EVENT))
    assert void(*messages, root=EVENT) == because("REVISED", *MASS)
