"""The topics as a rebuild reads them: every record from noted offsets to noted ends, outside every consumer group.

It must never commit an offset: the live service's positions are its own.
"""

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis.watermark import Offsets
from services.monitoring.rebuild.spill import Line

if TYPE_CHECKING:
    from services.chassis.app import Service

# what shapes the documents of all events, before the events themselves
SHARED = ("plans", "approvals", "reports")
KEYED = ("events", "publications", "compliance")
TOPICS = (*SHARED, *KEYED)
FETCH_BYTES = 2 * 1024 * 1024
MOST_RECORDS = 5_000
WAIT_MS = 500


class Journal:
    """Reads the topics of one service; raises KafkaError while Kafka is away."""

    def __init__(self, service: "Service") -> None:
        self._service = service

    async def ends(self) -> Offsets:
        """Where all topics end now."""
        return await self._service.positions.ends(TOPICS)

    async def count(self, begin: Offsets, ends: Offsets) -> int:
        """How many offsets lie between; a partition without a beginning begins at its first record."""
        return sum(max(0, end - begin.get(tp, 0)) for tp, end in ends.items())

    async def read(self, begin: Offsets, ends: Offsets, topics: Iterable[str] = TOPICS) -> AsyncIterator[list[Line]]:
        """The records between, one topic after the other; those of a partition in their order."""
        wanted = {tp: end for tp, end in ends.items() if end > begin.get(tp, 0)}
        if not wanted:
            return
        consumer = AIOKafkaConsumer(
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=100,
            **self._service.kafka_options(),
        )
        await consumer.start()
        try:
            for topic in topics:
                name = self._service.topic(topic)
                of_topic = {tp: end for tp, end in wanted.items() if tp.topic == name}
                async for lines in _read(consumer, topic, begin, ends=of_topic):
                    yield lines
        finally:
            await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, topic: str, begin: Offsets, *, ends: Offsets) -> AsyncIterator[list[Line]]:
    if not ends:
        return
    consumer.assign(list(ends))
    first = await consumer.beginning_offsets(list(ends))
    for tp in ends:
        consumer.seek(tp, max(begin.get(tp, 0), first[tp]))
    waiting = dict(ends)
    while waiting:
        for tp, records in (await consumer.getmany(timeout_ms=WAIT_MS, max_records=MOST_RECORDS)).items():
            end = ends[tp]
            yield [Line(topic, one.key or b"", one.value or b"") for one in records if one.offset < end]
        await _leave_read(consumer, waiting)


async def _leave_read(consumer: AIOKafkaConsumer, waiting: Offsets) -> None:
    """Strike off what was read to its end; offsets may have no record, so it is the position that tells."""
    for tp in [tp for tp, end in waiting.items() if await consumer.position(tp) >= end]:
        del waiting[tp]
        consumer.pause(tp)


def to_doc(offsets: Offsets) -> list[tuple[str, int, int]]:
    """Offsets as a document keeps them."""
    return [(tp.topic, tp.partition, offset) for tp, offset in sorted(offsets.items())]


def from_doc(rows: list[tuple[str, int, int]]) -> Offsets:
    """Offsets that a document kept."""
    return {TopicPartition(topic, partition): offset for topic, partition, offset in rows}
