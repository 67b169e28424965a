"""What became of each source's messages, as numbers for people: a guide and not an account.

It must never cost a request a write of its own, nor fail one: a few seconds of counting may be lost with the process.
"""

import time
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from services.chassis.unit import Collection

if TYPE_CHECKING:
    from services.chassis.store import Store

EACH_S = 5.0
REFUSED, SPENT = "REFUSED", "OVER_QUOTA"
COUNTED = ("ACCEPTED", "DUPLICATE", "QUARANTINED", REFUSED, SPENT)
TALLIES = Collection("tallies")


class Tallies:
    """The counts by source: kept here for a few seconds, then added to what is stored."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._counts: Counter[tuple[str, str]] = Counter()
        self._flushed_at = time.monotonic()

    async def note(self, source: str, outcomes: Iterable[str]) -> None:
        """Count what became of some messages of a source."""
        self._counts.update((source, outcome) for outcome in outcomes)
        if time.monotonic() - self._flushed_at >= EACH_S:
            await self.flush()

    async def flush(self) -> None:
        """Add what was counted to what is stored; without the database it is kept for the next time."""
        taken, self._counts, self._flushed_at = self._counts, Counter(), time.monotonic()
        sums: dict[str, dict[str, int]] = {}
        for (source, outcome), count in taken.items():
            sums.setdefault(source, {})[outcome] = count
        writes = [UpdateOne({"_id": source}, {"$inc": counts}, upsert=True) for source, counts in sums.items()]
        try:
            if writes:
                await self._store.raw("tallies").bulk_write(writes, ordered=False)
        except PyMongoError:
            self._counts.update(taken)

    async def by_source(self) -> dict[str, dict[str, int]]:
        """All counts by source, those of this process included."""
        await self.flush()
        rows: list[dict[str, Any]] = await self._store.find("tallies", {})
        return {row["_id"]: {name: int(row.get(name, 0)) for name in COUNTED} for row in rows}
