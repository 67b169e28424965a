"""Until when calendars cover the days; pure.

Never a gap that is passed over: a year without a calendar is never a silent "no holidays".
"""

from collections.abc import Iterable
from datetime import date, timedelta

from services.monitoring.algebra.calendars import CalendarVersion


def covered_until(calendars: Iterable[CalendarVersion], day: date) -> date | None:
    """Return the last day of those that calendars cover one after the other from a day on.

    Shape:   a day that none covers: the last covered day before it, or None when there is none.
    Source:  the obligation, No calendar
    """
    spans = sorted((one.content.covers for one in calendars), key=lambda span: span[0])
    last: date | None = None
    for first, end in spans:
        if first > day and (last is None or first > last + timedelta(days=1)):
            break
        last = end if last is None else max(last, end)
    return last
