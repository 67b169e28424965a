"""Contract, Data (`revision`), and fine print: which report of an event rules, of one sender and of several."""

from typing import Any

import pytest

from contracts.envelope import Message
from tests.monitoring.algebra.builders import (
    CLUBS,
    STRANGER,
    assessed,
    cancelled,
    classified,
    held,
    key,
    merged,
    owes,
    scheduled,
    stamp,
)

EARLY, LATE = "2026-11-20 17:00", "2026-11-21 17:00"


def ruled(*messages: Message, root: str = "") -> tuple[str, str | None]:
    """The status and the title that rule."""
    event = assessed(*messages)[root or key()].event
    return event["status"], event.get("title")


# Of one sender: the greatest (revision, kind, time, id), kind = scheduled < held < cancelled
A: dict[str, Any] = {"title": "A"}
B: dict[str, Any] = {"title": "B"}
ONE: tuple[tuple[str, tuple[Message, ...], tuple[str, str | None]], ...] = (
    ("one report", (held(**A),), ("HELD", "A")),
    ("the greater revision", (held(**A, revision=2), held(**B, revision=1, time=LATE)), ("HELD", "A")),
    ("left out counts as 1", (held(**A), held(**B, revision=1, time=LATE)), ("HELD", "B")),
    ("a revision before the kind", (scheduled(**A, revision=2), held(**B)), ("SCHEDULED", "A")),
    ("held over scheduled, whatever the time", (held(**A), scheduled(**B, time=LATE)), ("HELD", "A")),
    ("cancelled over held, whatever the time", (cancelled(), held(**A, time=LATE)), ("CANCELLED", "A")),
    ("a later revision takes a cancellation back", (cancelled(), held(**A, revision=2)), ("HELD", "A")),
    ("then the time", (held(**A, time=EARLY), held(**B, time=LATE)), ("HELD", "B")),
    ("then the id by code point", (held(**A, time=EARLY, id="b"), held(**B, time=EARLY, id="Z")), ("HELD", "A")),
    ("cancelled first", (cancelled(),), ("CANCELLED", None)),
    ("cancelled first, then told at the same revision", (cancelled(), scheduled(**A)), ("CANCELLED", "A")),
    (
        "cancelled at a lower revision than told",
        (cancelled(revision=1), scheduled(**A, revision=2)),
        ("SCHEDULED", "A"),
    ),
    (
        "what was cancelled is what ruled before",
        (held(**A), held(**B, revision=2), cancelled(revision=3)),
        ("CANCELLED", "B"),
    ),
)


@pytest.mark.parametrize("row", ONE, ids=[f"contract, revision: {row[0]}" for row in ONE])
def test_which_report_of_one_sender_rules(row: tuple[str, tuple[Message, ...], tuple[str, str | None]]) -> None:
    _, messages, expected = row
    assert ruled(*messages) == expected


# An unauthenticated record never supersedes facts of an authenticated source
def stranger(**given: Any) -> Message:
    """A record that claims to be of the same source, through the open door."""
    return held(known=False, **given)


UNKNOWN: tuple[tuple[str, tuple[Message, ...], tuple[str, str | None]], ...] = (
    ("alone it is taken", (stranger(**A),), ("HELD", "A")),
    ("a higher revision", (held(**A), stranger(**B, revision=9)), ("HELD", "A")),
    ("a greater kind", (scheduled(**A), stranger(**B)), ("SCHEDULED", "A")),
    ("a cancellation", (held(**A), cancelled(known=False, revision=9)), ("HELD", "A")),
    ("of two the usual order", (stranger(**A, revision=2), stranger(**B)), ("HELD", "A")),
    (
        "a known cancellation voids what only a stranger told",
        (cancelled(), stranger(**A, revision=9)),
        ("CANCELLED", "A"),
    ),
)


@pytest.mark.parametrize("row", UNKNOWN, ids=[f"contract, Topics: {row[0]}" for row in UNKNOWN])
def test_an_unauthenticated_record_never_supersedes(
    row: tuple[str, tuple[Message, ...], tuple[str, str | None]],
) -> None:
    _, messages, expected = row
    assert ruled(*messages) == expected


def test_an_unauthenticated_event_is_flagged() -> None:
    assert "UNAUTHENTICATED" in assessed(stranger())[key()].event["flags"]
    assert "UNAUTHENTICATED" not in assessed(stranger(), held())[key()].event["flags"]


# Of several keys: held over cancelled, then (kind, time, id); revisions of different senders say nothing to each other
OTHER, FOREIGN = key("e2", CLUBS), key("e3", STRANGER)


def other(report: Any = held, **given: Any) -> Message:
    return report("e2", source=CLUBS, **given)


def foreign(report: Any = held, **given: Any) -> Message:
    return report("e3", source=STRANGER, known=False, **given)


