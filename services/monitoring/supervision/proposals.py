"""Which events may be two senders' reports of one: proposed by the software, decided by a person; pure.

Never a merge: that is an act of its own, which can be undone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Annotated, Any

from pydantic import Field

from contracts.fields import Id, Note, Record
from services.chassis.decision import Refusal
from services.monitoring.algebra.instants import Stamp, to_local
from services.monitoring.refusals import refuse

Doc = dict[str, Any]
# Of one day, unit and title so many are compared with each other: more are sessions of a series, not reports of one.
MOST_OF_A_DAY = 6


class Apart(Record):
    """What a person says of two events: they are not one."""

    events: Annotated[tuple[Id, Id], Field(description="The keys of the two events.")]
    reason: Note


@dataclass(frozen=True, slots=True)
class Pair:
    """Two events that may be one, the one that began first in front."""

    at: Stamp
    first: str
    second: str

    @property
    def id(self) -> str:
        """What the decision on the pair is kept under."""
        return pair_id(self.first, self.second)


def pair_id(one: str, other: str) -> str:
    """Return the one id of two events, whichever is named first. Source: the obligation, Plan items and events"""
    return "\n".join(sorted((one, other)))


def pairs_of(groups: Iterable[Iterable[tuple[Stamp, str]]]) -> list[Pair]:
    """Return the pairs that began on one local day, the latest first.

    Shape:   a group are the starts and keys of events of one unit and folded title.
    Source:  the obligation, Plan items and events (same day, unit, folded title)
    """
    found: list[Pair] = []
    for group in groups:
        days: dict[date, list[tuple[Stamp, str]]] = {}
        for at, key in sorted(group):
            days.setdefault(to_local(at).date(), []).append((at, key))
        for events in days.values():
            together = combinations(events[:MOST_OF_A_DAY], 2)
            found += [Pair(at, first, second) for (at, first), (_, second) in together]
    return sorted(sorted(found, key=lambda pair: pair.id), key=lambda pair: pair.at, reverse=True)


def check_apart(docs: Sequence[Mapping[str, Any]], standing: Doc | None) -> tuple[Refusal, ...]:
    """Return why two events cannot be kept apart: they are not proposed, or somebody has said so already.

    Shape:   docs are the documents of the two events.        Source: the obligation, Plan items and events
    """
    if standing is not None:
        return (refuse("already-apart"),)
    one, other = (_sameness(doc) for doc in docs)
    is_proposed = None not in (one, other) and one == other and docs[0]["_id"] != docs[1]["_id"]
    return () if is_proposed else (refuse("not-proposed"),)


def _sameness(doc: Mapping[str, Any]) -> tuple[date, str, str] | None:
    """What makes a proposal; None for what is no event of its own."""
    if not doc["started_at"]:
        return None
    return to_local(doc["started_at"]).date(), doc["event"]["unit"], doc["title_folded"]


def apart(given: Apart, by: str, at: Stamp) -> Doc:
    """Return the decision as it is kept. Source: R20 (with who and reason)"""
    return {
        "_id": pair_id(*given.events),
        "events": sorted(given.events),
        "by": by,
        "reason": given.reason,
        "at": at,
    }
