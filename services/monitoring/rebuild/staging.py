"""The collections beside the live ones, and how far a rebuild that was broken off had come; it must never judge."""

import asyncio
import time
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import DESCENDING, DeleteMany, InsertOne
from pymongo.errors import BulkWriteError

from services.chassis.store import DUPLICATE, Store
from services.chassis.unit import Collection
from services.monitoring import storage
from services.monitoring.decisions import Doc
from services.monitoring.rebuild.known import BEHIND, Settled, overlay

if TYPE_CHECKING:
    from services.chassis.app import Service

BESIDE = "rebuilt_"
MOVED = ("events", "obligations")  # what takes the place of the live ones; all else is only ever added to
# named after how the records are spread over parts: a run that was broken off under another way cannot be gone on with
STATE, NOTES = "parts by beginning", "rebuild"
CHUNK = 200
Rows = dict[str, list[bytes]]  # encoded documents by collection
STAGED = tuple(one for one in storage.COLLECTIONS if one.name in MOVED)


class Staging(Store):
    """The store of the same service whose collections all stand beside the live ones, in the same database."""

    def __init__(self, service: "Service") -> None:
        live = service.store
        collections = (*STAGED, Collection("untold"), Collection(NOTES))
        super().__init__(live.client, live.database.name, source=live.source, collections=collections)
        self.live = live

    def raw(self, name: str) -> Any:
        """The driver's collection beside the live one."""
        return self.database[BESIDE + self.collection(name).name]

    async def begun(self) -> Doc | None:
        """The notes of a rebuild that was broken off."""
        return await self.raw(NOTES).find_one({"_id": STATE})  # type: ignore[no-any-return]

    async def note(self, **what: Any) -> None:
        """Write down how far it has come."""
        await self.raw(NOTES).update_one({"_id": STATE}, {"$set": what}, upsert=True)

    async def done(self, bucket: int) -> None:
        """Write down that a bucket's documents are all stored."""
        await self.raw(NOTES).update_one({"_id": STATE}, {"$addToSet": {"done": bucket}})

    async def clear(self) -> None:
        """Drop all of it."""
        for name in self._collections:
            await self.database.drop_collection(BESIDE + name)

    async def index(self) -> None:
        """Build all indexes, at once over what was stored without them: transactions need the collections too."""
        existing = set(await self.database.list_collection_names())
        for name in self._collections:
            if BESIDE + name not in existing:
                await self.database.create_collection(BESIDE + name)
        await asyncio.gather(*map(self.create_indexes, self._collections))

    async def order(self) -> int:
        """A place behind all that the live service has announced, for what is stored here: it announces after that."""
        newest = [
            await self.live.raw("outbox").find_one({"topic": topic}, sort=[("o", DESCENDING)], projection={"o": 1})
            for topic in ("events", "compliance")
        ]
        return max([time.time_ns() // 1000, *(int(row["o"]) for row in newest if row)])

    async def insert(self, rows: Rows) -> None:
        """Store documents of events that are not stored yet, or were by a run that was broken off."""
        for name, encoded in rows.items():
            if encoded:
                await _insert(self.raw(name), [RawBSONDocument(one) for one in encoded])

    async def hold_untold(self, keys: Sequence[str] | None = None) -> int:
        """Put what was announced in the place of what is judged otherwise; how many events the sweep has to judge.

        Shape:   keys are the events to look at; None: all.
        """
        order, held = await self.order(), 0
        where = {} if keys is None else {"_id": {"$in": list(keys)}}
        chunk: list[Doc] = []
        async for doc in self.raw("untold").find(where):
            chunk.append(doc)
            if len(chunk) == CHUNK:
                held += await self._hold(chunk, order)
                chunk = []
        return held + await self._hold(chunk, order)

    async def _hold(self, untold: list[Doc], order: int) -> int:
        if not untold:
            return 0
        keys = [doc["_id"] for doc in untold]
        announced = [one for doc in untold for one in doc["obligations"]]
        judged = await self.raw("obligations").find({"event": {"$in": keys}}).to_list(None)
        marked = {"schema_version": 1, "v": 1, "o": order}
        rows = [InsertOne(doc | marked) for doc in overlay(judged, announced)]
        await self.raw("obligations").bulk_write([DeleteMany({"event": {"$in": keys}}), *rows], ordered=True)
        await self.raw("events").update_many({"_id": {"$in": keys}}, {"$set": {"judged_under": BEHIND}})
        return len(keys)


def rows_of(settled: Settled, order: int) -> Rows:
    """The documents as they are stored, encoded: many processes do it, so that the one that stores has little left.

    In the order of their ids: the database then goes through its index once for all of them.

    Shape:   order as `Staging.order` gives it.
    """
    marked = {"schema_version": 1, "v": 1, "o": order}
    untold = ({"_id": key, "obligations": told} for key, told in settled.untold.items())
    named = {"events": settled.events, "obligations": settled.obligations, "untold": untold}
    by_id = itemgetter("_id")
    return {name: [bson.encode(doc | marked) for doc in sorted(docs, key=by_id)] for name, docs in named.items()}


async def _insert(collection: Any, rows: list[RawBSONDocument]) -> None:
    try:
        await collection.insert_many(rows, ordered=False)
    except BulkWriteError as error:  # the same documents again, after a rebuild was broken off
        if any(fault.get("code") != DUPLICATE for fault in error.details["writeErrors"]):
            raise
