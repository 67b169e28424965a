"""The times of an event that recurs, each by itself and no more of them than are bounded; pure.

Never goes on without end: a rule that names no end is refused, and so is one that names too many times.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid5

from dateutil.rrule import rrulestr

from contracts.envelope import NAMESPACE
from contracts.events import CancellationReport
from services.monitoring.imports.files.stamps import PropertyFault, clock_of, instant_of, listed, one, to_utc
from services.monitoring.intake.event_rules import text_of

MAX_TIMES = 200
MAX_YEARS = 3
_LONGEST = timedelta(days=366 * MAX_YEARS)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SIMPLE = re.compile(r"[A-Z0-9=;,+\-]{1,500}")
_LONGEST_ID = text_of(CancellationReport, "event_id").max_length


def event_id_of(uid: str, at: datetime | None) -> str:
    """The id of an event of a calendar, or of one of its times; what is too long is shortened to a digest."""
    named = uid if at is None else f"{uid}/{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return named if len(named) <= _LONGEST_ID else str(uuid5(NAMESPACE, f"calendar\n{named}"))


def replaces(event: Any) -> datetime | None:
    """Which time of a recurring event this one stands for; raises PropertyFault when it is for all from then on."""
    replaced = one(event, "RECURRENCE-ID")
    if replaced is None:
        return None
    if replaced.params.get("RANGE"):
        raise PropertyFault("RECURRENCE-ID", "recurrence-unsupported")
    return instant_of(replaced, "RECURRENCE-ID")


def times_of(event: Any, started_at: datetime) -> list[datetime] | None:
    """Return all times of an event that recurs, in order; None for one that does not.

    Raises:  PropertyFault when the recurrence is not taken.
    """
    rules, added = event.get("RRULE"), list(listed(event, "RDATE"))
    if rules is None and not added:
        return None
    times = {started_at, *added} if rules is None else {*_by_rule(event, rules), *added}
    kept = sorted(times - set(listed(event, "EXDATE")))
    if len(kept) > MAX_TIMES or (kept and kept[-1] > started_at + _LONGEST):
        raise _too_many()
    return kept


def _too_many() -> PropertyFault:
    return PropertyFault("RRULE", "recurrence-too-many", limit=MAX_TIMES, years=MAX_YEARS)


def _by_rule(event: Any, rules: Any) -> Iterator[datetime]:
    """The instants of the rule, counted by the clock of its own zone so that an hour stays the hour."""
    if isinstance(rules, list) or str(_first(rules, "FREQ")).upper() not in _FREQUENCIES:
        raise PropertyFault("RRULE", "recurrence-unsupported")
    count, until = _first(rules, "COUNT"), _first(rules, "UNTIL")
    if count is None and until is None:
        raise PropertyFault("RRULE", "recurrence-endless")
    if isinstance(count, int) and count > MAX_TIMES:
        raise _too_many()
    start, zone = clock_of(one(event, "DTSTART"), "DTSTART")
    last = start + _LONGEST
    if until is not None:
        at = until if isinstance(until, datetime) else datetime.combine(until, datetime.max.time())
        at = at.astimezone(zone).replace(tzinfo=None) if at.tzinfo else at
        if at > last:
            raise _too_many()
        last = at
    walls = _walls(rules, start, last, count=count if isinstance(count, int) else MAX_TIMES + 1)
    yield from (to_utc(wall, zone, "RRULE") for wall in walls)


def _walls(rules: Any, start: datetime, last: datetime, *, count: int) -> list[datetime]:
    """The rule's times by its own clock; always until an end, for a rule may go on to the year 9999 and find none."""
    parts = rules.to_ical().decode().upper().split(";")
    text = ";".join(part for part in parts if not part.startswith(("COUNT=", "UNTIL=")))
    if not _SIMPLE.fullmatch(text):
        raise PropertyFault("RRULE", "recurrence-unsupported")
    try:
        return list(islice(rrulestr(f"{text};UNTIL={last:%Y%m%dT%H%M%S}", dtstart=start), count))
    except (ValueError, OverflowError, TypeError):
        raise PropertyFault("RRULE", "recurrence-unsupported") from None


def _first(rules: Any, name: str) -> Any:
    value = rules.get(name)
    return value[0] if isinstance(value, list) else value
