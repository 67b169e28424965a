"""How far Kafka was read: end offsets, committed positions and heartbeats; it must never use a fetching consumer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import UnknownTopicOrPartitionError

from contracts.envelope import Undecodable, decode
from contracts.heartbeat import Heartbeat
from contracts.topics import SERVICES as NAMES

if TYPE_CHECKING:
    from services.chassis.app import Service

SERVICES = frozenset(NAMES)
Offsets = dict[TopicPartition, int]
LOOK_BACK = 1_000  # some minutes of all services


@dataclass(frozen=True, slots=True)
class Beat:
    """The last heartbeat heard of a service, with how much work waits in its room.

    Units:   drained_at is domain time; heard_at is wall time, given by Kafka, so that it survives a restart here.
    """

    drained_at: datetime
    heard_at: datetime
    waiting: int | None = None


class Positions:
    """Looks at ends and committed positions on connections of its own; raises KafkaError while Kafka is away."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._consumer: AIOKafkaConsumer | None = None
        self._admin: AIOKafkaAdminClient | None = None
        self._lock = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaAdminClient]]:
        """Both connections, for one caller at a time; after a call that failed or was given up, new ones."""
        async with self._lock:
            try:
                if self._consumer is None or self._admin is None:
                    self._consumer = AIOKafkaConsumer(group_id=None, **self._service.kafka_options())
                    self._admin = AIOKafkaAdminClient(**self._service.kafka_options())
                    await self._consumer.start()
                    await self._admin.start()
                yield self._consumer, self._admin
            except BaseException:
                await self.close()
                raise

    async def ends(self, topics: Iterable[str]) -> Offsets:
        """The end offset of every partition of the topics (names as in the contract)."""
        async with self._connected() as (consumer, _):
            names = [self._service.topic(topic) for topic in topics]
            partitions = [TopicPartition(name, n) for name in names for n in await _partitions(consumer, name)]
            return await consumer.end_offsets(partitions)  # type: ignore[no-any-return]

    async def committed(self, topic: str) -> Offsets:
        """Where this service's group stands in every partition: the whole group, not this process alone.

        A partition of which nothing was read yet stands at its beginning, which moves when records grow too old.
        """
        name = self._service.topic(topic)
        async with self._connected() as (consumer, admin):
            partitions = [TopicPartition(name, n) for n in await _partitions(consumer, name)]
            found = await admin.list_consumer_group_offsets(self._service.group(topic))
            known = {tp: found[tp].offset for tp in partitions if tp in found and found[tp].offset >= 0}
            unread = [tp for tp in partitions if tp not in known]
            return known | (await consumer.beginning_offsets(unread) if unread else {})

    async def lag(self, topics: Iterable[str]) -> dict[str, int]:
        """Records at the end of each topic that this service's group has not committed yet."""
        behind = {}
        for topic in topics:
            ends, committed = await self.ends([topic]), await self.committed(topic)
            behind[topic] = sum(max(0, end - committed[tp]) for tp, end in ends.items())
        return behind

    async def reached(self, ends: Offsets) -> bool:
        """Whether the committed positions of the group stand at or behind all the given ends."""
        committed: Offsets = {}
        for name in {tp.topic for tp in ends}:
            committed |= await self.committed(name.removeprefix(self._service.settings.topic_prefix))
        return all(committed[tp] >= end for tp, end in ends.items())

    async def close(self) -> None:
        """Close both connections."""
        consumer, admin, self._consumer, self._admin = self._consumer, self._admin, None, None
        await _close(*[c for c in (consumer and consumer.stop, admin and admin.close) if c])


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    if not consumer.partitions_for_topic(topic):
        await consumer._client.force_metadata_update()  # a topic made after this consumer started
        await consumer.topics()
    found = consumer.partitions_for_topic(topic)
    if not found:
        raise UnknownTopicOrPartitionError(topic)
    return sorted(found)


async def _close(*stops: Any) -> None:
    for stop in stops:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(stop(), 1)


class Heartbeats:
    """Keeps the last heartbeat of every service; each process reads all of the one partition by itself."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self.last: dict[str, Beat] = {}

    async def run(self) -> None:
        """Listen until cancelled, beginning with the last beat of every service; KafkaError when Kafka goes away."""
        consumer = AIOKafkaConsumer(group_id=None, fetch_max_wait_ms=200, **self._service.kafka_options())
        await consumer.start()
        try:
            partition = TopicPartition(self._service.topic("heartbeats"), 0)
            consumer.assign([partition])
            await self._look_back(consumer, partition)
            while True:
                self._hear((await consumer.getmany(timeout_ms=500)).get(partition, ()))
        finally:
            await _close(consumer.stop)

    async def _look_back(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        """Read the newest beats, and ever older ones while a service is missing: it may be silent for hours."""
        begin = (await consumer.beginning_offsets([partition]))[partition]
        end = (await consumer.end_offsets([partition]))[partition]
        span = LOOK_BACK
        while True:
            consumer.seek(partition, max(begin, end - span))
            while await consumer.position(partition) < end:
                self._hear((await consumer.getmany(timeout_ms=500)).get(partition, ()))
            if end - span <= begin or self.last.keys() >= SERVICES:
                return
            span *= 10

    def _hear(self, records: Sequence[Any]) -> None:
        """Keep the last beat of each service; its name is the key, so that older beats need not be decoded."""
        for record in {record.key: record for record in records}.values():
            try:
                beat = decode(record.value).data
            except Undecodable:
                beat = None
            if not isinstance(beat, Heartbeat):
                self._service.metrics.dead.labels(record.topic, "not a heartbeat").inc()
                continue
            heard = Beat(beat.drained_at, datetime.fromtimestamp(record.timestamp / 1000, UTC))
            before = self.last.get(beat.service, heard)
            self.last[beat.service] = Beat(
                max(heard.drained_at, before.drained_at), max(heard.heard_at, before.heard_at), beat.waiting
            )
