"""The figures of a school year for pages: counted from all its obligations, but not anew for every reader.

It must never show old figures as new ones: what it gives carries the instant that it was counted at.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from services.chassis.store import Store
from services.monitoring.algebra.instants import Stamp, close_of, to_local, to_stamp
from services.monitoring.reading import queries
from services.monitoring.reading.figures import Cut, Doc, Row, TakenAway, Tally, see, taken_away

# Units: seconds of the machine. A count is kept for so many times as long as it worked.
KEPT_S, KEPT_TIMES, PATIENCE_S = 2.0, 20.0, 1.0
# So many obligations are counted at a stretch; a count that may rest then does, for so many times as long as that took.
STRETCH, RESTS_TIMES = 50, 9
# Source: 4.1, R16: topic areas are looked at by what was due lately, in whole local days, so that a list shows the same
RECENT_DAYS = 30
# Domain time that may pass before figures are called old.
OLD_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class YearFigures:
    """The figures of one school year, whole and cut, with what people took away after due.

    Shape:   recent are the topic areas by what of the year was due in recent_days, first and last.
    """

    school_year: str
    as_of: Stamp
    whole: Row
    by: dict[Cut, tuple[Row, ...]]
    recent: tuple[Row, ...]
    recent_days: tuple[date, date]
    taken: tuple[TakenAway, ...]


@dataclass(slots=True)
class _Kept:
    figures: YearFigures | None = None
    counted_at: datetime | None = None
    until_s: float = 0.0
    task: "asyncio.Task[None] | None" = field(default=None)


class Pace:
    """How a long count lets others be served in between, and how long it worked itself (seconds).

    Shape:   rests leaves most of the time to others: nobody waits for a count that only renews what is shown.
    """

    def __init__(self, *, rests: bool) -> None:
        self._rests = rests
        self.worked_s = 0.0

    async def stretches(self, docs: Sequence[Doc]) -> AsyncIterator[Sequence[Doc]]:
        """The documents, STRETCH at a time."""
        for at in range(0, len(docs), STRETCH):
            began = time.monotonic()
            yield docs[at : at + STRETCH]
            took_s = time.monotonic() - began
            self.worked_s += took_s
            await asyncio.sleep(RESTS_TIMES * took_s if self._rests else 0)


class Board:
    """Keeps the last figures of each school year that somebody looks at."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._years: dict[str, _Kept] = {}

    async def figures(self, school_year: str, now: datetime) -> YearFigures | None:
        """The figures as of now or a little before; None while a first count takes long."""
        kept = self._years.setdefault(school_year, _Kept())
        is_old = kept.counted_at is None or abs(now - kept.counted_at) > OLD_AFTER
        if (is_old or time.monotonic() > kept.until_s) and (kept.task is None or kept.task.done()):
            kept.task = asyncio.create_task(self._count(kept, school_year, now))
        if is_old and kept.task is not None:
            await asyncio.wait([kept.task], timeout=PATIENCE_S)
            if kept.task.done():
                kept.task.result()
        return kept.figures

    async def _count(self, kept: _Kept, school_year: str, now: datetime) -> None:
        pace = Pace(rests=kept.figures is not None)
        kept.figures = await count_year(self._store, school_year, to_stamp(now), pace=pace)
        kept.counted_at = now
        kept.until_s = time.monotonic() + max(KEPT_S, KEPT_TIMES * pace.worked_s)


def recent_days(now: Stamp) -> tuple[date, date]:
    """The last RECENT_DAYS local days that are over, first and last: what was due at the end of one is of that day."""
    yesterday = to_local(now).date() - timedelta(days=1)
    return yesterday - timedelta(days=RECENT_DAYS - 1), yesterday


@cache
def board_of(store: Store) -> Board:
    """The one board of a running service."""
    return Board(store)


async def count_year(store: Store, school_year: str, now: Stamp, *, pace: Pace) -> YearFigures:
    """Count all obligations of a school year into its rows."""
    recent, days = Tally(Cut.TOPIC_AREA), recent_days(now)
    since, until = close_of(days[0] - timedelta(days=1)), close_of(days[1])
    whole, cuts = Tally(None, school_year), {cut: Tally(cut) for cut in Cut}
    taken: list[TakenAway] = []

    def count(docs: Sequence[Doc]) -> None:
        for doc in docs:
            seen = see(doc, now)
            whole.count(doc, seen)
            if since < (doc["due_at"] or "") <= until:
                recent.count(doc, seen)
            for tally in cuts.values():
                tally.count(doc, seen)
        taken.extend(taken_away(docs, now))

    async for chunk in queries.year(store, school_year):
        async for docs in pace.stretches(chunk):
            count(docs)
    rows = {cut: tally.rows for cut, tally in cuts.items()}
    return YearFigures(school_year, now, whole.rows[0], rows, recent.rows, recent_days=days, taken=tuple(taken))
