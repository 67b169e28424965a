"""Where monitoring keeps what it knows of events, what they owe, and the reference data; it must never decide."""

from collections.abc import Collection as Names
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel

from contracts.times import format_time
from services.chassis.store import Store
from services.chassis.unit import READY, WAITING, Collection, Unit
from services.monitoring.reading import INDEXES
from services.monitoring.sequences import SEQUENCES
from services.monitoring.supervision.plan_contents import PLAN_CONTENTS

Document = dict[str, Any]
COUNTED = 10_000
FRESH = timedelta(seconds=10)

COLLECTIONS = (
    Collection(
        "events",
        indexes=(
            IndexModel([("touches", ASCENDING)]),
            IndexModel([("judged_under", ASCENDING)]),
            *INDEXES["events"],
        ),
    ),
    Collection(
        "obligations",
        indexes=(
            IndexModel([("next_at", ASCENDING), ("state", ASCENDING)]),
            *INDEXES["obligations"],
        ),
    ),
    Collection("reference"),
    Collection("years"),
    SEQUENCES,
    PLAN_CONTENTS,
)


async def events_touching(unit: Unit, keys: Names[str]) -> list[Document]:
    """The events whose facts point to one of the keys."""
    return await unit.find("events", {"touches": {"$in": list(keys)}})


async def obligations_of(unit: Unit, keys: Names[str]) -> list[Document]:
    """What is stored as owed under the keys."""
    return await unit.find("obligations", {"event": {"$in": list(keys)}})


async def is_any_behind(store: Store, version: int) -> bool:
    """Whether an event was judged under an earlier version of the reference data."""
    return await store.raw("events").find_one({"judged_under": {"$lt": version}}, projection={"_id": 1}) is not None


async def events_behind(unit: Unit, version: int, *, limit: int) -> list[str]:
    """Keys of events that were judged under an earlier version of the reference data."""
    docs = await unit.find("events", {"judged_under": {"$lt": version}}, limit=limit)
    return [doc["_id"] for doc in docs]


def looked_for(now: str, confirmed: str | None, near: str | None = None) -> Document:
    """What the deadline loop has to look at: a due date that is near or reached, a miss whose evidence is all in."""
    looked = [{"next_at": {"$lte": now}, "state": "OPEN", "due_at": {"$lte": now}}]
    if near is not None:
        looked.append({"next_at": {"$lte": min(now, near)}, "state": "OPEN"})
    if confirmed is not None:
        looked.append({"next_at": {"$lte": min(now, confirmed)}, "state": {"$ne": "OPEN"}})
    return {"$or": looked}


async def events_to_look_at(
    store: Store, where: Document, *, among: Names[str] | None = None, limit: int = 0
) -> list[str]:
    """Keys of events with an obligation to look at, the earliest first; of all events, or among some.

    Shape:   where is what is `looked_for`.
    """
    rows = await store.find(
        "obligations",
        where if among is None else where | {"event": {"$in": list(among)}},
        sort=[("next_at", ASCENDING)],
        limit=limit,
        fields={"event": 1, "schema_version": 1},
    )
    return list(dict.fromkeys(row["event"] for row in rows))


def ready_misses(now: datetime, confirmed: str, *, count: int) -> Document:
    """Which rows of the outbox may be released: misses that are ready and whose evidence is all in.

    What was made ready under other reference data, or says that it was detected longer ago, is left to the deadline
    loop: it judges the event again and announces what holds then.

    Shape:   confirmed is the instant up to which nothing in time is still on its way; count of the reference data.
    """
    return {"st": READY, "ready.until": {"$lte": confirmed, "$gte": format_time(now - FRESH)}, "ready.under": count}


async def is_any_leaving(store: Store, ready: Document) -> bool:
    """Whether a miss may be released, or was and is not in Kafka yet."""
    rows, released = store.raw("outbox"), {"st": WAITING, "ready": {"$exists": True}}
    return (
        await rows.find_one(ready, {"_id": 1}) is not None
        or await rows.find_one(released, {"_id": 1}, sort=[("o", ASCENDING)]) is not None
    )


async def waits_for_evidence(store: Store, now: str) -> bool:
    """Whether a due date came near, or a miss is past its grace, that is not announced yet."""
    return await store.raw("obligations").find_one({"next_at": {"$lte": now}}, projection={"_id": 1}) is not None


async def backlog(store: Store, now: datetime, version: int) -> dict[str, int]:
    """Work that waits: events to be judged again, and obligations that the deadline loop has to look at."""
    behind = await store.raw("events").count_documents({"judged_under": {"$lt": version}}, limit=COUNTED)
    due = await store.raw("obligations").count_documents({"next_at": {"$lte": format_time(now)}}, limit=COUNTED)
    return {"judge_again": behind, "deadlines": due}


async def obligation(unit: Unit, obligation_id: str) -> Document | None:
    """The obligation as the unit sees it."""
    return await unit.get("obligations", obligation_id)
