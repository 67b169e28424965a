"""Which calendars may be issued: the days that a change touches, and what each rule refuses."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.monitoring.algebra.calendars import CalendarVersion
from services.monitoring.algebra.due import Versions
from services.monitoring.versions import calendar_rules, coverage, naming
from services.monitoring.versions.calendar_rules import GivenCalendar
from tests.monitoring.algebra import builders as b

AT = datetime(2026, 10, 1, 2, tzinfo=UTC)
SHIPPED = b.reference_of(b.SHIPPED).versions
NONE = Versions(())
REASON = {"reason": "Quyết định số ..."}
WHOLE: dict[str, Any] = {"covers": ["2027-01-01", "2027-12-31"], "weekend": ["SAT", "SUN"], "days_off": []}


def decided(versions: Versions = SHIPPED, **given: Any) -> tuple[Any, list[tuple[str, str]]]:
    """What would be issued, or the rules that say no with where."""
    data, refusals = calendar_rules.decide(GivenCalendar.model_validate(REASON | given), versions, "op", at=AT)
    return data, [(one.rule, one.pointer) for one in refusals]


def day(at: str, is_off: bool, **more: Any) -> dict[str, Any]:
    return {"date": at, "is_off": is_off, **more}


def test_a_day_off_becomes_worked_and_all_else_stands_as_it_was() -> None:
    data, refusals = decided(days=[day("2026-11-24", is_off=False)])
    assert refusals == []
    before = naming.calendars_in(SHIPPED)[0].content
    assert (data.version, data.covers, data.weekend) == ("vn-2026.2", before.covers, before.weekend)
    assert [one for one in before.days_off if one not in data.days_off] == [before.days_off[-1]]
    assert data.make_up_days == before.make_up_days
    assert (data.by, data.reason, data.issued_at, data.provisional) == ("op", REASON["reason"], AT, False)


# (what changes, the days off, the make-up days that the calendar has of those two days)
CHANGES: tuple[tuple[dict[str, Any], list[str], list[str]], ...] = (
    (day("2026-11-23", is_off=True, name="Nghỉ bù"), ["2026-11-23"], []),
    (day("2026-11-28", is_off=False, instead_of="2026-11-24"), [], ["2026-11-28"]),
    (day("2026-08-22", is_off=True), [], []),
    (day("2026-08-31", is_off=False), [], []),
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[0]["date"])
def test_each_kind_of_day_is_changed_in_its_own_way(change: tuple[dict[str, Any], list[str], list[str]]) -> None:
    given, off, make_up = change
    data, refusals = decided(days=[given])
    assert refusals == []
    at = date.fromisoformat(given["date"])
    assert [str(one.date) for one in data.days_off if one.date == at] == off
    assert [str(one.date) for one in data.make_up_days if one.date == at] == make_up


def test_a_day_that_is_worked_again_has_nobody_make_up_for_it() -> None:
    data, _ = decided(days=[day("2026-08-31", is_off=False)])
    assert [str(one.date) for one in data.make_up_days] == ["2026-01-10"]


def test_a_new_year_takes_the_week_from_the_last_one_and_its_own_days() -> None:
    off = [{"date": "2027-01-01", "name": "Tết Dương lịch"}]
    data, refusals = decided(version="vn-2027.1", covers=WHOLE["covers"], days_off=off, provisional=True)
    assert refusals == []
    assert ([code.value for code in data.weekend], len(data.days_off), data.make_up_days) == (["SAT", "SUN"], 1, ())
    assert data.provisional is True


REFUSED: tuple[tuple[str, dict[str, Any], list[tuple[str, str]]], ...] = (
    ("a name without a number", {"version": "lich-moi", **WHOLE}, [("version-format", "/version")]),
    ("a name with marks", {"version": "lịch.1", **WHOLE}, [("version-format", "/version")]),
    ("a name that was used", {"version": "vn-2026.1", **WHOLE}, [("version-used", "/version")]),
    ("a base that nobody issued", {"based_on": "vn-2020.1", **WHOLE}, [("version-unknown", "/based_on")]),
    ("a page that is old", {"expected_last": "vn-2025.9", **WHOLE}, [("version-newer", "/expected_last")]),
    ("nothing", {}, [("nothing-changes", "")]),
    (
        "a day that is off already",
        {"days": [day("2026-11-24", True, name="Ngày Văn hóa Việt Nam")]},
        [("nothing-changes", "")],
    ),
    ("a range from behind", {**WHOLE, "covers": ["2027-12-31", "2027-01-01"]}, [("range-inverted", "/covers")]),
    ("a range without end", {**WHOLE, "covers": ["2027-01-01", "2099-12-31"]}, [("range-too-long", "/covers")]),
    (
        "a week without work",
        {"weekend": ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]},
        [("no-working-day", "/weekend")],
    ),
    (
        "a day twice",
        {**WHOLE, "days_off": [{"date": "2027-01-01", "name": "a"}, {"date": "2027-01-01", "name": "b"}]},
        [("day-repeated", "/days_off/1/date")],
    ),
    (
        "a day outside",
        {**WHOLE, "days_off": [{"date": "2028-01-01", "name": "a"}]},
        [("day-outside", "/days_off/0/date")],
    ),
    ("a single day outside", {"days": [day("2027-01-04", True, name="x")]}, [("day-outside", "/days_off/16/date")]),
    ("a day off without a name", {"days": [day("2026-11-23", is_off=True)]}, [("day-nameless", "/days/0/name")]),
    (
        "a Sunday worked for nothing",
        {"days": [day("2026-11-29", is_off=False)]},
        [
            ("make-up-for-nothing", "/days/0/instead_of"),
        ],
    ),
    (
        "a Sunday worked for a day that is worked",
        {"days": [day("2026-11-29", is_off=False, instead_of="2026-11-25")]},
        [("make-up-for-working-day", "/make_up_days/2/for")],
    ),
    (
        "a make-up day in the week",
        {**WHOLE, "make_up_days": [{"date": "2027-01-05", "for": "2026-12-31"}]},
        [("make-up-on-working-day", "/make_up_days/0/date")],
    ),
    (
        "a make-up day twice, outside",
        {**WHOLE, "make_up_days": [{"date": "2028-01-01", "for": "2026-12-31"}] * 2},
        [
            ("day-outside", "/make_up_days/0/date"),
            ("day-repeated", "/make_up_days/1/date"),
            ("day-outside", "/make_up_days/1/date"),
        ],
    ),
    ("another time zone", {**WHOLE, "time_zone": "Asia/Bangkok"}, [("time-zone-foreign", "/time_zone")]),
)


@pytest.mark.parametrize("row", REFUSED, ids=[row[0] for row in REFUSED])
def test_what_no_calendar_can_be_is_refused_with_where(row: tuple[str, dict[str, Any], list[tuple[str, str]]]) -> None:
    data, refusals = decided(**row[1])
    assert (data, refusals) == (None, row[2])


def test_the_first_calendar_is_given_whole() -> None:
    assert decided(NONE) == (None, [("nothing-to-start-from", "")])
    assert decided(NONE, based_on="x.1") == (None, [("version-unknown", "/based_on")])
    data, refusals = decided(NONE, **WHOLE)
    assert (refusals, data.version) == ([], "vn-2027.1")


def test_what_changes_is_told_day_by_day() -> None:
    data, _ = decided(days=[day("2026-11-23", True, name="Nghỉ bù"), day("2026-11-24", is_off=False)])
    change = calendar_rules.calendar_change(naming.calendars_in(SHIPPED), naming.calendar_of(data))
    told = [(str(one.day), one.before, one.after) for one in change.days]
    assert told == [("2026-11-23", None, "Nghỉ bù"), ("2026-11-24", "Ngày Văn hóa Việt Nam", None)]
    later, _ = decided(version="vn-2027.1", **WHOLE)
    change = calendar_rules.calendar_change(naming.calendars_in(SHIPPED), naming.calendar_of(later))
    assert (change.days, change.newly_covered, change.is_other_certainty) == ((), 365, False)


def test_what_was_provisional_may_be_confirmed_as_it_is() -> None:
    data, refusals = decided(provisional=True)
    assert refusals == []
    assert data.provisional is True


def covering(first: str, last: str) -> CalendarVersion:
    given = REASON | {"covers": [first, last], "weekend": ["SUN"], "days_off": []}
    data, _ = calendar_rules.decide(GivenCalendar.model_validate(given), NONE, "op", at=AT)
    assert data is not None
    return naming.calendar_of(data)


# The obligation, No calendar: from today on, the first day that none covers counts, not the last that any does
COVERED: tuple[tuple[tuple[tuple[str, str], ...], str | None], ...] = (
    ((), None),
    ((("2026-01-01", "2026-12-31"),), "2026-12-31"),
    ((("2027-01-01", "2027-12-31"), ("2026-01-01", "2026-12-31")), "2027-12-31"),
    ((("2026-01-01", "2026-12-31"), ("2028-01-01", "2028-12-31")), "2026-12-31"),
    ((("2026-01-01", "2027-06-30"), ("2026-01-01", "2026-12-31")), "2027-06-30"),
    ((("2027-01-01", "2027-12-31"),), None),
    ((("2024-01-01", "2024-12-31"),), "2024-12-31"),
    ((("2024-01-01", "2024-12-31"), ("2026-01-01", "2026-12-31")), "2026-12-31"),
)


@pytest.mark.parametrize("row", COVERED, ids=str)
def test_a_gap_in_the_calendars_is_their_end(row: tuple[tuple[tuple[str, str], ...], str | None]) -> None:
    until = coverage.covered_until([covering(*span) for span in row[0]], date(2026, 11, 23))
    assert (str(until) if until else None) == row[1]
