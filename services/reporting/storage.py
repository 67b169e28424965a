"""Where reporting keeps things: folded messages, reports, frozen rows. It must never decide."""

from typing import TYPE_CHECKING

from pymongo import ASCENDING, IndexModel

from services.chassis.decision import Decision
from services.chassis.unit import Collection, Unit
from services.reporting.projections import Fact
from services.reporting.school_years import YearDates
from services.reporting.snapshot import Folded, Snapshot, from_docs, to_docs
from services.reporting.state import Report

if TYPE_CHECKING:
    from services.chassis.store import Store

COLLECTIONS = (
    Collection("obligations", indexes=(IndexModel([("school_years", ASCENDING)]),)),
    Collection("events", indexes=(IndexModel([("days", ASCENDING)]),)),
    Collection("publications", indexes=(IndexModel([("items", ASCENDING)]), IndexModel([("days", ASCENDING)]))),
    Collection("plans", indexes=(IndexModel([("school_years", ASCENDING)]),)),
    Collection("marks"),
    Collection("reports"),
    Collection("frozen"),
)
Marks = tuple[tuple[str, int], ...]


async def mark(unit: Unit, topic: str) -> None:
    """Note that what is folded of a topic has changed."""
    before = await unit.get("marks", topic) or {"_id": topic, "changes": 0}
    unit.put("marks", before | {"changes": before["changes"] + 1})


async def marks(store: "Store") -> Marks:
    """How often what is folded of each topic has changed: equal marks, equal documents."""
    return tuple(sorted((doc["_id"], doc["changes"]) for doc in await store.find("marks", {})))


async def folded(store: "Store", dates: YearDates) -> Folded:
    """All that is folded of a school year, and of what its events and plans name."""
    year = {"school_years": dates.school_year}
    days = {"days": {"$elemMatch": {"$gte": dates.starts_on.isoformat(), "$lte": dates.ends_on.isoformat()}}}
    obligations, plans = await store.find("obligations", year), await store.find("plans", year)
    events = await store.find("events", days)
    items = sorted({item for doc in plans for fact in doc["facts"] for item in fact.get("item_ids", ())})
    named = {"$or": [{"_id": {"$in": [*(doc["_id"] for doc in events), *items]}}, {"items": {"$in": items}}, days]}
    publications = await store.find("publications", named)
    return {"obligations": obligations, "events": events, "publications": publications, "plans": plans}


async def plans(store: "Store", school_year: str) -> dict[str, list[Fact]]:
    """What was told of a school year's plans."""
    return {doc["_id"]: doc["facts"] for doc in await store.find("plans", {"school_years": school_year})}


async def school_years(store: "Store") -> list[str]:
    """The school years of which anything is known, the newest first."""
    names = ("obligations", "plans")
    found = {year for name in names for year in await store.raw(name).distinct("school_years")}
    return sorted(found | {doc["_id"] for doc in await store.find("reports", {})}, reverse=True)


async def report(where: "Unit | Store", school_year: str) -> Report:
    """The report of a year; a year without one has an open report."""
    return Report.from_data({"school_year": school_year, **(await where.get("reports", school_year) or {})})


def keep(unit: Unit, decision: Decision[Report], frozen: Snapshot | None = None) -> Report:
    """Store and announce what was decided; the rows and figures of an issued report are kept for ever."""
    assert decision.state is not None, "an accepted decision has a state"
    unit.put("reports", {"_id": decision.state.school_year, **decision.state.to_data()})
    unit.announce(*decision.announcements)
    for doc in to_docs(frozen) if frozen else ():
        unit.put("frozen", doc)
    return decision.state


async def frozen(store: "Store", school_year: str) -> Snapshot:
    """The snapshot of an issued report."""
    where = {"_id": {"$gte": school_year, "$lt": f"{school_year}0"}}
    return from_docs(await store.find("frozen", where, sort=[("_id", ASCENDING)]))
