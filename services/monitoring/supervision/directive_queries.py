"""How directives are kept and asked for: each question on an index, each list bounded; it must never decide."""

from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, IndexModel

from services.chassis.decision import Actor
from services.chassis.store import Store
from services.chassis.unit import Collection
from services.monitoring.algebra.instants import Stamp
from services.monitoring.reading.filters import Cursor, cursor_of
from services.monitoring.supervision.directives import waiting_for

if TYPE_CHECKING:
    from services.chassis.app import Service

Doc = dict[str, Any]
COUNTED = 1_000
# How many people are offered by name: those who are signed in somewhere; units and roles are always offered.
PEOPLE = 300
_BY_DUE = [("due_at", ASCENDING), ("_id", ASCENDING)]
_INDEXED = ("state", "to", "by", "scope.event", "scope.topic_area", "scope.unit")
DIRECTIVES = Collection(
    "directives",
    indexes=(IndexModel(_BY_DUE), *(IndexModel([(name, ASCENDING), *_BY_DUE]) for name in _INDEXED)),
)


async def directives(
    store: Store, where: Doc, *, after: Cursor | None = None, limit: int
) -> tuple[list[Doc], Cursor | None]:
    """One page of directives in the order of their due dates, and where the next page begins."""
    behind = {} if after is None else {"$or": [{"due_at": {"$gt": after.at}}, _beside(after)]}
    asked = {"$and": [one for one in (where, behind) if one]} if where or behind else {}
    docs = await store.find("directives", asked, sort=_BY_DUE, limit=limit + 1)
    return docs[:limit], cursor_of(docs[limit - 1], "due_at") if len(docs) > limit else None


def _beside(after: Cursor) -> Doc:
    return {"due_at": after.at, "_id": {"$gt": after.id}}


async def waiting(store: Store, actor: Actor, now: Stamp, *, limit: int) -> tuple[list[Doc], int]:
    """What waits for a person, what is due first first, and how much there is, COUNTED at most."""
    where = {"$or": list(waiting_for(actor, now))}
    docs = await store.find("directives", where, sort=_BY_DUE, limit=limit)
    count = len(docs)
    if count == limit:
        count = int(await store.raw("directives").count_documents(where, limit=COUNTED))
    return docs, count


async def people(service: "Service") -> list[tuple[str, str]]:
    """Accounts with their names, as far as they are signed in somewhere; accounts are approval's business."""
    fields = {"account_id": 1, "name": 1}
    found = await service.sessions.find({}, projection=fields, sort=[("account_id", 1)], limit=PEOPLE).to_list(None)
    return sorted({doc["account_id"]: doc["name"] for doc in found}.items())


async def is_person(service: "Service", account_id: str) -> bool:
    """Whether somebody of this account is signed in somewhere."""
    return await service.sessions.find_one({"account_id": account_id}, projection={"_id": 1}) is not None
