"""From a batch of Kafka records to one transaction; offsets are committed only after it, by returning."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from contracts.envelope import Message, Undecodable, decode
from services.chassis.clock import wall_now
from services.chassis.decision import Refused
from services.chassis.failures import FAILED, TooManyFailures, Unprocessable, dead_letter
from services.chassis.store import is_transient
from services.chassis.telemetry import log
from services.chassis.unit import Cause, SchemaTooNew, Unit

if TYPE_CHECKING:
    from services.chassis.app import Service

T = TypeVar("T")
Apply = Callable[[Unit, Sequence[Message]], Awaitable[None]]
ApplyOne = Callable[[Unit, Message], Awaitable[None]]
RETRY_FOR_S = 200.0  # with one unit's timeout below max_poll_interval_ms, or the partition is taken away in between
PAUSE_S = 5.0  # what is not acknowledged is delivered again at once: without a pause this is a hot loop
Fault = tuple[Any, Unprocessable]
Hopeless = Callable[[Exception], bool]


async def _first_without_headers(msg: Any, original: Any) -> Any:
    """Let FastStream wrap the batch by its first record alone: one bad header would lose the whole batch."""
    first = msg[0]
    headers, first.headers = first.headers, ()
    try:
        wrapped = await original((first,))
    finally:
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
    Raises:  after a pause what no record is to blame for, so that the records are delivered again: a database that
             stays away, documents of a newer release, TooManyFailures.
    """
    async with reading(service, records[0].topic):
        await _Batch(service, apply, seen).process(*_sorted(records))


@asynccontextmanager
async def reading(service: "Service", topic: str) -> AsyncIterator[None]:
    """Process a batch of the topic within; what stops it is shown as halting the topic, and raised after a pause."""
    try:
        yield
    except Exception as error:
        service.halted[topic] = type(error).__name__
        log(__name__).error("reading halts", topic=topic, kind=type(error).__name__, detail=str(error)[:300])
        await asyncio.sleep(PAUSE_S)
        raise
    service.halted.pop(topic, None)
    service.progressed_at = time.monotonic()


async def patiently(
    service: "Service", transact: Callable[[], Awaitable[T]], *, until: float, is_hopeless: Hopeless
) -> T:
    """Run one transaction of a batch, again with backoff while the database is away.

    Units:   until is monotonic seconds.        Raises:  what is hopeless at once, the last error at `until`.
    """
    attempt = 0
    while True:
        try:
            with service.metrics.timed("batch"):
                return await transact()
        except Exception as error:
            if is_hopeless(error) or time.monotonic() > until:
                raise
            kind = type(error).__name__
        attempt += 1
        log(__name__).warning("batch waits for the database", kind=kind, attempt=attempt)
        await asyncio.sleep(min(0.1 * 2**attempt, 5) * random.uniform(0.5, 1))


def _sorted(records: Sequence[Any]) -> tuple[list[tuple[Any, Message]], list[Fault]]:
    """The records that hold a message of ours, and those that do not, with the reason."""
    readable: list[tuple[Any, Message]] = []
    refused: list[Fault] = []
    for record in records:
        try:
            readable.append((record, read(record)))
        except Unprocessable as fault:
            refused.append((record, fault))
    return readable, refused


class _Batch:
    """One batch on its way into the database; its patience is that of the whole batch, however often it is halved."""

    def __init__(self, service: "Service", apply: Apply, seen: bool) -> None:
        self._service, self._apply, self._seen = service, apply, seen
        self._until = time.monotonic() + RETRY_FOR_S

    async def process(self, readable: list[tuple[Any, Message]], refused: list[Fault]) -> None:
        """Apply what is readable and keep what is refused; a failing batch is halved down to its culprit."""
        try:
            return await self._patiently(readable, refused)
        except Exception as error:
            if not readable or not (_is_to_blame(error) or self._is_too_much(readable, error)):
                raise
            failure = error
        if len(readable) > 1:
            middle = len(readable) // 2
            await self.process(readable[:middle], refused)
            return await self.process(readable[middle:], [])
        record, message = readable[0]
        if record.topic not in self._service.halted:  # the same again every few seconds would drown the log
            log(__name__).error("record failed", id=message.id, kind=type(failure).__name__, exc_info=failure)
        return await self.process([], [*refused, (record, _fault(failure))])

    def _is_too_much(self, readable: list[tuple[Any, Message]], error: Exception) -> bool:
        """Whether the unit ran out of its time while the batch has some: fewer messages may fit into one."""
        return isinstance(error, TimeoutError) and len(readable) > 1 and time.monotonic() < self._until

    async def _patiently(self, readable: list[tuple[Any, Message]], refused: list[Fault]) -> None:
        """One transaction for the messages, tried again with backoff while the database is away."""
        messages = [message for _, message in readable]

        async def work(unit: Unit) -> int:
            for record, fault in refused:
                await dead_letter(self._service, unit, record, fault=fault)
            fresh = await _unseen(unit, messages) if self._seen else messages
            if fresh:
                await self._apply(unit, fresh)
            return len(fresh)

        cause = Cause.of(messages[-1]) if messages else Cause(self._service.source, "dead-letters")
        store, clock = self._service.store, self._service.clock
        applied = await patiently(
            self._service,
            lambda: store.transact(cause, clock.now(), work),
            until=self._until,
            is_hopeless=lambda error: not is_transient(error) or self._is_too_much(readable, error),
        )
        metrics = self._service.metrics
        for record, fault in refused:
            metrics.dead.labels(record.topic, fault.reason).inc()
        for record, _ in readable[:1]:
            metrics.consumed.labels(record.topic).inc(applied)
            metrics.skipped.labels(record.topic).inc(len(readable) - applied)


def _is_to_blame(error: Exception) -> bool:
    """Whether the message may be what failed, rather than the database, the release or the service's own code."""
    return not is_transient(error) and not isinstance(error, (SchemaTooNew, TooManyFailures))


def _fault(error: Exception) -> Unprocessable:
    """The error as the reason of a dead letter: a rule's no by itself, anything unforeseen as failed."""
    if isinstance(error, Unprocessable):
        return error
    if isinstance(error, Refused):
        return Unprocessable("refused", str(error))
    return Unprocessable(FAILED, f"{type(error).__name__}: {error}")


async def _unseen(unit: Unit, messages: Sequence[Message]) -> list[Message]:
    """The messages whose id was not applied before, each once; they are remembered in the same transaction."""
    unique: dict[str, Message] = {}
    for message in messages:
        unique.setdefault(f"{message.source}\n{message.id}", message)
    before = await unit.get_many("seen", list(unique))
    for key in unique.keys() - before.keys():
        unit.put("seen", {"_id": key, "at": wall_now()})
    return [message for key, message in unique.items() if key not in before]
