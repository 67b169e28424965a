"""How this project talks to Kafka: the FastStream broker, the producer, and a start that waits for Kafka."""

import asyncio
import contextlib
import logging
import random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity, SASLScram512

from services.chassis.records import read_leniently
from services.chassis.settings import Settings
from services.chassis.telemetry import log

if TYPE_CHECKING:
    from services.chassis.app import Service

CONNECT_TIMEOUT_S = 2.0
GRACEFUL_S = 25.0
STOP_S = 2.0


def kafka_options(settings: Settings, name: str) -> dict[str, Any]:
    """How any aiokafka client connects: address, name and, where set, its login."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "client_id": f"publicity-{name}",
        "request_timeout_ms": 15_000,
        "retry_backoff_ms": 500,
    }
    if settings.kafka_user:
        options |= {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.kafka_user,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    return options


def create_broker(settings: Settings, name: str) -> KafkaBroker:
    """The FastStream broker that carries the subscribers; sending is the relay's, on a producer of its own."""
    read_leniently()
    security: BaseSecurity | None = None
    if settings.kafka_user:
        password = settings.kafka_password.get_secret_value()
        security = SASLScram512(username=settings.kafka_user, password=password)
    return KafkaBroker(
        settings.kafka_bootstrap,
        client_id=f"publicity-{name}",
        consumer_only=True,
        request_timeout_ms=15_000,
        retry_backoff_ms=500,
        allow_auto_create_topics=False,
        graceful_timeout=GRACEFUL_S,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        logger=logging.getLogger("publicity.kafka"),  # its own would write lines that are no JSON, past every filter
        log_level=logging.DEBUG,
        security=security,
    )


def create_producer(service: "Service") -> AIOKafkaProducer:
    """The relay's producer: every record confirmed by all replicas, none twice by a retry of its own."""
    return AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        linger_ms=2,
        max_batch_size=131_072,
        max_request_size=4 * 1024 * 1024 + 65_536,
        **service.kafka_options(),
    )


async def start_producer(service: "Service") -> AIOKafkaProducer:
    """A producer that is connected; raises KafkaError or OSError while Kafka is away, and leaves nothing behind."""
    await _reach(service.settings.kafka_bootstrap)
    producer = create_producer(service)
    try:
        await producer.start()
    except BaseException:
        await stop_producer(producer)
        raise
    return producer


async def stop_producer(producer: AIOKafkaProducer) -> None:
    """Stop a producer within seconds, whatever it still waits for."""
    stopping = asyncio.create_task(producer.stop())
    await asyncio.wait({stopping}, timeout=STOP_S)
    if not stopping.done():  # it would wait for its batches until Kafka is back
        producer._message_accumulator.fail_all(KafkaConnectionError("given up"))
        await asyncio.wait({stopping}, timeout=STOP_S)
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)


async def start_patiently(service: "Service") -> None:
    """Start the subscribers as soon as Kafka answers; pages are served meanwhile."""
    delay = 0.3
    while True:
        try:
            await _reach(service.settings.kafka_bootstrap)
            await service.broker.start()
            break
        except (KafkaError, OSError) as error:
            log(__name__).warning("Kafka does not answer yet", kind=type(error).__name__, retry_s=round(delay, 1))
        with contextlib.suppress(Exception):
            await service.broker.stop()  # those that did start would otherwise be started twice
        await asyncio.sleep(delay * random.uniform(0.7, 1))
        delay = min(delay * 1.6, 3)
    service.kafka_started.set()
    log(__name__).info("reading", topics=service.topics)


async def _reach(bootstrap: str) -> None:
    """Open and close one TCP connection; a broker client that fails to start leaks its parts."""
    address = urlsplit(f"//{bootstrap.split(',', maxsplit=1)[0]}")
    _, writer = await asyncio.wait_for(
        asyncio.open_connection(address.hostname, address.port or 9092), CONNECT_TIMEOUT_S
    )
    writer.close()
