"""Messages as strangers send them, for the tests of the intake."""

import json
from datetime import UTC, datetime
from typing import Any

from services.monitoring.intake.bindings import parse_http, parse_record
from services.monitoring.intake.candidates import Candidate, Parsed

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TYPE = "vn.edu.hcmute.publicity.event-held.v1"
SCHEDULED = "vn.edu.hcmute.publicity.event-scheduled.v1"
CANCELLED = "vn.edu.hcmute.publicity.event-cancelled.v1"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
DATA = {
    "event_id": "HD-2026-1120",
    "title": "Lễ kỷ niệm Ngày Nhà giáo Việt Nam",
    "unit": "P_TCHC",
    "started_at": "2026-11-20T07:30:00+07:00",
    "ended_at": "2026-11-20T11:00:00+07:00",
}
EVENT = {"specversion": "1.0", "id": "m-1", "source": "/sis", "type": TYPE, "data": DATA}


def event(data: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    """A good message with some members changed."""
    return EVENT | attributes | {"data": DATA | (data or {})}


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    """The members but for some."""
    return {name: value for name, value in members.items() if name not in names}


def post(body: Any, content_type: str | None = STRUCTURED, headers: dict[str, str] | None = None) -> Parsed:
    """A request as the intake reads it; what is not bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    sent += [(b"content-type", content_type.encode())] if content_type is not None else []
    return parse_http(sent, raw, NOW)


def record(value: Any, content_type: str | None = STRUCTURED, headers: dict[str, bytes | None] | None = None) -> Parsed:
    """A record of an inbox as the intake reads it."""
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    sent = list((headers or {}).items())
    sent += [("content-type", content_type.encode())] if content_type is not None else []
    return parse_record(sent, raw, NOW)


def take(body: Any, content_type: str | None = STRUCTURED, headers: dict[str, str] | None = None) -> Candidate:
    """The one candidate of a request without faults."""
    parsed = post(body, content_type, headers)
    assert parsed.faults == ()
    assert parsed.status == 202
    (candidate,) = parsed.candidates
    return candidate


def broken(parsed: Parsed) -> list[tuple[int, str, str]]:
    """All faults as (status, pointer, rule); with one there is no candidate."""
    assert not (parsed.faults and parsed.candidates)
    return [(fault.status, fault.pointer, fault.rule) for fault in parsed.faults]


BINARY = {"ce-specversion": "1.0", "ce-id": "m-1", "ce-source": "/sis", "ce-type": TYPE}
