"""Where approval keeps things: its collections, and how they are read. It must never decide."""

import contextlib
from collections.abc import Collection as Names
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from services.approval.accounts import Account
from services.approval.state import STAGES, Review
from services.chassis.decision import Decision
from services.chassis.unit import Collection, Unit

if TYPE_CHECKING:
    from services.chassis.store import Store

PAGE_ROWS = 100
S = TypeVar("S", Review, Account)
_ID: dict[type, str] = {Review: "plan_id", Account: "account_id"}
COLLECTIONS = (
    Collection("reviews", indexes=(IndexModel([("status", ASCENDING), ("due_at", ASCENDING), ("_id", ASCENDING)]),)),
    Collection("accounts", indexes=(IndexModel([("name", ASCENDING)], unique=True),)),
    Collection("sign_ins", indexes=(IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),)),
    Collection("revocations"),
    Collection("guards"),
)


def to_doc(state: Review | Account) -> dict[str, Any]:
    """The document that is stored of a state; its id is the state's own."""
    data = state.to_data()
    return {"_id": data.pop(_ID[type(state)]), **data}


def from_doc(kind: type[S], doc: dict[str, Any] | None) -> S | None:
    """The state that a stored document holds."""
    return kind.from_data({_ID[kind]: doc["_id"], **doc}) if doc else None


async def load(unit: Unit, plan_id: str) -> Review | None:
    """The review as the unit sees it."""
    return from_doc(Review, await unit.get("reviews", plan_id))


def keep(unit: Unit, decision: Decision[Review]) -> None:
    """Store and announce what was decided; nothing when nothing changed."""
    if decision.state is not None:
        unit.put("reviews", to_doc(decision.state))
        unit.announce(*decision.announcements)


async def review(store: "Store", plan_id: str) -> Review | None:
    """The review for a page."""
    return from_doc(Review, await store.get("reviews", plan_id))


async def reviews(store: "Store", statuses: Names[str] = ()) -> list[Review]:
    """Reviews of these statuses, or all, the earliest due first; there is one per plan, so a page holds years."""
    where = {"status": {"$in": list(statuses)}} if statuses else {}
    sort = [("due_at", DESCENDING if not statuses else ASCENDING), ("_id", ASCENDING)]
    docs = await store.find("reviews", where, sort=sort, limit=PAGE_ROWS)
    return [Review.from_data({"plan_id": doc["_id"], **doc}) for doc in docs]


async def count_waiting(store: "Store") -> int:
    """How many plans wait for a decision."""
    return int(await store.raw("reviews").count_documents({"status": {"$in": [status.value for status in STAGES]}}))


async def load_account(unit: Unit, account_id: str) -> Account | None:
    """The account as the unit sees it."""
    return from_doc(Account, await unit.get("accounts", account_id))


async def account_named(unit: Unit, name: str) -> Account | None:
    """The account of a login name as the unit sees it."""
    return from_doc(Account, next(iter(await unit.find("accounts", {"name": name}, limit=1)), None))


async def other_administrators(unit: Unit, account_id: str) -> int:
    """How many other active administrators there are; two who ask at once conflict, so that none counts the other."""
    guard = await unit.get("guards", "administrators") or {"_id": "administrators", "asked": 0}
    unit.put("guards", guard | {"asked": guard["asked"] + 1})
    docs = await unit.find("accounts", {"roles": "administrator", "active": True})
    return sum(doc["_id"] != account_id for doc in docs)


def intend_revocation(unit: Unit, account_id: str) -> None:
    """Note in the same transaction that the account's sessions have to end."""
    unit.put("revocations", {"_id": f"{account_id}\n{unit.cause.id}", "account_id": account_id})


async def intended_revocations(store: "Store") -> list[dict[str, str]]:
    """The sessions that have to end, as notes; a note is deleted once they have."""
    return await store.find("revocations", {}, limit=PAGE_ROWS)


async def count_try(store: "Store", key: str, *, now: datetime, keep: timedelta, pauses_s: Sequence[int]) -> int:
    """Count a sign-in's try before it is judged, in one step, and return how long it has to wait (0: it may go on).

    Shape:   pauses_s[n] is the pause that follows the n-th try.        Units: seconds.
    """
    free = {"_id": key, "$or": [{"until": None}, {"until": {"$lte": now}}]}
    pauses_ms = [pause_s * 1000 for pause_s in pauses_s]
    pause = {"$arrayElemAt": [pauses_ms, {"$min": ["$tries", len(pauses_ms) - 1]}]}
    count: list[dict[str, Any]] = [
        {"$set": {"tries": {"$add": [{"$ifNull": ["$tries", 0]}, 1]}, "expires_at": now + keep}},
        {"$set": {"until": {"$cond": [{"$gt": [pause, 0]}, {"$add": [now, pause]}, None]}}},
    ]
    while True:
        with contextlib.suppress(DuplicateKeyError):
            await store.raw("sign_ins").update_one(free, count, upsert=True)
            return 0
        doc = await store.raw("sign_ins").find_one({"_id": key})
        if doc and doc["until"] and doc["until"] > now:  # else two first tries at once: this one is counted too
            return max(1, int((doc["until"] - now).total_seconds()) + 1)


async def account(store: "Store", account_id: str) -> Account | None:
    """The account for a page."""
    return from_doc(Account, await store.get("accounts", account_id))


async def account_by_name(store: "Store", name: str) -> Account | None:
    """The account of a login name, for a sign-in."""
    return from_doc(Account, next(iter(await store.find("accounts", {"name": name}, limit=1)), None))


async def accounts(store: "Store") -> list[Account]:
    """All accounts, by login name."""
    docs = await store.find("accounts", {}, sort=[("name", ASCENDING)])
    return [Account.from_data({"account_id": doc["_id"], **doc}) for doc in docs]


async def names_of(store: "Store", account_ids: Names[str]) -> dict[str, str]:
    """The names that accounts are shown by."""
    docs = await store.find(
        "accounts", {"_id": {"$in": list(account_ids)}}, fields={"display_name": 1, "schema_version": 1}
    )
    return {doc["_id"]: doc["display_name"] for doc in docs}
