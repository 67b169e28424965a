"""What was found when the staged documents were compared with the live ones, and the digests of both; pure."""

from dataclasses import dataclass, field

from contracts.codes import State
from services.monitoring.algebra.instants import Stamp
from services.monitoring.algebra.obligations import state_at
from services.monitoring.decisions import Doc
from services.monitoring.rebuild.comparing.lines import Digest, Told

KEPT_KEYS = 5_000
# how often a document was written and under how much reference data it was judged says nothing of what it says
BESIDE = ("v", "o", "schema_version", "judged_under")
_WAITING = ("next_at", "overdue")
EVENT_FIELD = {"events": "_id", "obligations": "event"}


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
    """What was found: events whose documents differ, how (in words, some of them), and both digests.

    Once it is full, what only the topics make is counted without being looked at.
    """

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
        self.keys.add(doc[EVENT_FIELD[name]]) if not self.is_full else None
        if live is None or staged is None:
            what = "is missing in the documents" if live is None else "is in the documents alone"
        else:
            what = ", ".join(sorted(n for n in live.keys() | staged.keys() if live.get(n) != staged.get(n)))
        self.words.append(f"{name}/{doc['_id']}: {what}") if len(self.words) < 20 else None

    def look_at(self, name: str, live: Doc | None, staged: Doc | None, *, now: Stamp) -> None:
        """Note whether a document differs between the sides, as of an instant."""
        here, there = (doc and comparable(name, doc, now) for doc in (live, staged))
        if here != there:
            self.differ(name, here, there)

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
