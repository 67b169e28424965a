"""Where planning keeps things: plans, submitted revisions, item ids, what reporting told. It must never decide."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from contracts.approval import PlanRevised
from contracts.planning import PlanContent
from contracts.reporting import ImprovementProposed
from contracts.times import format_time, parse_time
from services.chassis.decision import Decision
from services.chassis.unit import Collection, Unit
from services.planning.completeness import placed_items
from services.planning.state import Plan, Submission

if TYPE_CHECKING:
    from services.chassis.store import Store

COLLECTIONS = (
    Collection("plans", indexes=(IndexModel([("school_year", DESCENDING), ("created_at", ASCENDING)]),)),
    Collection("revisions"),
    Collection("items"),
    Collection("reports"),
    Collection("proposals", indexes=(IndexModel([("school_year", ASCENDING)]),)),
)


def from_doc(doc: dict[str, Any] | None) -> Plan | None:
    """The plan that a stored document holds."""
    return Plan.from_data({"plan_id": doc["_id"], **doc}) if doc else None


def to_doc(plan: Plan) -> dict[str, Any]:
    """The document that is stored of a plan."""
    data = plan.to_data()
    return {"_id": data.pop("plan_id"), **data}


async def load(unit: Unit, plan_id: str) -> Plan | None:
    """The plan as the unit sees it."""
    return from_doc(await unit.get("plans", plan_id))


def keep(unit: Unit, decision: Decision[Plan]) -> Plan:
    """Store and announce what was decided."""
    assert decision.state is not None, "an accepted decision has a state"
    unit.put("plans", to_doc(decision.state))
    unit.announce(*decision.announcements)
    return decision.state


async def taken_ids(unit: Unit, content: PlanContent) -> dict[str, str]:
    """Which of the content's item ids are taken, and by which plan."""
    ids = {item.item_id for _, item in placed_items(content)}
    return {item_id: doc["plan_id"] for item_id, doc in (await unit.get_many("items", sorted(ids))).items()}


async def keep_revision(unit: Unit, plan: Plan, submission: Submission) -> None:
    """Keep the submitted content for ever, and take its item ids; two plans that want one id at once conflict."""
    taken = await taken_ids(unit, plan.content)
    for item_id in {item.item_id for _, item in placed_items(plan.content)} - taken.keys():
        unit.put("items", {"_id": item_id, "plan_id": plan.plan_id})
    key = f"{plan.plan_id}@{submission.revision}"
    unit.put("revisions", {"_id": key, "content": plan.content.to_data()})


async def keep_revised(unit: Unit, told: PlanRevised) -> None:
    """Keep the content that a reviewer made; its items are those of the revision before."""
    key = f"{told.plan_id}@{told.revision}"
    crossed = await unit.get("revisions", key)
    if crossed:
        unit.put("revisions", {"_id": f"{key}+crossed", "content": crossed["content"]})
    unit.put("revisions", {"_id": key, "content": told.content.to_data()})


async def report_issued_at(where: "Unit | Store", school_year: str) -> datetime | None:
    """When the report of a school year was first issued."""
    doc = await where.get("reports", school_year)
    return parse_time(doc["issued_at"]) if doc else None


async def keep_report(unit: Unit, school_year: str, *, issued_at: datetime, href: str) -> None:
    """Note that a report was issued; the first issue counts, an addendum moves nothing."""
    before = await unit.get("reports", school_year)
    told = {"_id": school_year, "issued_at": format_time(issued_at), "href": href}
    if before is None or told["issued_at"] < before["issued_at"]:
        unit.put("reports", told)


async def keep_proposal(unit: Unit, proposed: ImprovementProposed) -> None:
    """Keep a proposal, to be offered as a basis."""
    await unit.get("proposals", proposed.proposal_id)
    unit.put("proposals", {"_id": proposed.proposal_id, **proposed.to_data()})


async def plan(store: "Store", plan_id: str) -> Plan | None:
    """The plan for a page."""
    return from_doc(await store.get("plans", plan_id))


async def plans(store: "Store") -> list[Plan]:
    """All plans, the newest school year first; there are a few a year."""
    docs = await store.find("plans", {}, sort=[("school_year", DESCENDING), ("created_at", ASCENDING)])
    return [Plan.from_data({"plan_id": doc["_id"], **doc}) for doc in docs]


async def count_returned(store: "Store") -> int:
    """How many plans were returned and not submitted again since."""
    return int(
        await store.raw("plans").count_documents({"$expr": {"$eq": [{"$last": "$submissions.status"}, "RETURNED"]}})
    )


async def revision(store: "Store", plan_id: str, number: int) -> PlanContent | None:
    """The content of a submitted revision."""
    doc = await store.get("revisions", f"{plan_id}@{number}")
    return PlanContent.from_data(doc["content"]) if doc else None


async def proposals(store: "Store", school_year: str) -> Sequence[ImprovementProposed]:
    """What was proposed after a school year."""
    docs = await store.find("proposals", {"school_year": school_year}, sort=[("_id", ASCENDING)])
    return [ImprovementProposed.from_data(doc) for doc in docs]
