"""The task that chains what was put down and goes on checking the chain; it must never change an entry of it.

It stands beside the acts: who gives a command waits for one inserted row and for no digest. It needs no lease: the
head of the chain is guarded by its version, so that of two who chain at once one begins again.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING
from pymongo.read_concern import ReadConcern

from services.chassis.audit.acts import UNCHAINED
from services.chassis.audit.chain import ORIGIN, Head, entry_after
from services.chassis.audit.verifying import FIELDS, Fault, Verification
from services.chassis.telemetry import log
from services.chassis.unit import Cause, Document, Unit

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.chassis.store import Store

HEAD = "head"
PAGE_ROWS = 200
EACH_S = 1.0
WHOLE_EACH_S = 600.0
LOGGED_EACH_S = 60.0
_IN_ORDER = [("row.recorded_at", ASCENDING), ("_id", ASCENDING)]


@dataclass(frozen=True, slots=True)
class Check:
    """What the last look at the chain found.

    Units:   at is the time of the last look, whole_at of the last one at every entry; both domain time.
    """

    count: int
    head: Head
    at: datetime
    whole_at: datetime
    faults: tuple[Fault, ...]


async def chain_page(store: "Store", now: datetime) -> int:
    """Chain the oldest acts that wait, a page at most, in one transaction; return how many there were."""

    async def work(unit: Unit) -> int:
        stored = await unit.get("chain", HEAD) or {"n": ORIGIN.n, "hash": ORIGIN.hash}
        head = Head(stored["n"], stored["hash"])
        waiting = await unit.find("acts", {"n": UNCHAINED}, sort=_IN_ORDER, limit=PAGE_ROWS)
        for doc in waiting:
            entry = entry_after(head, doc["row"])
            unit.put("acts", doc | entry)
            head = Head(entry["n"], entry["hash"])
        if waiting:
            unit.put("chain", {"_id": HEAD, "n": head.n, "hash": head.hash})
        return len(waiting)

    return await store.transact(Cause(store.source, "audit"), now, work)


async def stored_head(store: "Store") -> Head:
    """Where the chain ends, as the service that chains it has noted; only what a failover cannot take back.

    Read it before the entries: what is chained meanwhile lies behind it and is no fault.
    """
    chain = store.raw("chain").with_options(read_concern=ReadConcern("majority"))
    doc = await chain.find_one({"_id": HEAD})
    return Head(doc["n"], doc["hash"]) if doc else ORIGIN


async def entries_after(store: "Store", n: int, *, limit: int = PAGE_ROWS) -> list[Document]:
    """The entries behind the n-th, in their order; only what a failover cannot take back."""
    acts = store.raw("acts").with_options(read_concern=ReadConcern("majority"))
    found = acts.find({"n": {"$gt": n}}, sort=[("n", ASCENDING)], limit=limit)
    return [entry_of(doc) for doc in await found.to_list(None)]


def entry_of(doc: Document) -> dict[str, Any]:
    """The entry that a stored act holds, without what the database keeps beside it."""
    return {name: value for name, value in doc.items() if name in FIELDS}


class Watch:
    """Chains and checks for the life of a service; `check` is the last finding, None before the first."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self.check: Check | None = None
        self._verification = Verification()
        self._seen = ORIGIN  # the last head of a chain that was whole: no later one takes its place unless it follows
        self._whole_since = float("-inf")
        self._logged: tuple[float, Head] = (float("-inf"), ORIGIN)
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Chain and check until cancelled; raises PyMongoError, after which it is started again."""
        while True:
            await self.look()  # first: also while the chain cannot go on
            while await chain_page(self._service.store, self._service.clock.now()) == PAGE_ROWS:
                pass
            await asyncio.sleep(EACH_S)

    async def look(self, *, whole: bool = False) -> Check:
        """Check what was chained since the last look, or everything when that was long ago or is asked for."""
        async with self._looking:
            now, is_whole = time.monotonic(), whole or self.check is None
            if is_whole or now - self._whole_since >= WHOLE_EACH_S:
                is_whole, self._whole_since = True, now
                self._verification = Verification([self._seen])
            checked = self._verification
            checked.keep(await stored_head(self._service.store))
            while page := await entries_after(self._service.store, checked.head.n):
                for entry in page:
                    checked.take(entry)
            return self._tell(checked, is_whole=is_whole)

    def _tell(self, checked: Verification, *, is_whole: bool) -> Check:
        at, before = self._service.clock.now(), self.check
        whole_at = at if is_whole or before is None else before.whole_at
        self.check = Check(checked.count, checked.head, at, whole_at, checked.faults)
        if self.check.faults and (before is None or self.check.faults != before.faults):
            first = self.check.faults[0]
            log(__name__).error("the log of acts was tampered with", n=first.n, kind=first.kind.value)
        if not self.check.faults:
            self._seen = checked.head
            self._log_head(checked.head)
        return self.check

    def _log_head(self, head: Head) -> None:
        """Write the head where the database's keeper does not rule: what is cut off afterwards is missed."""
        since, logged = self._logged
        if head != logged and time.monotonic() - since >= LOGGED_EACH_S:
            log(__name__).info("audit head", database=self._service.store.database.name, head=str(head))
            self._logged = time.monotonic(), head
