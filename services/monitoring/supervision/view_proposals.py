"""Two events side by side, so that a person can say whether they are one; pure.

Never a likeness that is not shown: who reported what, when, and what hangs on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.monitoring.algebra.instants import Stamp
from services.monitoring.pages.track import count_badges
from services.monitoring.pages.view_duties import Choices
from services.monitoring.pages.words import STATUS_KINDS, STATUSES, Words
from services.monitoring.supervision.proposals import Pair

Doc = Mapping[str, Any]
REPORTS = ("scheduled", "held", "cancelled")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report of an event. Shape: kind is a fact's kind."""

    kind: str
    sender: str
    event_id: str
    recorded_at: Stamp
    is_authenticated: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two events."""

    key: str
    title: str
    unit: str
    when: str
    place: str
    status: tuple[str, str]
    reports: tuple[ReportLine, ...]
    badges: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """Two events that may be one, and which of them is offered as the one that remains."""

    day: str
    sides: tuple[Side, Side]
    remains: str


@dataclass(frozen=True, slots=True)
class SettledRow:
    """Two events that somebody has said to be two."""

    events: tuple[tuple[str, str], ...]
    by: str
    reason: str
    at: Stamp


@dataclass(frozen=True, slots=True)
class ProposalsView:
    """The page of proposed merges. Shape: count may be more than are shown."""

    school_year: str
    years: Choices
    count: int
    pairs: tuple[PairView, ...]
    settled: tuple[SettledRow, ...]


def pair_view(
    pair: Pair, docs: Mapping[str, Doc], owed: Mapping[str, Iterable[Doc]], *, at: tuple[Stamp, Words]
) -> PairView:
    """Return the two events side by side; the one reported first is offered to remain.

    Source: the obligation, Plan items and events (the software only proposes)
    """
    first, second = (_side(docs[key], owed.get(key, ()), at) for key in (pair.first, pair.second))
    earliest = min((first, second), key=lambda side: min((one.recorded_at for one in side.reports), default="~"))
    return PairView(at[1].day(pair.at), (first, second), earliest.key)


def _side(doc: Doc, owed: Iterable[Doc], at: tuple[Stamp, Words]) -> Side:
    event, (now, words) = doc["event"], at
    reports = (fact for fact in doc["facts"] if fact["kind"] in REPORTS)
    return Side(
        key=doc["_id"],
        title=event["title"],
        unit=words.unit(event["unit"]),
        when=words.period(event["started_at"], event["ended_at"]),
        place=event.get("place") or "",
        status=(STATUS_KINDS[event["status"]], STATUSES[event["status"]]),
        reports=tuple(_report(fact, words) for fact in sorted(reports, key=lambda fact: fact["recorded"])),
        badges=tuple(count_badges(owed, now).items()),
    )


def _report(fact: Doc, words: Words) -> ReportLine:
    sender = words.sender(fact["origin_source"])
    return ReportLine(fact["kind"], sender, fact["event_id"], fact["recorded"], fact["authenticated"])


def settled_row(doc: Doc, titles: Mapping[str, str], words: Words) -> SettledRow:
    """Return a decision that two events are two, with who and reason. Source: R20"""
    events = tuple((key, titles.get(key, key)) for key in doc["events"])
    return SettledRow(events, words.who(doc["by"]), doc["reason"], doc["at"])
