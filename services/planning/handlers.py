"""Where messages come in: approval's answers, and what reporting tells. It must never decide."""

from typing import TYPE_CHECKING

from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.middlewares import AckPolicy

from contracts.approval import PlanApproved, PlanEscalated, PlanReturned, PlanRevised
from contracts.envelope import Message
from contracts.reporting import ImprovementProposed, ReportIssued
from services.chassis.consume import SUBSCRIPTION, consume, each
from services.chassis.decision import Decision
from services.chassis.unit import Unit
from services.planning import storage
from services.planning.decisions import learn
from services.planning.revised import take_revision

if TYPE_CHECKING:
    from services.chassis.app import Service


async def apply_approval(unit: Unit, message: Message) -> None:
    """What an answer of approval does to its plan; a plan that planning does not have is nobody's here."""
    plan = await storage.load(unit, message.subject)
    if plan and isinstance(message.data, PlanRevised):
        revised = take_revision(plan, message.data, message.time)
        if revised:
            storage.keep(unit, Decision(revised))
            await storage.keep_revised(unit, message.data)
    elif plan and isinstance(message.data, PlanApproved | PlanReturned | PlanEscalated):
        after = learn(plan, message.data, message.time)
        if after:
            storage.keep(unit, Decision(after))


async def apply_report(unit: Unit, message: Message) -> None:
    """A report opens the window of the next plan; a proposal becomes a basis that is offered."""
    if isinstance(message.data, ReportIssued):
        year, href = message.data.school_year, message.data.href
        await storage.keep_report(unit, year, issued_at=message.time, href=href)
    elif isinstance(message.data, ImprovementProposed):
        await storage.keep_proposal(unit, message.data)


def create_router(service: "Service") -> KafkaRouter:
    """The subscribers of planning."""
    router = KafkaRouter(ack_policy=AckPolicy.NACK_ON_ERROR)

    @router.subscriber(service.topic("approvals"), group_id=service.group("approvals"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_approvals(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, each(apply_approval))

    @router.subscriber(service.topic("reports"), group_id=service.group("reports"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_reports(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, each(apply_report))

    return router
