"""A tiny service for the tests of the chassis: it writes down which withdrawals of a plan came, and tells of each."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.middlewares import AckPolicy

from contracts.approval import PlanEscalated
from contracts.envelope import Message, encode
from contracts.planning import PlanWithdrawn
from contracts.registry import BY_MODEL
from services.chassis.app import Definition, Service
from services.chassis.consume import SUBSCRIPTION, consume, each
from services.chassis.decision import Announcement, Refusal, Refused
from services.chassis.unit import Cause, Collection, Unit

NOW = datetime(2026, 11, 23, 3, 42, 7, tzinfo=UTC)
CAUSE = Cause("/publicity/test", "cause-1")


class SetClock:
    """Domain time as the test sets it."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """The time that was set."""
        return self.at


def withdrawal(plan_id: str, number: int = 1, *, reason: str = "Soạn lại") -> PlanWithdrawn:
    """A withdrawal of a plan."""
    return PlanWithdrawn(plan_id=plan_id, revision=number, reason=reason, by="a-1")


async def note(unit: Unit, message: Message) -> None:
    """Write the withdrawal down and tell of it on `approvals`; some reasons make trouble."""
    data = message.data
    assert isinstance(data, PlanWithdrawn)
    if data.reason == "refuse":
        raise Refused(Refusal("plan-unknown", "?"))
    if data.reason == "fail":
        raise ValueError("nobody thought of this")
    doc = await unit.get("ledgers", message.subject) or {"_id": message.subject, "revisions": []}
    unit.put("ledgers", doc | {"revisions": [*doc["revisions"], data.revision]})
    told = PlanEscalated(plan_id=message.subject, revision=data.revision, to="RECTORATE")
    unit.announce(Announcement(told, message.subject, len(doc["revisions"]) + 1))


def create_router(service: Service) -> KafkaRouter:
    """The subscriber of the tiny service."""
    router = KafkaRouter(ack_policy=AckPolicy.NACK_ON_ERROR)

    @router.subscriber(service.topic("plans"), group_id=service.group("plans"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_plans(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, each(note))

    return router


DEFINITION = Definition(
    name="planning",
    folder=Path(__file__).parent,
    collections=(Collection("ledgers"),),
    routers=lambda service: (),
    handlers=create_router,
)


def message(plan_id: str = "p1", number: int = 1, *, reason: str = "Soạn lại") -> Message:
    """The message of a withdrawal; its id follows from plan and number."""
    kind = BY_MODEL[PlanWithdrawn].type
    data = withdrawal(plan_id, number, reason=reason)
    return Message(f"{plan_id}-{number}", "/publicity/test", kind, plan_id, NOW, data, sequence=number)


def record(made: Message | bytes | None, offset: int = 0, *, headers: Sequence[tuple[str, Any]] = ()) -> ConsumerRecord:
    """A record of `plans` as Kafka hands it over, with any bytes."""
    value = encode(made) if isinstance(made, Message) else made
    key = made.subject.encode() if isinstance(made, Message) else b"k"
    return ConsumerRecord("plans", 0, offset, 0, 0, key, value, None, 0, 0, tuple(headers))


def records(*made: Message) -> list[ConsumerRecord]:
    """The messages at the offsets 0, 1, 2..."""
    return [record(one, offset) for offset, one in enumerate(made)]


class NoText(str):
    """The name of a header as a client in another language may send it."""

    def encode(self, *_: Any) -> bytes:
        """Bytes that are no UTF-8."""
        return b"\xff\xfeab"


class RecordingProducer:
    """Stands where the relay's producer stands: confirms what it is given, or fails as the test says."""

    def __init__(self, fails: Callable[[str, bytes | None, bytes | None], Exception | None] | None = None) -> None:
        self.sent: list[tuple[str, bytes | None, bytes | None]] = []
        self.headers: dict[str, Any] = {}
        self.fails = fails or (lambda topic, key, value: None)

    async def send(self, topic: str, value: bytes | None, *, key: bytes | None, headers: Any) -> "asyncio.Future[None]":
        """Take a record; the future is done when it is confirmed."""
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        error = self.fails(topic, key, value)
        if isinstance(error, KafkaError):
            confirmed.set_exception(error)
        elif error is not None:
            raise error
        else:
            self.sent.append((topic, key, value))
            self.headers[topic] = headers
            confirmed.set_result(None)
        return confirmed

    async def stop(self) -> None:
        """Nothing to stop."""

    def values(self, topic: str, key: bytes | None = None) -> list[bytes | None]:
        """What was confirmed on the topic, of one key or of all."""
        return [value for name, k, value in self.sent if name == topic and key in (None, k)]
