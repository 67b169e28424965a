"""A person's act, put down in the transaction that does it; it must never hold a person's name, only account ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel

from contracts.times import format_time
from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.unit import Collection, Unit

MOST_FACTS = 100  # a file of events announces thousands: the entry stays small
UNCHAINED = 0  # the number of an act until it is chained
_WAITING = IndexModel(
    [("row.recorded_at", ASCENDING), ("_id", ASCENDING)], partialFilterExpression={"n": UNCHAINED}, name="waiting"
)
_CHAINED = IndexModel([("n", ASCENDING)], unique=True, partialFilterExpression={"n": {"$gt": 0}}, name="chain")
NEWEST = [("row.at", DESCENDING), ("n", DESCENDING)]
ACTS = Collection(
    "acts",
    indexes=(
        _WAITING,
        _CHAINED,  # two entries of one number would be a fork: the database refuses the second
        IndexModel(NEWEST, name="newest"),
        IndexModel([("row.act", ASCENDING), *NEWEST], name="by_act"),
        IndexModel([("row.actor", ASCENDING), *NEWEST], name="by_actor"),
    ),
)
CHAIN = Collection("chain")
COLLECTIONS = (ACTS, CHAIN)


@dataclass(frozen=True, slots=True)
class Act:
    """What a person does, as the log tells it.

    Shape:   name is one of the room's act names, subject the id of what it is done to; details are codes, digests
             and numbers as texts, never what people write; the actor's account id is empty where nobody is known.
    Units:   at is when it is done (default: the unit's `now`).
    """

    actor: Actor
    name: str
    subject: str
    reason: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None


def record(unit: Unit, act_id: str, act: Act) -> None:
    """Put the act down, after the work: with the ids of messages that the unit announces."""
    row = {
        "id": act_id,
        "source": unit.source,
        "at": format_time(act.at or unit.now),
        "recorded_at": format_time(wall_now()),
        "actor": act.actor.account_id,
        "roles": sorted(act.actor.roles),
        "act": act.name,
        "subject": act.subject,
        "reason": act.reason,
        "details": dict(act.details),
        "facts": list(unit.row_ids[:MOST_FACTS]),
        "facts_count": len(unit.row_ids),
    }
    unit.put("acts", {"_id": act_id, "n": UNCHAINED, "row": row})
