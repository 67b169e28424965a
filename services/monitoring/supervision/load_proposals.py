"""What the page of proposed merges needs, asked for together; it must never decide, nor show."""

import asyncio
import time
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from services.chassis.store import Store
from services.monitoring.algebra.instants import Stamp, close_of, days_of, shift, to_stamp
from services.monitoring.pages import loading
from services.monitoring.pages.view_duties import years_around
from services.monitoring.reading import queries
from services.monitoring.reading.board import KEPT_S, KEPT_TIMES, OLD_AFTER
from services.monitoring.supervision import proposal_queries, view_proposals
from services.monitoring.supervision.view_proposals import ProposalsView

if TYPE_CHECKING:
    from services.chassis.app import Service

PAGE_PAIRS, LATEST_APART = 20, 10
# Units: seconds. The first page counts what began lately; the page of a school year has all.
RECENT_S = 30 * 86_400


class RecentCount:
    """How many pairs of the last days wait for a word: counted for all readers together, while they are shown the last.

    It is counted anew, and waited for, once somebody has decided or the domain's clock has moved on.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: int | None = None
        self._as_of: datetime | None = None
        self._until_s = 0.0
        self._task: asyncio.Task[None] | None = None

    async def read(self, now: datetime) -> int:
        """The count as of now or a little before."""
        if self._found is None or self._as_of is None or abs(now - self._as_of) > OLD_AFTER:
            await self._renew(now)
        elif time.monotonic() > self._until_s and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._renew(now))
        return self._found or 0

    def forget(self) -> None:
        """Count anew for the next reader."""
        self._found = None

    async def _renew(self, now: datetime) -> None:
        began, at = time.monotonic(), to_stamp(now)
        self._found = len(await proposal_queries.pairs(self._store, shift(at, -RECENT_S), shift(at, RECENT_S)))
        self._as_of, took_s = now, time.monotonic() - began
        self._until_s = time.monotonic() + max(KEPT_S, KEPT_TIMES * took_s)


@cache
def recent_count_of(store: Store) -> RecentCount:
    """The one count of a running service."""
    return RecentCount(store)


async def recent_count(service: "Service") -> int:
    """How many pairs of the last days wait for a word, now or a little before."""
    return await recent_count_of(service.store).read(service.clock.now())


def span_of(school_year: str) -> tuple[Stamp, Stamp]:
    """From when to when a school year is, by its local days."""
    first, last = days_of(school_year)
    return close_of(first - timedelta(days=1)), close_of(last)


async def page(service: "Service", spoken: str, school_year: str) -> ProposalsView:
    """All that the page of proposals shows of a school year."""
    store = service.store
    found = await proposal_queries.pairs(store, *span_of(school_year))
    keys = {key for pair in found[:PAGE_PAIRS] for key in (pair.first, pair.second)}
    docs = {doc["_id"]: doc for doc in await store.find("events", {"_id": {"$in": sorted(keys)}})}
    owed = await queries.obligations_of(store, sorted(keys))
    settled = await proposal_queries.latest_apart(store, limit=LATEST_APART)
    titles = await queries.titles(store, (key for doc in settled for key in doc["events"]))
    words = await loading.words_in(service, spoken, (doc["by"] for doc in settled))
    shown = [pair for pair in found[:PAGE_PAIRS] if pair.first in docs and pair.second in docs]
    now = to_stamp(service.clock.now())
    return ProposalsView(
        school_year=school_year,
        years=years_around(loading.school_year_at(now)),
        count=len(found),
        pairs=tuple(view_proposals.pair_view(pair, docs, owed, at=(now, words)) for pair in shown),
        settled=tuple(view_proposals.settled_row(doc, titles, words) for doc in settled),
    )
