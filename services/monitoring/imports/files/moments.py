"""What a cell says about when: day and time of the place, or why that is not clear.

Pure. Never guesses between two readings of a date.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from openpyxl.utils.datetime import from_excel

LOCAL = timezone(timedelta(hours=7))
_DAY = r"(?P<day>\d{1,2})[/.\-](?P<month>\d{1,2})[/.\-](?P<year>\d{4}|\d{2})"
_ISO_DAY = r"(?P<year>\d{4})[\-/](?P<month>\d{1,2})[\-/](?P<day>\d{1,2})"
_TIME = (
    r"(?:[ ,T]+(?P<hour>\d{1,2})(?:[:hg](?P<minute>\d{2})?)(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>AM|PM|SA|CH)?\s*(?P<offset>Z|[+-]\d{2}:\d{2})?)?"
)
_FORMS = tuple(re.compile(f"{day}{_TIME}", re.IGNORECASE) for day in (_ISO_DAY, _DAY))
# serial numbers of 2000-01-01 to 2099-12-31: what else is a number is no day of ours
_SERIALS = range(36_526, 73_051)
_AFTERNOON, _HALVES = ("PM", "CH"), 12


@dataclass(frozen=True, slots=True)
class Moment:
    """When. Shape: at is UTC; without a time of day it is the day's beginning in Vietnam."""

    at: datetime
    has_time: bool

    @property
    def day_after(self) -> datetime:
        """The end of the day that it names."""
        return self.at + timedelta(days=1)


def moment_of(value: Any, epoch: datetime) -> Moment | str:
    """Return when the cell's value says, or the rule that it breaks.

    Shape:   epoch is where the workbook's day numbers begin.
    """
    if isinstance(value, (bool, time, timedelta)):
        return "date-unreadable"
    if isinstance(value, (int, float)):
        return _of_number(value, epoch)
    if isinstance(value, datetime):
        return _local(value, has_time=value.time() != time())
    if isinstance(value, date):
        return _local(datetime.combine(value, time()), has_time=False)
    return _of_text(str(value).strip())


def _of_number(value: float, epoch: datetime) -> Moment | str:
    if not _SERIALS.start <= value < _SERIALS.stop:
        return "date-number"
    read = from_excel(value, epoch)
    return moment_of(read, epoch) if isinstance(read, (datetime, date)) else "date-number"


def _of_text(text: str) -> Moment | str:
    match = next((found for form in _FORMS if (found := form.fullmatch(text))), None)
    if match is None:
        return "date-unreadable"
    if len(match["year"]) < 4:
        return "date-year-short"
    if int(match["month"]) > 12 >= int(match["day"]):
        return "date-month-first"
    try:
        return _read(match)
    except (ValueError, OverflowError):
        return "date-unreadable"


def _read(match: re.Match[str]) -> Moment:
    day = datetime(int(match["year"]), int(match["month"]), int(match["day"]), tzinfo=LOCAL)
    if match["hour"] is None:
        return _local(day, has_time=False)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    half = (match["half"] or "").upper()
    if half:
        if not 1 <= hour <= _HALVES:
            raise ValueError("no hour of half a day")
        hour = hour % _HALVES + (_HALVES if half in _AFTERNOON else 0)
    is_end_of_day = (hour, minute, second) == (24, 0, 0)
    at = day + timedelta(days=1) if is_end_of_day else day.replace(hour=hour, minute=minute, second=second)
    if match["offset"]:
        said = f"{at:%Y-%m-%dT%H:%M:%S}{match['offset'].upper()}"
        return Moment(datetime.fromisoformat(said).astimezone(UTC), has_time=True)
    return _local(at, has_time=True)


def _local(at: datetime, *, has_time: bool) -> Moment:
    """The moment of a local time; a spreadsheet's fractions of a day are a little beside the second."""
    near = (at + timedelta(milliseconds=500)).replace(microsecond=0)
    return Moment((near if near.tzinfo else near.replace(tzinfo=LOCAL)).astimezone(UTC), has_time)
