"""When content is due: three ways to count three days, and which version of policy and calendar applies.

Never a clock, and never a date that no calendar covers.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from contracts.codes import DayUnit, Roll
from contracts.monitoring import DueRule
from services.monitoring.algebra.calendars import (
    Calendars,
    CalendarVersion,
    NoCalendar,
    PolicyVersion,
    RestDay,
    Version,
    calendar_for,
    later_day,
    rest_day,
)
from services.monitoring.algebra.instants import Stamp, close_of

# Source: 3.4 "chậm nhất là 3 ngày"
DAYS = 3
# Source: the obligation, DeadlineMissed: default grace
GRACE_S = 60
# Source: 3.4, A3: the other way of counting, for the working-day rate
WORKING = DueRule(days=DAYS, unit=DayUnit.WORKING, roll=Roll.NONE, grace_s=GRACE_S)
NO_CALENDAR = "NO_CALENDAR"
NO_POLICY = "NO_POLICY"


@dataclass(frozen=True, slots=True)
class Count:
    """A counted due day, and the rest days that moved or lengthened the count."""

    day: date
    rests: tuple[RestDay, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Why there is no date: NO_CALENDAR for a day, or NO_POLICY."""

    reason: str
    day: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Due:
    """The due dates of an obligation after an event, with what gave them; undated when there is a gap."""

    ended_on: date
    due_on: date | None
    due_at: Stamp | None
    strict_due_at: Stamp | None
    working_due_at: Stamp | None
    policy_version: str | None
    calendar_version: str | None
    rule: DueRule | None
    rests: tuple[RestDay, ...] = ()
    gap: Gap | None = None
    is_provisional: bool = False


class Versions:
    """All versions of policy and calendar in the order in which they were issued; compared by identity."""

    def __init__(self, versions: Iterable[Version]) -> None:
        kept: dict[tuple[str, str], Version] = {}
        for version in versions:
            same = kept.get((version.source, version.id))
            if same is None or version.recorded < same.recorded:
                kept[version.source, version.id] = version
        self.ordered = tuple(sorted(kept.values(), key=lambda version: version.order))
        self.issued = tuple(version.issued_at for version in self.ordered)

    def last_calendar_day(self) -> date | None:
        """Return the last day that any calendar covers."""
        days = [v.content.covers[1] for v in self.ordered if isinstance(v, CalendarVersion)]
        return max(days, default=None)


def count_days(day: date, rule: DueRule, calendars: Calendars) -> Count:
    """Return the last day on which content is in time after an event that ended on a local day.

    The event's own day is not counted; the due day itself must be covered by a calendar under every rule.
    Raises:  NoCalendar.        Source: 3.4, A3
    """
    rests: list[RestDay] = []
    counted = 0
    if rule.unit == DayUnit.CALENDAR:
        day = later_day(day, rule.days)
    while rule.unit == DayUnit.WORKING and counted < rule.days:
        day = later_day(day)
        if rest := rest_day(calendars, day):
            rests.append(rest)
        else:
            counted += 1
    calendar_for(calendars, day)
    while rule.roll == Roll.NEXT_WORKING and (rest := rest_day(calendars, day)):
        rests.append(rest)
        day = later_day(day)
    return Count(day, tuple(rests))


def strict_day(ended_on: date) -> date:
    """Return the due day under plain calendar days, which asks no calendar.

    Raises:  NoCalendar at the end of the years.        Source: 3.4, strict rate
    """
    return later_day(ended_on, DAYS)


def working_day(ended_on: date, calendars: Calendars) -> date | None:
    """Return the due day under working days, or None when the count leaves the calendars. Source: working-day rate"""
    try:
        return count_days(ended_on, WORKING, calendars).day
    except NoCalendar:
        return None


def due_after(ended_on: date, requirement: str, versions: Versions, *, discharged_at: Stamp | None) -> Due:
    """Return when content after an event is due, under the versions that apply to this obligation.

    Source: the obligation, Algebra: a version applies iff the earlier ones gave no date, or at its issued_at the
    obligation was neither discharged nor past the due date that the earlier ones give
    """
    issued_before = len(versions.issued) if discharged_at is None else bisect_left(versions.issued, discharged_at)
    return _due_after(ended_on, requirement, versions, issued_before)


@lru_cache(maxsize=32_768)
def _due_after(ended_on: date, requirement: str, versions: Versions, issued_before: int) -> Due:
    policy: PolicyVersion | None = None
    calendars: Calendars = ()
    due = _undated(ended_on, Gap(NO_POLICY))
    for place, version in enumerate(versions.ordered):
        is_settled = place >= issued_before or (due.due_at is not None and version.issued_at >= due.due_at)
        if due.due_at is not None and is_settled:
            continue
        if isinstance(version, CalendarVersion):
            calendars = (*calendars, version)
        elif requirement in version.rules:
            policy = version
        else:
            continue
        due = _dated(ended_on, requirement, policy, calendars)
    return due


def _dated(ended_on: date, requirement: str, policy: PolicyVersion | None, calendars: Calendars) -> Due:
    if policy is None:
        return _undated(ended_on, Gap(NO_POLICY))
    rule = policy.rules[requirement]
    try:
        ruled, strict = count_days(ended_on, rule, calendars), strict_day(ended_on)
    except NoCalendar as missing:
        return _undated(ended_on, Gap(NO_CALENDAR, missing.day), policy, rule)
    working = working_day(ended_on, calendars)
    return Due(
        ended_on=ended_on,
        due_on=ruled.day,
        due_at=close_of(ruled.day),
        strict_due_at=close_of(strict),
        working_due_at=close_of(working) if working else None,
        policy_version=policy.version,
        calendar_version=calendar_for(calendars, ruled.day).version,
        rule=rule,
        rests=ruled.rests,
        is_provisional=_is_provisional(ended_on, ruled.day, rule, calendars),
    )


def _is_provisional(ended_on: date, due_on: date, rule: DueRule, calendars: Calendars) -> bool:
    """Whether a day that the count asked about is only covered provisionally."""
    if not any(calendar.content.provisional for calendar in calendars):
        return False
    day = min(due_on, later_day(ended_on, 1 if rule.unit == DayUnit.WORKING else rule.days))
    while day < due_on and not calendar_for(calendars, day).content.provisional:
        day = later_day(day)
    return calendar_for(calendars, day).content.provisional


def _undated(ended_on: date, gap: Gap, policy: PolicyVersion | None = None, rule: DueRule | None = None) -> Due:
    return Due(ended_on, None, None, None, None, policy.version if policy else None, None, rule, (), gap)
