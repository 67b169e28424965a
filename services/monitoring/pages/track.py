"""The due track: the rule of a due date drawn as one cell per day, and how far time has gone in it; pure.

Never drawn for what is waived, void or without a date.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import Phase, State
from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp, close_of, end_day, shift, to_instant, to_local
from services.monitoring.algebra.obligations import state_at
from services.monitoring.pages.words import Sentence, Words

Doc = Mapping[str, Any]
# Source: the procedure's home page: due within 24 h
SOON_S = 24 * 3600
DUE_SOON = "DUE_SOON"
WIDTH, HEIGHT = 112.0, 18
_ROOM, _GAP = 92.0, 2.0
_DAY = timedelta(days=1)
_DAYS_BEFORE = 3
KINDS = {State.OPEN: "open", DUE_SOON: "due", State.ON_TIME: "ok", State.LATE: "late", State.MISSED: "miss"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A local day. Shape: kind is event (not counted), day or rolled; filled is the width that has passed."""

    x: float
    width: float
    kind: str
    filled: float


@dataclass(frozen=True, slots=True)
class Track:
    """The drawing of one due date.

    Shape:   kind is that of the state's mark; end is arrow (nothing yet), dot (shown, at dot_x) or empty.
    """

    kind: str
    cells: tuple[Cell, ...]
    due_x: float
    end: str
    dot_x: float
    label: Sentence
    width: float = WIDTH
    height: int = HEIGHT


def badge_of(doc: Doc, now: Stamp) -> str:
    """Return the state as a page shows it: what is open and due within a day is due soon. Source: R20"""
    is_soon = doc["state"] == State.OPEN and doc["due_at"] is not None and doc["due_at"] <= shift(now, SOON_S)
    return DUE_SOON if is_soon else str(doc["state"])


def count_badges(owed: Iterable[Doc], now: Stamp) -> Counter[str]:
    """Return how many obligations a page shows in which state as of now, in the order of their first. Source: R20"""
    return Counter(badge_of(state_at(obligation, now), now) for obligation in owed)


def track(doc: Doc, now: Stamp, words: Words) -> Track | None:
    """Return the due track of an obligation as it is now, None for what has none. Source: 3.4, A3"""
    kind = KINDS.get(badge_of(doc, now))
    if kind is None or doc["due_at"] is None:
        return None
    days = _days_before(doc) if doc["phase"] == Phase.PRE else days_after(doc)
    due, seen = to_instant(doc["due_at"]), doc["discharged_at"]
    until = to_instant(seen) if seen is not None and doc["state"] == State.ON_TIME else min(to_instant(now), due)
    width = (_ROOM - _GAP * (len(days) - 1)) / len(days)
    cells = tuple(
        Cell(_at(place, width), round(width, 1), name, 0.0 if name == "event" else _passed(begin, end, until) * width)
        for place, (name, begin, end) in enumerate(days)
    )
    end, dot_x = _mark(doc, seen, [(begin, end) for _, begin, end in days], width)
    ended = {"end": words.formats.date(doc["ended_at"]), "due": words.formats.due(doc["due_at"])}
    return Track(kind, cells, round(_ROOM + _GAP, 1), end, dot_x, Sentence(N_("Hạn %(due)s, kết thúc %(end)s"), ended))


Day = tuple[str, datetime, datetime]


def days_after(doc: Doc) -> list[Day]:
    """Return the event's day, the counted days and those that rest days added. Source: 3.4, A3

    Shape:   each is (kind, begin, end).
    """
    first = end_day(doc["started_at"], doc["ended_at"])
    last = (to_local(doc["due_at"]) - timedelta(microseconds=1)).date()
    plain = doc["strict_due_at"] or doc["due_at"]
    days: list[Day] = []
    for number in range((last - first).days + 1):
        day = first + _DAY * number
        close = to_instant(close_of(day))
        name = "event" if number == 0 else "day" if close_of(day) <= plain else "rolled"
        days.append((name, close - _DAY, close))
    return days


def _days_before(doc: Doc) -> list[Day]:
    """The last days before the event begins; nothing is counted here, so all are alike."""
    due = to_instant(doc["due_at"])
    return [("day", due - _DAY * number, due - _DAY * (number - 1)) for number in range(_DAYS_BEFORE, 0, -1)]


def _passed(begin: datetime, end: datetime, until: datetime) -> float:
    return round(min(1.0, max(0.0, (until - begin) / (end - begin))), 3)


def _at(place: int, width: float) -> float:
    return round(place * (width + _GAP), 1)


def _mark(doc: Doc, seen: Stamp | None, days: list[tuple[datetime, datetime]], width: float) -> tuple[str, float]:
    if doc["state"] == State.MISSED:
        return "arrow", 0.0
    if doc["state"] == State.LATE:
        return "dot", WIDTH - 6
    if doc["state"] != State.ON_TIME or seen is None:
        return "", 0.0
    shown_at = to_instant(seen)
    for place, (begin, end) in enumerate(days):
        if shown_at < end:
            return "dot", round(_at(place, width) + _passed(begin, end, shown_at) * width, 1)
    return "dot", _ROOM
