"""What differs between the staged documents and the live ones, and the digests of both; it must never write.

Both are read in the order of their ids, side by side, so that a year of any size is compared in little memory.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from contracts.codes import State
from services.monitoring.algebra.instants import Stamp
from services.monitoring.algebra.obligations import state_at
from services.monitoring.decisions import Doc
from services.monitoring.reading.figures import evidence_line
from services.monitoring.rebuild.staging import MOVED

BATCH = 1_000
KEPT_KEYS = 5_000
# how often a document was written and under how much reference data it was judged says nothing of what it says
_BESIDE = ("v", "o", "schema_version", "judged_under")
_WAITING = ("next_at", "overdue")


class Digest:
    """The digest of a list that is given row by row, as `contracts.canonical.digest` of the whole. Source: R18"""

    def __init__(self) -> None:
        self._hash, self._rows = hashlib.sha256(b"["), 0

    def add(self, written: bytes) -> None:
        """Add the next row, as canonical JSON."""
        self._hash.update((b"," if self._rows else b"") + written)
        self._rows += 1

    @property
    def text(self) -> str:
        """The digest of the rows so far."""
        whole = self._hash.copy()
        whole.update(b"]")
        return f"sha256:{whole.hexdigest()}"


def line_bytes(doc: Doc, now: Stamp) -> bytes:
    """The evidence line of an obligation as canonical JSON: of texts and nulls alone, which need no other writer."""
    return orjson.dumps(evidence_line(doc, now))


class Seen(NamedTuple):
    """A document as it is compared: as of an instant, without what does not matter.

    Shape:   written is the same for the same content, and told to nobody; line is (school year, evidence line) of an
             obligation.
    """

    doc: Doc
    written: bytes
    line: tuple[str, bytes] | None


@dataclass
class Side:
    """One side's digests: of each school year as the read API tells it, and of all documents whole."""

    documents: int = 0
    years: dict[str, Digest] = field(default_factory=dict)
    whole: Digest = field(default_factory=Digest)

    def see(self, seen: Seen) -> None:
        """Count one document; they must come in the order of their ids."""
        self.documents += 1
        self.whole.add(seen.written)
        if seen.line:
            school_year, line = seen.line
            self.years.setdefault(school_year, Digest()).add(line)

    @property
    def digests(self) -> dict[str, str]:
        """By school year."""
        return {year: digest.text for year, digest in sorted(self.years.items(), key=lambda one: one[0] or "")}


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
        if len(self.keys) < KEPT_KEYS:
            self.keys.add(doc["_id"] if name == "events" else doc["event"])
        if live is None or staged is None:
            what = "is missing in the documents" if live is None else "is in the documents alone"
        else:
            what = ", ".join(sorted(n for n in live.keys() | staged.keys() if live.get(n) != staged.get(n)))
        self.words.append(f"{name}/{doc['_id']}: {what}") if len(self.words) < 20 else None


def comparable(name: str, doc: Doc, now: Stamp) -> Doc:
    """Return a document as of an instant without what does not matter; what is due reads as missed on both sides."""
    seen = {field: value for field, value in doc.items() if field not in _BESIDE}
    if name == "obligations":
        seen = state_at(seen, now)
        if seen["state"] == State.MISSED:
            seen = {field: value for field, value in seen.items() if field not in _WAITING}
    return seen


def _see(name: str, doc: Doc | None, now: Stamp) -> Seen | None:
    if doc is None:
        return None
    bare = comparable(name, doc, now)
    line = (doc["school_year"], line_bytes(bare, now)) if name == "obligations" else None
    return Seen(bare, orjson.dumps(bare, option=orjson.OPT_SORT_KEYS), line)


async def compare(live: Any, staged: Any, now: Stamp, *, keys: Sequence[str] | None = None) -> Comparison:
    """Compare the documents of two stores, all or those of some events."""
    found = Comparison()
    for name in MOVED:
        field_name = "_id" if name == "events" else "event"
        where = {} if keys is None else {field_name: {"$in": list(keys)}}
        await _compare(name, (live.raw(name), staged.raw(name)), where, found=found, now=now)
    return found


async def _compare(name: str, sides: tuple[Any, Any], where: Doc, *, found: Comparison, now: Stamp) -> None:
    live, staged = (_Reader(one, where) for one in sides)
    while True:
        await asyncio.gather(live.fill(), staged.fill())
        until = min((one.until for one in (live, staged) if not one.is_over), default=None)
        _side_by_side(name, [one.take(until) for one in (live, staged)], found, now=now)
        if until is None:
            return


def _side_by_side(name: str, rows: Iterable[Iterable[Doc]], found: Comparison, *, now: Stamp) -> None:
    live, staged = ({doc["_id"]: doc for doc in row} for row in rows)
    for doc_id in sorted(live.keys() | staged.keys()):
        one, other = live.get(doc_id), staged.get(doc_id)
        here = _see(name, one, now)
        there = here if _is_same(one, other) else _see(name, other, now)  # most are: half of the work is saved
        for side, seen in ((found.live, here), (found.staged, there)):
            if seen:
                side.see(seen)
        if here != there:
            found.differ(name, here and here.doc, there and there.doc)


def _is_same(one: Doc | None, other: Doc | None) -> bool:
    """Whether two stored documents say the same, field by field."""
    if one is None or other is None or one.keys() != other.keys():
        return False
    return all(value == other[field] for field, value in one.items() if field not in _BESIDE)


class _Reader:
    """Reads a collection in the order of the ids, a batch at a time; what one side is ahead of waits."""

    def __init__(self, collection: Any, where: Doc) -> None:
        self._cursor = collection.find(where, sort=[("_id", 1)], batch_size=BATCH)
        self._waiting: list[Doc] = []
        self.is_over = False

    async def fill(self) -> None:
        """Have at least one document, or be over."""
        if not self._waiting and not self.is_over:
            self._waiting = await self._cursor.to_list(BATCH)
            self.is_over = not self._waiting

    @property
    def until(self) -> str:
        """The last id that was read."""
        return str(self._waiting[-1]["_id"])

    def take(self, until: str | None) -> list[Doc]:
        """The documents up to an id."""
        taken = [doc for doc in self._waiting if until is None or doc["_id"] <= until]
        self._waiting = self._waiting[len(taken) :]
        return taken
