"""Versions of the calendar of holidays and of the due rules, as facts: pure.

Never a holiday library, and never a guess about a day that no version covers.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from contracts.codes import Weekday
from contracts.envelope import Message
from contracts.monitoring import CalendarIssued, DueRule, PolicyIssued
from services.monitoring.algebra.instants import Stamp, to_stamp

# Source: 3.4, A3: the versions that the software is shipped with hold from the earliest event on
SHIPPED_ISSUED_AT: Stamp = "1999-12-31T17:00:00.000000Z"
_WEEKDAYS = tuple(Weekday)
DayKey = tuple[Stamp, str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class CalendarVersion:
    """A calendar as issued; compared by identity, so that it can key a cache."""

    content: CalendarIssued
    source: str
    id: str
    recorded: Stamp
    issued_at: Stamp = field(init=False)
    days_off: dict[date, str] = field(init=False, repr=False)
    make_up_days: frozenset[date] = field(init=False, repr=False)
    weekend: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "issued_at", to_stamp(self.content.issued_at))
        put(self, "days_off", {day.date: day.name for day in self.content.days_off})
        put(self, "make_up_days", frozenset(day.date for day in self.content.make_up_days))
        put(self, "weekend", frozenset(_WEEKDAYS.index(day) for day in self.content.weekend))

    @property
    def version(self) -> str:
        """The version's name, as "vn-2026.1"."""
        return self.content.version

    @property
    def order(self) -> DayKey:
        """Where it stands among all versions."""
        return (self.issued_at, "calendar", self.version, self.id)

    def covers(self, day: date) -> bool:
        """Say whether the version speaks of a day."""
        return self.content.covers[0] <= day <= self.content.covers[1]

    def rest(self, day: date) -> "RestDay | None":
        """Return why a day is no working day, or None."""
        if day in self.days_off:
            return RestDay(day, self.days_off[day])
        if day.weekday() in self.weekend and day not in self.make_up_days:
            return RestDay(day, None)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class PolicyVersion:
    """Due rules as issued: one rule per requirement that the version speaks of."""

    content: PolicyIssued
    source: str
    id: str
    recorded: Stamp
    issued_at: Stamp = field(init=False)
    rules: dict[str, DueRule] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "issued_at", to_stamp(self.content.issued_at))
        object.__setattr__(self, "rules", {str(code): rule for code, rule in self.content.requirements.items()})

    @property
    def version(self) -> str:
        """The version's name."""
        return self.content.version

    @property
    def order(self) -> DayKey:
        """Where it stands among all versions."""
        return (self.issued_at, "policy", self.version, self.id)


@dataclass(frozen=True, slots=True)
class RestDay:
    """A day that is no working day; the name is None for a weekend."""

    day: date
    name: str | None


class NoCalendar(Exception):
    """No version of the calendar covers a day that had to be asked for."""

    def __init__(self, day: date) -> None:
        super().__init__(f"no calendar covers {day}")
        self.day = day


Calendars = tuple[CalendarVersion, ...]
Version = CalendarVersion | PolicyVersion


def from_message(message: Message) -> Version:
    """Return the version that CalendarIssued or PolicyIssued brings. Source: A3, facts of the place"""
    recorded = to_stamp(message.recordedtime or message.time)
    if isinstance(message.data, CalendarIssued):
        return CalendarVersion(message.data, message.source, message.id, recorded)
    if isinstance(message.data, PolicyIssued):
        return PolicyVersion(message.data, message.source, message.id, recorded)
    raise TypeError(f"{message.name} brings no version")


def to_doc(version: Version) -> dict[str, Any]:
    """Return the JSON form of a version; `from_doc` of it is the same version. Source: A3"""
    kind = "calendar" if isinstance(version, CalendarVersion) else "policy"
    head = {"kind": kind, "source": version.source, "id": version.id, "recorded": version.recorded}
    return head | {"data": version.content.to_data()}


def from_doc(doc: dict[str, Any]) -> Version:
    """Return the version that a document describes. Source: A3"""
    if doc["kind"] == "calendar":
        return CalendarVersion(CalendarIssued.from_data(doc["data"]), doc["source"], doc["id"], doc["recorded"])
    return PolicyVersion(PolicyIssued.from_data(doc["data"]), doc["source"], doc["id"], doc["recorded"])


def calendar_for(calendars: Calendars, day: date) -> CalendarVersion:
    """Return the last of the calendars that covers a day.

    Raises:  NoCalendar: a year without a calendar is never a silent "no holidays".        Source: A3
    """
    for calendar in reversed(calendars):
        if calendar.covers(day):
            return calendar
    raise NoCalendar(day)


def rest_day(calendars: Calendars, day: date) -> RestDay | None:
    """Return why a day is no working day, or None when it is worked.

    Raises:  NoCalendar.        Source: A3
    """
    return calendar_for(calendars, day).rest(day)


def later_day(day: date, days: int = 1) -> date:
    """Return the day so many days later.

    Raises:  NoCalendar at the end of all calendars.        Source: A3
    """
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise NoCalendar(day) from None
