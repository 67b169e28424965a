"""The reference data of monitoring: approved plans, versions of calendar and policy; it must never judge an event.

Each is kept as the fact that brought it. A counter tells how many there are: an event knows under which count it was
judged, and one that is behind is judged again.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.envelope import Message
from contracts.monitoring import CalendarIssued, PolicyIssued
from contracts.reference import Reference as CodeLists
from services.chassis.clock import wall_now
from services.chassis.decision import Announcement
from services.chassis.store import Store
from services.chassis.unit import Cause, Unit, VersionConflict
from services.monitoring.algebra import calendars, plans
from services.monitoring.algebra.calendars import SHIPPED_ISSUED_AT
from services.monitoring.algebra.instants import to_instant
from services.monitoring.algebra.plans import PlanRevision, Reference

DATA = Path(__file__).parent / "data"
HEAD = "head"
NO_HEAD: dict[str, Any] = {"_id": HEAD, "kind": HEAD, "count": 0}
SHIPPED_BY = "shipped"


class Moving(VersionConflict):
    """The documents are about to be replaced by others: whoever judges does so again in a moment."""


class References:
    """The reference data as a unit sees them, read anew only when their count has changed."""

    def __init__(self, codes: CodeLists) -> None:
        self._units = frozenset(unit.code for unit in codes.units)
        self._topic_areas = frozenset(area.code for area in codes.topic_areas)
        self._kept: tuple[int, Reference] = (0, self.made([]))

    def made(self, docs: Iterable[dict[str, Any]]) -> Reference:
        """The data that documents of reference data hold; those of another kind are left out."""
        docs = tuple(docs)
        approved = [plans.from_doc(doc["fact"]) for doc in docs if doc["kind"] == "plan"]
        versions = [calendars.from_doc(doc["fact"]) for doc in docs if doc["kind"] == "version"]
        return Reference(approved, versions, units=self._units, topic_areas=self._topic_areas)

    async def read(self, unit: Unit) -> tuple[int, Reference]:
        """What `look` gives, for whoever judges.

        Raises:  Moving while a rebuild puts its documents in the place of the live ones.
        """
        head = await unit.get("reference", HEAD)
        if head and head.get("moving_until") and head["moving_until"] > wall_now():
            raise Moving
        return await self.look(unit)

    async def look(self, unit: Unit) -> tuple[int, Reference]:
        """The count and the data, both of the unit's snapshot; asked before the unit itself adds to them."""
        if unit.has_changed("reference", HEAD):
            raise RuntimeError("the reference data are read before they are added to")
        count = (await unit.get("reference", HEAD) or NO_HEAD)["count"]
        if count != self._kept[0]:
            self._kept = (count, self.made(await unit.find("reference", {"kind": {"$ne": HEAD}})))
        return self._kept

    @property
    def last(self) -> tuple[int, Reference]:
        """What was read last in this process: good enough for a page."""
        return self._kept


async def counted(store: Store) -> int:
    """How many facts of reference data there are."""
    head = await store.get("reference", HEAD)
    return int(head["count"]) if head else 0


async def add_plan(unit: Unit, revision: PlanRevision) -> bool:
    """Keep an approved revision; False when it was known."""
    return await _add(unit, "plan", plans.to_doc(revision))


async def add_version(unit: Unit, message: Message) -> bool:
    """Keep the version of calendar or policy that a message brings; False when it was known."""
    return await _add(unit, "version", calendars.to_doc(calendars.from_message(message)))


async def _add(unit: Unit, kind: str, fact: dict[str, Any]) -> bool:
    doc_id = f"{kind}\n{fact['source']}\n{fact['id']}"
    if await unit.get("reference", doc_id):
        return False
    head = await unit.get("reference", HEAD) or NO_HEAD
    unit.put("reference", head | {"count": head["count"] + 1})
    unit.put("reference", {"_id": doc_id, "kind": kind, "fact": fact})
    return True


async def issue_shipped(unit: Unit) -> None:
    """Issue the calendar and the policy that the software is shipped with, once: they hold from the earliest event on.

    Emits:  CalendarIssued, PolicyIssued.
    """
    issued_at = to_instant(SHIPPED_ISSUED_AT)
    for data in (_shipped_calendar(issued_at), _shipped_policy(issued_at)):
        unit.cause = Cause(unit.cause.source, f"{SHIPPED_BY} {data.version}")
        if await unit.get("reference", f"{SHIPPED_BY} {data.version}"):
            continue
        unit.put("reference", {"_id": f"{SHIPPED_BY} {data.version}", "kind": HEAD})
        for message in unit.announce(Announcement(data, data.version, 1, issued_at)):
            await add_version(unit, message)


def _shipped_calendar(issued_at: datetime) -> CalendarIssued:
    content = json.loads((DATA / "calendar-vn-2026.1.json").read_bytes())
    return CalendarIssued.from_data({**content, "provisional": False, "by": SHIPPED_BY, "issued_at": issued_at})


def _shipped_policy(issued_at: datetime) -> PolicyIssued:
    content = json.loads((DATA / "policy-3n.1.json").read_bytes())
    return PolicyIssued.from_data({**content, "by": SHIPPED_BY, "issued_at": issued_at})
