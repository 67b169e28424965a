"""The envelope: ids, encoding, and what decoding refuses."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import CONTENT_TYPE, NAMESPACE, Message, Undecodable, decode, encode, event_key, message_id
from contracts.envelope import obligation_id as owed
from contracts.events import EventHeld, EventMerged, Origin
from contracts.heartbeat import Heartbeat
from contracts.registry import TYPES

T = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEY = "5ffd05b4-31c1-5bba-8b9a-7c26c5a9cf50"
HELD = EventHeld(
    event_id="HD-1",
    title="Lễ kỷ niệm 20/11",
    unit="PTT",
    started_at=T,
    ended_at=T,
    event=KEY,
    origin=Origin(source="/sis", id="1", authenticated=True),
)
MESSAGE = Message(
    id="m-1", source="/publicity/monitoring", type=TYPES["event-held"].type, subject=KEY, time=T, data=HELD
)


def raw_message(**changes: Any) -> bytes:
    attributes = json.loads(encode(MESSAGE)) | changes
    return json.dumps({name: value for name, value in attributes.items() if value is not ...}).encode()


def fault_of(raw: Any) -> tuple[str, str]:
    with pytest.raises(Undecodable) as caught:
        decode(raw)
    assert caught.value.detail
    return caught.value.reason, caught.value.pointer


def test_the_namespace_and_ids_have_known_values() -> None:
    assert uuid5(NAMESPACE_URL, "vn.edu.hcmute.publicity") == NAMESPACE == UUID("553c2008-4581-5f4b-8951-36073391ad52")
    assert event_key("/sis", "HD-1") == "7c28b195-348d-5988-8059-1b7de3482cf2"
    assert owed("7c28b195-348d-5988-8059-1b7de3482cf2", "WEBSITE", "POST") == "dd10494f-8670-5e4b-8846-1de897f0b13b"
    assert (
        message_id("/sis", "msg-1", TYPES["event-held"].type, discriminator="7c28b195-348d-5988-8059-1b7de3482cf2")
        == "a02cf958-ea36-5702-9821-f57860b3979e"
    )
    assert event_key("/sis", "sự kiện 1") == str(uuid5(NAMESPACE, "/sis\nsự kiện 1"))


def test_every_part_of_a_cause_makes_another_id() -> None:
    ids = {
        message_id(*parts, discriminator=last)
        for *parts, last in [("a", "b", "c", "d"), ("x", "b", "c", "d"), ("a", "x", "c", "d")]
    }
    ids |= {message_id("a", "b", "x", discriminator="d"), message_id("a", "b", "c", discriminator="x")}
    assert len(ids) == 5


def test_a_message_is_written_as_a_structured_cloudevent() -> None:
    message = replace(
        MESSAGE, sequence=7, recordedtime=T, correlationid="c", causationid="d", traceparent="t", extensions={"x": "1"}
    )
    attributes = json.loads(encode(message))
    assert attributes.pop("data")["title"] == "Lễ kỷ niệm 20/11"
    assert attributes == {
        "specversion": "1.0",
        "id": "m-1",
        "source": "/publicity/monitoring",
        "type": "vn.edu.hcmute.publicity.event-held.v1",
        "subject": KEY,
        "time": "2026-11-20T09:00:00.000000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:vn.edu.hcmute.publicity:event-held:v1",
        "partitionkey": KEY,
        "sequence": "0000000007",
        "recordedtime": "2026-11-20T09:00:00.000000Z",
        "correlationid": "c",
        "causationid": "d",
        "traceparent": "t",
        "x": "1",
    }
    assert decode(encode(message)) == message
    assert CONTENT_TYPE == b"application/cloudevents+json; charset=UTF-8"


def test_what_is_absent_is_not_written() -> None:
    attributes = json.loads(encode(MESSAGE))
    assert None not in attributes.values()
    assert {"sequence", "recordedtime", "correlationid", "causationid", "traceparent"}.isdisjoint(attributes)
    assert set(attributes["data"]) == {"event_id", "title", "unit", "started_at", "ended_at", "event", "origin"}


def test_times_are_written_in_utc_whatever_their_zone() -> None:
    local = T.astimezone(timezone(timedelta(hours=7)))
    assert encode(replace(MESSAGE, time=local)) == encode(MESSAGE)


def test_name_and_topic_come_from_the_registry() -> None:
    assert (MESSAGE.name, MESSAGE.topic) == ("event-held", "events")


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "vn.edu.hcmute.publicity.event-lost.v1"},
        {"data": Heartbeat(service="planning", drained_at=T)},
        {"data": EventMerged(event=KEY, into=None, by="a", reason="b")},
        {"extensions": {"subject": "other"}},
        {"time": T.replace(tzinfo=None)},
    ],
)
def test_a_message_that_is_not_whole_is_not_written(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        encode(replace(MESSAGE, **changes))


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"not json",
        b"\xff\xfe",
        b"\xef\xbb\xbf" + encode(MESSAGE),
        encode(MESSAGE).decode().encode("utf-16"),
        encode(MESSAGE)[:-1],
        encode(MESSAGE) + b"{}",
        raw_message().replace(b'"HD-1"', b"NaN"),
        raw_message().replace(b'"HD-1"', b"-Infinity"),
        raw_message().replace(b'"HD-1"', b"1e999"),
        raw_message().replace(b'"HD-1"', b"1" * 5000),
        raw_message().replace(b'"HD-1"', rb'"\ud800"'),
        raw_message(x=1).replace(b'"x"', rb'"\uDFFF"'),
        b"[" * 100_000,
        "text",
        5,
    ],
)
def test_bytes_that_are_no_json_are_refused(raw: Any) -> None:
    assert fault_of(raw) == ("not-json", "")


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b"[]", ""),
        (b"null", ""),
        (b'"text"', ""),
        (b"1", ""),
        (b"[%s]" % encode(MESSAGE), ""),
        (b"{}", "/specversion"),
        (raw_message(specversion="0.3"), "/specversion"),
        (raw_message(specversion=1.0), "/specversion"),
        (raw_message(id=...), "/id"),
        (raw_message(id=""), "/id"),
        (raw_message(id=7), "/id"),
        (raw_message(source=None), "/source"),
        (raw_message(type=["x"]), "/type"),
        (raw_message(subject=...), "/subject"),
        (raw_message(time=...), "/time"),
        (raw_message(time="20/11/2026"), "/time"),
        (raw_message(time="2026-11-20T09:00:00"), "/time"),
        (raw_message(recordedtime=1795165200), "/recordedtime"),
        (raw_message(sequence=7), "/sequence"),
        (raw_message(sequence="-1"), "/sequence"),
        (raw_message(correlationid=["x"]), "/correlationid"),
        (raw_message(datacontenttype="text/xml"), "/datacontenttype"),
        (raw_message(extra={"a": 1}), "/extra"),
        (raw_message(**{"a/b~": "x"}), "/a~1b~0"),
    ],
)
def test_json_that_is_no_cloudevent_of_ours_is_refused(raw: bytes, pointer: str) -> None:
    assert fault_of(raw) == ("not-cloudevent", pointer)


@pytest.mark.parametrize(
    "type_",
    ["event-held", "vn.edu.hcmute.publicity.event-held.v2", "vn.edu.hcmute.publicity.Event-held.v1", "x" * 9999],
)
def test_an_unknown_type_is_refused(type_: str) -> None:
    assert fault_of(raw_message(type=type_)) == ("unknown-type", "/type")


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (..., "/data"),
        (None, "/data"),
        ([], "/data"),
        ("text", "/data"),
        ({}, "/data/event_id"),
        (HELD.to_data() | {"title": " "}, "/data/title"),
        (HELD.to_data() | {"title": 5}, "/data/title"),
        (HELD.to_data() | {"revision": "2"}, "/data/revision"),
        (HELD.to_data() | {"revision": 2.0}, "/data/revision"),
        (HELD.to_data() | {"revision": True}, "/data/revision"),
        (HELD.to_data() | {"revision": 2**31}, "/data/revision"),
        (HELD.to_data() | {"started_at": 0}, "/data/started_at"),
        (HELD.to_data() | {"tier": "HUGE"}, "/data/tier"),
        (HELD.to_data() | {"ended_at": "2026-11-20T08:59:59Z"}, "/data"),
        (
            HELD.to_data() | {"origin": {"source": "/sis", "id": "1", "authenticated": "yes"}},
            "/data/origin/authenticated",
        ),
    ],
)
def test_invalid_data_is_refused_with_its_place(data: Any, pointer: str) -> None:
    assert fault_of(raw_message(data=data)) == ("invalid-data", pointer)


def test_all_faults_of_the_data_are_named() -> None:
    with pytest.raises(Undecodable) as caught:
        decode(raw_message(data=HELD.to_data() | {"title": "", "unit": "x" * 65}))
    assert "/data/title: " in caught.value.detail
    assert "/data/unit: " in caught.value.detail


def test_unknown_fields_and_attributes_are_taken() -> None:
    data = HELD.to_data() | {"a_later_field": {"x": [1]}, "origin": HELD.origin.to_data() | {"later": 1}}
    message = decode(raw_message(data=data, later="x", flag=True, number=5, nothing=None, dataschema=None))
    assert message.data == HELD
    assert message.extensions == {"later": "x", "flag": "true", "number": "5"}
    assert decode(encode(message)) == message


def test_null_attributes_are_absent() -> None:
    nulls = dict.fromkeys(("sequence", "recordedtime", "correlationid", "datacontenttype", "partitionkey"))
    assert decode(raw_message(**nulls)) == MESSAGE


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists).map(json.dumps).map(str.encode)
)
def test_nothing_but_undecodable_is_raised_for_any_bytes(raw: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(json.loads(encode(MESSAGE)))), JSON, st.sampled_from(sorted(HELD.to_data())), JSON)
def test_any_value_in_any_place_is_decoded_or_undecodable(attribute: str, value: Any, field: str, inner: Any) -> None:
    for raw in (raw_message(**{attribute: value}), raw_message(data=HELD.to_data() | {field: inner})):
        try:
            message = decode(raw)
        except Undecodable:
            continue
        assert decode(encode(message)) == message
