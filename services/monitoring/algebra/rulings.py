"""Which report of an event rules, among the revisions of one sender and the reports of several: pure.

Never looks at content other than what orders it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.monitoring.algebra.facts import Classified, Report
from services.monitoring.algebra.plans import PLANNING

# Source: contract, Data: the greatest (revision, kind, time, id) rules, kind = scheduled < held < cancelled
WITHIN_KEY = {"scheduled": 0, "held": 1, "cancelled": 2}
# Source: fine print: facts of several keys counted as one: held over cancelled, then (kind, time, id)
ACROSS_KEYS = {"scheduled": 0, "cancelled": 1, "held": 2}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What counts of the reports of a group.

    Shape:   `report` tells the event's times and words (never a cancellation; None when there are only those);
             `cancellation` is set when a cancellation rules; `counted` are the reports that no authenticated report of
             the same key sets aside.
    """

    report: Report | None
    cancellation: Report | None
    counted: tuple[Report, ...]


def rule(reports: Iterable[Report]) -> Ruling:
    """Return what rules among the reports of all keys of a group.

    Source: contract, Data (revision), fine print (links and merges; an unauthenticated record never outweighs)
    """
    voices: dict[tuple[str, bool], list[Report]] = {}
    for report in reports:
        voices.setdefault((report.event, report.origin_source == PLANNING), []).append(report)
    counted = [_authenticated(voice) for voice in voices.values()]
    if not counted:
        return Ruling(None, None, ())
    strongest = max(counted, key=lambda voice: _across(max(voice, key=_within)))
    top = max(strongest, key=_within)
    flat = tuple(report for voice in counted for report in voice)
    if top.kind != "cancelled":
        return Ruling(top, None, flat)
    told = _telling(strongest, counted) or _telling([], list(voices.values()))
    return Ruling(told, top, flat)


def _authenticated(voice: list[Report]) -> list[Report]:
    known = [report for report in voice if report.authenticated]
    return known or voice


def _telling(strongest: list[Report], voices: list[list[Report]]) -> Report | None:
    own = [report for report in strongest if report.kind != "cancelled"]
    if own:
        return max(own, key=_within)
    told = [[report for report in voice if report.kind != "cancelled"] for voice in voices]
    return max((max(voice, key=_within) for voice in told if voice), key=_across, default=None)


def _within(report: Report) -> tuple[Any, ...]:
    return (report.revision, WITHIN_KEY[report.kind], report.time, report.origin_id, report.id, report.source)


def _across(report: Report) -> tuple[Any, ...]:
    return (report.authenticated, ACROSS_KEYS[report.kind], report.time, report.origin_id, report.event, report.id)


@dataclass(frozen=True, slots=True)
class Classification:
    """What people's classifications say together, field by field.

    Shape:   `names_item` says that `plan_item_id` was stated, be it null.
    """

    tier: str | None = None
    topic_area: str | None = None
    plan_item_id: str | None = None
    names_item: bool = False
    last: Classified | None = None

    def item_for(self, report: Report | None) -> str | None:
        """Return the plan item that the event is linked to, under a ruling report."""
        if self.names_item:
            return self.plan_item_id
        return report.plan_item_id if report is not None else None


def order_of(classified: Classified) -> tuple[str, str, str, str]:
    """Return where a classification stands: the last by issued_at rules. Source: the obligation, Algebra"""
    return (classified.issued_at, classified.time, classified.id, classified.source)


def classify(ordered: Iterable[Classified]) -> Classification:
    """Return what classifications, oldest first, say together: of each field the last that has it.

    Source: fine print: EventClassified rules field by field; A6
    """
    said = NOT_CLASSIFIED
    for one in ordered:
        said = Classification(
            tier=one.tier if one.tier is not None else said.tier,
            topic_area=one.topic_area if one.topic_area is not None else said.topic_area,
            plan_item_id=one.plan_item_id if one.names_item else said.plan_item_id,
            names_item=one.names_item or said.names_item,
            last=one,
        )
    return said


NOT_CLASSIFIED = Classification()
