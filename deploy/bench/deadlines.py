"""E7: many obligations due in the same second; when each miss is announced, and that none is announced twice."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import MongoClient

from contracts.envelope import Message, decode, encode, event_key, message_id
from contracts.heartbeat import Heartbeat
from contracts.monitoring import DeadlineMissed
from contracts.registry import TYPES
from contracts.times import format_time
from contracts.topics import PARTITIONS
from deploy.bench.fixture import SOURCE, line_of
from deploy.bench.place import Place, prepared, producer, room, say, send
from deploy.bench.results import Result, judged, quantile
from services.chassis.relay.outbox import POLL_S, is_time_to_beat
from services.monitoring.rebuild.spill import Line

ENDED = datetime(2026, 3, 2, 5, tzinfo=UTC)
HELD = ENDED + timedelta(hours=2)
DUE = datetime(2026, 3, 5, 17, tzinfo=UTC)
GRACE = timedelta(seconds=60)
EACH, GIVE_UP = 2, timedelta(minutes=5)
MISSED = TYPES["deadline-missed"].type.encode()


def run(place: Place, messages: int) -> list[Result]:
    """As many obligations as there are messages, two of each event held: one process, then two of which one dies."""
    return [asyncio.run(_run(place.fresh(), messages, kills=kills)) for kills in (False, True)]


async def _run(place: Place, count: int, *, kills: bool) -> Result:
    place.step(HELD)
    async with prepared(place), contextlib.AsyncExitStack() as rooms:
        await send(place, [_held(number) for number in range(count // EACH)])
        first, *_ = [await rooms.enter_async_context(room(place)) for _ in range(1 + kills)]
        beating = asyncio.create_task(_beat(place))
        try:
            await _until(place, {"state": "OPEN"}, count, what="obligations opened")
            place.step(DUE + timedelta(seconds=1))
            try:
                await _until(place, {"state": "MISSED"}, count, what="obligations missed, in their grace", within=GRACE)
            except TimeoutError as why:
                say(f"  {why} when it ended")
            began_at = time.time()
            place.step(DUE + GRACE + timedelta(seconds=1))
            delays = await _heard(place, count, began_at, kill=first.process.kill if kills else None)
        finally:
            beating.cancel()
    await asyncio.to_thread(place.forget)
    p99, longest = quantile(delays, 0.99), max(delays)
    limit_met = p99 <= 3 if count <= 10_000 else longest <= 60
    who = "two processes, the one that sends killed once a tenth was out" if kills else "one process"
    note = "each exactly once; from the step to due + grace (60 s after due at most) to the record's time on Kafka"
    promise = "once each; p99 <= 3 s (1e5: <= 60 s)"
    found = f"p99 {p99:.1f} s, last {longest:.1f} s"
    return Result("E7", f"{count:,} due at once, {who}", promise, found, judged(limit_met), note)


def _held(number: int) -> Line:
    event_id = f"D-{number:06d}"
    key = event_key(SOURCE, event_id)
    data: dict[str, Any] = {"event_id": event_id, "title": "Hội thảo", "unit": "K_CK", "event": key}
    data |= {"started_at": format_time(ENDED - timedelta(hours=2)), "ended_at": format_time(ENDED)}
    data["origin"] = {"source": SOURCE, "id": event_id, "authenticated": True}
    return line_of("event-held", key, data, of=event_id, at=HELD)


async def _beat(place: Place) -> None:
    """What publishing says, as often as it does: all that it committed is in Kafka."""
    kind, source = TYPES["heartbeat"].type, "/publicity/publishing"
    last, beaten_at = None, 0.0
    async with producer(place) as made:
        while True:
            await asyncio.sleep(POLL_S)
            now = datetime.fromisoformat(place.clock.read_text())
            if not is_time_to_beat(last, now, silent_s=time.monotonic() - beaten_at):
                continue
            last, beaten_at = now, time.monotonic()
            id = message_id(source, str(time.time_ns()), kind, discriminator="publishing")
            data = Heartbeat(service="publishing", drained_at=now)
            beat = Message(id=id, source=source, type=kind, subject="publishing", time=now, data=data, recordedtime=now)
            await made.send_and_wait(f"{place.topic_prefix}heartbeats", encode(beat), key=b"publishing")


async def _until(place: Place, where: dict[str, Any], count: int, *, what: str, within: timedelta = GIVE_UP) -> None:
    def ask() -> int:
        with MongoClient[dict[str, Any]](place.mongo_url) as client:
            return int(client[place.database]["obligations"].count_documents(where))

    until = time.monotonic() + within.total_seconds()
    while (found := await asyncio.to_thread(ask)) < count:
        if time.monotonic() > until:
            raise TimeoutError(f"{found} of {count} {what}")
        await asyncio.sleep(max(0.5, count / 50_000))  # to count many takes the database's time from those measured
    say(f"  {count:,} {what}")


async def _heard(place: Place, count: int, began_at: float, *, kill: Callable[[], None] | None) -> list[float]:
    """How long after the step each miss stood on Kafka; AssertionError when one is announced twice.

    Read at the end: to decode as they come would take the machine's time from those that are measured.

    Shape:   kill is called once a tenth was heard. A relay that takes over may send a message again, under its id.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=place.kafka_bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(f"{place.topic_prefix}compliance", n) for n in range(PARTITIONS)])
        records: list[Any] = []
        quiet, until = 0, time.monotonic() + GIVE_UP.total_seconds()
        while (len(records) < count or quiet < 10) and time.monotonic() < until:
            found = await consumer.getmany(timeout_ms=300)
            quiet = 0 if found else quiet + 1
            records += [one for some in found.values() for one in some if MISSED in one.value]
            if kill and len(records) > count // 10:
                kill()
                kill = None
    finally:
        await consumer.stop()
    heard: dict[str, tuple[str, float]] = {}
    for found_id, obligation_id, at in _misses(records):
        heard.setdefault(found_id, (obligation_id, at - began_at))
    seen = Counter(obligation_id for obligation_id, _ in heard.values())
    assert len(seen) == count, f"{len(seen)} of {count} announced in {GIVE_UP}"
    assert max(seen.values()) == 1, "a miss was announced twice"
    return [delay for _, delay in heard.values()]


def _misses(records: Iterable[Any]) -> Iterator[tuple[str, str, float]]:
    """Each DeadlineMissed: its id, the obligation, and when Kafka took it."""
    for record in records:
        message = decode(record.value)
        if isinstance(message.data, DeadlineMissed):
            yield message.id, message.data.obligation_id, record.timestamp / 1000
