"""Contract: structured, binary and batched at the HTTP door; structured and binary in the inboxes."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from services.monitoring.intake.bindings import (
    MAX_BATCH_BYTES,
    MAX_EVENT_BYTES,
    max_body_bytes,
    parse_http,
    parse_message,
    parse_record,
)
from tests.monitoring.intake.messages import (
    BATCH,
    BINARY,
    DATA,
    EVENT,
    NOW,
    STRUCTURED,
    broken,
    event,
    post,
    record,
    take,
    without,
)

JSON = "application/json"
KAFKA_BINARY: dict[str, bytes | None] = {name.replace("-", "_"): value.encode() for name, value in BINARY.items()}

UNSUPPORTED: tuple[tuple[str, Any, str | None, dict[str, str], str], ...] = (
    ("another media type", EVENT, "text/plain", {}, "media-type-unsupported"),
    ("another media type: CloudEvents in XML", EVENT, "application/cloudevents+xml", {}, "media-type-unsupported"),
    ("another media type: with ce- headers", DATA, "text/plain", BINARY, "media-type-unsupported"),
    ("another media type: none that can be read", EVENT, "json", {}, "media-type-unsupported"),
    ("`application/json` without `ce-` headers: 415", EVENT, JSON, {}, "media-type-unsupported"),
    ("another media type: longer than any", EVENT, STRUCTURED + ";" * 1000, {}, "media-type-unsupported"),
    ("no content type", EVENT, None, {}, "content-type-missing"),
    ("other charset", EVENT, f"{STRUCTURED}; charset=iso-8859-1", {}, "charset-unsupported"),
    ("other charset: batch", [EVENT], f"{BATCH}; charset=utf-16", {}, "charset-unsupported"),
    ("other charset: binary", DATA, f'{JSON}; charset="us-ascii"', BINARY, "charset-unsupported"),
    ("any Content-Encoding", EVENT, STRUCTURED, {"Content-Encoding": "gzip"}, "content-encoding-unsupported"),
    (
        "any Content-Encoding: identity",
        EVENT,
        STRUCTURED,
        {"content-encoding": "identity"},
        "content-encoding-unsupported",
    ),
)


@pytest.mark.parametrize(
    ("body", "content_type", "headers", "rule"), [row[1:] for row in UNSUPPORTED], ids=[row[0] for row in UNSUPPORTED]
)
def test_other_media_are_415(body: Any, content_type: str | None, headers: dict[str, str], rule: str) -> None:
    assert broken(post(body, content_type, headers)) == [(415, "", rule)]


SAME: tuple[tuple[str, Any, str | None, dict[str, str]], ...] = (
    ("structured", EVENT, STRUCTURED, {}),
    ("structured, UTF-8 stated", EVENT, "Application/CloudEvents+JSON;  Charset=UTF-8", {}),
    ("structured, `ce-` copies are ignored", EVENT, STRUCTURED, {"ce-id": "other"}),
    ("binary", DATA, JSON, BINARY),
    ("binary, capitals", DATA, JSON, {name.title(): value for name, value in BINARY.items()}),
    ("binary, `+json` is taken", DATA, "application/vnd.school+json; charset=utf-8", BINARY),
    ("binary, no content type stated (as SDKs send it)", DATA, None, BINARY),
    ("batched", [EVENT], BATCH, {}),
)


@pytest.mark.parametrize(("body", "content_type", "headers"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_all_modes_give_the_same_candidate(body: Any, content_type: str | None, headers: dict[str, str]) -> None:
    whole, other = take(EVENT), take(body, content_type, headers)
    assert (other.source, other.id, other.type, other.time) == (whole.source, whole.id, whole.type, whole.time)
    assert (other.report, other.data, other.content_digest) == (whole.report, whole.data, whole.content_digest)
    assert other.event_key == whole.event_key


def test_a_content_type_given_twice_is_400() -> None:
    parsed = post(EVENT, STRUCTURED, {"content-type": STRUCTURED})
    assert broken(parsed) == [(400, "/datacontenttype", "attribute-twice")]


def test_an_empty_batch_is_202_with_no_receipts() -> None:
    parsed = post([], BATCH)
    assert (parsed.status, parsed.faults, parsed.candidates) == (202, (), ())


def test_candidates_of_a_batch_come_in_the_order_sent() -> None:
    parsed = post([event(id=f"m-{n}") for n in range(100)], BATCH)
    assert [(c.id, c.pointer) for c in parsed.candidates] == [(f"m-{n}", f"/{n}") for n in range(100)]


BATCHES: tuple[tuple[str, Any, list[tuple[int, str, str]]], ...] = (
    ("<= 100", [EVENT] * 101, [(413, "", "batch-too-long")]),
    ("a batch is an array", EVENT, [(400, "", "batch-not-an-array")]),
    ("its elements are objects", [EVENT, 1], [(400, "/1", "not-an-object")]),
    ("pointers `/1/data/title` in a batch", [EVENT, event({"title": ""})], [(422, "/1/data/title", "text-blank")]),
    (
        "I-JSON faults too",
        b'[{"a": NaN}'.replace(b'"a"', b'"specversion"') + b"]",
        [(400, "/0/specversion", "json-number")],
    ),
    (
        "a batch with both: 400; all faults of a request are named",
        [event({"title": "", "unit": 3}), event(id="", source="//x")],
        [
            (422, "/0/data/title", "text-blank"),
            (422, "/0/data/unit", "text-expected"),
            (400, "/1/id", "attribute-empty"),
            (400, "/1/source", "source-segments"),
        ],
    ),
)


@pytest.mark.parametrize(("body", "faults"), [row[1:] for row in BATCHES], ids=[row[0] for row in BATCHES])
def test_a_batch_is_all_or_nothing(body: Any, faults: list[tuple[int, str, str]]) -> None:
    parsed = post(body, BATCH)
    assert set(faults) <= set(broken(parsed))
    assert parsed.candidates == ()
    assert parsed.status == (413 if faults[0][0] == 413 else min(status for status, _, _ in faults))


def test_one_message_over_256_kib_is_413() -> None:
    fits = json.dumps(EVENT).encode().ljust(MAX_EVENT_BYTES)
    assert broken(post(fits)) == []
    assert broken(post(fits + b" ")) == [(413, "", "body-too-large")]
    assert broken(post(b" " * MAX_EVENT_BYTES + b" ", JSON, BINARY)) == [(413, "", "body-too-large")]


def test_a_batch_over_1_mib_is_413() -> None:
    fits = json.dumps([EVENT]).encode().ljust(MAX_BATCH_BYTES)
    assert broken(post(fits, BATCH)) == []
    assert broken(post(fits + b" ", BATCH)) == [(413, "", "body-too-large")]


def test_the_web_layer_learns_how_much_to_read() -> None:
    assert max_body_bytes([(b"Content-Type", BATCH.encode())]) == 1024 * 1024
    assert max_body_bytes([(b"content-type", STRUCTURED.encode())]) == 256 * 1024
    assert max_body_bytes([]) == 256 * 1024


RECORDS: tuple[tuple[str, Any, str | None, dict[str, bytes | None], list[tuple[int, str, str]]], ...] = (
    ("tombstones", None, STRUCTURED, {}, [(400, "", "record-empty")]),
    ("tombstones, binary", None, JSON, KAFKA_BINARY, [(400, "", "record-empty")]),
    ("batches", [EVENT], BATCH, {}, [(415, "", "batch-in-record")]),
    ("missing content types", EVENT, None, {}, [(415, "", "content-type-missing")]),
    ("missing content types, binary", DATA, None, KAFKA_BINARY, [(415, "", "content-type-missing")]),
    ("`application/json` without `ce_` headers", EVENT, JSON, {}, [(415, "", "media-type-unsupported")]),
    ("a record over 256 KiB", b" " * 262_145, STRUCTURED, {}, [(413, "", "body-too-large")]),
    ("null headers", EVENT, STRUCTURED, {"trace": None}, [(400, "", "header-null")]),
    ("null headers: attribute", DATA, JSON, KAFKA_BINARY | {"ce_id": None}, [(400, "/id", "header-null")]),
    ("non-UTF-8 headers", EVENT, STRUCTURED, {"trace": b"\xff"}, [(400, "", "header-not-utf8")]),
    ("non-UTF-8 headers: type", EVENT, None, {"content-type": b"\xff"}, [(400, "/datacontenttype", "header-not-utf8")]),
    (
        "any Content-Encoding",
        EVENT,
        STRUCTURED,
        {"content-encoding": b"zstd"},
        [(415, "", "content-encoding-unsupported")],
    ),
    (
        "an attribute given twice",
        EVENT,
        STRUCTURED,
        {"Content-Type": b"x/y"},
        [(400, "/datacontenttype", "attribute-twice")],
    ),
    ("names outside a-z0-9", DATA, JSON, KAFKA_BINARY | {"ce_Room": b"A"}, [(400, "/Room", "attribute-name")]),
    ("not JSON", b"{", STRUCTURED, {}, [(400, "", "json-malformed")]),
    ("not JSON, binary", b"{", JSON, KAFKA_BINARY, [(400, "/data", "json-malformed")]),
    ("a rule", event({"title": " "}), STRUCTURED, {}, [(422, "/data/title", "text-blank")]),
)


@pytest.mark.parametrize(
    ("value", "content_type", "headers", "faults"), [row[1:] for row in RECORDS], ids=[row[0] for row in RECORDS]
)
def test_records_go_through_the_same_rules(
    value: Any, content_type: str | None, headers: dict[str, bytes | None], faults: list[tuple[int, str, str]]
) -> None:
    assert set(faults) <= set(broken(record(value, content_type, headers)))


def test_records_are_taken_structured_and_binary() -> None:
    (structured,) = record(EVENT).candidates
    (binary,) = record(DATA, JSON, KAFKA_BINARY | {"other": b"x"}).candidates
    assert structured.content_digest == binary.content_digest == take(EVENT).content_digest


def test_header_values_of_a_record_are_not_percent_decoded() -> None:
    (candidate,) = record(DATA, JSON, KAFKA_BINARY | {"ce_subject": "Lễ 100%25".encode()}).candidates
    assert candidate.attributes["subject"] == "Lễ 100%25"


def test_an_attribute_header_given_twice_in_a_record_is_a_fault() -> None:
    headers = [*KAFKA_BINARY.items(), ("ce_id", b"m-2"), ("content-type", b"application/json")]
    parsed = parse_record(headers, json.dumps(DATA).encode(), NOW)
    assert broken(parsed) == [(400, "/id", "attribute-twice")]


def test_a_form_goes_through_the_same_rules() -> None:
    assert parse_message(EVENT, NOW).candidates == (take(EVENT),)
    assert broken(parse_message(event({"title": "a\ufffe"}), NOW)) == [(422, "/data/title", "text-character")]
    assert broken(parse_message(without(EVENT, "data"), NOW)) == [(422, "/data", "data-missing")]


# Messages made by the CloudEvents SDK for Python (1.13 and 2.2); what is not taken, and whose fault that is.
SDK: list[dict[str, Any]] = json.loads((Path(__file__).parent / "sdk_messages.json").read_text())
NOT_TAKEN = {
    # it labels structured records with the type of the data
    ("cloudevents 1.13.0", "kafka", "structured"): "media-type-unsupported",
    ("cloudevents 1.13.0", "kafka", "structured without datacontenttype"): "content-type-missing",
    # contract: missing content types are quarantined
    ("cloudevents 2.2.0", "kafka", "binary without datacontenttype"): "content-type-missing",
}


@pytest.mark.parametrize("row", SDK, ids=[f"{row['sdk']} {row['door']} {row['case']}" for row in SDK])
def test_messages_of_the_python_sdk_are_taken(row: dict[str, Any]) -> None:
    body = base64.b64decode(row["body"])
    if row["door"] == "http":
        parsed = parse_http([(name.encode(), value.encode()) for name, value in row["headers"]], body, NOW)
    else:
        parsed = parse_record([(name, base64.b64decode(value)) for name, value in row["headers"]], body, NOW)
    reason = NOT_TAKEN.get((row["sdk"], row["door"], row["case"]))
    if reason:
        assert [fault.rule for fault in parsed.faults] == [reason]
        return
    (candidate,) = parsed.candidates
    assert candidate.report.event_id == "HD-2026-1120"
    assert candidate.data["title"] == 'Lễ kỷ niệm "20/11" 100%'
    assert candidate.attributes["subject"] in ("Le 20/11", "Lễ 20/11 100%")
