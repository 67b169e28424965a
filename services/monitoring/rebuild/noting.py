"""What is noted of each document on disk, so that the documents of two sides are compared without being sorted.

A database gives documents in the order of their ids by reading from all over its disk; as they lie it gives them five
times as fast. It must never write to the database.
"""

import shutil
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO, NamedTuple

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from services.monitoring.algebra.instants import Stamp
from services.monitoring.decisions import Doc
from services.monitoring.rebuild.lines import line_bytes

BATCH = 1_000
# how often a document was written and under how much reference data it was judged says nothing of what it says
BESIDE = ("v", "o", "schema_version", "judged_under")
_AS_THEY_LIE: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_TEXT_AT, _LENGTH = 9, Struct("<i")


class Told(NamedTuple):
    """What is told of an obligation: its school year, and its evidence line as JSON."""

    school_year: str
    line: bytes


class Noted(NamedTuple):
    """What is noted of a document: the digest of its bytes; of an obligation also what is told of it."""

    digest: bytes
    told: Told | None = None


def told_of(obligation: Mapping[str, Any], now: Stamp) -> Told:
    """What is told of an obligation as of an instant."""
    return Told(obligation["school_year"] or "", line_bytes(obligation, now))


class Notes:
    """The notes on one side's documents: one file for each beginning of an id, so that one is read at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[bytes, BinaryIO] = {}

    async def take(self, collection: Any, where: Doc, told_at: Stamp | None) -> None:
        """Note all documents that match; of obligations also what is told of them as of an instant."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        said = dict.fromkeys(BESIDE, 0)
        cursor = collection.with_options(codec_options=_AS_THEY_LIE).find(where, projection=said, batch_size=BATCH)
        while docs := await cursor.to_list(BATCH):
            for doc in docs:
                self._add(doc, told_of(doc, told_at) if told_at else None)
        for file in self._files.values():
            file.close()

    def _add(self, doc: RawBSONDocument, told: Told | None) -> None:
        written = bytes(doc.raw)
        doc_id = _id_of(written)
        file = self._files.get(doc_id[:2])
        if file is None:
            file = self._files[doc_id[:2]] = self._path(doc_id[:2]).open("wb")
        row = [doc_id, blake2b(written, digest_size=16).hexdigest().encode()]
        file.write(b" ".join([*row, told.school_year.encode(), told.line] if told else row) + b"\n")

    @property
    def beginnings(self) -> frozenset[bytes]:
        """With which two letters the noted ids begin."""
        return frozenset(self._files)

    def read(self, beginning: bytes) -> dict[str, Noted]:
        """What was noted of the documents whose ids begin so."""
        if beginning not in self._files:
            return {}
        with self._path(beginning).open("rb") as file:
            return dict(_noted(row) for row in file)

    def remove(self) -> None:
        """Remove the files."""
        for file in self._files.values():
            file.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, beginning: bytes) -> Path:
        return self._folder / beginning.hex()


def _noted(row: bytes) -> tuple[str, Noted]:
    doc_id, digest, *told = row[:-1].split(b" ", 3)
    return doc_id.decode(), Noted(digest, Told(told[0].decode(), told[1]) if told else None)


def _id_of(raw: bytes) -> bytes:
    """The id of an encoded document: its first field, and a text in both collections. Source: BSON 1.1"""
    begin = _TEXT_AT + _LENGTH.size
    return raw[begin : begin + _LENGTH.unpack_from(raw, _TEXT_AT)[0] - 1]
