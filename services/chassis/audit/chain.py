"""The chain: every entry holds the digest of the one before, over the canonical JSON of RFC 8785.

Pure: it must never read a clock or a database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.canonical import digest

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """The number and digest of an entry: who keeps them elsewhere can tell that nothing up to it was changed or cut."""

    n: int
    hash: str

    def __str__(self) -> str:
        return f"{self.n}:{self.hash}"


ORIGIN = Head(0, "sha256:" + "0" * 64)


def parse_head(text: str) -> Head:
    """The head that a text such as `1204:sha256:9f86...` names; raises ValueError for any other."""
    number, _, given = text.strip().partition(":")
    hexes = given.removeprefix("sha256:").lower()
    if not number.isdecimal() or len(hexes) != 64 or set(hexes) - set("0123456789abcdef"):
        raise ValueError("a head is a number, a colon and sha256:<64 hexadecimal digits>")
    return Head(int(number), f"sha256:{hexes}")


def hash_of(n: int, previous: str, row: Any) -> str:
    """The digest that an entry must have; raises ValueError, TypeError or RecursionError for what has none."""
    return digest({"n": n, "previous": previous, "row": row})


def entry_after(head: Head, row: Mapping[str, Any]) -> Entry:
    """The entry of a row behind the head."""
    n = head.n + 1
    return {"n": n, "previous": head.hash, "row": row, "hash": hash_of(n, head.hash, row)}
