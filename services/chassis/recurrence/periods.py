"""The periods of recurring work: each from one occurrence's day to the day of the next by its rule; pure.

It must never know what recurs, nor whether it was done.
"""

import re
from datetime import date, datetime, time
from itertools import pairwise
from typing import NamedTuple

from dateutil.rrule import rrulestr

from contracts.times import format_time
from services.chassis.web.formats import LOCAL

# What stops a recurrence; the end of its last period is where it would have come again.
_ENDS = re.compile(r";?(UNTIL|COUNT)=[^;]*")
_UNTIL = re.compile(r"UNTIL=(\d{8}T\d{6})Z")


class Period(NamedTuple):
    """From the beginning of one day until that of another, exclusive, as fixed texts of instants."""

    begins_at: str
    ends_at: str


def periods(recurrence: str, starts_on: date, ends_on: date) -> tuple[Period, ...]:
    """The periods that begin within these days, both included; none when the rule cannot be read or never comes true.

    Source: R21 (each occurrence is done or not by the end of its period)
    """
    begins = (format_time(datetime.combine(day, time.min, LOCAL)) for day in _days(recurrence, starts_on, ends_on))
    return tuple(Period(*pair) for pair in pairwise(begins))


def _days(recurrence: str, starts_on: date, ends_on: date) -> list[date]:
    """The days of occurrence, and the day after them on which the rule would come again; none if unreadable."""
    start, last = datetime.combine(starts_on, time.min), datetime.combine(ends_on, time.max)
    text = _UNTIL.sub(_floating, recurrence.strip().upper().removeprefix("RRULE:").rstrip(";"))
    try:
        rule, endless = rrulestr(text, dtstart=start), rrulestr(_ENDS.sub("", text).strip(";"), dtstart=start)
        days = sorted({at.date() for at in rule.between(start, last, inc=True)})
        following = endless.after(datetime.combine(days[-1], time.max)) if days else None
    except Exception:  # dateutil answers odd texts with errors of many kinds
        return []
    return [*days, *((following.date(),) if following else ())]


def _floating(until: re.Match[str]) -> str:
    """UNTIL as local wall time: dateutil wants rule and start both with a zone or both without."""
    return f"UNTIL={datetime.fromisoformat(until[1] + '+00:00').astimezone(LOCAL):%Y%m%dT%H%M%S}"
