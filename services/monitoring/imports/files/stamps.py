"""The date and time properties of a calendar's event as instants; pure.

Never reads a time without a zone as anything but the clock of the place.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from services.monitoring.imports.files.moments import LOCAL
from services.monitoring.imports.files.zones import zone_named


class PropertyFault(Exception):
    """A property that cannot be used: its name, the rule, what fills the rule's words."""

    def __init__(self, name: str, rule: str, **params: object) -> None:
        super().__init__(f"{name} {rule}")
        self.name, self.rule, self.params = name, rule, params


def one(event: Any, name: str) -> Any:
    """A property's value, None when there is none; of one that is there several times, the first."""
    value = event.get(name)
    return value[0] if isinstance(value, list) else value


def text(event: Any, name: str) -> str:
    """A property as a text without blanks around it; empty when there is none."""
    return str(one(event, name) or "").strip()


def clock_of(value: Any, name: str, params: Mapping[str, Any] | None = None) -> tuple[datetime, tzinfo]:
    """The time that a property names by its own clock, and the zone of that clock; a date is its beginning.

    Raises:  PropertyFault for a zone that is not known, and for what is no date or time.
    """
    at, stated = value.dt, (value.params if params is None else params).get("TZID")
    if not isinstance(at, datetime):
        if not isinstance(at, date):
            raise PropertyFault(name, "property-unreadable")
        return datetime.combine(at, time()), LOCAL
    zone = (at.tzinfo or LOCAL) if stated is None else zone_named(str(stated))
    if zone is None:
        raise PropertyFault(name, "timezone-unknown")
    return at.replace(tzinfo=None), zone


def instant_of(value: Any, name: str, params: Mapping[str, Any] | None = None) -> datetime:
    """The UTC instant of a property; raises PropertyFault as `clock_of` does."""
    at, zone = clock_of(value, name, params)
    return to_utc(at, zone, name)


def to_utc(at: datetime, zone: tzinfo, name: str) -> datetime:
    """The UTC instant of a time in a zone; raises PropertyFault outside the years of the calendar."""
    try:
        return at.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        raise PropertyFault(name, "property-unreadable") from None


def listed(event: Any, name: str) -> Iterator[datetime]:
    """Yield the instants that RDATE or EXDATE list; raises PropertyFault for periods."""
    given = event.get(name)
    for values in given if isinstance(given, list) else [given] if given is not None else []:
        for value in getattr(values, "dts", []):
            if isinstance(value.dt, tuple):
                raise PropertyFault(name, "recurrence-unsupported")
            yield instant_of(value, name, values.params)


def length_of(event: Any, start: datetime) -> timedelta:
    """How long the event takes: until its end, by its duration, or of a date alone that day.

    Raises:  PropertyFault when start and end are not of one kind, or cannot be read.
    """
    started, ended, duration = (one(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    is_whole_day = not isinstance(started.dt, datetime)
    if ended is not None:
        if isinstance(ended.dt, datetime) == is_whole_day:
            raise PropertyFault("DTEND", "end-kind")
        return instant_of(ended, "DTEND") - start
    if duration is None:
        return timedelta(days=is_whole_day)
    if not isinstance(duration.dt, timedelta):
        raise PropertyFault("DURATION", "property-unreadable")
    return duration.dt
