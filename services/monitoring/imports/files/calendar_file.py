"""A calendar's bytes (iCalendar, RFC 5545) -> its events, one by one; what recurs as each of its times.

Pure. Never takes a calendar's own word for a time zone, nor anything that people wrote to each other in it: guests,
organisers and descriptions stay where they are.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from icalendar import Event

from services.monitoring.imports.files.faults import MAX_FAULTS, ImportFault
from services.monitoring.imports.files.recurrence import event_id_of, replaces, times_of
from services.monitoring.imports.files.rows import CANCELLED, MAX_ROWS, Given, LeftOut, Reading, Row
from services.monitoring.imports.files.stamps import PropertyFault, instant_of, length_of, one, text

_FOLD = re.compile(rb"\r?\n[ \t]")
_BEGIN, _END, _DEEPEST = "BEGIN:", "END:", 4
_MAX_TITLE = 300
# what a calendar keeps to itself: why it is left out
_LEFT_OUT = {
    ("CLASS", "PRIVATE"): "private",
    ("CLASS", "CONFIDENTIAL"): "private",
    ("STATUS", "TENTATIVE"): "tentative",
}
_TEXTS = {"title": "SUMMARY", "place": "LOCATION", "url": "URL"}
_PLACES = {**_TEXTS, "event_id": "UID", "started_at": "DTSTART", "ended_at": "DTEND", "reason": "STATUS"}


@dataclass(slots=True)
class _Found:
    """What was read so far: events, the times of recurring ones, and those that stand for one such time."""

    given: Given
    is_cancelled: bool
    rows: list[Row] = field(default_factory=list)
    repeated: list[Row] = field(default_factory=list)
    faults: list[ImportFault] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def all_rows(self) -> tuple[Row, ...]:
        """The rows, of a time that an event of its own stands for only that event."""
        stated = {row.data["event_id"] for row in self.rows}
        return (*self.rows, *(row for row in self.repeated if row.data["event_id"] not in stated))


def read_calendar(raw: bytes, given: Given) -> Reading:
    """Return the events of the calendar as rows, or all its faults."""
    try:
        lines = [line for line in _FOLD.sub(b"", raw).decode("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError:
        return Reading(faults=(ImportFault("", "calendar-not-utf8"),))
    blocks = _events_in(lines)
    if not blocks:
        return Reading(faults=(ImportFault("", "calendar-broken" if blocks is None else "nothing-in-it"),))
    found = _Found(given, any(line.replace(" ", "").upper() == "METHOD:CANCEL" for line in lines))
    for ordinal, block in enumerate(blocks, 1):
        _read_event(found, f"VEVENT {ordinal}", block)
        if max(len(blocks), len(found.rows) + len(found.repeated)) > MAX_ROWS:
            return Reading(faults=(ImportFault("", "too-many-events", {"limit": MAX_ROWS}),))
    faults = tuple(found.faults[:MAX_FAULTS])
    return Reading(found.all_rows(), faults, tuple(found.left_out))


def _events_in(lines: list[str]) -> list[str] | None:
    """The lines of each event without what it holds inside; None when the parts do not close as they were opened."""
    events: list[str] = []
    opened: list[str] = []
    current: list[str] = []
    for line in lines:
        said = line.strip().upper()
        if said.startswith(_BEGIN):
            opened.append(said.removeprefix(_BEGIN))
            current = [] if opened[1:] == ["VEVENT"] else current
            if opened[0] != "VCALENDAR" or len(opened) > _DEEPEST:
                return None
        elif said.startswith(_END):
            if opened[1:] == ["VEVENT"]:
                events.append("\r\n".join(("BEGIN:VEVENT", *current, "END:VEVENT", "")))
            if not opened or opened.pop() != said.removeprefix(_END):
                return None
        elif opened[1:] == ["VEVENT"]:
            current.append(line)
    return None if opened or not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR" else events


def _read_event(found: _Found, place: str, block: str) -> None:
    """Add one event's rows, or why there are none."""
    try:
        event = Event.from_ical(block)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        return found.faults.append(ImportFault(place, "calendar-broken"))
    why = next((why for (name, value), why in _LEFT_OUT.items() if text(event, name).upper() == value), "")
    if why:
        title = "" if why == "private" else text(event, "SUMMARY")[:_MAX_TITLE]
        return found.left_out.append(LeftOut(place, title, why))
    faults = [ImportFault(f"{place}, {name}" if name else place, "property-unreadable") for name, _ in event.errors]
    broken = {name for name, _ in event.errors}
    needed = ("UID", "DTSTART") if _is_off(found, event) else ("UID", "DTSTART", "SUMMARY")
    faults += [
        ImportFault(f"{place}, {name}", "property-missing")
        for name in needed
        if name not in broken and not text(event, name)
    ]
    try:
        if not faults:
            _take(found, place, event)
    except PropertyFault as wrong:
        faults.append(ImportFault(f"{place}, {wrong.name}", wrong.rule, wrong.params))
    except OverflowError:  # an end beyond the year 9999
        faults.append(ImportFault(place, "property-unreadable"))
    return found.faults.extend(faults[:MAX_FAULTS])


def _is_off(found: _Found, event: Any) -> bool:
    return found.is_cancelled or text(event, "STATUS").upper() == "CANCELLED"


def _take(found: _Found, place: str, event: Any) -> None:
    """Add the event, or each of its times, to the rows."""
    started_at, replaced = instant_of(one(event, "DTSTART"), "DTSTART"), replaces(event)
    length = length_of(event, started_at)
    times = None if replaced else times_of(event, started_at)
    if times is None:
        found.rows.append(_row(found, place, event, at=(started_at, started_at + length), named_at=replaced))
        return
    for at in times:
        found.repeated.append(_row(found, place, event, at=(at, at + length), named_at=at))


def _row(found: _Found, place: str, event: Any, *, at: tuple[datetime, datetime], named_at: datetime | None) -> Row:
    version = one(event, "SEQUENCE")
    data = {"event_id": event_id_of(text(event, "UID"), named_at)}
    kind = CANCELLED
    if not _is_off(found, event):
        said = {name: " ".join(text(event, key).split()) for name, key in _TEXTS.items()}
        times = {"started_at": at[0].isoformat(), "ended_at": at[1].isoformat()}
        data |= {name: value for name, value in {**said, "unit": found.given.unit, **times}.items() if value}
        kind = found.given.kind_of(at[1])
    places = {name: f"{place}, {key}" for name, key in _PLACES.items()}
    return Row(place, kind, data, places, int(version) if isinstance(version, int) else 0)
