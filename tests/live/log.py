"""What stands on a system's topics, and a way to put messages there, each at its key."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.envelope import CONTENT_TYPE, Message, decode, encode
from tests.live.system import System

HEADERS = [("content-type", CONTENT_TYPE)]


def send(system: System, messages: Iterable[Message]) -> None:
    """Put messages on their topics, in the order given within each key."""

    async def produce() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=system.kafka_bootstrap, linger_ms=5)
        await producer.start()
        try:
            for one in messages:
                topic, key = system.prefix + one.topic, one.subject.encode()
                await producer.send(topic, encode(one), key=key, headers=HEADERS)
        finally:
            await producer.stop()

    asyncio.run(produce())


def announced(system: System, *names: str) -> list[Message]:
    """The messages of those names on `compliance`, in the order of each key, each id once."""
    return [one for one in read(system, "compliance") if one.name in names]


def read(system: System, topic: str) -> list[Message]:
    """All messages of a topic, in the order of each key, each id once, where it stands first."""

    async def consume() -> list[Message]:
        consumer = AIOKafkaConsumer(
            system.prefix + topic, bootstrap_servers=system.kafka_bootstrap, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            ends, found = await consumer.end_offsets(consumer.assignment()), list[Message]()
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [decode(record.value) for record in records]
            return found
        finally:
            await consumer.stop()

    unique: dict[str, Message] = {}
    for message in asyncio.run(consume()):
        unique.setdefault(message.id, message)
    return list(unique.values())
