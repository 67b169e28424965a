"""The obligation, Algebra: which versions of policy and calendar apply, taken in the order of `issued_at`."""

from dataclasses import replace

import pytest

from contracts.envelope import Message
from services.monitoring.algebra import calendars
from services.monitoring.algebra.calendars import SHIPPED_ISSUED_AT
from services.monitoring.algebra.due import Versions
from tests.monitoring.algebra.builders import (
    SHIPPED,
    at,
    calendar,
    classified,
    held,
    key,
    owes,
    policy,
    published,
    reference_of,
    scheduled,
    stamp,
)

YEAR = ("2026-01-01", "2026-12-31")
EVENT = held()  # ends on Friday 20/11; due at the end of Monday 23/11 as shipped
SHOWN = "2026-11-21 10:00"


def later(issued: str, version: str = "vn-2026.2") -> Message:
    """A calendar in which Monday 23/11 is a day off as well: due at the end of Wednesday 25/11."""
    return calendar(version, issued, YEAR, days_off=["2026-11-23", "2026-11-24"])


DUE_SHIPPED, DUE_LATER = "2026-11-24 00:00", "2026-11-26 00:00"
SHOWN_AT = published(key(), "VI_WEB", SHOWN)

# (rule, messages, due, calendar, policy)
APPLIES: tuple[tuple[str, tuple[Message, ...], str, str, str], ...] = (
    ("issued before the event", (later("2026-11-01 08:00"),), DUE_LATER, "vn-2026.2", "3n.1"),
    ("issued after the event, before due", (later("2026-11-23 08:00"),), DUE_LATER, "vn-2026.2", "3n.1"),
    (
        "issued in the last microsecond before due",
        (later("2026-11-23 23:59:59.999999"),),
        DUE_LATER,
        "vn-2026.2",
        "3n.1",
    ),
    ("issued at due: past", (later(DUE_SHIPPED),), DUE_SHIPPED, "vn-2026.1", "3n.1"),
    ("issued after due: past", (later("2026-11-25 08:00"),), DUE_SHIPPED, "vn-2026.1", "3n.1"),
    ("issued before it was discharged", (SHOWN_AT, later("2026-11-21 09:59:59")), DUE_LATER, "vn-2026.2", "3n.1"),
    ("issued when it was discharged", (SHOWN_AT, later(SHOWN)), DUE_SHIPPED, "vn-2026.1", "3n.1"),
    ("issued after it was discharged", (SHOWN_AT, later("2026-11-22 08:00")), DUE_SHIPPED, "vn-2026.1", "3n.1"),
    (
        "past the date that the earlier versions together give",
        (later("2026-11-23 08:00"), policy("p2", "2026-11-25 23:00", days=6)),
        "2026-11-27 00:00",
        "vn-2026.2",
        "p2",
    ),
    (
        "an earlier version that did not apply gives no date either",
        (later(DUE_SHIPPED), policy("p2", "2026-11-24 08:00", days=9)),
        DUE_SHIPPED,
        "vn-2026.1",
        "3n.1",
    ),
    (
        "a policy may bring the date forward",
        (policy("p2", "2026-11-20 20:00", days=1),),
        DUE_SHIPPED,
        "vn-2026.1",
        "p2",
    ),
    (
        "a policy that does not name the requirement",
        (policy("p2", "2026-11-01 08:00", "E_BOARD", days=9),),
        DUE_SHIPPED,
        "vn-2026.1",
        "3n.1",
    ),
)


@pytest.mark.parametrize("row", APPLIES, ids=[f"Algebra: {row[0]}" for row in APPLIES])
def test_a_version_applies_to_what_is_open_when_it_is_issued(
    row: tuple[str, tuple[Message, ...], str, str, str],
) -> None:
    _, messages, due_at, calendar_version, policy_version = row
    doc = owes(EVENT, *messages)["WEBSITE POST"]
    found = (doc["due_at"], doc["calendar_version"], doc["policy_version"])
    assert found == (stamp(due_at), calendar_version, policy_version)


def test_each_obligation_of_an_event_has_its_own_versions() -> None:
    found = owes(EVENT, SHOWN_AT, later("2026-11-22 08:00"))
    assert found["WEBSITE POST"]["calendar_version"] == "vn-2026.1"
    assert found["E_BOARD POST"]["calendar_version"] == "vn-2026.2"


