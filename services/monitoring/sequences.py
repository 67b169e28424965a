"""The version of an event's own messages on `events`, counted by whoever announces one; it must never count twice."""

from services.chassis.unit import Collection, Unit

SEQUENCES = Collection("sequences")


async def next_sequence(unit: Unit, event_key: str) -> int:
    """Count one more message of the event, in the unit's transaction, and return its number."""
    doc = await unit.get("sequences", event_key) or {"_id": event_key, "n": 0}
    after = doc | {"n": doc["n"] + 1}
    unit.put("sequences", after)
    return int(after["n"])
