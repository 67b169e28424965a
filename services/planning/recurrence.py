"""When a routine item recurs (RFC 5545, RECUR); pure, and it ends for every text, however odd."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import NamedTuple

from dateutil.rrule import rrule, rrulestr

from services.planning.school_years import LOCAL, SchoolYearDates

# A year in which every rule that can come true has come true before the calendar of dateutil ends.
FAR = datetime(9980, 1, 1)  # noqa: DTZ001 - wall time of no zone, as RFC 5545 calls it floating
# Source: R21 (each occurrence is judged by the end of its period, so a period is a day at least)
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
# Nothing finer than a day (BYHOUR...), and nothing that RFC 5545 does not know (BYEASTER, X-names).
_PART = re.compile(
    "FREQ=[A-Z]{5,7}|WKST=[A-Z]{2}|(INTERVAL|COUNT)=[1-9][0-9]{0,3}|UNTIL=[0-9TZ]{8,16}"
    "|(BYMONTH|BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYDAY|BYSETPOS)=[A-Z0-9,+-]{1,200}"
)
_UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")


class RecurrenceInvalid(ValueError):
    """The text is no recurrence that a plan may have."""


class Recurrence(NamedTuple):
    """A recurrence: its rule's parts without UNTIL, and until when."""

    parts: dict[str, str]
    until: datetime | None

    def rule(self, start: datetime) -> "rrule":
        """The rule from a local start on, as floating time."""
        text = ";".join(f"{name}={value}" for name, value in self.parts.items())
        made = rrulestr(text, dtstart=start)
        assert isinstance(made, rrule)
        return made.replace(until=self.until) if self.until else made


def parse(text: str) -> Recurrence:
    """Read a recurrence such as FREQ=WEEKLY;BYDAY=MO, with or without RRULE: in front.

    Raises:  RecurrenceInvalid when it is none, is oftener than daily, or can never come true.        Source: R03, 1.7
    """
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _, value = part.partition("=")
        if not _PART.fullmatch(part) or name in parts:
            raise RecurrenceInvalid(part)
        parts[name] = value
    if parts.get("FREQ") not in FREQUENCIES:
        raise RecurrenceInvalid("FREQ")
    if "UNTIL" in parts and "COUNT" in parts:
        raise RecurrenceInvalid("UNTIL, COUNT")
    until = _until(parts.pop("UNTIL")) if "UNTIL" in parts else None
    found = Recurrence(parts, until)
    _check_it_can_come_true(found)
    return found


def _until(text: str) -> datetime:
    match = _UNTIL.fullmatch(text)
    if match is None:
        raise RecurrenceInvalid("UNTIL")
    *numbers, zulu = match.groups()
    try:
        at = datetime(*(int(n) for n in numbers if n is not None))  # type: ignore[arg-type]  # noqa: DTZ001 - as FAR
        if numbers[3] is None:
            return at.replace(hour=23, minute=59, second=59)
        return at.replace(tzinfo=UTC).astimezone(LOCAL).replace(tzinfo=None) if zulu else at
    except (ValueError, OverflowError) as error:
        raise RecurrenceInvalid("UNTIL") from error


def _check_it_can_come_true(found: Recurrence) -> None:
    endless = {name: value for name, value in found.parts.items() if name != "COUNT" or not value.isdecimal()}
    try:
        first = next(iter(Recurrence(endless, None).rule(FAR)), None)
    except Exception as error:  # dateutil answers odd texts with errors of many kinds
        raise RecurrenceInvalid(type(error).__name__) from error
    if first is None:
        raise RecurrenceInvalid("never")


def occurrences(text: str, dates: SchoolYearDates) -> Iterator[datetime]:
    """The school year's occurrences in their order, as local instants.

    Raises:  RecurrenceInvalid, when the first is asked for.        Source: R03, R21
    """
    for at in parse(text).rule(datetime.combine(dates.starts_on, time.min)):
        if at.date() > dates.ends_on:
            return
        yield at.replace(tzinfo=LOCAL)


def next_after(text: str, dates: SchoolYearDates, after: datetime | None = None) -> datetime | None:
    """The school year's first occurrence after an instant, or its first of all; None when there is none.

    Raises:  RecurrenceInvalid.        Source: R03, R21
    """
    return next((at for at in occurrences(text, dates) if after is None or at > after), None)
