"""What differs between the staged documents and the live ones, and the digests of both; it must never write.

Both are read in the order of their ids, side by side, so that a year of any size is compared in little memory.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bson
import orjson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from contracts.codes import State
from services.monitoring.algebra.instants import Stamp
from services.monitoring.algebra.obligations import state_at
from services.monitoring.decisions import Doc
from services.monitoring.reading.figures import evidence_line
from services.monitoring.rebuild.staging import MOVED

BATCH = 1_000
KEPT_KEYS = 5_000
Stored = RawBSONDocument
# how often a document was written and under how much reference data it was judged says nothing of what it says
_BESIDE = ("v", "o", "schema_version", "judged_under")
_WAITING = ("next_at", "overdue")
_EVENT = {"events": "_id", "obligations": "event"}


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


def line_bytes(doc: Mapping[str, Any], now: Stamp) -> bytes:
    """The evidence line of an obligation as canonical JSON: of texts and nulls alone, which need no other writer."""
    return orjson.dumps(evidence_line(doc, now))


@dataclass
class Side:
    """One side: how many documents it has, and the digest of each school year as the read API tells it."""

    documents: int = 0
    years: dict[str, Digest] = field(default_factory=dict)

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

    def see(self, name: str, doc: Stored, now: Stamp, *sides: Side) -> None:
        """Count a document on the sides that have it; they must come in the order of their ids."""
        for side in sides:
            side.documents += 1
        if name == "obligations":
            written = line_bytes(doc, now)
            for side in sides:
                side.years.setdefault(doc["school_year"], Digest()).add(written)

    def differ(self, name: str, live: Doc | None, staged: Doc | None) -> None:
        """Note a document that is not the same on both sides, as `comparable` gives it."""
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


async def compare(live: Any, staged: Any, now: Stamp, *, keys: Sequence[str] | None = None) -> Comparison:
    """Compare the documents of two stores, all or those of some events."""
    found = Comparison()

    async def side_by_side(name: str) -> None:
        where = {} if keys is None else {_EVENT[name]: {"$in": list(keys)}}
        readers = [_Reader(store.raw(name), where) for store in (live, staged)]
        while True:
            await asyncio.gather(*[one.fill() for one in readers])
            if all(one.is_over for one in readers):
                return
            _merge(name, *readers, found=found, now=now)

    await asyncio.gather(*map(side_by_side, MOVED))
    return found


def _merge(name: str, live: "_Reader", staged: "_Reader", *, found: Comparison, now: Stamp) -> None:
    """Compare what both have read, until one has to read on; nearly all documents are the same byte by byte."""
    while (one := live.first) and (other := staged.first):
        if one.raw == other.raw:
            found.see(name, one, now, found.live, found.staged)
            live.step()
            staged.step()
            continue
        first = min(one["_id"], other["_id"])
        _differing(name, live.take(first), staged.take(first), found=found, now=now)
    if staged.is_over:
        while one := live.first:
            _differing(name, live.take(one["_id"]), None, found=found, now=now)
    if live.is_over:
        while other := staged.first:
            _differing(name, None, staged.take(other["_id"]), found=found, now=now)


def _differing(name: str, live: Stored | None, staged: Stored | None, *, found: Comparison, now: Stamp) -> None:
    """Look closer at a document that is not the same byte by byte."""
    for doc, side in ((live, found.live), (staged, found.staged)):
        if doc is not None:
            found.see(name, doc, now, side)
    here, there = (None if doc is None else comparable(name, bson.decode(doc.raw), now) for doc in (live, staged))
    if here != there:
        found.differ(name, here, there)


class _Reader:
    """Reads a collection in the order of the ids, a batch at a time, as the database has the documents encoded."""

    def __init__(self, collection: Any, where: Doc) -> None:
        raw = collection.with_options(codec_options=CodecOptions(document_class=RawBSONDocument))
        said = dict.fromkeys(_BESIDE, 0)
        self._cursor = raw.find(where, projection=said, sort=[("_id", 1)], batch_size=BATCH)
        self._waiting: list[Stored] = []
        self.is_over = False

    async def fill(self) -> None:
        """Have at least one document, or be over."""
        if not self._waiting and not self.is_over:
            self._waiting = await self._cursor.to_list(BATCH)
            self._waiting.reverse()
            self.is_over = not self._waiting

    @property
    def first(self) -> Stored | None:
        """The next document that was read."""
        return self._waiting[-1] if self._waiting else None

    def step(self) -> None:
        """Go on to the one behind it."""
        self._waiting.pop()

    def take(self, doc_id: str) -> Stored | None:
        """The next document if it has the id, after which the one behind it is the next."""
        return self._waiting.pop() if self._waiting and self._waiting[-1]["_id"] == doc_id else None
