"""What is noted of documents on disk, so that those of two sides are compared without being sorted.

A database gives documents in the order of their ids by reading from all over its disk; as they lie it gives them five
times as fast. It must never write to the database.
"""

import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, NamedTuple

from services.monitoring.algebra.instants import Stamp
from services.monitoring.decisions import Doc
from services.monitoring.rebuild.lines import EVIDENCE, line_bytes

BATCH = 1_000
# how often a document was written and under how much reference data it was judged says nothing of what it says
BESIDE = ("v", "o", "schema_version", "judged_under")
_LENGTH, _TEXT_AT = Struct("<i"), 13


class Told(NamedTuple):
    """What is told of an obligation: its school year, and its evidence line as JSON."""

    school_year: str
    line: bytes

    @classmethod
    def of(cls, obligation: Mapping[str, Any], now: Stamp) -> "Told":
        """What is told of it as of an instant."""
        return cls(obligation["school_year"] or "", line_bytes(obligation, now))


class Sheets:
    """A row for each of many ids, in one file for each beginning of an id: one file is read at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def add(self, doc_id: str, row: bytes) -> None:
        """Add the row of an id; there must be no line end in it."""
        file = self._files.get(doc_id[:2])
        if file is None:
            file = self._files[doc_id[:2]] = self._path(doc_id[:2]).open("wb")
        file.write(b"%b %b\n" % (doc_id.encode(), row))

    @property
    def beginnings(self) -> frozenset[str]:
        """With which two letters the ids begin."""
        return frozenset(self._files)

    def read(self, beginning: str) -> dict[str, bytes]:
        """The rows of the ids that begin so; nothing may be added after that."""
        if beginning not in self._files:
            return {}
        self._files[beginning].close()
        with self._path(beginning).open("rb") as file:
            rows = (line[:-1].split(b" ", 1) for line in file)
            return {doc_id.decode(): row for doc_id, row in rows}

    def remove(self) -> None:
        """Remove the files."""
        for file in self._files.values():
            file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, beginning: str) -> Path:
        return self._folder / beginning.encode().hex()


async def note_bytes(collection: Any, where: Doc, sheets: Sheets) -> None:
    """Note the digest of the bytes of each document that matches, as the database has them."""
    said = dict.fromkeys(BESIDE, 0)
    async for batch in collection.find_raw_batches(where, projection=said, batch_size=BATCH):
        for raw in _split(batch):
            sheets.add(_id_of(raw), sha256(raw).hexdigest().encode())


def _split(batch: bytes) -> Iterator[bytes]:
    """The documents of a batch, which stand one behind the other. Source: BSON 1.1, document"""
    at = 0
    while at < len(batch):
        size: int = _LENGTH.unpack_from(batch, at)[0]
        yield batch[at : at + size]
        at += size


def _id_of(raw: bytes) -> str:
    """The id of an encoded document: its first field, and a text. Source: BSON 1.1, string"""
    return raw[_TEXT_AT : _TEXT_AT - 1 + _LENGTH.unpack_from(raw, _TEXT_AT - _LENGTH.size)[0]].decode()


async def note_told(collection: Any, where: Doc, sheets: Sheets, *, now: Stamp) -> None:
    """Note what is told of each obligation that matches, as of an instant."""
    wanted = dict.fromkeys(("school_year", *EVIDENCE), 1)
    async for doc in collection.find(where, projection=wanted, batch_size=BATCH):
        school_year, line = Told.of(doc, now)
        sheets.add(doc["_id"], school_year.encode() + b" " + line)


def read_told(row: bytes) -> Told:
    """What a row says that `note_told` wrote."""
    school_year, line = row.split(b" ", 1)
    return Told(school_year.decode(), line)
