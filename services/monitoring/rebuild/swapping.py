"""How the staged documents take the place of the live ones while the service goes on; it must never judge.

Whoever judges reads the head of the reference data in its own transaction. `moving_until` in it sends all of them away
for a moment (`reference.Moving`: tried again, as after any conflict). Those that had read it before hold a lock on some
collection until they end, and an exclusive look at each collection waits for them. From then on nothing is judged, what
was announced is sent, the rest of the topics is read, and two renames put the documents in their place. A rebuild that
dies here leaves the mark behind, which is over by itself.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from pymongo.write_concern import WriteConcern

from services.chassis.clock import wall_now
from services.chassis.store import OWN_COLLECTIONS, Store
from services.monitoring import storage
from services.monitoring.rebuild.staging import MOVED, Staging
from services.monitoring.reference import HEAD

STILL_S = 20.0
DRAIN_S = 6.0
POLL_S = 0.02


class NotStill(Exception):
    """The service could not be brought to a standstill in time; nothing was replaced, and it goes on."""


async def swap(live: Store, staging: Staging, *, last: Callable[[], Awaitable[None]]) -> float:
    """Hold all judging, do what is left (`last`), rename; return for how many seconds judging was held.

    Raises:  NotStill.
    """
    began = time.monotonic()
    async with held(live):
        await _drained(live)
        await last()
        if time.monotonic() - began > STILL_S / 2:
            raise NotStill(f"the last step took longer than {STILL_S / 2:.0f} s")
        for name in MOVED:
            await staging.raw(name).rename(name, dropTarget=True)
    return time.monotonic() - began


@contextlib.asynccontextmanager
async def held(live: Store) -> AsyncIterator[None]:
    """Nobody judges within; whoever did before is done."""
    await _mark(live, STILL_S)
    try:
        await _barrier(live)
        yield
    finally:
        await _mark(live, None)


async def _mark(live: Store, seconds: float | None) -> None:
    until = wall_now() + timedelta(seconds=seconds) if seconds else None
    heads = live.raw("reference").with_options(write_concern=WriteConcern("majority"))
    fresh = {"kind": HEAD, "count": 0, "schema_version": 1, "o": 0}
    change = {"$set": {"moving_until": until}, "$inc": {"v": 1}, "$setOnInsert": fresh}
    await heads.update_one({"_id": HEAD}, change, upsert=True)


async def _barrier(live: Store) -> None:
    """Wait for every transaction that has touched a collection: it keeps its lock on it to its end."""
    existing = set(await live.database.list_collection_names())
    for definition in (*storage.COLLECTIONS, *OWN_COLLECTIONS):
        if definition.name in existing:
            await live.database.command("collMod", definition.name)


async def _drained(live: Store) -> None:
    """Wait until all that was announced is in Kafka."""
    until = time.monotonic() + DRAIN_S
    while await live.raw("outbox").find_one({"st": 0}, projection={"_id": 1}):
        if time.monotonic() > until:
            raise NotStill("announcements still wait in the outbox: does the service run, and Kafka answer?")
        await asyncio.sleep(POLL_S)
