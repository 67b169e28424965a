"""From a batch of Kafka records to one transaction; offsets are committed only after it, by returning."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from contracts.envelope import Message, Undecodable, decode
from services.chassis.clock import wall_now
from services.chassis.failures import Unprocessable, dead_letter
from services.chassis.store import is_transient
from services.chassis.telemetry import log
from services.chassis.unit import Cause, Unit

if TYPE_CHECKING:
    from services.chassis.app import Service

Apply = Callable[[Unit, Sequence[Message]], Awaitable[None]]
ApplyOne = Callable[[Unit, Message], Awaitable[None]]
RETRY_FOR_S = 240.0  # below max_poll_interval_ms, so that the partition is not taken away in between
Refused = tuple[Any, Unprocessable]


async def _first_without_headers(msg: Any, original: Any) -> Any:
    """Let FastStream wrap the batch by its first record alone: one bad header would lose the whole batch."""
    first = msg[0]
    headers, first.headers = first.headers, ()
    wrapped = await original((first,))
    first.headers = headers
    wrapped.raw_message = msg
    return wrapped


def _undecoded(_: Any) -> None:
    """Records are decoded one by one in `consume`, so that a bad one does not take its batch with it."""


SUBSCRIPTION: dict[str, Any] = {
    "batch": True,
    "max_records": 500,
    "batch_timeout_ms": 20,
    "auto_offset_reset": "earliest",
    "session_timeout_ms": 10_000,
    "heartbeat_interval_ms": 1_666,
    "max_poll_interval_ms": 300_000,
    "fetch_max_wait_ms": 200,
    "max_partition_fetch_bytes": 8 * 1024 * 1024,
    "parser": _first_without_headers,
    "decoder": _undecoded,
}


def each(apply: ApplyOne) -> Apply:
    """Apply the messages of a batch one after the other, each as the cause of what it leads to."""

    async def apply_all(unit: Unit, messages: Sequence[Message]) -> None:
        for message in messages:
            unit.cause = Cause.of(message)
            await apply(unit, message)

    return apply_all


def read(record: Any) -> Message:
    """The message in a record of one of our topics; raises Unprocessable with reason and detail."""
    if record.value is None:
        raise Unprocessable("null-value", "the record has no value")
    try:
        return decode(record.value)
    except Undecodable as fault:
        raise Unprocessable(fault.reason, fault.detail) from fault


async def consume(service: "Service", records: Sequence[Any], apply: Apply, *, seen: bool = True) -> None:
    """Process the records in one transaction; what cannot be processed is dead-lettered in the same.

    Shape:   with seen=True a message id is applied once for ever; False: `apply` itself is idempotent.
    Raises:  the last transient error after RETRY_FOR_S, so that the records are delivered again.
    """
    readable: list[tuple[Any, Message]] = []
    refused: list[Refused] = []
    for record in records:
        try:
            readable.append((record, read(record)))
        except Unprocessable as fault:
            refused.append((record, fault))
    await _consume_messages(service, readable, refused, apply, seen=seen)
    service.progressed_at = time.monotonic()


async def _consume_messages(
    service: "Service", readable: list[tuple[Any, Message]], refused: list[Refused], apply: Apply, *, seen: bool
) -> None:
    """Apply what is readable and keep what is refused; a failing batch is halved down to its culprit."""
    try:
        await _patiently(service, readable, refused, apply if not seen else _once(service, apply))
    except Exception as error:
        if is_transient(error) or not readable:
            raise
        if len(readable) == 1:
            log(__name__).error("record failed", id=readable[0][1].id, kind=type(error).__name__, exc_info=error)
            fault = Unprocessable("failed", f"{type(error).__name__}: {error}")
            await _consume_messages(service, [], [*refused, (readable[0][0], fault)], apply, seen=seen)
            return
        middle = len(readable) // 2
        await _consume_messages(service, readable[:middle], refused, apply, seen=seen)
        await _consume_messages(service, readable[middle:], [], apply, seen=seen)


async def _patiently(
    service: "Service", readable: list[tuple[Any, Message]], refused: list[Refused], apply: Apply
) -> None:
    """One transaction for the batch, tried again with backoff while the database is away."""
    messages = [message for _, message in readable]

    async def work(unit: Unit) -> None:
        for record, fault in refused:
            await dead_letter(unit, service.name, record, fault)
        if messages:
            await apply(unit, messages)

    cause = Cause.of(messages[-1]) if messages else Cause(service.source, "dead-letters")
    until, attempt = time.monotonic() + RETRY_FOR_S, 0
    while True:
        try:
            with service.metrics.timed("batch"):
                await service.store.transact(cause, service.clock.now(), work)
            break
        except Exception as error:
            if not is_transient(error) or time.monotonic() > until:
                raise
            attempt += 1
            log(__name__).warning("batch waits for the database", kind=type(error).__name__, attempt=attempt)
            await asyncio.sleep(min(0.1 * 2**attempt, 5) * random.uniform(0.5, 1))
    for record, fault in refused:
        service.metrics.dead.labels(record.topic, fault.reason).inc()
    for record, _ in readable:
        service.metrics.consumed.labels(record.topic).inc()


def _once(service: "Service", apply: Apply) -> Apply:
    """Skip messages whose id was applied before, and remember the new ones in the same transaction."""

    async def apply_new(unit: Unit, messages: Sequence[Message]) -> None:
        unique = {(message.source, message.id): message for message in reversed(messages)}
        ids = {key: "\n".join(key) for key in unique}
        before = await unit.get_many("seen", list(ids.values()))
        fresh = [message for key, message in reversed(unique.items()) if ids[key] not in before]
        for message in fresh:
            unit.put("seen", {"_id": ids[message.source, message.id], "at": wall_now()})
        if fresh:
            await apply(unit, fresh)
        if len(fresh) < len(messages):
            service.metrics.skipped.labels(messages[0].topic).inc(len(messages) - len(fresh))

    return apply_new
