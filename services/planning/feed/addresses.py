"""The private addresses of the calendar: one a person, with an end, revocable; the key is kept as its hash alone.

It must never say whose address it is, nor show a key twice.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, IndexModel

from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, scoped
from services.chassis.unit import Collection, Unit
from services.chassis.web.identity import digest_of

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.chassis.store import Store

LASTS = timedelta(days=400)  # a school year, and the month in which the next plan is agreed on
NOTED_EACH = timedelta(hours=1)
ADDRESSES = Collection("calendar_addresses", indexes=(IndexModel([("key", ASCENDING)], unique=True),))


@dataclass(frozen=True, slots=True)
class Address:
    """What is known of a person's address. Units: heard_at is when a program last asked there, or None."""

    made_at: datetime
    ends_at: datetime
    heard_at: datetime | None


def _new_key() -> str:
    return secrets.token_urlsafe(32)


async def make(
    service: "Service", command_id: str, actor: Actor, *, new_key: Callable[[], str] = _new_key
) -> str | None:
    """Give the person a new address in place of an old one and return its key; a repeat returns None."""
    key, now = new_key(), service.clock.now()

    async def work(unit: Unit) -> dict[str, Any]:
        await unit.get(ADDRESSES.name, actor.account_id)
        times = {"made_at": now, "ends_at": now + LASTS, "heard_at": None}
        unit.put(ADDRESSES.name, {"_id": actor.account_id, "key": digest_of(key), **times})
        return {"key": digest_of(key)}

    act = Act(actor, "calendar-address-made", actor.account_id)
    made = await service.store.command(scoped(command_id, actor), now, work, act=act)
    return key if made["key"] == digest_of(key) else None


async def end(service: "Service", command_id: str, actor: Actor, *, of_all: bool = False) -> None:
    """End the person's address, or everybody's; harmless when there is none."""

    async def work(unit: Unit) -> dict[str, Any]:
        where = {} if of_all else {"_id": actor.account_id}
        for doc in await unit.find(ADDRESSES.name, where):
            unit.put(ADDRESSES.name, doc | {"ends_at": min(doc["ends_at"], unit.now)})
        return {}

    act = Act(actor, "calendar-addresses-ended" if of_all else "calendar-address-ended", actor.account_id)
    await service.store.command(scoped(command_id, actor), service.clock.now(), work, act=act)


async def is_known(store: "Store", key: str, now: datetime) -> bool:
    """Whether the key opens the calendar now; notes its use at most each hour."""
    doc = await store.raw(ADDRESSES.name).find_one({"key": digest_of(key)})
    if doc is None or doc["ends_at"] <= now:
        return False
    if doc["heard_at"] is None or now - doc["heard_at"] >= NOTED_EACH:
        await store.raw(ADDRESSES.name).update_one({"_id": doc["_id"]}, {"$set": {"heard_at": now}})
    return True


async def address_of(store: "Store", actor: Actor, now: datetime) -> Address | None:
    """The person's address while it stands."""
    doc = await store.get(ADDRESSES.name, actor.account_id)
    if doc is None or doc["ends_at"] <= now:
        return None
    return Address(doc["made_at"], doc["ends_at"], doc["heard_at"])


async def count(store: "Store", now: datetime) -> int:
    """How many addresses stand."""
    return int(await store.raw(ADDRESSES.name).count_documents({"ends_at": {"$gt": now}}))
