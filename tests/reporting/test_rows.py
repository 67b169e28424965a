"""An obligation under each way of counting, as tables of cases; each row's id is what the document or a rule says."""

from typing import Any

import pytest

from services.reporting.rows import Row
from tests.reporting.builders import assessed, at, cancelled, classified, held, merged, published, snapshot, waived

LATER = "2026-01-15 08:00"
# A Thursday; due by default Monday after a rolled weekend, strictly on Sunday, under working days on Tuesday.
DATES = {"due_at": "2025-11-25", "strict_due_at": "2025-11-24", "working_due_at": "2025-11-26"}


def row(*others: Any, as_of: str = LATER, **told: Any) -> Row:
    """The only obligation of an event held on 20/11/2025."""
    made = snapshot(held(), assessed(**(DATES | told)), *others, as_of=as_of)
    (only,) = made.obligations
    return only


ON_SUNDAY, ON_MONDAY, ON_TUESDAY = "2025-11-23 23:59", "2025-11-24 09:00", "2025-11-25 09:00"
COUNTED = (
    ("in time in every way", {"state": "ON_TIME", "discharged_at": ON_SUNDAY}, ("ON_TIME", "ON_TIME", "ON_TIME")),
    ("A3: roll-over helps, strictly late", {"state": "ON_TIME", "discharged_at": ON_MONDAY},
     ("ON_TIME", "LATE", "ON_TIME")),
    ("A3: late, but not in working days", {"state": "LATE", "discharged_at": ON_TUESDAY, "missed_at": "2025-11-25"},
     ("LATE", "LATE", "ON_TIME")),
    ("late in every way", {"state": "LATE", "discharged_at": "2025-11-26", "missed_at": "2025-11-25"},
     ("LATE", "LATE", "LATE")),
    ("due_at is exclusive: 00:00 of the next day is late", {"state": "LATE", "discharged_at": "2025-11-25"},
     ("LATE", "LATE", "ON_TIME")),
    ("R20: missed and told so", {"state": "MISSED", "missed_at": "2025-11-25"}, ("MISSED", "MISSED", "MISSED")),
    ("R20: told OPEN, due by now", {"state": "OPEN"}, ("MISSED", "MISSED", "MISSED")),
    ("VOID is in no rate", {"state": "VOID"}, ("VOID", "VOID", "VOID")),
    ("without a date it is in none of the four rates",
     {"due_at": None, "strict_due_at": None, "working_due_at": None}, ("OPEN", "", "")),
)  # fmt: skip


@pytest.mark.parametrize(("told", "states"), [case[1:] for case in COUNTED], ids=[case[0] for case in COUNTED])
def test_every_state_is_taken_again_under_each_date(told: dict[str, Any], states: tuple[str, str, str]) -> None:
    found = row(**told)
    assert (found.state, found.strict, found.working) == states


AS_OF = (
    ("all still open", "2025-11-23 12:00", ("OPEN", "OPEN", "OPEN")),
    ("strictly due already", "2025-11-24 00:00", ("OPEN", "MISSED", "OPEN")),
    ("due, not in working days", "2025-11-25 00:00", ("MISSED", "MISSED", "OPEN")),
    ("due in every way", "2025-11-26 00:00", ("MISSED", "MISSED", "MISSED")),
)


@pytest.mark.parametrize(("as_of", "states"), [case[1:] for case in AS_OF], ids=[case[0] for case in AS_OF])
def test_time_alone_turns_an_open_obligation(as_of: str, states: tuple[str, str, str]) -> None:
    found = row(as_of=as_of)
    assert (found.state, found.strict, found.working) == states


