"""The inboxes on Kafka: what other systems send there goes through the gate, and what breaks a rule is quarantined.

It must never skip a record, raise on what a stranger sent, or read it as a message of ours.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from faststream.kafka import KafkaMessage, KafkaRouter

from contracts.envelope import NAMESPACE
from contracts.topics import inbox_topic
from services.chassis.consume import RETRY_FOR_S, SUBSCRIPTION, patiently, reading
from services.chassis.store import is_transient
from services.chassis.unit import Cause, Unit
from services.monitoring.door import receipts
from services.monitoring.door.gate import Gate
from services.monitoring.door.receipts import Reception
from services.monitoring.intake.acceptance import Permission, admit
from services.monitoring.intake.bindings import parse_record
from services.monitoring.intake.candidates import Parsed
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

UNIT_BYTES = 8 * 1024 * 1024  # what one transaction takes within the life that the database gives it
Read = tuple[Reception, Parsed]


def include(router: KafkaRouter, service: "Service") -> None:
    """Subscribe to the open inbox, where nobody is checked, and to those of registered sources."""
    assert isinstance(service.settings, Settings)
    gate, settings = Gate(service), service.settings
    _subscribe(router, service, gate, permission=Permission(None, open_door=settings.inbox_open == "accept"))
    for slug, prefix in settings.inbox_slugs.items():
        _subscribe(router, service, gate, permission=Permission(prefix), slug=slug)


def _subscribe(router: KafkaRouter, service: "Service", gate: Gate, *, permission: Permission, slug: str = "") -> None:
    topic = inbox_topic(slug).name

    @router.subscriber(service.topic(topic), group_id=service.group(topic), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_inbox(message: KafkaMessage) -> None:
        await receive(service, gate, message.raw_message, permission=permission)


async def receive(service: "Service", gate: Gate, records: Sequence[Any], *, permission: Permission) -> None:
    """Take the records into the gate or into quarantine; the same records again change nothing.

    Shape:   records are Kafka consumer records; values, keys and headers may hold anything.
    Raises:  the last transient error when the database stays away, so that the records are delivered again.
    """
    now, until = service.clock.now(), time.monotonic() + RETRY_FOR_S
    cause, topic = Cause(service.source, "inbox"), records[0].topic
    async with reading(service, topic):
        for part in _parts(records):
            read = [await _read(record, permission, now) for record in part]
            taken = partial(service.store.transact, cause, now, partial(_take, gate, read))
            await patiently(service, taken, until=until, is_hopeless=lambda error: not is_transient(error))
            service.metrics.consumed.labels(topic).inc(len(part))


def _parts(records: Sequence[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    size = 0
    for record in records:
        length = len(record.value or b"")
        if part and size + length > UNIT_BYTES:
            yield part
            part, size = [], 0
        part.append(record)
        size += length
    if part:
        yield part


async def _read(record: Any, permission: Permission, now: datetime) -> Read:
    await asyncio.sleep(0)  # a batch of long records must not hold up the pages
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    reception = Reception(
        str(uuid5(NAMESPACE, "\n".join(str(part) for part in place.values()))),
        now,
        permission,
        record.value,
        record.headers or (),
        record.key,
        place,
    )
    return reception, admit(parse_record(record.headers or (), record.value, now), permission)


async def _take(gate: Gate, read: Sequence[Read], unit: Unit) -> None:
    before = await unit.get_many("receipts", [reception.receipt_id("") for reception, _ in read])
    fresh = [one for one in read if one[0].receipt_id("") not in before]
    await receipts.recall(unit, [candidate for _, parsed in fresh for candidate in parsed.candidates])
    for reception, parsed in fresh:
        if parsed.candidates:
            await gate.take(unit, reception, parsed.candidates)
        else:
            gate.refuse(unit, reception, parsed)
