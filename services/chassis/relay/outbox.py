"""The relay: rows of the outbox travel to Kafka in order, then a Heartbeat says that all is out."""

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaConnectionError, KafkaError
from pymongo import ASCENDING
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from contracts.envelope import CONTENT_TYPE, Message, encode, message_id
from contracts.heartbeat import Heartbeat
from contracts.registry import TYPES
from services.chassis.broker import start_producer, stop_producer
from services.chassis.clock import wall_now
from services.chassis.relay.lease import Lease
from services.chassis.telemetry import log
from services.chassis.unit import READY, SENT, WAITING, Unit

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.chassis.store import Store

POLL_S = 0.2
PAGE_ROWS = 1000
HEARTBEAT_S = 1.0
SEND_TIMEOUT_S = 20.0
RESTS_S = 10.0
LAST_S = 3.0
RELAY = "relay"
Key = tuple[str, bytes | None]
Row = dict[str, Any]


class Relay:
    """Sends what was committed, oldest first, under a lease; after a takeover ids may repeat, never lack.

    The next row of a key is sent when Kafka has confirmed the one before: what fails holds up its own key alone.
    """

    def __init__(self, service: "Service") -> None:
        self._service = service
        self.lease = Lease(service.store, RELAY, owner=service.instance, client=service.client_name)
        self._beaten_at = 0.0
        self._drained_at: datetime | None = None
        self._resting: dict[Key, float] = {}

    async def run(self) -> None:
        """Relay until cancelled; raises KafkaError or PyMongoError, after which it is started again.

        Each run that Kafka ended gets a new producer: after a record that it could not deliver, an idempotent one is
        refused by the whole partition, and one that Kafka has forgotten never recovers.
        """
        if self._service.producer is None:
            self._service.producer = await start_producer(self._service)
        try:
            await self._keep_draining()
        except (KafkaError, TimeoutError):
            await self.drop_producer()
            raise

    async def _keep_draining(self) -> None:
        while True:
            if not await self.lease.is_held():
                await asyncio.sleep(POLL_S)
                continue
            await self.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._service.store.woken.wait(), POLL_S)

    async def drain(self) -> None:
        """Send page after page until a read comes back empty, then beat; stops early when paused or unleased."""
        while await self.lease.is_held():
            self._service.store.woken.clear()
            before = self._service.clock.now()
            rows = await self._waiting()
            if not rows:
                if not self._resting:
                    await self._beat(before)
                return
            await self._send(rows)

    async def _waiting(self) -> list[Row]:
        """The oldest rows that may go now; only what a failover cannot take back, so that no ghost is announced."""
        now = time.monotonic()
        self._resting = {key: until for key, until in self._resting.items() if until > now}
        resting = [{"topic": topic, "key": key} for topic, key in self._resting]
        where = {"st": WAITING} | ({"$nor": resting} if resting else {})
        outbox = self._service.store.raw("outbox").with_options(read_concern=ReadConcern("majority"))
        return await outbox.find(where, sort=[("o", ASCENDING)], limit=PAGE_ROWS).to_list(None)

    async def _send(self, rows: Sequence[Row]) -> None:
        """Send one page, all keys at once; raises what the first failing key met: those that fail rest for a while."""
        queues: dict[Key, list[Row]] = {}
        for row in rows:
            queues.setdefault((row["topic"], row["key"]), []).append(row)
        sent: list[str] = []
        sending = asyncio.gather(*[self._send_in_order(queue, sent) for queue in queues.values()])
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                outcomes = await asyncio.shield(sending)
        finally:
            if not sending.done():  # stopped: what is on its way is waited for, or it would be sent again
                await asyncio.wait({sending}, timeout=LAST_S)
                sending.cancel()
            await self._service.store.raw("outbox").update_many({"_id": {"$in": sent}}, {"$set": {"st": SENT}})
        failures = {key: error for key, error in zip(queues, outcomes, strict=True) if error}
        if sent:  # else it is Kafka that fails, and no key
            self._resting |= dict.fromkeys(failures, time.monotonic() + RESTS_S)
        if failures:
            raise next(iter(failures.values()))

    async def _send_in_order(self, queue: Sequence[Row], sent: list[str]) -> Exception | None:
        """Send the rows of one key; returns the error that stopped it."""
        for row in queue:
            try:
                await (await self._publish(row))
            except Exception as error:
                return error
            sent.append(row["_id"])
            self._service.metrics.relayed.labels(row["topic"]).inc()
        return None

    async def _publish(self, row: Row) -> Any:
        if self._service.producer is None:
            raise KafkaConnectionError("the producer has not started")
        return await self._service.producer.send(
            self._service.topic(row["topic"]), row["value"], key=row["key"], headers=headers_of(row)
        )

    async def _beat(self, drained_at: datetime) -> None:
        """Say that all committed before `drained_at` (domain time) is in Kafka."""
        now = time.monotonic()
        if not is_time_to_beat(self._drained_at, drained_at, silent_s=now - self._beaten_at):
            return
        service = self._service
        kind = TYPES["heartbeat"].type
        message = Message(
            id=message_id(service.source, f"{self.lease.owner}@{time.time_ns()}", kind, discriminator=service.name),
            source=service.source,
            type=kind,
            subject=service.name,
            time=drained_at,
            data=Heartbeat(service=service.name, drained_at=drained_at, waiting=await service.waiting.counted()),
            recordedtime=drained_at,
        )
        row = {"topic": "heartbeats", "key": service.name.encode(), "value": encode(message), "headers": ()}
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await (await self._publish(row))
        self._beaten_at, self._drained_at = now, drained_at

    async def drop_producer(self) -> None:
        """Leave the connection for sending; the next run makes another."""
        producer, self._service.producer = self._service.producer, None
        if producer:
            await stop_producer(producer)

    async def close(self) -> None:
        """Send what waits, for at most LAST_S, then give the lease back."""
        try:
            async with asyncio.timeout(LAST_S):
                await self.drain()
        except (KafkaError, TimeoutError, OSError) as error:
            log(__name__).warning("relay stops with rows waiting", kind=type(error).__name__)
        await self.lease.give_back()
        await self.drop_producer()


