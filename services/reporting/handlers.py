"""Where messages come in: facts from the topics of all other rooms. It must never decide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from faststream.kafka import KafkaMessage, KafkaRouter
from faststream.middlewares import AckPolicy

from contracts.envelope import Message
from services.chassis.consume import SUBSCRIPTION, consume
from services.chassis.unit import Unit
from services.reporting import storage
from services.reporting.projections import KEPT, Fact, fact_of, fold

if TYPE_CHECKING:
    from services.chassis.app import Service

TOPICS = ("events", "plans", "approvals", "publications", "compliance")


async def apply(unit: Unit, messages: Sequence[Message]) -> None:
    """Fold a topic's messages, whatever of them is new; sets of facts need no record of what was seen."""
    news: dict[str, dict[str, list[Fact]]] = {}
    for message in (message for message in messages if message.name in KEPT):
        place, key = KEPT[message.name][0], getattr(message.data, "obligation_id", message.subject)
        news.setdefault(place, {}).setdefault(key, []).append(fact_of(message))
    folded = []
    for collection, by_key in news.items():
        known = await unit.get_many(collection, list(by_key))
        folded += [(collection, fold(known.get(key), key, facts)) for key, facts in by_key.items()]
    changed = [(collection, doc) for collection, doc in folded if doc]
    for collection, doc in changed:
        unit.put(collection, doc)
    if changed:
        await storage.mark(unit, messages[0].topic)


def create_router(service: "Service") -> KafkaRouter:
    """The subscribers of reporting: one for each topic, and all fold alike."""
    router = KafkaRouter(ack_policy=AckPolicy.NACK_ON_ERROR)

    for topic in TOPICS:

        @router.subscriber(service.topic(topic), group_id=service.group(topic), **SUBSCRIPTION)  # type: ignore[untyped-decorator]
        async def on_messages(message: KafkaMessage) -> None:
            await consume(service, message.raw_message, apply, seen=False)

    return router
