"""What a room's log of acts tells, for the tests of all rooms."""

from typing import Any

from services.chassis.store import Store

Told = tuple[str, str, str, str]


async def told(store: Store) -> list[Told]:
    """The acts as (actor, name, subject, reason), in the order in which they were put down."""
    docs = await store.find("acts", {}, sort=[("row.recorded_at", 1)])
    rows = [doc["row"] for doc in docs]
    return [(row["actor"], row["act"], row["subject"], row["reason"]) for row in rows]


async def details(store: Store) -> list[dict[str, Any]]:
    """The details of the acts, in the same order."""
    docs = await store.find("acts", {}, sort=[("row.recorded_at", 1)])
    return [doc["row"]["details"] for doc in docs]
