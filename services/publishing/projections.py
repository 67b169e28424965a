"""What publishing knows of other rooms' work, folded from their messages; pure, the same in any order of delivery."""

from typing import Any

from contracts.approval import PlanApproved
from contracts.codes import ItemKind
from contracts.envelope import SOURCE_PREFIX, Message, event_key
from contracts.events import EventCancelled, EventClassified, EventHeld, EventMerged, EventScheduled
from contracts.monitoring import ObligationAssessed
from contracts.times import format_time

Document = dict[str, Any]

# Source: R20 (what still asks for work; all other states are closed)
OPEN_STATES = ("OPEN", "MISSED")
# Source: R11 (of one revision: held over scheduled, cancelled over both)
KINDS = {EventScheduled: 0, EventHeld: 1, EventCancelled: 2}
# Source: 1.7 (a focal milestone is an event of planning's own)
MILESTONE_SOURCE = f"{SOURCE_PREFIX}/planning"


def fold_obligation(before: Document | None, message: Message) -> Document | None:
    """The work that an obligation asks for, or None if a later state is known. Source: R11, R20"""
    data = message.data
    assert isinstance(data, ObligationAssessed)
    sequence = message.sequence or 0
    if before is not None and before["sequence"] >= sequence:
        return None
    return {"_id": data.obligation_id, "sequence": sequence, "is_open": data.state in OPEN_STATES, **data.to_data()}


def fold_event(before: Document | None, message: Message) -> Document | None:
    """What is known of an event, or None if the message says nothing newer. Source: R10, R11, A13"""
    doc = before or {"_id": message.subject}
    data = message.data
    if isinstance(data, (EventHeld, EventScheduled)):
        report = data.model_dump(mode="json", exclude_none=True, exclude={"event", "origin", "event_id"})
        return _newer(doc, "report", _rank(message, data), report | {"is_held": isinstance(data, EventHeld)})
    if isinstance(data, EventCancelled):
        return _newer(doc, "cancelled", _rank(message, data), {"reason": data.reason})
    if isinstance(data, EventClassified) and data.has("plan_item_id"):
        rank = [format_time(data.issued_at), message.id]
        return _newer(doc, "ruling", rank, {"plan_item_id": data.plan_item_id})
    if isinstance(data, EventMerged):
        return _newer(doc, "merged", [format_time(message.time), message.id], {"into": data.into})
    return None


def _rank(message: Message, data: EventHeld | EventScheduled | EventCancelled) -> list[Any]:
    """What decides which of several reports rules: a known sender, the revision, the kind, the time, the id."""
    kind, revision = KINDS[type(data)], data.revision or 1
    return [int(data.origin.authenticated), revision, kind, format_time(message.time), message.id]


def _newer(doc: Document, part: str, rank: list[Any], values: Document) -> Document | None:
    if part in doc and doc[part]["rank"] >= rank:
        return None
    after = {**doc, part: {**values, "rank": rank}}
    return after | {"same_as": same_as(after)}


def is_cancelled(event: Document) -> bool:
    """Say whether the event is cancelled by the report that rules. Source: A13"""
    return "cancelled" in event and ("report" not in event or event["cancelled"]["rank"] > event["report"]["rank"])


def plan_item_of(event: Document) -> str | None:
    """The plan item an event is linked to: as classified, else as its sender said. Source: R10, 3.2"""
    report: Document = event.get("report", {})
    ruling: Document = event.get("ruling", report)
    return ruling.get("plan_item_id")


def same_as(event: Document) -> list[str]:
    """The keys under which the obligations of the event may stand too: merged into, a milestone. Source: A6, R03"""
    item_id = plan_item_of(event)
    into = event.get("merged", {}).get("into")
    return [key for key in (into, event_key(MILESTONE_SOURCE, item_id) if item_id else None) if key]


def is_vouched(event: Document) -> bool:
    """Say whether the report that rules came from a known sender: nothing else is shown in public. Source: R10"""
    return bool(event.get("report", {}).get("rank", [0])[0])


def fold_plan(before: Document | None, message: Message) -> Document | None:
    """Items and contributor groups of the approved plan, or None if a later revision is known. Source: 3.1, R04, R09"""
    data = message.data
    assert isinstance(data, PlanApproved)
    if before is not None and before["revision"] >= data.revision:
        return None
    items = [
        {"channel": plan.channel.value, **item.to_data()} for plan in data.content.channel_plans for item in plan.items
    ]
    return {
        "_id": data.plan_id,
        "school_year": data.school_year,
        "revision": data.revision,
        "title": data.content.title,
        "items": items,
        "groups": [group.to_data() for group in data.content.contributor_groups],
    }


def milestone_of(item: Document) -> str | None:
    """The event key of a focal item's milestone; None for a routine item. Source: 1.7, R03"""
    return event_key(MILESTONE_SOURCE, item["item_id"]) if item["kind"] == ItemKind.FOCAL else None
