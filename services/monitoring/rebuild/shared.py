"""What the topics say to all events: approved plans, versions of calendar and policy, merges, the years' own steps.

The live service is given what it lacks of it, and of its counts. It must never judge an event.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.approval import PlanApproved
from contracts.envelope import Message, Undecodable, decode
from contracts.events import EventMerged
from contracts.monitoring import CalendarIssued, PolicyIssued
from contracts.registry import TYPES
from contracts.times import format_time
from services.chassis.failures import Unprocessable
from services.chassis.unit import Cause, Unit
from services.monitoring.algebra import calendars, plans
from services.monitoring.algebra.facts import Fact
from services.monitoring.decisions import Doc
from services.monitoring.handlers import fact_of
from services.monitoring.rebuild.spill import Line
from services.monitoring.reference import HEAD, SHIPPED_BY, add_plan, add_version
from services.monitoring.years import STEPS

if TYPE_CHECKING:
    from services.chassis.app import Service

ASKED, CHANGED = 5_000, 200  # counters at a time
_TELLING = {
    "events": (TYPES["event-merged"].type.encode(),),
    "compliance": (TYPES["calendar-issued"].type.encode(), TYPES["policy-issued"].type.encode()),
}


def fact_in(line: Line) -> tuple[Fact | None, int]:
    """The fact that a record of `events` or `publications` brings, and its sequence; raises Undecodable."""
    message = decode(line.value)
    return fact_of(message), message.sequence or 0


@dataclass
class Shared:
    """What was heard so far; the same again changes nothing."""

    approved: dict[str, Message] = field(default_factory=dict)
    versions: dict[str, Message] = field(default_factory=dict)
    targets: set[str] = field(default_factory=set)
    years: dict[str, Doc] = field(default_factory=dict)
    unreadable: int = 0

    def hear(self, line: Line) -> None:
        """Take from a record what it says to all events; most say nothing."""
        telling = _TELLING.get(line.topic)
        if line.topic == "publications" or (telling and not any(kind in line.value for kind in telling)):
            return
        try:
            message = decode(line.value)
        except (Undecodable, Unprocessable):
            self.unreadable += line.topic not in _TELLING  # the others are read once more, and counted then
            return
        self._hear(message)

    def _hear(self, message: Message) -> None:
        data = message.data
        if isinstance(data, EventMerged) and data.into is not None:
            self.targets.add(data.into)
        elif isinstance(data, (CalendarIssued, PolicyIssued)):
            self.versions.setdefault(message.id, message)
        elif isinstance(data, PlanApproved):
            self.approved.setdefault(message.id, message)
        if step := STEPS.get(type(data)):
            year = self.years.setdefault(data.school_year, {"_id": data.school_year})  # type: ignore[attr-defined]
            year[step] = min(year.get(step, "~"), format_time(message.time))

    def docs(self) -> list[Doc]:
        """The reference data as `References.made` takes them."""
        approved = [plans.to_doc(plans.from_message(one)) for one in self.approved.values()]
        versions = [calendars.to_doc(calendars.from_message(one)) for one in self.versions.values()]
        return [
            *({"kind": "plan", "fact": fact} for fact in approved),
            *({"kind": "version", "fact": fact} for fact in versions),
        ]

    async def add_to(self, unit: Unit) -> int:
        """Give the live service what it lacks; how much that was."""
        added = 0
        for message in self.approved.values():
            added += await add_plan(unit, plans.from_message(message))
        for message in self.versions.values():
            added += await add_version(unit, message)
            if message.data.by == SHIPPED_BY:  # type: ignore[attr-defined]
                shipped = f"{SHIPPED_BY} {message.data.version}"  # type: ignore[attr-defined]
                if await unit.get("reference", shipped) is None:
                    unit.put("reference", {"_id": shipped, "kind": HEAD})
        return added + await self._add_years(unit)

    async def _add_years(self, unit: Unit) -> int:
        added = 0
        for school_year, heard in self.years.items():
            before = await unit.get("years", school_year) or {"_id": school_year}
            after = before | {step: min(at, before.get(step, "~")) for step, at in heard.items() if step != "_id"}
            if after != before:
                unit.put("years", after)
                added += 1
        return added


async def raise_sequences(service: "Service", reported: dict[str, int]) -> int:
    """See that each event's count of its own messages is not below what the topic holds; how many were."""
    keys = list(reported)
    counted: dict[str, int] = {}
    for place in range(0, len(keys), ASKED):
        docs = await service.store.find("sequences", {"_id": {"$in": keys[place : place + ASKED]}})
        counted |= {doc["_id"]: doc["n"] for doc in docs}
    low = [key for key, n in reported.items() if counted.get(key, 0) < n]
    for place in range(0, len(low), CHANGED):
        chunk = low[place : place + CHANGED]

        async def work(unit: Unit, chunk: list[str] = chunk) -> None:
            known = await unit.get_many("sequences", chunk)
            for key in chunk:
                doc = known.get(key) or {"_id": key, "n": 0}
                if doc["n"] < reported[key]:
                    unit.put("sequences", doc | {"n": reported[key]})

        await service.store.transact(Cause(service.source, "rebuild"), service.clock.now(), work)
    return len(low)
