"""What is noted of documents on disk, so that those of two sides are compared without being sorted.

A database gives documents in the order of their ids by reading from all over its disk; as they lie it gives them five
times as fast. Any process can note: it has a connection of its own. It must never write to the database.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, Self

from pymongo import MongoClient

from services.monitoring.algebra.instants import Stamp
from services.monitoring.decisions import Doc
from services.monitoring.rebuild.comparing.comparison import BESIDE
from services.monitoring.rebuild.comparing.lines import EVIDENCE, Told

BATCH = 8_000
_LENGTH, _TEXT_AT = Struct("<i"), 13


class Sheets:
    """A row for each of many ids, in one file for each beginning of an id: one file is written or read at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        """Begin anew; rows can be read once it is left."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Write down what is held back."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def add(self, doc_id: str, row: bytes) -> None:
        """Add the row of an id; there must be no line end in it."""
        file = self._files.get(doc_id[:2])
        if file is None:
            file = self._files[doc_id[:2]] = self._path(doc_id[:2]).open("wb")
        file.write(b"%b %b\n" % (doc_id.encode(), row))

    def beginnings(self) -> set[str]:
        """With which two letters the ids begin."""
        return {bytes.fromhex(path.name).decode() for path in self._folder.iterdir()}

    def read(self, beginning: str) -> dict[str, bytes]:
        """The rows of the ids that begin so."""
        path = self._path(beginning)
        if not path.exists():
            return {}
        with path.open("rb") as file:
            rows = (line[:-1].split(b" ", 1) for line in file)
            return {doc_id.decode(): row for doc_id, row in rows}

    def _path(self, beginning: str) -> Path:
        return self._folder / beginning.encode().hex()


@dataclass(frozen=True, slots=True)
class Noting:
    """What one process notes of one collection, and on which sheets.

    Shape:   told_at is None to note the bytes; else what is told of obligations as of it is noted.
    """

    url: str = field(repr=False)
    database: str
    collection: str
    sheets: Sheets
    told_at: Stamp | None = None


def note(noting: Noting) -> None:
    """Note something of each document; raises PyMongoError, OSError."""
    with _client(noting.url) as client, noting.sheets as sheets:
        collection = client[noting.database][noting.collection]
        if noting.told_at is None:
            _note_bytes(collection, sheets)
        else:
            _note_told(collection, sheets, noting.told_at)


def _client(url: str) -> MongoClient[Doc]:
    return MongoClient(url, serverSelectionTimeoutMS=3000, socketTimeoutMS=15000, appname="publicity-rebuild")


def _note_bytes(collection: Any, sheets: Sheets) -> None:
    """Note the digest of the bytes of each document, as the database has them."""
    said = dict.fromkeys(BESIDE, 0)
    for batch in collection.find_raw_batches({}, projection=said, batch_size=BATCH):
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


def _note_told(collection: Any, sheets: Sheets, now: Stamp) -> None:
    """Note what is told of each obligation, as of an instant."""
    wanted = dict.fromkeys(("school_year", *EVIDENCE), 1)
    for doc in collection.find({}, projection=wanted, batch_size=BATCH):
        school_year, line = Told.of(doc, now)
        sheets.add(doc["_id"], school_year.encode() + b" " + line)


def read_told(row: bytes) -> Told:
    """What a row says that was noted of an obligation that is told."""
    school_year, line = row.split(b" ", 1)
    return Told(school_year.decode(), line)
