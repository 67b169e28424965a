"""The effective event: what all the facts of a group say together, before anything is owed; pure.

Never a due date or a state.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.codes import Tier
from services.monitoring.algebra.facts import (
    CauseGiven,
    Classified,
    DeliveryFailure,
    Fact,
    Publication,
    Report,
    Submitted,
    WaiverChange,
)
from services.monitoring.algebra.instants import end_day, month_of, school_year_of, shift
from services.monitoring.algebra.milestones import reports_at
from services.monitoring.algebra.owed import History, Standing, is_foreseen, stand
from services.monitoring.algebra.plans import PLANNING, Reference
from services.monitoring.algebra.rulings import order_of, rule

# Source: the obligation, Unconfirmed: 24 h after the end of a scheduled event
UNCONFIRMED_S = 24 * 3600
Doc = dict[str, Any]


@dataclass(slots=True)
class Heard:
    """The facts of a group by what they are about."""

    reports: list[Report] = field(default_factory=list)
    classified: list[Classified] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    towards_cause: list[Fact] = field(default_factory=list)
    waivers: dict[str, list[WaiverChange]] = field(default_factory=dict)

    def hear(self, fact: Fact) -> None:
        """Put a fact where it belongs; merges are the group's business."""
        match fact:
            case Report():
                self.reports.append(fact)
            case Publication():
                self.publications.append(fact)
            case Submitted() | DeliveryFailure() | CauseGiven():
                self.towards_cause.append(fact)
            case Classified():
                self.classified.append(fact)
            case WaiverChange():
                self.waivers.setdefault(fact.obligation_id, []).append(fact)


@dataclass(frozen=True, slots=True)
class Effective:
    """A group's event: its root key, how it stands, its history, and the page's words about it."""

    key: str
    heard: Heard
    history: History
    standing: Standing | None
    doc: Doc


def take_together(
    key: str, members: Sequence[str], *, facts_of: Mapping[str, Iterable[Fact]], reference: Reference
) -> Effective:
    """Return the event that a group of keys is, counted as one under its root key.

    Source: fine print, Links and merges
    """
    heard = Heard()
    for member in members:
        for fact in facts_of.get(member, ()):
            heard.hear(fact)
        heard.reports.extend(reports_at(member, reference))
    heard.classified.sort(key=order_of)
    classified = tuple(heard.classified)
    ruling = rule(heard.reports)
    history = History(tuple(heard.reports), ruling, classified, reference)
    standing = stand(history, ruling.report, classified) if ruling.report is not None else None
    return Effective(key, heard, history, standing, _describe(key, members, history, standing))


def _describe(key: str, members: Sequence[str], history: History, standing: Standing | None) -> Doc:
    cancelled = history.ruling.cancellation
    doc: Doc = {"event": key, "members": sorted(members), "status": _status(history)}
    doc["cancelled"] = {"at": cancelled.time, "reason": cancelled.reason} if cancelled else None
    if standing is None:
        return doc | {"flags": []}
    report, item, revision = standing.report, standing.item, standing.revision
    ended_on = end_day(report.started_at, report.ended_at)
    is_open = doc["status"] == "SCHEDULED"
    return doc | {
        "title": report.title,
        "title_en": report.title_en,
        "place": report.place,
        "summary": report.summary,
        "url": report.url,
        "started_at": report.started_at,
        "ended_at": report.ended_at,
        "unit": report.unit or (item.lead_unit if item else None) or "",
        "topic_area": standing.said.topic_area or (item.topic_area if item else None) or report.topic_area,
        "tier": str(standing.tier),
        "tier_from": standing.tier_from,
        "suggested_tier": _suggested(standing),
        "plan_item_id": standing.item_id,
        "plan_id": revision.plan_id if item and revision else None,
        "plan_revision": revision.revision if item and revision else None,
        "planned": item is not None,
        "school_year": school_year_of(ended_on),
        "month": month_of(ended_on),
        "ended_on": ended_on.isoformat(),
        "unconfirmed_from": shift(report.ended_at, UNCONFIRMED_S) if is_open else None,
        "dated_by": {"source": report.origin_source, "id": report.origin_id, "revision": report.revision},
        "flags": _flags(history, standing),
    }


def _status(history: History) -> str | None:
    if history.ruling.cancellation is not None:
        return "CANCELLED"
    if history.ruling.report is None:
        return None
    return "HELD" if history.ruling.report.kind == "held" else "SCHEDULED"


def _suggested(standing: Standing) -> str | None:
    suggested = standing.report.tier
    is_senders = standing.report.origin_source != PLANNING and standing.said.tier is None
    return suggested if is_senders and suggested not in (None, standing.tier) else None


def _flags(history: History, standing: Standing) -> list[str]:
    reference, report = history.reference, standing.report
    topic_area = standing.said.topic_area or report.topic_area
    found = {
        "UNAUTHENTICATED": not report.authenticated,
        "UNFORESEEN_FOCAL": standing.tier == Tier.FOCAL and not is_foreseen(history, report),
        "UNKNOWN_PLAN_ITEM": standing.item_id is not None and standing.item is None,
        "UNKNOWN_TOPIC_AREA": _is_unknown(topic_area, reference.topic_areas),
        "UNKNOWN_UNIT": _is_unknown(report.unit, reference.units),
        "UNPLANNED": standing.item is None,
    }
    return [flag for flag, holds in found.items() if holds]


def _is_unknown(code: str | None, known: frozenset[str] | None) -> bool:
    return known is not None and code is not None and code not in known