SEVERAL: tuple[tuple[str, tuple[Message, ...], tuple[str, str | None]], ...] = (
    ("held over cancelled, whatever the time", (held(**A), other(cancelled, time=LATE)), ("HELD", "A")),
    ("held over cancelled, the other way round", (cancelled(time=LATE), other(**B)), ("HELD", "B")),
    ("held over scheduled", (scheduled(**A, time=LATE, revision=9), other(**B)), ("HELD", "B")),
    ("cancelled over scheduled", (scheduled(**A), other(cancelled)), ("CANCELLED", "A")),
    (
        "of one kind the later time, not the revision",
        (held(**A, time=EARLY, revision=9), other(**B, time=LATE)),
        ("HELD", "B"),
    ),
    ("then the id", (held(**A, time=EARLY, id="b"), other(**B, time=EARLY, id="a")), ("HELD", "A")),
    (
        "each key by its own ruling report",
        (held(**A, time=LATE), cancelled(revision=2), other(**B, time=EARLY)),
        ("HELD", "B"),
    ),
    ("a stranger never outweighs another key", (scheduled(**A), foreign(**B)), ("SCHEDULED", "A")),
    ("not even a cancellation", (cancelled(), scheduled(**A), foreign(**B)), ("CANCELLED", "A")),
    ("a stranger's cancellation", (scheduled(**A), foreign(cancelled)), ("SCHEDULED", "A")),
    (
        "two keys cancelled: told by the later",
        (cancelled(), held(**A), other(cancelled, time=LATE), other(**B)),
        ("CANCELLED", "B"),
    ),
    (
        "cancelled, told by the other key alone",
        (cancelled(time=LATE), other(scheduled, **B), other(cancelled)),
        ("CANCELLED", "B"),
    ),
)


@pytest.mark.parametrize("row", SEVERAL, ids=[f"fine print: {row[0]}" for row in SEVERAL])
def test_which_report_of_several_keys_rules(row: tuple[str, tuple[Message, ...], tuple[str, str | None]]) -> None:
    _, messages, expected = row
    together = (merged(key(), OTHER), merged(FOREIGN, OTHER))
    assert ruled(*messages, *together, root=OTHER) == expected


def test_the_ruling_report_tells_the_event() -> None:
    given = {
        "place": "Hội trường lớn",
        "summary": "Tóm tắt",
        "url": "https://example.edu.vn/le",
        "title_en": "Ceremony",
    }
    told = held(**given, started_at="2026-11-20 08:00", revision=2, id="m-2", topic_area="DAO_TAO")
    event = assessed(told, scheduled(place="Sân trường"))[key()].event
    assert {name: event[name] for name in given} == given
    assert event["dated_by"] == {"source": "/sis", "id": "m-2", "revision": 2}
    assert (event["started_at"], event["ended_at"]) == (stamp("2026-11-20 08:00"), stamp("2026-11-20 16:00"))
    assert (event["unit"], event["topic_area"]) == ("K_CK", "DAO_TAO")


def test_a_cancelled_event_says_when_and_why() -> None:
    event = assessed(held(), cancelled(revision=2, reason="Bão", time=LATE))[key()].event
    assert event["cancelled"] == {"at": stamp(LATE), "reason": "Bão"}
    assert assessed(held())[key()].event["cancelled"] is None


# A6: a suggested tier puts a question until a person answers it
SUGGESTED: tuple[tuple[str, tuple[Message, ...], str | None], ...] = (
    ("none", (held(),), None),
    ("higher than in force", (held(tier="FOCAL"),), "FOCAL"),
    ("the same as in force", (held(tier="ROUTINE"),), None),
    ("answered", (held(tier="FOCAL"), classified(key(), tier="MAJOR")), None),
)


@pytest.mark.parametrize("row", SUGGESTED, ids=[f"A6 {row[0]}" for row in SUGGESTED])
def test_a_suggested_tier_is_a_question(row: tuple[str, tuple[Message, ...], str | None]) -> None:
    _, messages, expected = row
    assert assessed(*messages)[key()].event["suggested_tier"] == expected


# Unconfirmed: 24 h after the end of a scheduled event without EventHeld or EventCancelled
CONFIRMED: tuple[tuple[str, tuple[Message, ...], str | None], ...] = (
    ("scheduled", (scheduled(),), "2026-11-21 16:00"),
    ("held", (scheduled(), held(revision=2)), None),
    ("cancelled", (scheduled(), cancelled(revision=2)), None),
    ("scheduled anew", (scheduled(), scheduled(ended_at="2026-12-01 08:00", revision=2)), "2026-12-02 08:00"),
)


@pytest.mark.parametrize("row", CONFIRMED, ids=[f"Unconfirmed: {row[0]}" for row in CONFIRMED])
def test_when_an_event_is_unconfirmed(row: tuple[str, tuple[Message, ...], str | None]) -> None:
    _, messages, since = row
    assert assessed(*messages)[key()].event["unconfirmed_from"] == (stamp(since) if since else None)


def test_a_due_date_says_which_report_gave_it() -> None:
    doc = owes(held(id="m-1"), held(id="m-2", revision=2))["WEBSITE POST"]
    assert doc["dated_by"] == {"source": "/sis", "id": "m-2", "revision": 2}
