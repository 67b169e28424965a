"""Whether entries are the chain that they claim to be: what was changed, dropped, moved, put in between or cut off.

Pure: it must never trust a number, a digest or an order that it can reckon itself.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.chassis.audit.chain import ORIGIN, Head, hash_of

MOST_FAULTS = 100
FIELDS = {"n", "previous", "row", "hash"}


class Kind(StrEnum):
    """What is wrong."""

    UNREADABLE = "unreadable"
    CHANGED = "changed"
    UNLINKED = "unlinked"
    DROPPED = "dropped"
    REORDERED = "reordered"
    INSERTED = "inserted"
    REPLACED = "replaced"
    CUT = "cut"


WORDS = {
    Kind.UNREADABLE: "line {n} is no entry",
    Kind.CHANGED: "entry {n} was changed: its digest is not that of what it says",
    Kind.UNLINKED: "entry {n} does not follow the one before it: one of the two was replaced",
    Kind.DROPPED: "entries {n} to {last} are missing",
    Kind.REORDERED: "entry {n} stands behind a later one",
    Kind.INSERTED: "entry {n} stands here a second time: it was put in between",
    Kind.REPLACED: "entry {n} is not the one that the kept head names: the chain was written anew",
    Kind.CUT: "the end was cut off: entries {n} to {last} are missing",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an entry. Shape: n is its number (of an unreadable one: of its line), last ends a range."""

    kind: Kind
    n: int
    last: int

    def __str__(self) -> str:
        words = "entry {n} is missing" if self.kind is Kind.DROPPED and self.n == self.last else WORDS[self.kind]
        return words.format(n=self.n, last=self.last)


class Verification:
    """Takes the entries one by one, in the order of the log; may go on later, where it stands.

    Shape:   heads are such as were kept elsewhere; without one nobody can tell that the end was cut off.
    """

    def __init__(self, heads: Iterable[Head] = ()) -> None:
        self.count, self.fault_count, self.head = 0, 0, ORIGIN
        self._found: list[Fault] = []
        self._gaps: list[range] = []
        self._kept: set[Head] = set(heads)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong so far, the first MOST_FAULTS of what was met on the way."""
        dropped = [Fault(Kind.DROPPED, gap[0], gap[-1]) for gap in self._gaps]
        last = max(self._kept, default=ORIGIN).n
        cut = [Fault(Kind.CUT, self.head.n + 1, last)] if last > self.head.n else []
        return (*self._found, *dropped, *cut)

    def keep(self, head: Head) -> None:
        """Hold the entries that follow, and the last one, against one more head."""
        if head.n > self.head.n:
            self._kept.add(head)
        elif head.n == self.head.n and head != self.head:
            self._note(Kind.REPLACED, head.n)

    def take(self, entry: Any) -> None:
        """Look at the next entry."""
        self.count += 1
        if not _is_entry(entry):
            return self._note(Kind.UNREADABLE, self.count)
        n, here = entry["n"], Head(entry["n"], entry["hash"])
        if not _is_whole(entry):
            self._note(Kind.CHANGED, n)
        for kept in [kept for kept in self._kept if kept.n == n]:
            self._kept.remove(kept)
            if kept != here:
                self._note(Kind.REPLACED, n)
        if n <= self.head.n:
            return self._note(Kind.REORDERED if self._fills_gap(n) else Kind.INSERTED, n)
        if n > self.head.n + 1:
            self._gaps.append(range(self.head.n + 1, n))
        elif entry["previous"] != self.head.hash:
            self._note(Kind.UNLINKED, n)
        self.head = here

    def _fills_gap(self, n: int) -> bool:
        for gap in self._gaps:
            if n in gap:
                parts = range(gap[0], n), range(n + 1, gap[-1] + 1)
                self._gaps[self._gaps.index(gap) : self._gaps.index(gap) + 1] = [part for part in parts if part]
                return True
        return False

    def _note(self, kind: Kind, n: int) -> None:
        self.fault_count += 1
        if len(self._found) < MOST_FAULTS:
            self._found.append(Fault(kind, n, n))


def verify(entries: Iterable[Any], heads: Iterable[Head] = ()) -> Verification:
    """The verification of all the entries."""
    made = Verification(heads)
    for entry in entries:
        made.take(entry)
    return made


def read_lines(lines: Iterable[str]) -> Iterator[Any]:
    """The entries of an exported log, one JSON object a line; None for a line that is none."""
    for line in lines:
        try:
            yield json.loads(line, object_pairs_hook=_once_each, parse_constant=_refuse)
        except (ValueError, RecursionError):
            yield None


def write_line(entry: Any) -> str:
    """The entry as a line of an exported log."""
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or set(entry) != FIELDS:
        return False
    texts = isinstance(entry["previous"], str) and isinstance(entry["hash"], str)
    return texts and type(entry["n"]) is int and entry["n"] > 0 and isinstance(entry["row"], dict)


def _is_whole(entry: Any) -> bool:
    try:
        return bool(hash_of(entry["n"], entry["previous"], entry["row"]) == entry["hash"])
    except (ValueError, TypeError, RecursionError):
        return False


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are each there once: a reader that shows the other one would be shown another act."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
