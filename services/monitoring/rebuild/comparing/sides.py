"""The two stores that are compared, and how; it must never write to either.

What is noted of both is compared in the order of the ids, so that a year of any size is compared in little memory.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.chassis.store import Store
from services.monitoring.algebra.instants import Stamp
from services.monitoring.decisions import Doc
from services.monitoring.rebuild.comparing.comparison import EVENT_FIELD, Comparison
from services.monitoring.rebuild.comparing.lines import Told
from services.monitoring.rebuild.comparing.noting import Noting, Sheets, note, read_told
from services.monitoring.rebuild.spreading import spread
from services.monitoring.rebuild.staging import MOVED

CHUNK = 1_000
LARGEST_FIRST = tuple(reversed(MOVED))  # an event owes several obligations
Noted = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Sides:
    """The two stores that are compared, how to reach their database, and where meanwhile lies what is noted of them.

    Shape:   hands is how many processes may note.
    """

    live: Store
    staged: Store
    url: str = field(repr=False)
    folder: Path
    hands: int

    def forget(self) -> None:
        """Remove what was noted."""
        shutil.rmtree(self.folder, ignore_errors=True)

    async def note_live(self) -> None:
        """Note the live documents."""
        await spread(note, [self._noting("live", name) for name in LARGEST_FIRST], hands=self.hands)

    async def note_staged(self, now: Stamp) -> None:
        """Note the staged documents, and what they tell as of an instant."""
        told = self._noting("told", "obligations", told_at=now)
        await spread(note, [told, *(self._noting("staged", name) for name in LARGEST_FIRST)], hands=self.hands)

    def sheets(self, what: str, name: str) -> Sheets:
        """What was noted of a collection: `live`, `staged`, or `told`."""
        return Sheets(self.folder / what / name)

    def _noting(self, what: str, name: str, told_at: Stamp | None = None) -> Noting:
        collection = (self.live if what == "live" else self.staged).raw(name)
        return Noting(self.url, collection.database.name, collection.name, self.sheets(what, name), told_at)


async def compare(sides: Sides, now: Stamp) -> Comparison:
    """Compare all documents of two stores, both of which are noted.

    What is the same in the notes is taken as it was noted; what is not, is compared as it is now.
    """
    found = Comparison()
    for name in MOVED:
        live, staged, told = (sides.sheets(what, name) for what in ("live", "staged", "told"))
        part = _Part(name, sides.live.raw(name), sides.staged.raw(name), found, now)
        for beginning in sorted(live.beginnings() | staged.beginnings()):
            await part.compare(*(one.read(beginning) for one in (live, staged, told)))
    return found


async def compare_some(sides: Sides, now: Stamp, *, keys: Sequence[str]) -> Comparison:
    """Compare the documents of some events as they are now; nothing is noted before, nothing counted or told."""
    found = Comparison()
    for name in MOVED:
        for place in range(0, len(keys), CHUNK):
            where = {EVENT_FIELD[name]: {"$in": list(keys[place : place + CHUNK])}}
            here, there = [await _documents(side.raw(name), where) for side in (sides.live, sides.staged)]
            for one in sorted(here.keys() | there.keys()):
                found.look_at(name, here.get(one), there.get(one), now=now)
    return found


@dataclass
class _Part:
    """The documents of one collection on both sides whose ids begin the same."""

    name: str
    live: Any
    staged: Any
    found: Comparison
    now: Stamp

    async def compare(self, live: Noted, staged: Noted, told: Noted) -> None:
        """Compare them in the order of their ids; of those whose bytes differ the documents are looked at."""
        ids = sorted(live.keys() | staged.keys())
        for place in range(0, len(ids), CHUNK):
            chunk = ids[place : place + CHUNK]
            differing = {one for one in chunk if live.get(one) != staged.get(one)}
            looked_at = {one for one in differing if one in live or not self.found.is_full}
            where = {"_id": {"$in": list(looked_at)}}
            here, there = [await _documents(side, where) if looked_at else {} for side in (self.live, self.staged)]
            for one in chunk:
                if one in looked_at:
                    self._look_at(here.get(one), there.get(one))
                    continue
                said = read_told(told[one]) if self.name == "obligations" else None
                self.found.staged.see(said)
                if one in differing:
                    self.found.count += 1
                else:
                    self.found.live.see(said)  # the same bytes tell the same

    def _look_at(self, live: Doc | None, staged: Doc | None) -> None:
        for side, doc in ((self.found.live, live), (self.found.staged, staged)):
            if doc is not None:
                side.see(Told.of(doc, self.now) if self.name == "obligations" else None)
        self.found.look_at(self.name, live, staged, now=self.now)


async def _documents(collection: Any, where: Doc) -> dict[str, Doc]:
    return {doc["_id"]: doc async for doc in collection.find(where)}
