"""Where messages come in: submitted and withdrawn plans from `plans`. It must never decide."""

from typing import TYPE_CHECKING

from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.middlewares import AckPolicy

from contracts.envelope import Message
from contracts.planning import PlanDrafted, PlanWithdrawn
from services.approval import storage
from services.approval.decisions import Rules, receive, withdraw
from services.approval.settings import Settings
from services.chassis.consume import SUBSCRIPTION, ApplyOne, consume, each
from services.chassis.decision import accept
from services.chassis.unit import Unit

if TYPE_CHECKING:
    from services.chassis.app import Service


def plan_applier(rules: Rules) -> ApplyOne:
    """What a message of `plans` does to the review of its plan, under the versioned data of this installation."""

    async def apply_plan(unit: Unit, message: Message) -> None:
        before = await storage.load(unit, message.subject)
        if isinstance(message.data, PlanDrafted):
            decision = receive(before, message.data, message.time, rules=rules)
        elif isinstance(message.data, PlanWithdrawn):
            decision = withdraw(before, message.data, message.time)
        else:
            return
        storage.keep(unit, accept(decision))

    return apply_plan


def create_router(service: "Service") -> KafkaRouter:
    """The subscriber of approval."""
    assert isinstance(service.settings, Settings)
    router = KafkaRouter(ack_policy=AckPolicy.NACK_ON_ERROR)
    apply = each(plan_applier(service.settings.rules()))

    @router.subscriber(service.topic("plans"), group_id=service.group("plans"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_plans(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, apply)

    return router
