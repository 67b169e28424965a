"""How far Kafka was read: end offsets, committed positions and heartbeats; it must never use a fetching consumer."""

import asyncio
import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.envelope import Undecodable, decode
from contracts.heartbeat import Heartbeat

if TYPE_CHECKING:
    from services.chassis.app import Service

Offsets = dict[TopicPartition, int]
HEARTBEATS_READ = 2_000  # enough to hold the last beat of every service


@dataclass(frozen=True, slots=True)
class Beat:
    """The last heartbeat heard of a service: what it says, and when Kafka took it and this process heard it.

    Units:   drained_at is domain time; heard_at is wall time, given by Kafka, so that it survives a restart of this
             process; heard_s is monotonic seconds of this process.
    """

    drained_at: datetime
    heard_at: datetime
    heard_s: float


class Positions:
    """Looks at ends and committed positions on connections of its own; raises KafkaError while Kafka is away."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._consumer: AIOKafkaConsumer | None = None
        self._admin: AIOKafkaAdminClient | None = None
        self._lock = asyncio.Lock()

    async def _connected(self) -> tuple[AIOKafkaConsumer, AIOKafkaAdminClient]:
        if self._consumer is None or self._admin is None:
            consumer = AIOKafkaConsumer(group_id=None, **self._service.kafka_options())
            admin = AIOKafkaAdminClient(**self._service.kafka_options())
            try:
                await consumer.start()
                await admin.start()
            except BaseException:
                await _close(consumer.stop, admin.close)
                raise
            self._consumer, self._admin = consumer, admin
        return self._consumer, self._admin

    async def ends(self, topics: Iterable[str]) -> Offsets:
        """The end offset of every partition of the topics (names as in the contract)."""
        async with self._lock:
            consumer, _ = await self._connected()
            names = [self._service.topic(topic) for topic in topics]
            partitions = [TopicPartition(name, n) for name in names for n in await _partitions(consumer, name)]
            return await consumer.end_offsets(partitions)  # type: ignore[no-any-return]

    async def committed(self, topic: str) -> Offsets:
        """What this service's group has committed of the topic: the whole group, not this process alone."""
        async with self._lock:
            _, admin = await self._connected()
            found = await admin.list_consumer_group_offsets(self._service.group(topic))
            name = self._service.topic(topic)
            return {tp: meta.offset for tp, meta in found.items() if tp.topic == name and meta.offset >= 0}

    async def lag(self, topics: Iterable[str]) -> dict[str, int]:
        """Records at the end of each topic that this service's group has not committed yet."""
        names = list(topics)
        ends = await self.ends(names)
        behind = {}
        for topic in names:
            committed = await self.committed(topic)
            mine = {tp: end for tp, end in ends.items() if tp.topic == self._service.topic(topic)}
            behind[topic] = sum(max(0, end - committed.get(tp, 0)) for tp, end in mine.items())
        return behind

    async def reached(self, ends: Offsets) -> bool:
        """Whether the committed positions of the group stand at or behind all the given ends."""
        for name in {tp.topic for tp in ends}:
            committed = await self.committed(name.removeprefix(self._service.settings.topic_prefix))
            if any(committed.get(tp, 0) < end for tp, end in ends.items() if tp.topic == name):
                return False
        return True

    async def close(self) -> None:
        """Close both connections."""
        consumer, admin, self._consumer, self._admin = self._consumer, self._admin, None, None
        await _close(*[c for c in (consumer and consumer.stop, admin and admin.close) if c])


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    found = consumer.partitions_for_topic(topic)
    if not found:
        await consumer._client.force_metadata_update()  # a topic made after this consumer started
        await consumer.topics()
        found = consumer.partitions_for_topic(topic)
    return sorted(found or ())


async def _close(*stops: Any) -> None:
    for stop in stops:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(stop(), 3)


class Heartbeats:
    """Keeps the last heartbeat of every service; each process reads all of the one partition by itself."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self.last: dict[str, Beat] = {}

    async def run(self) -> None:
        """Listen until cancelled, beginning with the newest ones; raises KafkaError when Kafka goes away."""
        consumer = AIOKafkaConsumer(group_id=None, fetch_max_wait_ms=200, **self._service.kafka_options())
        await consumer.start()
        try:
            partition = TopicPartition(self._service.topic("heartbeats"), 0)
            consumer.assign([partition])
            start = (await consumer.beginning_offsets([partition]))[partition]
            end = (await consumer.end_offsets([partition]))[partition]
            consumer.seek(partition, max(start, end - HEARTBEATS_READ))
            while True:
                batch = await consumer.getmany(timeout_ms=500)
                for record in batch.get(partition, ()):
                    self._hear(record)
        finally:
            await _close(consumer.stop)

    def _hear(self, record: Any) -> None:
        try:
            beat = decode(record.value).data
        except Undecodable:
            beat = None
        if not isinstance(beat, Heartbeat):
            self._service.metrics.dead.labels(record.topic, "not a heartbeat").inc()
            return
        before = self.last.get(beat.service)
        drained_at = max(beat.drained_at, before.drained_at) if before else beat.drained_at
        heard_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        self.last[beat.service] = Beat(drained_at, heard_at, time.monotonic())
