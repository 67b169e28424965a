"""The events that focal plan items are: their reports, and the messages that tell others of them; pure.

Never a report of what was held: only people and their systems know that.
"""

from collections.abc import Iterable
from typing import Any

from contracts.codes import Tier
from contracts.events import EventCancelled, EventScheduled, Origin
from services.monitoring.algebra.facts import Report
from services.monitoring.algebra.instants import to_instant
from services.monitoring.algebra.plans import PLANNING, Item, PlanRevision, Reference, milestone_key

# Source: 3.0: the office itself, where an item names no unit
OFFICE_UNIT = "PTT"


def milestone_reports(item_id: str, revisions: Iterable[PlanRevision]) -> tuple[Report, ...]:
    """Return what the approved revisions of a plan say of a milestone: scheduled by those that have it, cancelled by
    those that come after one and have it no more.

    Source: fine print: a milestone is re-dated by the highest approved revision; dropped = VOID unless held
    """
    ordered = sorted(revisions, key=lambda revision: (revision.revision, revision.order))
    reports: list[Report] = []
    for revision in ordered:
        item = revision.items.get(item_id)
        if item is not None and item.is_milestone:
            reports.append(_scheduled(revision, item))
        elif reports:
            reports.append(_cancelled(revision, item_id))
    return tuple(reports)


def reports_at(key: str, reference: Reference) -> tuple[Report, ...]:
    """Return the reports of the milestone with this event key, none when it is no milestone's. Source: 3.6, 1.7"""
    item_id = reference.milestones.get(key)
    return milestone_reports(item_id, reference.revisions_of(item_id)) if item_id is not None else ()


def milestone_announcements(
    approved: PlanRevision, others: Iterable[PlanRevision]
) -> tuple[EventScheduled | EventCancelled, ...]:
    """Return the messages that a newly approved revision gives rise to, beside the other revisions of its plan.

    In whatever order revisions arrive, the same set of messages is made in the end; `origin.id` tells them apart.
    Source: the obligation, Plan items and events (monitoring emits the milestone's EventScheduled)
    """
    before = [revision for revision in others if revision.plan_id == approved.plan_id and revision.id != approved.id]
    items = sorted({item for revision in (*before, approved) for item in revision.items})
    known = {report.origin_id for item in items for report in milestone_reports(item, before)}
    reports = [report for item in items for report in milestone_reports(item, (*before, approved))]
    return tuple(_announcement(report) for report in reports if report.origin_id not in known)


def _scheduled(revision: PlanRevision, item: Item) -> Report:
    return Report(
        kind="scheduled",
        **_head(revision, item.item_id),
        title=item.title,
        unit=item.lead_unit or OFFICE_UNIT,
        started_at=item.starts_at or "",
        ended_at=item.ends_at or "",
        topic_area=item.topic_area,
        tier=item.tier,
        plan_item_id=item.item_id,
    )


def _cancelled(revision: PlanRevision, item_id: str) -> Report:
    reason = f"Bản sửa {revision.revision} của kế hoạch không còn mục này"
    return Report(kind="cancelled", **_head(revision, item_id), reason=reason)


def _head(revision: PlanRevision, item_id: str) -> dict[str, Any]:
    return {
        "source": revision.source,
        "id": revision.id,
        "event": milestone_key(item_id),
        "time": revision.approved_at,
        "recorded": revision.recorded,
        "revision": revision.revision,
        "origin_source": PLANNING,
        "origin_id": f"{revision.plan_id}@{revision.revision}#{item_id}",
        "authenticated": True,
        "event_id": item_id,
    }


def _announcement(report: Report) -> EventScheduled | EventCancelled:
    origin = Origin(source=report.origin_source, id=report.origin_id, authenticated=True)
    if report.kind == "cancelled":
        return EventCancelled(
            event=report.event, origin=origin, event_id=report.event_id, reason=report.reason, revision=report.revision
        )
    return EventScheduled(
        event=report.event,
        origin=origin,
        event_id=report.event_id,
        title=report.title,
        unit=report.unit,
        started_at=to_instant(report.started_at),
        ended_at=to_instant(report.ended_at),
        revision=report.revision,
        topic_area=report.topic_area,
        tier=Tier(report.tier) if report.tier else None,
        plan_item_id=report.plan_item_id,
    )
