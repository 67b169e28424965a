"""Evidence lines and their digest, as a rebuild writes and adds them: row by row, for a year of any size; pure.

Never another digest than the read API tells.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from services.monitoring.algebra.instants import Stamp
from services.monitoring.reading.figures import evidence_line

# what an evidence line is made of
EVIDENCE = ("obligation_id", "state", "due_at", "content_id", "discharged_at", "cause_if_missed")


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


class Told(NamedTuple):
    """What is told of an obligation: its school year, and its evidence line as JSON."""

    school_year: str
    line: bytes

    @classmethod
    def of(cls, obligation: Mapping[str, Any], now: Stamp) -> "Told":
        """What is told of it as of an instant."""
        return cls(obligation["school_year"] or "", line_bytes(obligation, now))
