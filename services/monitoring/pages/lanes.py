"""The lanes of an event: one line of time per obligation, with what was sent, shown and due on it; pure.

Never the only place of a fact: the table and the timeline of the page say the same in words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contracts.codes import Phase
from services.monitoring.algebra.calendars import CalendarVersion, NoCalendar, rest_day
from services.monitoring.algebra.instants import Stamp, close_of, to_instant, to_local
from services.monitoring.pages.track import KINDS, badge_of
from services.monitoring.pages.words import Words

Doc = Mapping[str, Any]
LABEL, ROOM, LANE, HEAD = 210.0, 1170.0, 34.0, 34.0
NARROWEST, WIDEST, MOST_DAYS = 62.0, 234.0, 30
_DAY = timedelta(days=1)
_BEFORE = {Phase.PRE: 3, Phase.POST: 0}
_SENT = {"submitted": "sent", "delivery-failed": "failed"}


@dataclass(frozen=True, slots=True)
class DayColumn:
    """A local day as a column."""

    x: float
    name: str
    is_rest: bool
    is_today: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a lane. Shape: kind is sent, failed or shown."""

    x: float
    kind: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The line of one obligation: the dotted rule from `open_x` to `due_x`, the line of what was done on it.

    Shape:   said is written at the end of the line, on the side where there is room.
    """

    y: float
    name: str
    phase: str
    badge: str
    kind: str
    open_x: float
    due_x: float
    begin_x: float
    end_x: float
    marks: tuple[Mark, ...]
    said: str
    said_x: float
    said_anchor: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """The whole drawing. Shape: now_x is None when today is outside of it."""

    width: float
    height: float
    columns: tuple[DayColumn, ...]
    day_width: float
    lanes: tuple[Lane, ...]
    event_x: float
    event_width: float
    now_x: float | None
    label_width: float = LABEL
    lane_height: float = LANE
    head_height: float = HEAD


@dataclass(frozen=True, slots=True)
class _Scale:
    """Which days are drawn, and where an instant stands among them; what is outside stands at the edge."""

    first: date
    days: int
    day_width: float

    def place(self, stamp: Stamp) -> float:
        return (to_instant(stamp) - (to_instant(close_of(self.first)) - _DAY)) / _DAY

    def x(self, stamp: Stamp) -> float:
        return round(LABEL + self.day_width * min(max(self.place(stamp), 0.0), float(self.days)), 1)


def draw_lanes(
    owed: Iterable[Doc], facts: Iterable[Doc], now: Stamp, *, calendars: Sequence[CalendarVersion], words: Words
) -> Lanes | None:
    """Return the drawing for what is owed, None when there is nothing to draw.

    Shape:   owed are obligations as of now, not void; facts are those of the event.        Source: R20
    """
    dated = [doc for doc in owed if doc["due_at"] is not None]
    if not dated:
        return None
    sent = [fact for fact in facts if fact["kind"] in _SENT]
    ordered = sorted(dated, key=lambda doc: (doc["phase"] != Phase.PRE, doc["due_at"], doc["requirement"]))
    scale = _scale(ordered, sent)
    started, ended = scale.x(ordered[0]["started_at"]), scale.x(ordered[0]["ended_at"])
    return Lanes(
        width=LABEL + scale.day_width * scale.days,
        height=HEAD + LANE * len(ordered),
        columns=tuple(_columns(scale, now, calendars, words=words)),
        day_width=scale.day_width,
        lanes=tuple(_lane(doc, sent, now, at=(scale, number, words)) for number, doc in enumerate(ordered)),
        event_x=started,
        event_width=max(4.0, round(ended - started, 1)),
        now_x=scale.x(now) if 0 <= scale.place(now) <= scale.days else None,
    )


def _scale(owed: Sequence[Doc], sent: Iterable[Doc]) -> _Scale:
    event_day = to_local(owed[0]["started_at"]).date()
    firsts = [event_day - _DAY * _BEFORE[Phase(doc["phase"])] for doc in owed]
    firsts += [to_local(fact["recorded"]).date() for fact in sent]
    lasts = [(to_local(doc["due_at"]) - timedelta(microseconds=1)).date() for doc in owed]
    lasts += [to_local(doc["discharged_at"]).date() for doc in owed if doc["discharged_at"] is not None]
    first = max(min(firsts), event_day - _DAY * 7)
    days = min((max(lasts) - first).days + 2, MOST_DAYS)
    return _Scale(first, days, round(min(WIDEST, max(NARROWEST, ROOM / days)), 1))


def _columns(scale: _Scale, now: Stamp, calendars: Sequence[CalendarVersion], *, words: Words) -> Iterable[DayColumn]:
    today = to_local(now).date()
    for number in range(scale.days):
        day = scale.first + _DAY * number
        name = words.day(close_of(day - _DAY))
        yield DayColumn(round(LABEL + scale.day_width * number, 1), name, _is_rest(day, calendars), day == today)


def _is_rest(day: date, calendars: Sequence[CalendarVersion]) -> bool:
    try:
        return rest_day(tuple(calendars), day) is not None
    except NoCalendar:
        return False


def _lane(doc: Doc, sent: Iterable[Doc], now: Stamp, *, at: tuple[_Scale, int, Words]) -> Lane:
    scale, number, words = at
    badge = badge_of(doc, now)
    marks = sorted(
        (Mark(scale.x(fact["recorded"]), _SENT[fact["kind"]]) for fact in sent if _is_of(fact, doc)),
        key=lambda mark: mark.x,
    )
    shown_at, due_x = doc["discharged_at"], scale.x(doc["due_at"])
    open_x = min(scale.x(doc["ended_at"]) if doc["phase"] == Phase.POST else LABEL, due_x)
    end_x = scale.x(shown_at or now)
    marks = [mark for mark in marks if mark.x <= end_x]
    begin_x = marks[0].x if marks else due_x if badge == "MISSED" else end_x
    if shown_at:
        marks.append(Mark(end_x, "shown"))
    is_wide = end_x < LABEL + scale.day_width * (scale.days - 1.2)
    return Lane(
        y=HEAD + LANE * number + LANE / 2,
        name=words.code(doc["requirement"]),
        phase=doc["phase"],
        badge=badge,
        kind=KINDS.get(badge, "waive"),
        open_x=open_x,
        due_x=due_x,
        begin_x=min(begin_x, end_x),
        end_x=end_x,
        marks=tuple(marks),
        said=words.moment(shown_at) if shown_at else "",
        said_x=end_x + 12 if is_wide else end_x - 12,
        said_anchor="start" if is_wide else "end",
    )


def _is_of(fact: Doc, doc: Doc) -> bool:
    """Whether the fact is on the lane: material for any channel, or a failure on one of its channels."""
    return fact.get("channel") is None or fact["channel"] in doc["channels"]
