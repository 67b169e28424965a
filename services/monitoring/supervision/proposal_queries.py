"""How proposed merges are found, and how what a person said of them is kept; it must never decide."""

from typing import Any

from pymongo import DESCENDING, IndexModel

from services.chassis.store import Store
from services.chassis.unit import Collection
from services.monitoring.algebra.instants import Stamp
from services.monitoring.supervision.proposals import Pair, pair_id, pairs_of

Doc = dict[str, Any]
APART = Collection("apart", indexes=(IndexModel([("at", DESCENDING)]),))
# The index of events that has all that tells two alike: no event is read to find the few that are.
TWINS = "twins"


async def pairs(store: Store, began: Stamp, ended: Stamp) -> list[Pair]:
    """The pairs that began in a span of time and that nobody has said to be two, the latest first."""
    steps: list[Doc] = [
        {"$match": {"started_at": {"$gte": began, "$lt": ended}}},
        {"$project": {"started_at": 1, "event.unit": 1, "title_folded": 1}},
        {
            "$group": {
                "_id": {"unit": "$event.unit", "title": "$title_folded"},
                "events": {"$push": {"at": "$started_at", "key": "$_id"}},
                "count": {"$sum": 1},
            }
        },
        {"$match": {"count": {"$gt": 1}}},
    ]
    groups = await store.raw("events").aggregate(steps, hint=TWINS).to_list(None)
    found = pairs_of(((one["at"], one["key"]) for one in group["events"]) for group in groups)
    settled = await store.find("apart", {"_id": {"$in": [pair.id for pair in found]}}, fields={"schema_version": 1})
    known = {doc["_id"] for doc in settled}
    return [pair for pair in found if pair.id not in known]


async def apart_from(store: Store, key: str, others: list[str]) -> set[str]:
    """Those of the events that somebody has said to be another than this one."""
    ids = {pair_id(key, other): other for other in others}
    docs = await store.find("apart", {"_id": {"$in": list(ids)}}, fields={"schema_version": 1}) if ids else []
    return {ids[doc["_id"]] for doc in docs}


async def latest_apart(store: Store, *, limit: int) -> list[Doc]:
    """What people said last of pairs that are two events."""
    return await store.find("apart", {}, sort=[("at", DESCENDING)], limit=limit)
