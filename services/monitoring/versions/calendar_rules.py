"""Which version of the calendar may be issued, whole or as a change of another; pure.

Never a day off that is guessed: what is not said stands as in the version that the new one is based on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, TypeVar

from pydantic import Field

from contracts.codes import Weekday
from contracts.fields import Code, Flag, Note, Record, Title
from contracts.monitoring import CalendarIssued, DayOff, MakeUpDay
from contracts.times import LocalDate
from services.chassis.decision import Refusal
from services.monitoring.algebra.calendars import CalendarVersion
from services.monitoring.algebra.due import Versions
from services.monitoring.versions.naming import calendar_of, calendars_in, check_last, check_name, next_name
from services.monitoring.versions.refusals import refuse

# Source: facts of the place
TIME_ZONE = "Asia/Ho_Chi_Minh"
MOST_YEARS, MOST_DAYS = 6, 400
_WEEKDAYS = tuple(Weekday)
D = TypeVar("D", DayOff, MakeUpDay)


class DayChange(Record):
    """One day made a day off, or worked; a rest day of the week that is worked makes up for another day."""

    date: LocalDate
    is_off: Flag
    name: Title | None = None
    instead_of: LocalDate | None = None


class GivenCalendar(Record):
    """A new version of the calendar; what is left out stands as in `based_on`, within what is covered.

    Shape:   based_on left out is the version that was issued last; expected_last is the last one that somebody saw.
    """

    version: Annotated[Code | None, Field(description="Left out: the next number.")] = None
    based_on: Code | None = None
    expected_last: Annotated[Code | None, Field(description="Refused when another was issued since.")] = None
    time_zone: Code = TIME_ZONE
    covers: Annotated[tuple[LocalDate, LocalDate] | None, Field(description="First and last day.")] = None
    weekend: Annotated[tuple[Weekday, ...] | None, Field(max_length=7)] = None
    days_off: Annotated[tuple[DayOff, ...] | None, Field(max_length=MOST_DAYS)] = None
    make_up_days: Annotated[tuple[MakeUpDay, ...] | None, Field(max_length=MOST_DAYS)] = None
    days: Annotated[tuple[DayChange, ...], Field(max_length=MOST_DAYS, description="Single days changed.")] = ()
    provisional: Flag = False
    reason: Note


@dataclass(frozen=True, slots=True)
class Draft:
    """A calendar as it would be issued; the days in their order."""

    version: str
    covers: tuple[date, date]
    weekend: tuple[Weekday, ...]
    days_off: tuple[DayOff, ...]
    make_up_days: tuple[MakeUpDay, ...]
    provisional: bool
    reason: str

    def covers_day(self, day: date) -> bool:
        """Whether the calendar would speak of a day."""
        return self.covers[0] <= day <= self.covers[1]

    def is_weekend(self, day: date) -> bool:
        """Whether the week rests on a day, make-up days apart."""
        return _WEEKDAYS[day.weekday()] in self.weekend

    def issued(self, by: str, at: datetime) -> CalendarIssued:
        """The message of it. Source: facts of the place"""
        return CalendarIssued(
            version=self.version,
            time_zone=TIME_ZONE,
            covers=self.covers,
            weekend=self.weekend,
            days_off=self.days_off,
            make_up_days=self.make_up_days,
            provisional=self.provisional,
            by=by,
            reason=self.reason,
            issued_at=at,
        )


def decide(
    given: GivenCalendar, versions: Versions, by: str, *, at: datetime
) -> tuple[CalendarIssued | None, tuple[Refusal, ...]]:
    """Return the calendar to be issued, or why it cannot be. Source: A3, facts of the place"""
    made, refusals = draft(given, versions)
    if made is None or refusals:
        return None, refusals
    data = made.issued(by, at)
    change = calendar_change(calendars_in(versions), calendar_of(data))
    return (None, (refuse("nothing-changes"),)) if change.is_nothing else (data, ())


def draft(given: GivenCalendar, versions: Versions) -> tuple[Draft | None, tuple[Refusal, ...]]:
    """Return the calendar that is asked for, and why it cannot be issued. Source: A3, facts of the place"""
    known = calendars_in(versions)
    base = _base(given, known)
    found = list(check_last(given.expected_last, known))
    if given.based_on is not None and base is None:
        found.append(refuse("version-unknown", "/based_on", version=given.based_on))
    lacks = None in (given.covers, given.weekend, given.days_off)
    if base is None and lacks:
        return None, (*found, *(() if found else (refuse("nothing-to-start-from"),)))
    made, faults = _changed(_whole(given, base, known), given)
    found += check_name(made.version, known)
    if given.time_zone != TIME_ZONE:
        found.append(refuse("time-zone-foreign", "/time_zone", zone=TIME_ZONE))
    return made, (*found, *faults, *check(made))


def _base(given: GivenCalendar, known: tuple[CalendarVersion, ...]) -> CalendarVersion | None:
    if given.based_on is None:
        return known[-1] if known else None
    return next((version for version in known if version.version == given.based_on), None)


def _whole(given: GivenCalendar, base: CalendarVersion | None, known: tuple[CalendarVersion, ...]) -> Draft:
    content = base.content if base else None
    covers = given.covers or (content.covers if content else None)
    assert covers is not None
    name = given.version or next_name(base.version if base else f"vn-{covers[0].year}", known)
    weekend = given.weekend if given.weekend is not None else content.weekend if content else ()
    days_off = given.days_off if given.days_off is not None else _within(content.days_off if content else (), covers)
    made_up = content.make_up_days if content else ()
    make_up = given.make_up_days if given.make_up_days is not None else _within(made_up, covers)
    return Draft(name, covers, weekend, days_off, make_up, given.provisional, given.reason)


def _within(days: tuple[D, ...], covers: tuple[date, date]) -> tuple[D, ...]:
    return tuple(day for day in days if covers[0] <= day.date <= covers[1])


def _changed(made: Draft, given: GivenCalendar) -> tuple[Draft, list[Refusal]]:
    """The calendar with its single days changed, in the order in which they are given."""
    found: list[Refusal] = []
    for place, change in enumerate(given.days):
        pointer = f"/days/{place}"
        off = tuple(day for day in made.days_off if day.date != change.date)
        made_up = tuple(day for day in made.make_up_days if day.date != change.date)
        if change.is_off and made.is_weekend(change.date):
            made = replace(made, make_up_days=made_up)
        elif change.is_off and change.name is None:
            found.append(refuse("day-nameless", f"{pointer}/name", day=_said(change.date)))
        elif change.is_off and change.name is not None:
            made = replace(made, days_off=(*off, DayOff(date=change.date, name=change.name)), make_up_days=made_up)
        elif not made.is_weekend(change.date):
            rest = tuple(day for day in made.make_up_days if day.instead_of != change.date)
            made = replace(made, days_off=off, make_up_days=rest)
        elif change.instead_of is None:
            found.append(refuse("make-up-for-nothing", f"{pointer}/instead_of", day=_said(change.date)))
        else:
            worked = MakeUpDay(date=change.date, instead_of=change.instead_of)
            made = replace(made, days_off=off, make_up_days=(*made_up, worked))
    return _in_order(made), found


def _in_order(made: Draft) -> Draft:
    days_off = tuple(sorted(made.days_off, key=lambda day: day.date))
    return replace(made, days_off=days_off, make_up_days=tuple(sorted(made.make_up_days, key=lambda day: day.date)))


def check(made: Draft) -> tuple[Refusal, ...]:
    """Return what is wrong in a calendar by itself. Source: facts of the place (make-up days), A3"""
    first, last = made.covers
    if last < first:
        return (refuse("range-inverted", "/covers"),)
    found = []
    if (last - first).days > MOST_YEARS * 366:
        found.append(refuse("range-too-long", "/covers", years=MOST_YEARS))
    if len(set(made.weekend)) == len(_WEEKDAYS):
        found.append(refuse("no-working-day", "/weekend"))
    return (*found, *_check_days(made), *_check_make_up(made))


def _check_days(made: Draft) -> Iterator[Refusal]:
    seen: set[date] = set()
    for place, day in enumerate(made.days_off):
        pointer = f"/days_off/{place}/date"
        if day.date in seen:
            yield refuse("day-repeated", pointer, day=_said(day.date))
        if not made.covers_day(day.date):
            yield refuse("day-outside", pointer, day=_said(day.date))
        seen.add(day.date)


def _check_make_up(made: Draft) -> Iterator[Refusal]:
    off, seen = {day.date for day in made.days_off}, set[date]()
    for place, day in enumerate(made.make_up_days):
        pointer = f"/make_up_days/{place}"
        if day.date in seen:
            yield refuse("day-repeated", f"{pointer}/date", day=_said(day.date))
        if not made.covers_day(day.date):
            yield refuse("day-outside", f"{pointer}/date", day=_said(day.date))
        elif not made.is_weekend(day.date) or day.date in off:
            yield refuse("make-up-on-working-day", f"{pointer}/date", day=_said(day.date))
        if made.covers_day(day.instead_of) and day.instead_of not in off:
            yield refuse("make-up-for-working-day", f"{pointer}/for", day=_said(day.instead_of))
        seen.add(day.date)


def _said(day: date) -> str:
    return f"{day:%d/%m}/{day.year:04}"


@dataclass(frozen=True, slots=True)
class DayChanged:
    """A day that a new calendar sees differently. Shape: None is worked, "" rests with the week, else its name."""

    day: date
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What a new calendar changes: single days, days that no calendar covered before, and what is provisional."""

    days: tuple[DayChanged, ...]
    newly_covered: int
    is_other_certainty: bool

    @property
    def is_nothing(self) -> bool:
        """Whether it could as well not be issued."""
        return not (self.days or self.newly_covered or self.is_other_certainty)


def calendar_change(before: tuple[CalendarVersion, ...], after: CalendarVersion) -> CalendarChange:
    """Return what a new calendar changes of the days that it covers. Source: A3 (re-dating is visible)"""
    days: list[DayChanged] = []
    newly_covered, is_other = 0, False
    first, last = after.content.covers
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        ruling = next((one for one in reversed(before) if one.covers(day)), None)
        if ruling is None:
            newly_covered += 1
            continue
        is_other = is_other or ruling.content.provisional != after.content.provisional
        was, becomes = name_of(ruling, day), name_of(after, day)
        if was != becomes:
            days.append(DayChanged(day, was, becomes))
    return CalendarChange(tuple(days), newly_covered, is_other)


def name_of(calendar: CalendarVersion, day: date) -> str | None:
    """Return why a day rests: its name, "" for a weekend, None when it is worked. Source: A3"""
    rest = calendar.rest(day)
    return None if rest is None else rest.name or ""
