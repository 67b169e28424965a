"""Where messages come in: work from `compliance`, titles from `events`, plan items and groups from `approvals`.

It must never decide: each handler hands its batch to `consume` with a fold.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.middlewares import AckPolicy

from contracts.approval import PlanApproved
from contracts.envelope import Message
from contracts.monitoring import ObligationAssessed
from services.chassis.consume import SUBSCRIPTION, consume
from services.chassis.unit import Unit
from services.publishing.projections import fold_event, fold_obligation, fold_plan

if TYPE_CHECKING:
    from services.chassis.app import Service


async def apply_compliance(unit: Unit, messages: Sequence[Message]) -> None:
    """Open, update and close work; the other messages of the topic ask nothing of publishing."""
    assessed = [m for m in messages if isinstance(m.data, ObligationAssessed)]
    ids = [m.data.obligation_id for m in assessed if isinstance(m.data, ObligationAssessed)]
    known = await unit.get_many("work", ids)
    for obligation_id, message in zip(ids, assessed, strict=True):
        after = fold_obligation(known.get(obligation_id), message)
        if after:
            known[obligation_id] = after
            unit.put("work", after)


async def apply_events(unit: Unit, messages: Sequence[Message]) -> None:
    """Keep title, time and link of events."""
    known = await unit.get_many("events", [m.subject for m in messages])
    for message in messages:
        after = fold_event(known.get(message.subject), message)
        if after:
            known[message.subject] = after
            unit.put("events", after)


async def apply_approvals(unit: Unit, messages: Sequence[Message]) -> None:
    """Keep items and contributor groups of approved plans."""
    for message in messages:
        if isinstance(message.data, PlanApproved):
            after = fold_plan(await unit.get("plans", message.data.plan_id), message)
            if after:
                unit.put("plans", after)


def create_router(service: "Service") -> KafkaRouter:
    """The subscribers of publishing."""
    router = KafkaRouter(ack_policy=AckPolicy.NACK_ON_ERROR)

    @router.subscriber(service.topic("compliance"), group_id=service.group("compliance"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_compliance(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, apply_compliance)

    @router.subscriber(service.topic("events"), group_id=service.group("events"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_events(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, apply_events)

    @router.subscriber(service.topic("approvals"), group_id=service.group("approvals"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_approvals(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, apply_approvals)

    return router