def test_a_calendar_dates_what_had_no_date_however_late() -> None:
    event = held(ended_at="2027-03-01 16:00")
    shown = published(key(), "VI_WEB", "2027-03-02 08:00")
    first = calendar("vn-2027.1", "2027-06-01 08:00", ("2027-01-01", "2027-12-31"))
    second = calendar("vn-2027.2", "2027-07-01 08:00", ("2027-01-01", "2027-12-31"), days_off=["2027-03-04"])
    undated = owes(event, shown)["WEBSITE POST"]
    assert (undated["state"], undated["content_id"], undated["due_at"]) == ("OPEN", "c1", None)
    dated = owes(event, shown, first, second)
    assert {slot: doc["state"] for slot, doc in dated.items()} == {"WEBSITE POST": "ON_TIME", "E_BOARD POST": "MISSED"}
    assert {doc["calendar_version"] for doc in dated.values()} == {"vn-2027.1"}
    assert {doc["due_at"] for doc in dated.values()} == {stamp("2027-03-05 00:00")}


def test_a_version_that_takes_the_date_away_lets_the_next_one_apply_again() -> None:
    leaves = policy("p2", "2026-12-29 08:00", unit="WORKING")
    back = policy("p3", "2027-06-01 08:00", days=1)
    event = held(ended_at="2026-12-28 16:00")
    assert owes(event)["WEBSITE POST"]["due_at"] == stamp("2027-01-01 00:00")
    far = policy("p2", "2026-12-29 08:00", days=9)
    assert owes(event, far)["WEBSITE POST"]["due_at"] is None
    assert owes(event, far, back)["WEBSITE POST"]["due_at"] == stamp("2026-12-30 00:00")
    assert owes(event, leaves)["WEBSITE POST"]["due_at"] == stamp("2027-01-01 00:00")


def test_revisions_of_the_event_always_apply_and_versions_follow_its_new_date() -> None:
    moved = held(ended_at="2026-11-30 16:00", revision=2, time="2026-12-01 08:00")
    doc = owes(EVENT, moved, later("2026-11-25 08:00"))["WEBSITE POST"]
    assert (doc["due_at"], doc["calendar_version"]) == (stamp("2026-12-04 00:00"), "vn-2026.2")


def test_pre_is_due_when_the_event_starts_whatever_the_versions_say() -> None:
    focal = classified(key(), tier="FOCAL")
    found = owes(scheduled(), focal, policy("p2", "2026-11-01 08:00", days=9))
    start = stamp("2026-11-20 16:00")
    doc = found["WEBSITE PRE"]
    assert [doc[name] for name in ("due_at", "strict_due_at", "working_due_at")] == [start] * 3
    assert (doc["policy_version"], doc["calendar_version"], doc["grace_s"]) == (None, None, 60)


def test_the_grace_is_the_policys() -> None:
    assert owes(EVENT, policy("p2", "2026-11-01 08:00", grace_s=3600))["WEBSITE POST"]["grace_s"] == 3600


# a provisional calendar dates like any other; what it says is replaced by the version that follows it
def test_a_provisional_calendar_dates_until_the_next_one() -> None:
    provisional = calendar("t", "2026-10-01 08:00", YEAR, days_off=["2026-11-23"], provisional=True)
    assert owes(EVENT, provisional)["WEBSITE POST"]["due_at"] == stamp("2026-11-25 00:00")
    doc = owes(EVENT, provisional, calendar("f", "2026-11-22 08:00", YEAR))["WEBSITE POST"]
    assert (doc["due_at"], doc["calendar_version"]) == (stamp(DUE_SHIPPED), "f")


def test_versions_are_taken_in_the_order_of_issued_at_and_each_once() -> None:
    given = [policy("b", "2026-01-02 08:00"), calendar("a", "2026-01-02 08:00", YEAR), *SHIPPED]
    versions = reference_of([*given, *reversed(given)]).versions
    assert [version.version for version in versions.ordered] == ["vn-2026.1", "3n.1", "a", "b"]
    assert str(versions.last_calendar_day()) == "2026-12-31"
    assert Versions(()).last_calendar_day() is None


@pytest.mark.parametrize("given", [*SHIPPED, later("2026-10-01 08:00")], ids=lambda given: given.data.version)
def test_a_stored_version_is_the_same_version(given: Message) -> None:
    doc = calendars.to_doc(calendars.from_message(given))
    again = calendars.from_doc(doc)
    assert calendars.to_doc(again) == doc
    assert (again.order, again.content) == (calendars.from_message(given).order, given.data)


def test_a_version_is_kept_with_its_earliest_recordedtime() -> None:
    given = [replace(SHIPPED[0], recordedtime=at(text)) for text in ("2026-11-02 08:00", "2026-11-01 08:00")]
    assert [version.recorded for version in reference_of(given).versions.ordered] == [stamp("2026-11-01 08:00")]
    assert calendars.from_message(replace(SHIPPED[0], recordedtime=None)).recorded == SHIPPED_ISSUED_AT


def test_what_brings_no_version_is_refused() -> None:
    with pytest.raises(TypeError, match="brings no version"):
        calendars.from_message(scheduled())
