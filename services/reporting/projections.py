"""What reporting keeps of the other rooms' messages: the facts themselves, as sets; pure.

The same messages in any order, in any batches, however often, give the same documents. Never a judgement: compliance
is monitoring's, and is folded as it was told.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from contracts.codes import BasisKind, ItemKind
from contracts.envelope import Message
from contracts.publishing import ContentPublished
from contracts.times import format_time
from services.reporting.school_years import closing_day, local_day

Document = dict[str, Any]
Fact = dict[str, Any]

ASSESSED, WAIVED, REVOKED = "obligation-assessed", "obligation-waived", "obligation-waiver-revoked"
MISSED, UNMISSED, CLASSIFIED, MERGED = "deadline-missed", "deadline-miss-withdrawn", "event-classified", "event-merged"
SCHEDULED, HELD, CANCELLED = "event-scheduled", "event-held", "event-cancelled"
DRAFTED, TAKEN_BACK, APPROVED = "plan-drafted", "plan-withdrawn", "plan-approved"
REVISED = "plan-revised"
SUBMITTED, PUBLISHED, CORRECTED = "content-submitted", "content-published", "content-corrected"
WITHDRAWN, FAILED = "content-withdrawn", "delivery-failed"
_REPORT = ("title", "started_at", "ended_at", "revision", "plan_item_id", "origin")
_LINK = ("content_id", "revision", "channel", "event", "plan_item_id")
_OBLIGATION = (
    *("event", "requirement", "phase", "state", "due_at", "strict_due_at", "working_due_at", "missed_at"),
    *("discharged_at", "cause", "tier", "topic_area", "unit", "school_year", "title", "planned"),
)
# Where each message is folded, and what of it a figure asks for; the other messages of the topics ask nothing of
# reporting. Source: R18 (from evidence only)
KEPT: dict[str, tuple[str, tuple[str, ...]]] = {
    ASSESSED: ("obligations", _OBLIGATION),
    WAIVED: ("obligations", ("reason", "issued_at")),
    REVOKED: ("obligations", ("issued_at",)),
    MISSED: ("obligations", ("n", "due_at", "detected_at")),
    UNMISSED: ("obligations", ("n",)),
    SCHEDULED: ("events", _REPORT),
    HELD: ("events", _REPORT),
    CANCELLED: ("events", ("revision", "origin")),
    CLASSIFIED: ("events", ("tier", "plan_item_id", "reason", "issued_at")),
    MERGED: ("events", ("into",)),
    DRAFTED: ("plans", ("school_year", "revision")),
    TAKEN_BACK: ("plans", ("revision",)),
    REVISED: ("plans", ("revision", "based_on")),
    APPROVED: ("plans", ("school_year", "revision", "issued_at")),
    SUBMITTED: ("publications", (*_LINK, "submitted_by")),
    PUBLISHED: ("publications", (*_LINK, "published_at")),
    CORRECTED: ("publications", (*_LINK, "published_at")),
    WITHDRAWN: ("publications", _LINK),
    FAILED: ("publications", (*_LINK, "attempt")),
}


def fact_of(message: Message) -> Fact:
    """What is kept of a message: identity, when it happened, when we learned it, and the fields that figures ask for.

    Source: R18
    """
    data = message.data.to_data()
    fact: Fact = {
        "source": message.source,
        "id": message.id,
        "kind": message.name,
        "time": format_time(message.time),
        "recorded": format_time(message.recordedtime or message.time),
        "sequence": message.sequence or 0,
    }
    fact |= {name: data[name] for name in KEPT[message.name][1] if name in data}
    if message.name == APPROVED:
        fact |= _items(data["content"])
    if "content" in data:
        fact |= {"cites": _cited(data["content"])}
    if isinstance(message.data, ContentPublished):
        fact["by_hand"] = message.data.recorded
    return fact


def _items(content: Mapping[str, Any]) -> Document:
    """The ids of all items, and what recurs."""
    items = [item | {"channel": plan["channel"]} for plan in content["channel_plans"] for item in plan["items"]]
    recurring = [item for item in items if item["kind"] == ItemKind.ROUTINE and "recurrence" in item]
    routine = [{name: item[name] for name in ("channel", "item_id", "title", "recurrence")} for item in recurring]
    return {"item_ids": sorted({item["item_id"] for item in items}), "routine": routine}


def _cited(content: Mapping[str, Any]) -> list[str]:
    """The improvements of the year before that a plan rests on. Source: R19"""
    kind = BasisKind.IMPROVEMENT_PROPOSAL
    return sorted({basis["reference"] for basis in content.get("bases", ()) if basis["kind"] == kind})


def fold(before: Document | None, key: str, facts: Iterable[Fact]) -> Document | None:
    """The document with the facts added, or None when it had them: a set by (source, id), the earliest receipt kept.

    Source: R18
    """
    kept = {(fact["source"], fact["id"]): fact for fact in (before or {}).get("facts", ())}
    had = dict(kept)
    for fact in facts:
        identity = (fact["source"], fact["id"])
        kept[identity] = min(kept.get(identity, fact), fact, key=lambda one: (one["recorded"], repr(one)))
    if kept == had:
        return None
    whole = [kept[identity] for identity in sorted(kept)]
    return {"_id": key, "facts": whole, **_marks(whole)}


def _marks(facts: list[Fact]) -> Document:
    """What a document is looked up by: school years told, local days of events, plan items named."""
    years = {fact["school_year"] for fact in facts if "school_year" in fact}
    days = {closing_day(fact["started_at"], fact["ended_at"]) for fact in facts if "ended_at" in fact}
    items = {fact["plan_item_id"] for fact in facts if "content_id" in fact and "plan_item_id" in fact}
    if not is_linked(facts):
        days |= {local_day(fact["time"]) for fact in facts if "content_id" in fact}
    marks = {"school_years": years, "days": {day.isoformat() for day in days}, "items": items}
    return {name: sorted(values) for name, values in marks.items()}


def is_linked(facts: Iterable[Fact]) -> bool:
    """Whether content was ever said to be about an event or a plan item. Source: R10"""
    return any("event" in fact or "plan_item_id" in fact for fact in facts)


def known_at(docs: Iterable[Mapping[str, Any]], instant: str) -> dict[str, list[Fact]]:
    """The facts of each document that were known at an instant: those received not after it. Source: R18, A21"""
    known = ((doc["_id"], [fact for fact in doc["facts"] if fact["recorded"] <= instant]) for doc in docs)
    return {key: facts for key, facts in known if facts}


def latest(facts: Iterable[Fact]) -> Fact | None:
    """The assessment that holds: the last by `sequence`. Source: R18, R20"""
    told = (fact for fact in facts if fact["kind"] == ASSESSED)
    return max(told, key=lambda fact: (fact["sequence"], fact["time"], fact["id"]), default=None)


def waiver_in_force(facts: Iterable[Fact]) -> Fact | None:
    """The waiver that holds; a second one changes nothing until the first is revoked. Source: R20"""
    holding: Fact | None = None
    changes = (fact for fact in facts if fact["kind"] in (WAIVED, REVOKED))
    for change in sorted(changes, key=lambda fact: (fact["issued_at"], fact["time"], fact["id"])):
        if change["kind"] == REVOKED:
            holding = None
        elif holding is None:
            holding = change
    return holding
