"""P8: whatever bytes come, the intake answers with faults or candidates and never raises."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import EventHeld, EventScheduled, Origin
from services.monitoring.intake.acceptance import Permission, admit, decide_intake
from services.monitoring.intake.bindings import max_body_bytes, parse_http, parse_record
from services.monitoring.intake.candidates import Parsed
from tests.monitoring.intake.messages import BATCH, DATA, EVENT, NOW, SCHEDULED, STRUCTURED, TYPE

TYPES = (STRUCTURED, BATCH, "application/json", "a/b+json;charset=x", "", ";", "application/json; charset")
NAMES = ("ce-id", "ce-source", "ce-type", "ce-specversion", "ce-time", "ce-", "ce-data", "CE-Id", "content-encoding")
TEXTS = st.text(max_size=12) | st.sampled_from(
    (TYPE, SCHEDULED, "1.0", "/sis", "//", "/%2e", "%", "2026-11-20T11:00:00Z", "2026-11-20T11:00:60.5+23:59", "http://[",
     "https://a", "e30=", "\ud800", "\ufffe", "\u202e", "MAJOR", "\r\n")
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
KEYS = st.sampled_from((*EVENT, *DATA, "time", "data_base64", "revision", "url", "tier", "summary", "reason")) | TEXTS
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6))
MEMBERS = st.dictionaries(KEYS, JSON, max_size=6)


def check(parsed: Parsed) -> None:
    """What comes back can be answered, decided about and put on `events`."""
    parsed = admit(parsed, Permission("/sis"))
    assert not (parsed.faults and parsed.candidates)
    for fault in parsed.faults:
        assert fault.rule != "data-invalid", "the model refuses what the rules took"
        json.dumps([fault.pointer, fault.describe("vi"), fault.describe("en")], ensure_ascii=False).encode()
    for candidate in parsed.candidates:
        decide_intake(candidate, (), None, permission=Permission("/sis"))
        origin = Origin(source=candidate.source, id=candidate.id, authenticated=True)
        model = {"event-held": EventHeld, "event-scheduled": EventScheduled}.get(candidate.name)
        if model:
            model.model_validate(candidate.data | {"event": candidate.event_key, "origin": origin.to_data()})


@given(st.lists(st.tuples(st.binary(max_size=9), st.binary(max_size=9))), st.binary(), st.sampled_from(TYPES))
def test_arbitrary_bytes_over_http(headers: list[tuple[bytes, bytes]], body: bytes, content_type: str) -> None:
    sent = [*headers, (b"content-type", content_type.encode())]
    max_body_bytes(sent)
    check(parse_http(sent, body, NOW))
    check(parse_http(headers, body, NOW))


@given(
    st.lists(st.tuples(st.text(max_size=9) | st.sampled_from(("ce_id", "ce_")), st.none() | st.binary(max_size=9))),
    st.none() | st.binary(),
    st.sampled_from(TYPES),
)
def test_arbitrary_records(headers: list[tuple[str, bytes | None]], value: bytes | None, content_type: str) -> None:
    check(parse_record([*headers, ("content-type", content_type.encode())], value, NOW))
    check(parse_record(headers, value, NOW))


@given(st.lists(st.tuples(st.sampled_from(NAMES), TEXTS)), MEMBERS)
def test_binary_requests_that_are_nearly_right(headers: list[tuple[str, str]], data: dict[str, Any]) -> None:
    good = {"ce-id": "1", "ce-source": "/sis", "ce-type": TYPE, "ce-specversion": "1.0"} | dict(headers)
    sent = [(name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in good.items()]
    check(parse_http([*sent, (b"content-type", b"application/json")], json.dumps(DATA | data).encode(), NOW))


@settings(max_examples=300)
@given(MEMBERS, MEMBERS, st.booleans())
def test_messages_that_are_nearly_right(members: dict[str, Any], data: dict[str, Any], is_whole: bool) -> None:
    message = EVENT | members | ({"data": DATA | data} if is_whole else {})
    check(parse_http([(b"content-type", STRUCTURED.encode())], json.dumps(message).encode(), NOW))
    check(parse_http([(b"content-type", BATCH.encode())], json.dumps([EVENT, message]).encode(), NOW))
    check(parse_record([("content-type", STRUCTURED.encode())], json.dumps(message).encode(), NOW))


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from((*DATA, "revision", "url", "summary", "place", "tier")), TEXTS, max_size=3))
def test_data_that_are_nearly_right(data: dict[str, Any]) -> None:
    body = json.dumps(EVENT | {"data": DATA | data}).encode()
    check(parse_http([(b"content-type", STRUCTURED.encode())], body, NOW))


@given(st.integers(0, len(json.dumps(EVENT))), st.binary(max_size=4))
def test_a_good_message_with_a_few_bytes_changed(position: int, junk: bytes) -> None:
    good = json.dumps(EVENT).encode()
    check(parse_http([(b"content-type", STRUCTURED.encode())], good[:position] + junk + good[position + 1 :], NOW))
