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

    def holds(self, ended_at: datetime) -> bool:
        """Whether what ends at the instant belongs to the year: by its local date, 00:00 to the day before.

        Source: A18
        """
        return self.starts_on <= closing_date(ended_at) <= self.ends_on


def closing_date(ended_at: datetime) -> date:
    """The local date that an end belongs to; an end at 00:00 counts to the day before. Source: A18"""
    local = ended_at.astimezone(LOCAL)
    return (local - timedelta(microseconds=1)).date()


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


def previous(school_year: str) -> str:
    """The school year before. Source: A18"""
    first = int(school_year[:4])
    return f"{first - 1:04}-{first:04}"


def to_plan(now: datetime) -> str:
    """The school year whose plan is in hand: from 1 July on the one that begins in September. Source: A21"""
    local = now.astimezone(LOCAL)
    first = local.year - ((local.month, local.day) < OPENS)
    return f"{first:04}-{first + 1:04}"
