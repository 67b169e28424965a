"""The topics written again from the services' journals, after Kafka was lost: the same ids, the same order per key.

It must never change a journal: readers see what they know already, and change nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pymongo import ASCENDING, DESCENDING, MongoClient
from pymongo.errors import PyMongoError

from contracts.topics import BY_NAME, SERVICES
from deploy.local.say import Say
from deploy.local.trouble import Trouble
from services.chassis.relay.lease import LEASE_S
from services.chassis.relay.outbox import RELAY, headers_of

BATCH = 1_000
LARGEST_BYTES = 4 * 1024 * 1024 + 65_536
Database = Any


@dataclass(frozen=True)
class Place:
    """Where the journals are and where the topics go.

    Shape:   login is what aiokafka takes beyond the address, empty without one.
    """

    mongo_url: str
    mongo_prefix: str
    kafka_bootstrap: str
    topic_prefix: str
    login: dict[str, str]


def republish(place: Place, *, say: Say) -> int:
    """Write every row that was ever sent once more, in the order of the journals; return how many.

    The relays rest meanwhile, so that no newer message of a key overtakes an older one; they send the rest afterwards.
    Raises:  Trouble when Kafka or MongoDB does not answer.
    """
    try:
        with MongoClient[dict[str, Any]](place.mongo_url, serverSelectionTimeoutMS=10_000) as client:
            databases = [client[f"{place.mongo_prefix}{name}"] for name in SERVICES]
            with _paused(databases):
                return asyncio.run(_republish(place, databases, say))
    except PyMongoError as error:
        why = str(error).split(" (configured", maxsplit=1)[0]
        raise Trouble("MongoDB does not answer", why=why, do="make status; then make republish again") from error
    except (KafkaError, OSError) as error:
        why = f"{type(error).__name__}: {error}"
        raise Trouble(
            "Kafka does not take the messages", why=why, do="make status; then make republish again"
        ) from error


@contextmanager
def _paused(databases: list[Database]) -> Iterator[None]:
    """All relays rest within; one that an operator had paused before stays so."""
    before = [database["leases"].find_one({"_id": RELAY}) or {} for database in databases]
    paused = [database for database, lease in zip(databases, before, strict=True) if not lease.get("paused")]
    for database in paused:
        fresh = {"owner": "", "until": datetime.now(UTC)}
        database["leases"].update_one({"_id": RELAY}, {"$set": {"paused": True}, "$setOnInsert": fresh}, upsert=True)
    try:
        time.sleep(LEASE_S if any(before) else 0)  # whoever holds a lease may send until it is over
        yield
    finally:
        for database in paused:
            database["leases"].update_one({"_id": RELAY}, {"$set": {"paused": False}})


async def _republish(place: Place, databases: list[Database], say: Say) -> int:
    total = 0
    journals = [(database, topic) for database in databases for topic in sorted(database["outbox"].distinct("topic"))]
    async with _producer(place) as producer:
        for database, topic in journals:
            if topic not in BY_NAME:
                say(f"  {topic}: no topic of today's contract, left out")
                continue
            count = await _write(producer, place.topic_prefix + topic, _rows(database, topic))
            say(f"  {database.name} -> {topic}: {count:,}")
            total += count
    return total


@asynccontextmanager
async def _producer(place: Place) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=place.kafka_bootstrap,
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        linger_ms=5,
        max_request_size=LARGEST_BYTES,
        **place.login,
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def _rows(database: Database, topic: str) -> Iterator[dict[str, Any]]:
    """The rows of a topic that were sent; what still waits is the relay's."""
    last = database["outbox"].find_one({"topic": topic}, sort=[("o", DESCENDING)], projection={"o": 1})
    where = {"topic": topic, "o": {"$lte": last["o"] if last else 0}, "st": 1}
    return iter(database["outbox"].find(where, sort=[("o", ASCENDING)], batch_size=BATCH))


async def _write(producer: AIOKafkaProducer, topic: str, rows: Iterator[dict[str, Any]]) -> int:
    """Send in order; records of one partition stay in it, since the producer is idempotent."""
    count, sending = 0, list[Any]()
    for row in rows:
        sending.append(await producer.send(topic, row["value"], key=row["key"], headers=headers_of(row)))
        count += 1
        if len(sending) >= BATCH:
            await asyncio.gather(*sending)
            sending.clear()
    await asyncio.gather(*sending)
    return count
