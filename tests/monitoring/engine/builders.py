"""Messages as monitoring receives them, for the engine's tests."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.approval import PlanApproved
from contracts.envelope import Message, event_key
from contracts.events import EventCancelled, EventClassified, EventHeld, EventMerged, EventScheduled
from contracts.fields import Record
from contracts.planning import PlanContent, content_hash
from contracts.publishing import ContentPublished, ContentSubmitted, ContentWithdrawn
from contracts.registry import BY_MODEL

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ENDED = datetime(2026, 11, 20, 4, tzinfo=UTC)
SOURCE = "/sis"


def message(data: Record, subject: str, *, at: datetime = NOW, tag: str = "", source: str = "/publicity/x") -> Message:
    """A message of our own topics; the same tag makes the same id."""
    made = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tag}{data.model_dump_json()}{at}"))
    kind = BY_MODEL[type(data)].type
    return Message(id=made, source=source, type=kind, subject=subject, time=at, data=data, recordedtime=at)


def _report(event_id: str, **changed: Any) -> dict[str, Any]:
    origin = {"source": SOURCE, "id": f"m-{event_id}", "authenticated": True}
    given = {"event_id": event_id, "title": f"Hội thảo {event_id}", "unit": "K_CK", "origin": origin}
    times = {"started_at": ENDED - timedelta(hours=3), "ended_at": ENDED}
    return {**given, **times, "event": event_key(SOURCE, event_id), **changed}


def held(event_id: str, *, at: datetime = NOW, **changed: Any) -> Message:
    """EventHeld."""
    return message(EventHeld.model_validate(_report(event_id, **changed)), event_key(SOURCE, event_id), at=at)


def scheduled(event_id: str, *, at: datetime = NOW, **changed: Any) -> Message:
    """EventScheduled."""
    return message(EventScheduled.model_validate(_report(event_id, **changed)), event_key(SOURCE, event_id), at=at)


def cancelled(event_id: str, *, at: datetime = NOW, **changed: Any) -> Message:
    """EventCancelled."""
    data = EventCancelled.model_validate(_report(event_id, **changed))
    return message(data, event_key(SOURCE, event_id), at=at)


def published(event: str, channel: str, at: datetime, *, content_id: str = "c-1", revision: int = 1) -> Message:
    """ContentPublished."""
    data = ContentPublished.model_validate(
        {
            "content_id": content_id,
            "revision": revision,
            "channel": channel,
            "medium": "WEBSITE",
            "audience": "EXTERNAL",
            "language": "vi",
            "title": "Tin",
            "published_at": at,
            "event": event,
        }
    )
    return message(data, event, at=at)


def withdrawn(event: str, channel: str, at: datetime, *, content_id: str = "c-1", revision: int = 2) -> Message:
    """ContentWithdrawn."""
    data = ContentWithdrawn.model_validate(
        {
            "content_id": content_id,
            "revision": revision,
            "channel": channel,
            "event": event,
            "withdrawn_at": at,
            "reason": "OTHER",
            "by": "editor",
        }
    )
    return message(data, event, at=at)


def submitted(event: str, at: datetime, *, content_id: str = "c-1") -> Message:
    """ContentSubmitted."""
    data = ContentSubmitted.model_validate(
        {"content_id": content_id, "revision": 1, "event": event, "submitted_by": "ctv", "kinds": ["TEXT"]}
    )
    return message(data, event, at=at)


def classified(event: str, *, at: datetime = NOW, **given: Any) -> Message:
    """EventClassified."""
    data = EventClassified.model_validate({"event": event, "by": "op", "reason": "x", "issued_at": at, **given})
    return message(data, event, at=at)


def merged(event: str, into: str | None, *, at: datetime = NOW) -> Message:
    """EventMerged."""
    return message(EventMerged(event=event, into=into, by="op", reason="trùng"), event, at=at)


def approved(plan_id: str, revision: int, items: list[dict[str, Any]], *, at: datetime) -> Message:
    """PlanApproved with these items on one channel."""
    channel_plan = {"channel": "VI_WEB", "audience": "EXTERNAL", "items": items}
    content = PlanContent.from_data({"title": "Kế hoạch", "channel_plans": [channel_plan]})
    data = PlanApproved(
        plan_id=plan_id,
        school_year="2026-2027",
        revision=revision,
        content_hash=content_hash(content),
        content=content,
        route={"matrix_version": "m.1", "stages": ["OFFICE"]},  # type: ignore[arg-type]
        issued_at=at,
    )
    return message(data, plan_id, at=at, source="/publicity/approval")


def focal(item_id: str, starts_at: datetime, **changed: Any) -> dict[str, Any]:
    """A focal item with its milestone."""
    milestone = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=4)}
    given = {"item_id": item_id, "kind": "FOCAL", "title": f"Mốc {item_id}", "topic_area": "DAO_TAO", "tier": "FOCAL"}
    return given | {"milestone": milestone} | changed
