"""What differs between the staged documents and the live ones, and the digests of both; it must never write to either.

What is noted of both is compared in the order of the ids, so that a year of any size is compared in little memory.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.codes import State
from services.monitoring.algebra.instants import Stamp
from services.monitoring.algebra.obligations import state_at
from services.monitoring.decisions import Doc
from services.monitoring.rebuild.lines import Digest
from services.monitoring.rebuild.noting import BATCH, BESIDE, Sheets, Told, note_bytes, note_told, read_told
from services.monitoring.rebuild.staging import MOVED

KEPT_KEYS = 5_000
_WAITING = ("next_at", "overdue")
_EVENT = {"events": "_id", "obligations": "event"}


@dataclass
class Side:
    """One side: how many documents it has, and the digest of each school year as the read API tells it."""

    documents: int = 0
    years: dict[str, Digest] = field(default_factory=dict)

    def see(self, told: Told | None) -> None:
        """Count a document, and what is told of an obligation; they must come in the order of their ids."""
        self.documents += 1
        if told:
            self.years.setdefault(told.school_year, Digest()).add(told.line)

    @property
    def digests(self) -> dict[str, str]:
        """By school year."""
        return {year: digest.text for year, digest in sorted(self.years.items())}


@dataclass
class Comparison:
    """What was found: events whose documents differ, how (in words, some of them), and both digests."""

    live: Side = field(default_factory=Side)
    staged: Side = field(default_factory=Side)
    keys: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    count: int = 0

    @property
    def is_same(self) -> bool:
        """Whether all documents are the same."""
        return self.count == 0

    def differ(self, name: str, live: Doc | None, staged: Doc | None) -> None:
        """Note a document that is not the same on both sides."""
        doc = live or staged or {}
        self.count += 1
        self.keys.add(doc[_EVENT[name]]) if not self.is_full else None
        if live is None or staged is None:
            what = "is missing in the documents" if live is None else "is in the documents alone"
        else:
            what = ", ".join(sorted(n for n in live.keys() | staged.keys() if live.get(n) != staged.get(n)))
        self.words.append(f"{name}/{doc['_id']}: {what}") if len(self.words) < 20 else None

    @property
    def is_full(self) -> bool:
        """Whether so many events differ that no more are kept."""
        return len(self.keys) >= KEPT_KEYS


def comparable(name: str, doc: Doc, now: Stamp) -> Doc:
    """Return a document as of an instant without what does not matter; what is due reads as missed on both sides."""
    seen = {field: value for field, value in doc.items() if field not in BESIDE}
    if name == "obligations":
        seen = state_at(seen, now)
        if seen["state"] == State.MISSED:
            seen = {field: value for field, value in seen.items() if field not in _WAITING}
    return seen


async def compare(live: Any, staged: Any, now: Stamp, *, folder: Path, keys: Sequence[str] | None = None) -> Comparison:
    """Compare the documents of two stores, all or those of some events; in the folder lies what is noted meanwhile."""
    found = Comparison()
    for name in MOVED:
        where = {} if keys is None else {_EVENT[name]: {"$in": list(keys)}}
        sides = [one.raw(name) for one in (live, staged)]
        here, there, told = sheets = [Sheets(folder / which) for which in ("live", "staged", "told")]
        try:
            await asyncio.gather(note_bytes(sides[0], where, here), note_bytes(sides[1], where, there))
            if name == "obligations":
                await note_told(sides[1], where, told, now=now)
            part = _Part(name, sides, sheets, found, now)
            for beginning in sorted(here.beginnings | there.beginnings):
                await part.compare(beginning)
        finally:
            for one in sheets:
                one.remove()
    return found


@dataclass
class _Part:
    """The documents of both sides whose ids begin the same. Shape: sheets are of the live, the staged, and the told."""

    name: str
    sides: Sequence[Any]
    sheets: Sequence[Sheets]
    found: Comparison
    now: Stamp

    async def compare(self, beginning: str) -> None:
        """Compare them in the order of their ids; of those whose bytes differ the documents are looked at."""
        live, staged, told = (one.read(beginning) for one in self.sheets)
        ids = sorted(live.keys() | staged.keys())
        for place in range(0, len(ids), BATCH):
            chunk = ids[place : place + BATCH]
            differing = {one for one in chunk if live.get(one) != staged.get(one)}
            looked_at = [one for one in differing if one in live or not self.found.is_full]
            here, there = [await _documents(side, looked_at) for side in self.sides]
            for one in chunk:
                said = read_told(told[one]) if one in told else None
                if one in staged:
                    self.found.staged.see(said)
                if one not in differing:
                    self.found.live.see(said)  # the same bytes tell the same
                elif one in here or one in there:
                    self._look_at(here.get(one), there.get(one))
                else:
                    self.found.count += 1

    def _look_at(self, live: Doc | None, staged: Doc | None) -> None:
        if live is not None:
            self.found.live.see(Told.of(live, self.now) if self.name == "obligations" else None)
        here, there = (doc and comparable(self.name, doc, self.now) for doc in (live, staged))
        if here != there:
            self.found.differ(self.name, here, there)


async def _documents(collection: Any, ids: Sequence[str]) -> dict[str, Doc]:
    return {doc["_id"]: doc async for doc in collection.find({"_id": {"$in": ids}})} if ids else {}
