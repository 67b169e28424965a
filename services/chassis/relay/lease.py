"""A right that one process has at a time, renewed while it lives; it must never be trusted to exclude a second one.

A process that was killed is followed before its time is over: its connections to MongoDB end with it. One that stands
still keeps them, and its lease runs out.
"""

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, OperationFailure

from services.chassis.clock import wall_now

if TYPE_CHECKING:
    from services.chassis.store import Store

LEASE_S = 5.0
AGAIN_S = 0.1
RENEWED = 0.3  # of a lease's time; an operator's pause is met then


class Lease:
    """One of the leases of a service, as one of its processes sees it.

    Shape:   owner is this process, connected to MongoDB as `client`.
    """

    def __init__(self, store: "Store", name: str, *, owner: str, client: str) -> None:
        self._store, self._name = store, name
        self.owner, self._client = owner, client
        self._held_until = 0.0
        self._seen = ""
        self.is_elsewhere = False  # another process had it when this one last looked

    async def is_held(self) -> bool:
        """Whether this process may act now: takes what is free and renews what is its own, unless it is paused."""
        now, wall = time.monotonic(), wall_now()
        if now < self._held_until - LEASE_S * (1 - RENEWED):
            return True
        is_ours = await self._take({"$or": [{"owner": self.owner}, {"until": {"$lt": wall}}]})
        if not is_ours and (left := await self._left_behind()):
            is_ours = await self._take({"owner": left["owner"], "until": left["until"]})
        self._held_until = now + LEASE_S if is_ours else 0.0
        self.is_elsewhere = self.is_elsewhere and not is_ours
        return is_ours

    async def give_back(self) -> None:
        """Let another process have it at once."""
        mine = {"_id": self._name, "owner": self.owner}
        await self._store.raw("leases").update_one(mine, {"$set": {"until": wall_now()}})

    async def _take(self, where: dict[str, Any]) -> bool:
        free = {"_id": self._name, "paused": {"$ne": True}, **where}
        taken = {"owner": self.owner, "client": self._client, "until": wall_now() + timedelta(seconds=LEASE_S)}
        try:
            held = await self._store.raw("leases").find_one_and_update(
                free, {"$set": taken}, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            return False
        return held is not None

    async def _left_behind(self) -> dict[str, Any] | None:
        """The lease, when whoever has it was seen connected, is not now, and is not a moment later either."""
        lease = await self._store.raw("leases").find_one({"_id": self._name})
        self.is_elsewhere = bool(lease and not lease.get("paused") and lease["until"] > wall_now())
        if not lease or not lease.get("client"):
            return None
        client = lease["client"]
        if await self._is_connected(client):
            self._seen = client
            return None
        if self._seen != client:  # the database may not tell of its connections
            return None
        await asyncio.sleep(AGAIN_S)
        return None if await self._is_connected(client) else lease

    async def _is_connected(self, client: str) -> bool:
        """Whether the database has a connection of that name; where it does not tell, one is supposed."""
        connections = {"$currentOp": {"allUsers": False, "idleConnections": True}}
        pipeline: list[dict[str, Any]] = [connections, {"$match": {"appName": client}}, {"$limit": 1}]
        try:
            return bool(await self._store.client.admin.aggregate(pipeline).to_list(None))
        except OperationFailure:
            return True
