"""3.4, A3: three days after the event, counted three ways, and the local day from which they are counted."""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.codes import DayUnit, Roll
from contracts.monitoring import DueRule
from services.monitoring.algebra.calendars import NoCalendar, from_message, later_day, rest_day
from services.monitoring.algebra.due import count_days, strict_day, working_day
from services.monitoring.algebra.instants import close_of, end_day, month_of, school_year_of, to_local, to_stamp
from tests.monitoring.algebra.builders import SHIPPED, Doc, assessed, calendar, held, local_day, owes, policy, stamp

GOLDEN = list(csv.DictReader((Path(__file__).parents[1] / "due_dates.csv").open()))
SHIPPED_CALENDAR = from_message(SHIPPED[0])


def dates(*messages: Any, requirement: str = "WEBSITE", **given: Any) -> list[date | None]:
    """The last days of the strict, the ruling and the working-day count."""
    doc = owes(*messages, **given)[f"{requirement} POST"]
    return [local_day(doc[name]) for name in ("strict_due_at", "due_at", "working_due_at")]


@pytest.mark.parametrize("row", GOLDEN, ids=[f"A3 {row['ended_at']}" for row in GOLDEN])
def test_the_golden_due_dates(row: dict[str, str]) -> None:
    expected = [date.fromisoformat(row[name]) for name in ("strict", "default", "working")]
    assert dates(held(ended_at=datetime.fromisoformat(row["ended_at"]))) == expected


@pytest.mark.parametrize("row", GOLDEN, ids=[f"A3 {row['ended_at']}" for row in GOLDEN])
def test_a_policy_may_count_the_other_ways(row: dict[str, str]) -> None:
    event = held(ended_at=datetime.fromisoformat(row["ended_at"]))
    plain = policy("plain", "2025-01-01 08:00", roll="NONE")
    working = policy("working", "2025-01-01 08:00", unit="WORKING", roll="NONE")
    assert dates(event, plain)[1] == date.fromisoformat(row["strict"])
    assert dates(event, working)[1] == date.fromisoformat(row["working"])


# (rule or clause, start, end, the local day from which days are counted)
ENDS: tuple[tuple[str, str, str, str], ...] = (
    ("A4 the local date of the end", "2026-11-18 08:00", "2026-11-20 16:00", "2026-11-20"),
    ("A4 the last microsecond of the day", "2026-11-20 08:00", "2026-11-20 23:59:59.999999", "2026-11-20"),
    ("contract, Data: an end of 00:00 counts to the day before", "2026-11-20 08:00", "2026-11-21 00:00", "2026-11-20"),
    ("contract, Data: but not when it began then", "2026-11-21 00:00", "2026-11-21 00:00", "2026-11-21"),
    ("contract, Data: a whole day", "2026-11-20 00:00", "2026-11-21 00:00", "2026-11-20"),
    ("contract, Data: exactly 00:00", "2026-11-20 08:00", "2026-11-21 00:00:00.000001", "2026-11-21"),
    ("facts of the place: 00:30 is yesterday in UTC", "2026-11-20 22:00", "2026-11-21 00:30", "2026-11-21"),
)


@pytest.mark.parametrize("row", ENDS, ids=[row[0] for row in ENDS])
def test_the_day_of_the_end(row: tuple[str, str, str, str]) -> None:
    _, start, end, day = row
    assert end_day(stamp(start), stamp(end)) == date.fromisoformat(day)
    doc = next(iter(assessed(held(started_at=start, ended_at=end)).values())).event
    assert doc["ended_on"] == day


# Source: fine print: school year and month go by the same day as the due date (A18)
YEARS: tuple[tuple[str, str, str, str], ...] = (
    ("2027-08-31 20:00", "2027-08-31 23:59", "2026-2027", "2027-08"),
    ("2027-08-31 20:00", "2027-09-01 00:00", "2026-2027", "2027-08"),
    ("2027-09-01 00:00", "2027-09-01 00:00", "2027-2028", "2027-09"),
    ("2027-08-31 20:00", "2027-09-01 00:00:00.000001", "2027-2028", "2027-09"),
    ("2026-12-31 20:00", "2027-01-01 00:00", "2026-2027", "2026-12"),
)


@pytest.mark.parametrize("row", YEARS, ids=[f"A18 {row[1]}" for row in YEARS])
def test_the_school_year_and_the_month_of_an_event(row: tuple[str, str, str, str]) -> None:
    start, end, school_year, month = row
    doc = owes(held(started_at=start, ended_at=end))["WEBSITE POST"]
    assert (doc["school_year"], doc["month"]) == (school_year, month)


def test_days_at_the_edge_of_the_calendar_stay_in_it() -> None:
    assert school_year_of(date(9999, 12, 31)) == "9998-9999"
    assert month_of(date(1, 1, 1)) == "0001-01"
    assert close_of(date(9999, 12, 31)) == "9999-12-31T17:00:00.000000Z"
    assert f"{to_local('9999-12-31T20:00:00.000000Z'):%d/%m %H:%M}" == "31/12 20:00"
    with pytest.raises(NoCalendar):
        later_day(date(9999, 12, 31))
    with pytest.raises(NoCalendar):
        later_day(date(2026, 1, 1), 2**53 - 1)
    with pytest.raises(NoCalendar):
        strict_day(date(9999, 12, 29))


def test_a_due_date_is_the_first_instant_that_is_too_late() -> None:
    assert owes(held())["WEBSITE POST"]["due_at"] == stamp("2026-11-24 00:00")


