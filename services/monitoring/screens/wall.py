"""The operators' wall screen: what is missed and due, how the channels stand, whether the data are fresh; pure.

Never a control, and never a number that may be old without saying so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.codes import State
from services.chassis.web.strip import Strip, StripItem
from services.monitoring.algebra.instants import Stamp
from services.monitoring.pages.view_duties import DutyRow, duty_row
from services.monitoring.pages.view_home import Counts, YearView
from services.monitoring.pages.words import Words
from services.monitoring.reading.figures import Rate

Doc = Mapping[str, Any]
ROWS, MISSED_ROWS, CHANNELS = 7, 4, 8


@dataclass(frozen=True, slots=True)
class WallChannel:
    """How a channel requirement stands this school year."""

    name: str
    rate: Rate
    missed: int


@dataclass(frozen=True, slots=True)
class WallView:
    """All of the screen. Shape: oldest is the due date of the miss that stands longest; as_of None is not known."""

    now: Stamp
    weekday: str
    counts: Counts
    oldest: Stamp | None
    rows: tuple[DutyRow, ...]
    channels: tuple[WallChannel, ...]
    rate: Rate | None
    school_year: str
    rooms: Sequence[StripItem]
    as_of: Any
    is_stale: bool


def wall_view(
    counts: Counts,
    due: tuple[Sequence[Doc], Sequence[Doc]],
    *,
    year: YearView | None,
    strip: Strip,
    at: tuple[Stamp, Words],
) -> WallView:
    """Return the screen: the longest misses first, then what is due next. Source: 4.0, 4.1 (supervision is continuous)

    Shape:   due are the docs missed and those due soon; at is the instant and how it is told.
    """
    (missed, due_soon), (now, words) = due, at
    shown = [*missed[: max(MISSED_ROWS, ROWS - len(due_soon))], *due_soon][:ROWS]
    return WallView(
        now=now,
        weekday=words.weekday(now),
        counts=counts,
        oldest=missed[0]["due_at"] if missed else None,
        rows=tuple(duty_row(doc, now, words) for doc in shown),
        channels=tuple(_channels(year)) if year else (),
        rate=year.whole.on_time if year else None,
        school_year=year.school_year if year else "",
        rooms=strip.items,
        as_of=strip.as_of,
        is_stale=strip.is_stale or strip.as_of is None,
    )


def _channels(year: YearView) -> Iterable[WallChannel]:
    for bar in year.requirements[:CHANNELS]:
        yield WallChannel(bar.name, bar.rate, bar.counts[State.MISSED])
