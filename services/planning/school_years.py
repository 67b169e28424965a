"""The dates of a school year and the window of its plan; pure, and it never reads a clock."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

from contracts.fields import Record, SchoolYear
from contracts.times import LocalDate

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
# (month, day); Source: A18 (1 Sep - 31 Aug), A21 (1 July), R05 and 1.6 "khoảng đầu tháng 9" (5 September)
STARTS, ENDS = (9, 1), (8, 31)
OPENS, PLAN_DUE = (7, 1), (9, 5)
# Dates of school years that are not the defaults, by their names in SchoolYearDates.
GivenDates = dict[str, dict[Literal["starts_on", "ends_on", "plan_opens_on", "plan_due_on"], LocalDate]]


class SchoolYearDates(Record):
    """The local dates of one school year; each names a whole day. Source: A18, R05, A21"""

    school_year: SchoolYear
    starts_on: LocalDate
    ends_on: LocalDate
    plan_opens_on: LocalDate
    plan_due_on: LocalDate

    @property
    def plan_opens_at(self) -> datetime:
        """When the plan's window opens without a report: 00:00 local."""
        return datetime.combine(self.plan_opens_on, time.min, LOCAL)

    @property
    def plan_due_at(self) -> datetime:
        """When the plan is due, exclusive: 24:00 local."""
        return datetime.combine(self.plan_due_on + timedelta(days=1), time.min, LOCAL)

    def holds(self, started_at: datetime, ended_at: datetime) -> bool:
        """Whether an event belongs to the year, by the local date of its end. Source: A18"""
        return self.starts_on <= closing_date(started_at, ended_at) <= self.ends_on


def closing_date(started_at: datetime, ended_at: datetime) -> date:
    """The local date of an event's end; 00:00, when later than the start, counts to the day before. Source: A18"""
    local = ended_at.astimezone(LOCAL)
    is_end_of_day = local.time() == time.min and ended_at > started_at
    return local.date() - timedelta(days=is_end_of_day)


def dates_of(school_year: str, given: GivenDates) -> SchoolYearDates:
    """The dates of a school year: the given ones, else the defaults. Source: A18, R05, A21"""
    first = int(school_year[:4])
    defaults = {
        "starts_on": date(first, *STARTS),
        "ends_on": date(first + 1, *ENDS),
        "plan_opens_on": date(first, *OPENS),
        "plan_due_on": date(first, *PLAN_DUE),
    }
    return SchoolYearDates.from_data({"school_year": school_year, **defaults, **given.get(school_year, {})})


def years_between(first: str, last: str) -> list[str]:
    """The school years from one to another, both with it; none when the last is before the first. Source: A18"""
    return [f"{year:04}-{year + 1:04}" for year in range(int(first[:4]), int(last[:4]) + 1)]


def previous(school_year: str) -> str:
    """The school year before. Source: A18"""
    first = int(school_year[:4])
    return f"{first - 1:04}-{first:04}"


def to_plan(now: datetime) -> str:
    """The school year whose plan is in hand: from 1 July on the one that begins in September. Source: A21"""
    local = now.astimezone(LOCAL)
    first = local.year - ((local.month, local.day) < OPENS)
    return f"{first:04}-{first + 1:04}"