# No calendar: undated, and it says so. (end, last covered day of the only calendar, is it dated)
COVERED: tuple[tuple[str, str, bool], ...] = (
    ("2026-12-28 16:00", "2026-12-31", True),
    ("2026-12-29 16:00", "2026-12-31", False),  # the due day itself is not covered
    ("2026-12-11 16:00", "2026-12-14", True),
    ("2026-12-09 16:00", "2026-12-12", False),  # it is, a Saturday; the day to which it rolls is not
)


@pytest.mark.parametrize("row", COVERED, ids=[f"No calendar: {row[0]} of {row[1]}" for row in COVERED])
def test_a_date_that_no_calendar_covers_is_no_date(row: tuple[str, str, bool]) -> None:
    ended_at, until, is_dated = row
    only = calendar("only", "2025-01-01 08:00", ("2026-01-01", until))
    doc = owes(SHIPPED[1], only, held(ended_at=ended_at), shipped=False)["WEBSITE POST"]
    assert (doc["due_at"] is not None) is is_dated


def test_without_a_calendar_the_obligation_stands_open_and_says_so() -> None:
    doc = owes(held(ended_at="2027-03-01 16:00"), now="2029-01-01 00:00")["WEBSITE POST"]
    asked: Doc = {name: doc[name] for name in ("state", "due_at", "strict_due_at", "working_due_at", "missed_at")}
    assert asked == {"state": "OPEN", "due_at": None, "strict_due_at": None, "working_due_at": None, "missed_at": None}
    assert doc["due_gap"] == {"reason": "NO_CALENDAR", "on": "2027-03-04"}
    assert (doc["calendar_version"], doc["policy_version"], doc["cause"]) == (None, "3n.1", None)


# Room: "no calendar for a date" is read of the due day under every rule, also one that asks for no rest day
def test_plain_days_need_a_calendar_of_the_due_day_too() -> None:
    plain = policy("plain", "2025-01-01 08:00", roll="NONE")
    assert owes(held(ended_at="2027-03-01 16:00"), plain)["WEBSITE POST"]["due_at"] is None


def test_without_a_policy_for_a_requirement_there_is_no_date() -> None:
    only_boards = policy("boards", "2025-01-01 08:00", "E_BOARD")
    found = owes(SHIPPED[0], only_boards, held(), shipped=False)
    assert found["E_BOARD POST"]["due_at"] == stamp("2026-11-24 00:00")
    assert found["WEBSITE POST"]["due_at"] is None
    assert found["WEBSITE POST"]["due_gap"] == {"reason": "NO_POLICY", "on": None}


def test_the_working_day_date_alone_may_leave_the_calendars() -> None:
    only = calendar("only", "2025-01-01 08:00", ("2026-01-01", "2026-11-24"))
    assert dates(SHIPPED[1], only, held(), shipped=False) == [date(2026, 11, 23), date(2026, 11, 23), None]


# (rule, unit, roll, days, from, due): 21/11 is a Saturday, 24/11 a day off; 22/08 a make-up Saturday for 31/08
COUNTS: tuple[tuple[str, str, str, int, str, str], ...] = (
    ("A3 the event day is not counted", "CALENDAR", "NONE", 1, "2026-11-18", "2026-11-19"),
    ("A3 no days at all", "CALENDAR", "NONE", 0, "2026-11-18", "2026-11-18"),
    ("A3 rolls over rest days in a row", "CALENDAR", "NEXT_WORKING", 3, "2026-02-13", "2026-02-23"),
    ("A3 a day off after a weekend is rolled over too", "CALENDAR", "NEXT_WORKING", 1, "2026-04-24", "2026-04-28"),
    ("A3 working days leave weekends and days off out", "WORKING", "NONE", 2, "2026-11-20", "2026-11-25"),
    ("A3 a make-up day is worked", "WORKING", "NONE", 1, "2026-08-21", "2026-08-22"),
    ("A3 a due date on a make-up day does not roll", "CALENDAR", "NEXT_WORKING", 1, "2026-08-21", "2026-08-22"),
    ("A3 no working days, rolled from a rest day", "WORKING", "NEXT_WORKING", 0, "2026-11-21", "2026-11-23"),
)


@pytest.mark.parametrize("row", COUNTS, ids=[row[0] for row in COUNTS])
def test_counting(row: tuple[str, str, str, int, str, str]) -> None:
    _, unit, roll, days, start, due = row
    rule = DueRule(days=days, unit=DayUnit(unit), roll=Roll(roll), grace_s=60)
    assert count_days(date.fromisoformat(start), rule, (SHIPPED_CALENDAR,)).day == date.fromisoformat(due)


def test_the_last_calendar_that_covers_a_day_speaks_of_it() -> None:
    later = from_message(calendar("later", "2026-10-01 08:00", ("2026-11-23", "2026-11-23"), days_off=["2026-11-23"]))
    both = (SHIPPED_CALENDAR, later)
    named = [rest.name for day in (23, 24) if (rest := rest_day(both, date(2026, 11, day)))]
    assert named == ["Nghỉ", "Ngày Văn hóa Việt Nam"]
    assert working_day(date(2026, 11, 20), both) == date(2026, 11, 27)
    assert working_day(date(2026, 12, 30), both) is None


def test_stamps_are_the_fixed_texts_of_instants() -> None:
    assert to_stamp(datetime.fromisoformat("2026-11-20T16:00:00+07:00")) == "2026-11-20T09:00:00.000000Z"
    assert to_stamp("2026-11-20T09:00:00.000000Z") == "2026-11-20T09:00:00.000000Z"
