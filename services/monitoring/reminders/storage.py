"""Where reminders and mails are kept, and the rows that an announcement adds in its own transaction.

It must never decide: `ladder` and `mails` do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from contracts.fields import Record
from contracts.monitoring import DeadlineApproaching, DeadlineMissed
from services.chassis.store import Store
from services.chassis.unit import Collection, Unit
from services.monitoring.algebra.instants import Stamp
from services.monitoring.reminders.ladder import Ladder, again, rows_after

Doc = dict[str, Any]
LEASE, LEASE_S = "mail", 90
SHOWN, COUNTED = 50, 10_000
OPEN_MAILS = ("WAITING", "FAILED")

COLLECTIONS = (
    Collection(
        "reminders",
        indexes=(
            IndexModel([("state", ASCENDING), ("at", ASCENDING)]),
            IndexModel([("event", ASCENDING)]),
        ),
    ),
    Collection(
        "mails",
        indexes=(
            IndexModel([("state", ASCENDING), ("retry_at", ASCENDING)]),
            IndexModel([("made_at", DESCENDING)]),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """By which ladder reminders are planned. Shape: hour is the school's hour of the mails of the morning."""

    ladder: Ladder
    hour: int

    async def plan(self, unit: Unit, said: Iterable[Record]) -> None:
        """Add the reminders that announcements ask for; one that was planned before stays as it is."""
        told = [one for one in said if isinstance(one, (DeadlineApproaching, DeadlineMissed))]
        rows = [row for one in told for row in rows_after(one, self.ladder, unit.now, hour=self.hour)]
        known = await unit.get_many("reminders", [row["_id"] for row in rows]) if rows else {}
        for row in rows:
            before = known.get(row["_id"])
            after = again(before, row) if before else row
            if after:
                unit.put("reminders", after)


async def due_rows(unit: Unit, now: Stamp, *, limit: int) -> list[Doc]:
    """The reminders whose time has come, the earliest first."""
    where = {"state": "WAITING", "at": {"$lte": now}}
    return await unit.find("reminders", where, sort=[("at", ASCENDING)], limit=limit)


async def waiting_mail(store: Store, wall: datetime) -> str | None:
    """The id of a mail that is to be tried now; retries are timed by the machine's clock."""
    where = {"state": "WAITING", "retry_at": {"$lte": wall}}
    found = await store.raw("mails").find_one(where, projection={"_id": 1}, sort=[("retry_at", ASCENDING)])
    return found["_id"] if found else None


async def has_work(store: Store, now: Stamp, wall: datetime) -> bool:
    """Whether a reminder's time has come, or a mail is to be tried."""
    where = {"state": "WAITING", "at": {"$lte": now}}
    is_due = await store.raw("reminders").find_one(where, projection={"_id": 1}) is not None
    return is_due or await waiting_mail(store, wall) is not None


async def last_mails(store: Store, states: Iterable[str]) -> list[Doc]:
    """The mails in these states, the newest first."""
    where = {"state": {"$in": list(states)}}
    return await store.find("mails", where, sort=[("made_at", DESCENDING)], limit=SHOWN)


async def next_rows(store: Store) -> list[Doc]:
    """The reminders that wait for their time, the first first."""
    return await store.find("reminders", {"state": "WAITING"}, sort=[("at", ASCENDING)], limit=SHOWN)


async def rows_of_event(store: Store, event: str) -> list[Doc]:
    """The reminders of an event, the first first."""
    return await store.find("reminders", {"event": event}, sort=[("at", ASCENDING)])


async def count_waiting(store: Store) -> int:
    """How many mails wait to be sent, counted to COUNTED."""
    return int(await store.raw("mails").count_documents({"state": "WAITING"}, limit=COUNTED))


async def lease(store: Store, owner: str, wall: datetime) -> bool:
    """Take or renew the right to send; False while another replica has it."""
    free = {"_id": LEASE, "$or": [{"owner": owner}, {"until": {"$lt": wall}}]}
    taken = {"$set": {"owner": owner, "until": wall + timedelta(seconds=LEASE_S)}}
    try:
        done = await store.raw("leases").update_one(free, taken, upsert=True)
    except DuplicateKeyError:
        return False
    return done.matched_count > 0 or done.upserted_id is not None
