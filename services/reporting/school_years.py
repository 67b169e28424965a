"""The dates of a school year that its report is measured by; pure, and it never reads a clock."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

from contracts.fields import Record, SchoolYear
from contracts.times import LocalDate

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
# (month, day); Source: A18 (1 Sep - 31 Aug), R05 and 1.6 "khoảng đầu tháng 9" (5 September), A21 (15 August)
STARTS, ENDS, PLAN_DUE, CUT_OFF = (9, 1), (8, 31), (9, 5), (8, 15)
# Dates of school years that are not the defaults, by their names in YearDates.
GivenDates = dict[str, dict[Literal["starts_on", "ends_on", "plan_due_on", "cut_off_on"], LocalDate]]


class YearDates(Record):
    """The local dates of one school year; each names a whole day. Source: A18, R05, A21"""

    school_year: SchoolYear
    starts_on: LocalDate
    ends_on: LocalDate
    plan_due_on: LocalDate
    cut_off_on: LocalDate

    def holds(self, day: date) -> bool:
        """Whether a local day belongs to the year."""
        return self.starts_on <= day <= self.ends_on


def opening_of(day: date, *, later: int = 0) -> datetime:
    """00:00 local of a day, or of so many days later. Source: A18"""
    return datetime.combine(day + timedelta(days=later), time.min, LOCAL)


def local_day(stamp: str) -> date:
    """The local date of an instant's fixed text. Source: A18"""
    return datetime.fromisoformat(stamp).astimezone(LOCAL).date()


def closing_day(started_at: str, ended_at: str) -> date:
    """The local date of an event; an end at 00:00, later than the start, is of the day before. Source: A18, A4"""
    day = local_day(ended_at)
    is_midnight = ended_at > started_at and datetime.fromisoformat(ended_at) == opening_of(day)
    return day - timedelta(days=1) if is_midnight else day


def dates_of(school_year: str, given: GivenDates) -> YearDates:
    """The dates of a school year: the given ones, else the defaults. Source: A18, R05, A21"""
    first = int(school_year[:4])
    defaults = {
        "starts_on": date(first, *STARTS),
        "ends_on": date(first + 1, *ENDS),
        "plan_due_on": date(first, *PLAN_DUE),
        "cut_off_on": date(first + 1, *CUT_OFF),
    }
    return YearDates.from_data({"school_year": school_year, **defaults, **given.get(school_year, {})})
