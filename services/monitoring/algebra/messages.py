"""Facts from messages: the one place that knows how the wire's fields become facts; pure.

Never drops a field that a rule asks for.
"""

from collections.abc import Callable
from typing import Any

from contracts.envelope import Message
from contracts.events import EventClassified, EventMerged, EventReport
from contracts.monitoring import CauseSet, ObligationWaived
from contracts.publishing import ContentPublished, ContentSubmitted, ContentWithdrawn, DeliveryFailed
from services.monitoring.algebra.facts import (
    CauseGiven,
    Classified,
    DeliveryFailure,
    Fact,
    Merged,
    Publication,
    Report,
    Submitted,
    WaiverChange,
)
from services.monitoring.algebra.instants import to_stamp

Head = dict[str, Any]


def from_message(message: Message) -> Fact:
    """Return the fact that a message about an event, content or obligation brings.

    Raises:  KeyError when the message is of another kind.        Source: the obligation, Algebra
    """
    kind, build = _BUILDERS[message.name]
    data: Any = message.data
    head = {
        "kind": kind,
        "source": message.source,
        "id": message.id,
        "event": data.event,
        "time": to_stamp(message.time),
        "recorded": to_stamp(message.recordedtime or message.time),
    }
    return build(head, data)


def is_fact(message: Message) -> bool:
    """Say whether a message brings a fact about an event, content or obligation. Source: the obligation, Algebra"""
    return message.name in _BUILDERS


def _report(head: Head, data: Any) -> Fact:
    head |= {
        "revision": data.revision or 1,
        "origin_source": data.origin.source,
        "origin_id": data.origin.id,
        "authenticated": data.origin.authenticated,
        "event_id": data.event_id,
    }
    if not isinstance(data, EventReport):
        return Report(**head, reason=data.reason)
    return Report(
        **head,
        title=data.title,
        unit=data.unit,
        started_at=to_stamp(data.started_at),
        ended_at=to_stamp(data.ended_at),
        title_en=data.title_en,
        place=data.place,
        summary=data.summary,
        url=data.url,
        topic_area=data.topic_area,
        tier=_code(data.tier),
        plan_item_id=data.plan_item_id,
    )


def _classified(head: Head, data: EventClassified) -> Fact:
    return Classified(
        **head,
        tier=_code(data.tier),
        topic_area=data.topic_area,
        plan_item_id=data.plan_item_id,
        names_item=data.has("plan_item_id"),
        by=data.by,
        reason=data.reason,
        issued_at=to_stamp(data.issued_at),
    )


def _merged(head: Head, data: EventMerged) -> Fact:
    return Merged(**head, into=data.into, by=data.by, reason=data.reason)


def _submitted(head: Head, data: ContentSubmitted) -> Fact:
    return Submitted(
        **head,
        content_id=data.content_id,
        revision=data.revision,
        submitted_by=data.submitted_by,
        plan_item_id=data.plan_item_id,
        channel=_code(data.channel),
    )


def _published(head: Head, data: ContentPublished) -> Fact:
    return Publication(
        **head,
        content_id=data.content_id,
        revision=data.revision,
        channel=data.channel.value,
        at=to_stamp(data.published_at),
        plan_item_id=data.plan_item_id,
        title=data.title,
        url=data.url,
        external_id=data.external_id,
        evidence_sha256=data.evidence.sha256 if data.evidence else None,
        recorded_by_person=data.recorded,
    )


def _withdrawn(head: Head, data: ContentWithdrawn) -> Fact:
    return Publication(
        **head,
        content_id=data.content_id,
        revision=data.revision,
        channel=data.channel.value,
        at=to_stamp(data.withdrawn_at),
        reason=data.reason.value,
    )


def _failed(head: Head, data: DeliveryFailed) -> Fact:
    return DeliveryFailure(
        **head,
        content_id=data.content_id,
        revision=data.revision,
        channel=data.channel.value,
        attempt=data.attempt,
        outcome=data.outcome.value,
    )


def _waiver(head: Head, data: ObligationWaived) -> Fact:
    given = {"obligation_id": data.obligation_id, "by": data.by, "reason": data.reason}
    return WaiverChange(**head, **given, issued_at=to_stamp(data.issued_at))


def _cause(head: Head, data: CauseSet) -> Fact:
    given = {"obligation_id": data.obligation_id, "by": data.by, "reason": data.reason}
    return CauseGiven(**head, **given, cause=data.cause.value, issued_at=to_stamp(data.issued_at))


def _code(code: Any) -> str | None:
    return None if code is None else code.value


_BUILDERS: dict[str, tuple[str, Callable[[Head, Any], Fact]]] = {
    "event-scheduled": ("scheduled", _report),
    "event-held": ("held", _report),
    "event-cancelled": ("cancelled", _report),
    "event-classified": ("classified", _classified),
    "event-merged": ("merged", _merged),
    "content-submitted": ("submitted", _submitted),
    "content-published": ("published", _published),
    "content-corrected": ("corrected", _published),
    "content-withdrawn": ("withdrawn", _withdrawn),
    "delivery-failed": ("delivery-failed", _failed),
    "obligation-waived": ("waived", _waiver),
    "obligation-waiver-revoked": ("waiver-revoked", _waiver),
    "cause-set": ("cause-set", _cause),
}