BEFORE, STRICTLY_AFTER, AFTER = "2025-11-23 08:00", "2025-11-24 08:00", "2025-11-25 08:00"
WAIVED = {"state": "WAIVED"}
LATE_AND_WAIVED = {"state": "WAIVED", "discharged_at": "2025-11-27", "missed_at": "2025-11-25"}
REMOVED = (
    ("waived before due: in no rate", WAIVED, (waived(when=BEFORE),), ("WAIVED", "WAIVED")),
    ("strict rate: waived at or after that rate's due date", WAIVED, (waived(when=STRICTLY_AFTER),),
     ("MISSED", "WAIVED")),
    ("strict rate: waived after due", WAIVED | {"missed_at": "2025-11-25"}, (waived(when=AFTER),),
     ("MISSED", "WAIVED")),
    ("the waiver's message is on its way: missed_at tells", WAIVED | {"missed_at": "2025-11-25"}, (),
     ("MISSED", "WAIVED")),
    ("the waiver's message is on its way, before due", WAIVED, (), ("WAIVED", "WAIVED")),
    ("a waiver not to what was discharged before it", {"state": "LATE", "discharged_at": "2025-11-26"},
     (waived(when="2025-11-27 08:00"),), ("LATE", "LATE")),
    ("waived before the late news: still waived", LATE_AND_WAIVED, (waived(when="2025-11-26 08:00"),),
     ("MISSED", "WAIVED")),
    ("a revoked waiver is none", {"state": "MISSED"},
     (waived(when=AFTER), waived(when="2025-11-26 08:00", name="obligation-waiver-revoked")), ("MISSED", "MISSED")),
    ("classified away after due", {"state": "VOID", "when": at("2025-11-28")},
     (classified(when="2025-11-27 08:00", tier="ROUTINE"),), ("MISSED", "VOID")),
    ("classified away before due", {"state": "VOID", "when": at("2025-11-28")},
     (classified(when=BEFORE, tier="ROUTINE"),), ("VOID", "VOID")),
    ("what was on time before it was classified away is not a miss",
     {"state": "VOID", "discharged_at": ON_SUNDAY, "when": at("2025-11-28")},
     (classified(when="2025-11-27 08:00", tier="ROUTINE"),), ("VOID", "VOID")),
    ("waived in time, classified away later", {"state": "VOID", "when": at("2025-11-28")},
     (waived(when=BEFORE), classified(when="2025-11-27 08:00", tier="ROUTINE")), ("VOID", "VOID")),
    ("a topic area takes nothing away", {"state": "VOID", "when": at("2025-11-28")},
     (classified(when="2025-11-27 08:00", topic_area="DAO_TAO"),), ("VOID", "VOID")),
    ("A13: cancelled, whatever was classified", {"state": "VOID", "when": at("2025-11-28")},
     (cancelled(when="2025-11-27 09:00"), classified(when="2025-11-27 08:00", tier="ROUTINE")), ("VOID", "VOID")),
    ("merged away, not classified", {"state": "VOID", "when": at("2025-11-28")},
     (merged("su-kien", "khac"), held("khac"), classified(when="2025-11-27 08:00", tier="ROUTINE")), ("VOID", "VOID")),
)  # fmt: skip


@pytest.mark.parametrize(("told", "others", "states"), [case[1:] for case in REMOVED], ids=[c[0] for c in REMOVED])
def test_what_a_person_took_away(told: dict[str, Any], others: tuple[Any, ...], states: tuple[str, str]) -> None:
    found = row(*others, **told)
    assert (found.strict, found.working) == states


def test_a_classification_after_the_obligation_was_void_did_not_take_it_away() -> None:
    void = assessed(state="VOID", sequence=2, when=at("2025-11-22 08:00"), **DATES)
    ruling = classified(when="2025-11-27 08:00", tier="ROUTINE")
    (found,) = snapshot(held(), assessed(**DATES), void, ruling, as_of=LATER).obligations
    assert (found.removed, found.strict) == ("", "VOID")


MONTHS = (
    ("an event ends in November", "2025-11-30 23:59", "2025-11"),
    ("00:00 counts to the day before", "2025-12-01 00:00", "2025-11"),
    ("00:30 is the next day", "2025-12-01 00:30", "2025-12"),
)


@pytest.mark.parametrize(("ended", "month"), [case[1:] for case in MONTHS], ids=[case[0] for case in MONTHS])
def test_the_month_is_that_of_the_events_local_end(ended: str, month: str) -> None:
    (found,) = snapshot(held(ended=ended), assessed(ended=ended), as_of=LATER).obligations
    assert found.month == month


def test_an_event_that_was_not_heard_of_yet_has_no_month() -> None:
    (found,) = snapshot(assessed(), as_of=LATER).obligations
    assert found.month == ""


def test_only_obligations_of_the_year_are_its_rows() -> None:
    assert snapshot(held(), assessed(school_year="2024-2025")).obligations == ()


NEWS = (
    ("3.4: a day after the end", (published(when="2025-11-21 16:00"),), 24.0),
    ("A20: during the event counts as news of it", (published(when="2025-11-20 15:00"),), 0.0),
    ("before the start is no news of what took place", (published(when="2025-11-20 13:00"),), None),
    ("withdrawn news is none", (published(), published(name="content-corrected", revision=3, when="2025-11-22")), 32.0),
    ("nothing", (), None),
)


@pytest.mark.parametrize(("others", "hours"), [case[1:] for case in NEWS], ids=[case[0] for case in NEWS])
def test_hours_to_the_first_news(others: tuple[Any, ...], hours: float | None) -> None:
    (event,) = snapshot(held(), *others, as_of=LATER).events
    assert event.publish_hours == hours


NOTICE = (
    ("A14: told after 62 hours", (held(recorded="2025-11-23 06:00"),), 62.0),
    ("the first notice counts", (held(recorded="2025-11-20 18:00"),
                                 held(recorded="2025-11-23 06:00", revision=2)), 2.0),
    ("an unauthenticated one is aside", (held(known=False, recorded="2025-11-20 17:00", id="x"),
                                         held(recorded="2025-11-20 20:00")), 4.0),
    ("only unauthenticated ones: not known", (held(known=False),), None),
)  # fmt: skip


@pytest.mark.parametrize(("told", "hours"), [case[1:] for case in NOTICE], ids=[case[0] for case in NOTICE])
def test_how_late_the_school_was_told(told: tuple[Any, ...], hours: float | None) -> None:
    (event,) = snapshot(*told, as_of=LATER).events
    assert event.notice_hours == hours
