"""What an act would do, asked before it is done: the same decision, and the open obligations it would move.

It must never store, announce or keep more than the rows it shows.
"""

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING

from contracts.monitoring import CalendarIssued, PolicyIssued
from services.chassis.store import Store
from services.monitoring.algebra.due import Versions
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.reading import queries
from services.monitoring.versions import calendar_rules, moves, naming, policy_rules
from services.monitoring.versions.calendar_rules import CalendarChange, GivenCalendar
from services.monitoring.versions.issuing import accepted
from services.monitoring.versions.moves import Moves
from services.monitoring.versions.policy_rules import GivenPolicy

if TYPE_CHECKING:
    from services.chassis.app import Service

CHUNK = 500
_FIELDS = dict.fromkeys(moves.FIELDS, 1)
_ORDER = [("due_at", ASCENDING), ("_id", ASCENDING)]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be issued, what it changes of the calendar, and what it moves."""

    data: CalendarIssued | PolicyIssued
    change: CalendarChange | None
    moves: Moves

    def to_data(self) -> dict[str, Any]:
        """The preview as the API gives it."""
        found, told = self.moves, ("examined", "moved", "earlier", "later", "dated", "undated", "missed_at_once")
        counts = {name: getattr(found, name) for name in told}
        rows = {"rows": [asdict(row) for row in found.rows], "rest": found.moved - len(found.rows)}
        return {"version": self.data.version, "change": _change_data(self.change)} | counts | rows


def _change_data(change: CalendarChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    days = [{"date": one.day.isoformat(), "before": one.before, "after": one.after} for one in change.days]
    return {"days": days, "newly_covered": change.newly_covered}


async def versions_of(store: Store) -> Versions:
    """All versions as they stand in the database now."""
    return Versions(await queries.versions(store))


async def preview_calendar(service: "Service", given: GivenCalendar, by: str) -> Preview:
    """What a version of the calendar would do; raises Refused where issuing it would be refused."""
    versions = await versions_of(service.store)
    at = naming.issued_at(service.clock.now(), versions)
    data = accepted(calendar_rules.decide(given, versions, by, at=at))
    assert isinstance(data, CalendarIssued)
    version = naming.calendar_of(data)
    change = calendar_rules.calendar_change(naming.calendars_in(versions), version)
    after = Versions((*versions.ordered, version))
    return Preview(data, change, await _moves(service.store, versions, after, to_stamp(at)))


async def preview_policy(service: "Service", given: GivenPolicy, by: str) -> Preview:
    """What a version of the due rules would do; raises Refused where issuing it would be refused."""
    versions = await versions_of(service.store)
    at = naming.issued_at(service.clock.now(), versions)
    data = accepted(policy_rules.decide(given, versions, by, at=at))
    assert isinstance(data, PolicyIssued)
    after = Versions((*versions.ordered, naming.policy_of(data)))
    return Preview(data, None, await _moves(service.store, versions, after, to_stamp(at)))


async def _moves(store: Store, before: Versions, after: Versions, now: Stamp) -> Moves:
    """The obligations that move, what has no date first, then what is due first."""
    found = Moves(before, after, now)
    for where in moves.may_move(now):
        cursor = store.raw("obligations").find(where, projection=_FIELDS, sort=_ORDER, batch_size=CHUNK)
        while docs := await cursor.to_list(CHUNK):
            for doc in docs:
                found.look(doc)
            await asyncio.sleep(0)
    return found
