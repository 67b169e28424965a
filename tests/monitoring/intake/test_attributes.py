"""Contract: 400 = bytes or envelope; the attributes of a CloudEvent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.monitoring.intake.messages import BINARY, DATA, EVENT, NOW, broken, event, post, take, without

REFUSED: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("400 not a CloudEvent: no specversion", without(EVENT, "specversion"), "/specversion", "attribute-missing"),
    ("400 not a CloudEvent: no id", without(EVENT, "id"), "/id", "attribute-missing"),
    ("400 not a CloudEvent: no source", without(EVENT, "source"), "/source", "attribute-missing"),
    ("400 not a CloudEvent: no type", without(EVENT, "type"), "/type", "attribute-missing"),
    ("400 not a CloudEvent: a required null", event(id=None), "/id", "attribute-missing"),
    ("400 not a CloudEvent: an empty id", event(id=""), "/id", "attribute-empty"),
    ("400 not a CloudEvent: a blank id", event(id=" "), "/id", "attribute-empty"),
    ("400 not a CloudEvent: an id that is a number", event(id=1), "/id", "attribute-type"),
    ("400 not a CloudEvent: an empty subject", event(subject=""), "/subject", "attribute-empty"),
    ("400 not a CloudEvent: specversion 0.3", event(specversion="0.3"), "/specversion", "specversion-unsupported"),
    ("400 not a CloudEvent: specversion a number", event(specversion=1.0), "/specversion", "attribute-type"),
    ("400 not a CloudEvent: an extension that is an object", event(x={}), "/x", "attribute-type"),
    ("400 not a CloudEvent: an extension that is a fraction", event(x=1.5), "/x", "attribute-type"),
    ("400 not a CloudEvent: an extension over 32 bits", event(x=2**31), "/x", "attribute-type"),
    ("names outside a-z0-9: capitals", event(Room="A"), "/Room", "attribute-name"),
    ("names outside a-z0-9: underscore", event(a_b="A"), "/a_b", "attribute-name"),
    ("names outside a-z0-9: pointer is escaped", event(**{"a/b": "A"}), "/a~1b", "attribute-name"),
    ("no control characters (everywhere)", event(id="a\x00"), "/id", "attribute-character"),
    ("no control characters (everywhere): C1", event(room="a\x85"), "/room", "attribute-character"),
    ("bidi controls refused", event(id="a\u202eb"), "/id", "attribute-character"),
    ("attributes <= 16 KiB", event(x="x" * 16_400), "", "attributes-too-large"),
    ("attributes <= 16 KiB in all", event(**{f"x{n}": "x" * 20 for n in range(800)}), "", "attributes-too-large"),
    ("time: a blank for T", event(time="2026-11-20 11:00:00Z"), "/time", "time-malformed"),
    ("time: no offset", event(time="2026-11-20T11:00:00"), "/time", "time-malformed"),
    ("time: offset without colon", event(time="2026-11-20T11:00:00+0700"), "/time", "time-malformed"),
    ("time: offset up to 23:59", event(time="2026-11-20T11:00:00+24:00"), "/time", "time-malformed"),
    ("time: no seconds", event(time="2026-11-20T11:00Z"), "/time", "time-malformed"),
    ("time: a number", event(time=1_700_000_000), "/time", "attribute-type"),
    ("time: :61", event(time="2026-11-20T11:00:61Z"), "/time", "time-malformed"),
    ("time: 30 February", event(time="2026-02-30T11:00:00Z"), "/time", "time-malformed"),
    ("time: years 1..9999", event(time="0000-01-01T00:00:00Z"), "/time", "time-malformed"),
    ("time: years 1..9999 in UTC", event(time="0001-01-01T00:00:00+07:00"), "/time", "time-malformed"),
    ("time: Eastern Arabic digits", event(time="٢026-11-20T11:00:00Z"), "/time", "time-malformed"),
    ("time: empty", event(time=""), "/time", "attribute-empty"),
    ("dataschema absolute", event(dataschema="event-held"), "/dataschema", "dataschema-malformed"),
    ("datacontenttype is JSON", event(datacontenttype="text/xml"), "/datacontenttype", "datacontenttype-unsupported"),
    (
        "datacontenttype is in UTF-8",
        event(datacontenttype="application/json; charset=latin1"),
        "/datacontenttype",
        "datacontenttype-unsupported",
    ),
    ("data and data_base64", event(data_base64="e30="), "/data_base64", "data-twice"),
    ("data_base64 is Base64", without(event(data_base64="e30"), "data"), "/data_base64", "base64-malformed"),
    ("data_base64 is a text", without(event(data_base64=1), "data"), "/data_base64", "base64-malformed"),
    ("data_base64 holds JSON", without(event(data_base64="e30y"), "data"), "/data", "json-malformed"),
    ("source: a URI reference, no blank", event(source="/sis x"), "/source", "source-malformed"),
    ("source: a URI reference, no accents", event(source="/khoa-cơ-khí"), "/source", "source-malformed"),
    ("source: a URI reference, no broken percent", event(source="/sis%2"), "/source", "source-malformed"),
    ("source: no control characters, encoded", event(source="/sis%0A"), "/source", "source-malformed"),
    ("source: no dot segments", event(source="/sis/../publicity"), "/source", "source-segments"),
    ("source: no dot segments, single", event(source="/sis/./x"), "/source", "source-segments"),
    ("source: no dot segments, encoded", event(source="/sis/%2e%2E/x"), "/source", "source-segments"),
    ("source: no dot segments, encoded slash", event(source="/sis%2f..%2fx"), "/source", "source-segments"),
    ("source: no dot segments, encoded twice", event(source="/sis/%252e%252e"), "/source", "source-segments"),
    ("source: no dot segments, encoded often", event(source="/sis/%" + "25" * 90 + "2e"), "/source", "source-segments"),
    ("source: no empty segments", event(source="/sis//x"), "/source", "source-segments"),
    ("source: no empty segments, first", event(source="//sis"), "/source", "source-segments"),
    ("source: no empty segments, last", event(source="/sis/"), "/source", "source-segments"),
    ("source: no empty segments, encoded", event(source="/sis%2f%2fx"), "/source", "source-segments"),
    ("source: no empty segments, the root", event(source="/"), "/source", "source-segments"),
    ("source and id must fit `origin`", event(id="i" * 16_000), "/id", "attribute-too-long"),
)


@pytest.mark.parametrize(("body", "pointer", "rule"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_attributes_that_are_no_cloudevent_are_refused(body: dict[str, Any], pointer: str, rule: str) -> None:
    assert broken(post(body)) == [(400, pointer, rule)]


@pytest.mark.parametrize("body", [[], "x", 1, True, None])
def test_what_is_no_object_is_no_cloudevent(body: Any) -> None:
    assert broken(post(body)) == [(400, "", "not-an-object")]


TAKEN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("1,000 unknown extensions are taken", event(**{f"e{n:03}": "x" for n in range(1000)})),
    ("extensions may be integers and booleans", event(a=1, b=True, c=-(2**31), d="")),
    ("null = absent", event(subject=None, time=None, dataschema=None, x=None)),
    ("`+json` is taken", event(datacontenttype="application/vnd.school+json")),
    ("datacontenttype in UTF-8", event(datacontenttype='Application/JSON; charset="UTF-8"')),
    ("a source may be a path below", event(source="/sis/events/2026")),
    ("a source may have an encoded accent", event(source="/khoa-c%C6%A1")),
    ("a source may be an absolute URI", event(source="https://sis.example.edu.vn/events")),
    ("a source may be a URN", event(source="urn:school:sis")),
    ("dots within a segment are no dot segment", event(source="/sis.v1/..x")),
    ("dataschema may be a URN", event(dataschema="urn:vn.edu.hcmute.publicity:event-held:v1")),
    ("data_base64 null is absent", event(data_base64=None)),
)


@pytest.mark.parametrize("body", [row[1] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_attributes_of_a_cloudevent_are_taken(body: dict[str, Any]) -> None:
    assert broken(post(body)) == []


def test_data_base64_is_taken() -> None:
    encoded = without(event(data_base64="eyJldmVudF9pZCI6ICJ4In0="), "data")
    assert take(encoded | {"type": EVENT["type"].replace("held", "cancelled")}).data == {"event_id": "x"}


def test_faults_in_data_base64_point_into_the_structured_form() -> None:
    encoded = without(event(data_base64="eyJldmVudF9pZCI6ICJ4IiwgImV2ZW50X2lkIjogMX0="), "data")
    assert (400, "/data/event_id", "json-duplicate-name") in broken(post(encoded))


TIMES: tuple[tuple[str, str, datetime], ...] = (
    ("lower-case t/z taken", "2026-11-20t11:00:00z", datetime(2026, 11, 20, 11, tzinfo=UTC)),
    (":60 read as :59", "2026-11-20T11:00:60Z", datetime(2026, 11, 20, 11, 0, 59, tzinfo=UTC)),
    ("cut to microseconds", "2026-11-20T11:00:00.1234569Z", datetime(2026, 11, 20, 11, 0, 0, 123456, tzinfo=UTC)),
    ("±hh:mm up to 23:59", "2026-11-20T23:59:00+23:59", datetime(2026, 11, 20, tzinfo=UTC)),
    ("any past year", "0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ("5 minutes after receipt is itself", (NOW + timedelta(minutes=5)).isoformat(), NOW + timedelta(minutes=5)),
)


@pytest.mark.parametrize(("text", "instant"), [row[1:] for row in TIMES], ids=[row[0] for row in TIMES])
def test_times_are_read_strictly_and_cut(text: str, instant: datetime) -> None:
    candidate = take(event(time=text))
    assert candidate.time == instant
    assert candidate.flags == ()


def test_an_absent_time_is_the_receipt_time() -> None:
    assert take(EVENT).time == NOW
    assert take(event(time=None)).flags == ()


def test_a_time_more_than_5_minutes_after_receipt_counts_as_the_receipt_time() -> None:
    candidate = take(event(time=(NOW + timedelta(minutes=5, microseconds=1)).isoformat()))
    assert (candidate.time, candidate.flags) == (NOW, ("time-ahead",))


BINARY_REFUSED: tuple[tuple[str, dict[str, str], str, str], ...] = (
    ("broken percent-encoding: 400", BINARY | {"ce-id": "100%"}, "/id", "percent-encoding"),
    ("broken percent-encoding: one digit", BINARY | {"ce-id": "%e"}, "/id", "percent-encoding"),
    ("broken percent-encoding: no UTF-8", BINARY | {"ce-room": "%FF"}, "/room", "percent-encoding"),
    ("broken percent-encoding: overlong", BINARY | {"ce-room": "%C0%AF"}, "/room", "percent-encoding"),
    ("broken percent-encoding: a surrogate", BINARY | {"ce-room": "%ED%A0%80"}, "/room", "percent-encoding"),
    (
        "an attribute given twice: content type",
        BINARY | {"ce-datacontenttype": "x"},
        "/datacontenttype",
        "attribute-twice",
    ),
    ("an attribute given twice: capitals", BINARY | {"CE-ID": "m-1"}, "/id", "attribute-twice"),
    ("names outside a-z0-9", BINARY | {"ce-my-ext": "x"}, "/my-ext", "attribute-name"),
    ("names outside a-z0-9: none", BINARY | {"ce-": "x"}, "/", "attribute-name"),
    ("data is no attribute", BINARY | {"ce-data": "{}"}, "/data", "attribute-name"),
    ("data_base64 is no attribute", BINARY | {"ce-data_base64": "e30="}, "/data_base64", "attribute-name"),
    ("an empty id", BINARY | {"ce-id": ""}, "/id", "attribute-empty"),
    ("no id", without(BINARY, "ce-id"), "/id", "attribute-missing"),
    ("control characters, encoded", BINARY | {"ce-id": "a%00"}, "/id", "attribute-character"),
    ("noncharacters, encoded", BINARY | {"ce-room": "%EF%BF%BE"}, "/room", "attribute-character"),
)


@pytest.mark.parametrize(
    ("headers", "pointer", "rule"), [row[1:] for row in BINARY_REFUSED], ids=[row[0] for row in BINARY_REFUSED]
)
def test_headers_that_are_no_attributes_are_refused(headers: dict[str, str], pointer: str, rule: str) -> None:
    assert broken(post(DATA, "application/json", headers)) == [(400, pointer, rule)]


DECODED: tuple[tuple[str, str, str], ...] = (
    ("percent-decoded once", "100%2525", "100%25"),
    ("percent-decoded as UTF-8", "L%E1%BB%85", "Lễ"),
    ("lower-case digits", "L%e1%bb%85", "Lễ"),
    ("a plus is a plus", "a+b", "a+b"),
    ("quotes are taken off first", '"a \\"b\\" %25"', 'a "b" %'),
    ("a blank may stand as it is", "A 101", "A 101"),
    ("raw UTF-8 is read", "Lễ", "Lễ"),
)


@pytest.mark.parametrize(("sent", "read"), [row[1:] for row in DECODED], ids=[row[0] for row in DECODED])
def test_header_values_are_percent_decoded_once(sent: str, read: str) -> None:
    assert take(DATA, "application/json", BINARY | {"ce-subject": sent}).attributes["subject"] == read
