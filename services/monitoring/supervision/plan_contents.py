"""What was published for the plan: content that names a plan item or no event, with all that became of it.

It must never decide: it keeps the facts in the batch's own transaction, and asks for them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel

from services.chassis.store import Store
from services.chassis.unit import Collection, Unit
from services.monitoring.algebra.facts import Fact, Publication
from services.monitoring.algebra.plans import PlanRevision, from_doc
from services.monitoring.supervision import plan_duties

Doc = dict[str, Any]
PLAN_CONTENTS = Collection("plan_contents", indexes=(IndexModel([("items", ASCENDING)]),))


async def keep(unit: Unit, facts: Iterable[Fact]) -> None:
    """Keep what the facts tell of content that names a plan item; after the events have learnt them."""
    told: dict[str, list[Publication]] = {}
    for fact in facts:
        if isinstance(fact, Publication) and plan_duties.may_tell(fact):
            told.setdefault(fact.content_id, []).append(fact)
    stored = await unit.get_many("plan_contents", list(told)) if told else {}
    for content_id, news in told.items():
        before = stored.get(content_id)
        if before is None and not any(plan_duties.begins(fact) for fact in news):
            continue
        known = news if before else [*news, *await _told_before(unit, news)]
        after = plan_duties.with_facts(before, content_id, known)
        if after is not None:
            unit.put("plan_contents", after)


async def _told_before(unit: Unit, news: Sequence[Publication]) -> list[Publication]:
    """What the events already know of content that names a plan item only now."""
    events = await unit.get_many("events", [fact.event for fact in news if fact.event is not None])
    facts = (fact for doc in events.values() for fact in plan_duties.publications_in(doc))
    return [fact for fact in facts if fact.content_id == news[0].content_id]


async def naming(store: Store, item_ids: Sequence[str]) -> list[Publication]:
    """All that is known of content that ever named one of the items."""
    docs = await store.find("plan_contents", {"items": {"$in": list(item_ids)}}) if item_ids else []
    return [fact for doc in docs for fact in plan_duties.publications_in(doc)]


async def approved(store: Store, school_year: str) -> list[PlanRevision]:
    """The approved revisions of a school year's plans."""
    docs = await store.find("reference", {"kind": "plan", "fact.school_year": school_year})
    return [from_doc(doc["fact"]) for doc in docs]