def is_time_to_beat(last: datetime | None, now: datetime, *, silent_s: float) -> bool:
    """Whether to beat: when a second of domain time begins, as due dates do; each second while that stands still."""
    return last is None or last.replace(microsecond=0) < now.replace(microsecond=0) or silent_s >= HEARTBEAT_S


def headers_of(row: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """The headers with which a row travels: its own, else those of a message of ours."""
    return [(name, value or b"") for name, value in row["headers"]] or [("content-type", CONTENT_TYPE)]


async def release(store: "Store", where: Mapping[str, Any]) -> int:
    """Let rows travel that were made ready and that match; how many. Several processes may do so at once.

    The first row of each key, then the second, and so on: whoever reads meanwhile never sees a later one alone. Never
    within a transaction: whoever takes a row back at the same time is refused or was first.

    Shape:   where is about `ready.until` (its index) and what else a row says of its release.
    """
    rows = store.raw("outbox").with_options(write_concern=WriteConcern("majority"))
    wanted, released = {"st": READY, **where}, 0
    while found := await rows.find(wanted, {"topic": 1, "key": 1, "o": 1}).to_list(None):
        for ids in _in_turn(found):  # a row that was made anew since then has to match again
            leaving = {"$set": {"st": WAITING, "at": wall_now()}}
            released += (await rows.update_many({"_id": {"$in": ids}, **wanted}, leaving)).modified_count
            store.woken.set()
    return released


def _in_turn(rows: Sequence[Row]) -> Iterator[list[str]]:
    """The ids of rows in pages, none with two of a key: all first rows before all second ones."""
    turns: defaultdict[int, list[str]] = defaultdict(list)
    turn_of: Counter[Key] = Counter()
    for row in sorted(rows, key=itemgetter("o")):
        key = row["topic"], row["key"]
        turns[turn_of[key]].append(row["_id"])
        turn_of[key] += 1
    for ids in turns.values():
        for place in range(0, len(ids), PAGE_ROWS):
            yield ids[place : place + PAGE_ROWS]


async def pause(unit: Unit, paused: bool) -> None:
    """Hold the relay, or let it go on, in all replicas within one lease renewal; rows wait meanwhile."""
    lease = await unit.get("leases", RELAY) or {"_id": RELAY, "owner": "", "until": wall_now()}
    unit.put("leases", lease | {"paused": paused})


async def state(service: "Service") -> dict[str, Any]:
    """Rows not yet relayed (counted to 10,000), the age of the oldest in seconds, whether an operator holds them."""
    outbox = service.store.raw("outbox")
    waiting = {"st": WAITING, "o": {"$gt": 0}}  # without `o` its index is not used: the whole journal is read
    rows = await outbox.count_documents(waiting, limit=10_000)
    oldest = await outbox.find_one({"st": WAITING}, sort=[("o", ASCENDING)], projection={"at": 1})
    oldest_s = (wall_now() - oldest["at"]).total_seconds() if oldest else 0.0
    lease = await service.store.raw("leases").find_one({"_id": RELAY}) or {}
    return {"rows": rows, "oldest_s": round(oldest_s, 3), "paused": bool(lease.get("paused"))}
