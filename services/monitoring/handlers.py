"""Where messages come in: facts about events, approved plans, and what the inboxes bring. It must never decide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.middlewares import AckPolicy

from contracts.approval import PlanApproved
from contracts.envelope import Message
from services.chassis.consume import SUBSCRIPTION, consume, each
from services.chassis.decision import Announcement
from services.chassis.unit import Cause, Unit
from services.monitoring import decisions, years
from services.monitoring.algebra import plans
from services.monitoring.algebra.facts import Fact, Report
from services.monitoring.algebra.instants import to_instant
from services.monitoring.algebra.messages import from_message, is_fact
from services.monitoring.algebra.milestones import milestone_announcements
from services.monitoring.algebra.plans import PLANNING, PlanRevision, milestone_key
from services.monitoring.judging import Judge, Learnt
from services.monitoring.reference import add_plan
from services.monitoring.sequences import next_sequence
from services.monitoring.supervision import plan_contents

if TYPE_CHECKING:
    from services.chassis.app import Service


def fact_of(message: Message) -> Fact | None:
    """The fact that a message brings; a milestone's own reports are read from the plan that it stands in."""
    if not is_fact(message):
        return None
    fact = from_message(message)
    is_milestones = isinstance(fact, Report) and fact.origin_source == PLANNING
    return None if is_milestones else fact


async def learn(judge: Judge, unit: Unit, messages: Sequence[Message]) -> None:
    """Keep the facts of `events` and `publications`."""
    known = [Learnt(fact, Cause.of(message)) for message in messages if (fact := fact_of(message))]
    await judge.learn(unit, known)
    await plan_contents.keep(unit, (one.fact for one in known))


async def approve(judge: Judge, unit: Unit, messages: Sequence[Message]) -> None:
    """Keep approved plans and open their milestones; the sweep judges what they change.

    Emits:  EventScheduled, EventCancelled of milestones.
    """
    _, before = await judge.references.read(unit)
    known = {plan_id: list(revisions) for plan_id, revisions in before.plans.items()}
    for message in messages:
        await years.hear(unit, message)
        if not isinstance(message.data, PlanApproved):
            continue
        revision = plans.from_message(message)
        if await add_plan(unit, revision):
            unit.cause = Cause.of(message)
            await _open_milestones(unit, revision, known.setdefault(revision.plan_id, []))
            known[revision.plan_id].append(revision)


async def _open_milestones(unit: Unit, revision: PlanRevision, others: Sequence[PlanRevision]) -> None:
    for data in milestone_announcements(revision, others):
        sequence = await next_sequence(unit, data.event)
        unit.announce(Announcement(data, data.event, sequence, to_instant(revision.approved_at), data.origin.id))
    keys = dict.fromkeys(milestone_key(item.item_id) for item in revision.items.values() if item.is_milestone)
    stored = await unit.get_many("events", list(keys))
    for key in keys.keys() - stored.keys():
        unit.put("events", decisions.new_event(key))


def create_router(service: "Service", judge: Judge) -> KafkaRouter:
    """The subscribers of monitoring, but for the inboxes."""
    router = KafkaRouter(ack_policy=AckPolicy.NACK_ON_ERROR)

    async def learn_all(unit: Unit, messages: Sequence[Message]) -> None:
        await learn(judge, unit, messages)

    async def approve_all(unit: Unit, messages: Sequence[Message]) -> None:
        await approve(judge, unit, messages)

    @router.subscriber(service.topic("events"), group_id=service.group("events"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_events(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, learn_all, seen=False)

    @router.subscriber(service.topic("publications"), group_id=service.group("publications"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_publications(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, learn_all, seen=False)

    @router.subscriber(service.topic("approvals"), group_id=service.group("approvals"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_approvals(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, approve_all, seen=False)

    @router.subscriber(service.topic("plans"), group_id=service.group("plans"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_plans(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, each(years.hear), seen=False)

    @router.subscriber(service.topic("reports"), group_id=service.group("reports"), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_reports(message: KafkaMessage) -> None:
        await consume(service, message.raw_message, each(years.hear), seen=False)

    return router
