"""The doors' bindings: CloudEvents from HTTP requests and from Kafka records, in every mode the contract takes.

Pure. Never raises on what a stranger sent: all that is wrong comes back as faults.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from services.monitoring.intake.attributes import is_json, read_media_type
from services.monitoring.intake.bytes_json import MISSING, parse_json
from services.monitoring.intake.candidates import Parsed, read_messages
from services.monitoring.intake.faults import Fault, point

MAX_EVENT_BYTES = 256 * 1024
MAX_BATCH_BYTES = 1024 * 1024
MAX_BATCH_MESSAGES = 100
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

_Headers = list[tuple[str, str]]
_BROKEN_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def max_body_bytes(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return how long the request's body may be: what the web layer reads at most."""
    types = [value.decode("latin-1") for name, value in headers if name.lower() == b"content-type"]
    return MAX_BATCH_BYTES if types and read_media_type(types[0])[0] == BATCH else MAX_EVENT_BYTES


def parse_http(headers: list[tuple[bytes, bytes]], body: bytes, received_at: datetime) -> Parsed:
    """Return the events of a request to POST /api/events: structured, binary or a batch."""
    named = [(name.decode("latin-1").lower(), value) for name, value in headers]
    attributes: _Headers = []
    faults: list[Fault] = []
    for name, value in named:
        if not name.startswith("ce-"):
            continue
        text = _percent_decode(value)
        if text is None:
            faults.append(Fault(point(name[3:]), "percent-encoding"))
        attributes.append((name[3:], text or ""))
    plain = [(name, value.decode("latin-1")) for name, value in named]
    # In HTTP, data without a Content-Type is JSON, as in the JSON format: SDKs send none when none was stated.
    default = "application/json" if attributes else None
    return _parse(plain, body, received_at, binary=(attributes, faults), default=default)


def parse_record(headers: Sequence[tuple[str, bytes | None]], value: bytes | None, received_at: datetime) -> Parsed:
    """Return the event of a record of an inbox: structured, or binary with `ce_` headers; never a batch."""
    faults: list[Fault] = []
    plain: _Headers = []
    for name, content in headers:
        text = _utf8(content)
        if text is None:
            rule = "header-null" if content is None else "header-not-utf8"
            faults.append(Fault(_header_pointer(name), rule, {"name": name[:100]}))
        plain.append((name, text or ""))
    if value is None:
        faults.append(Fault("", "record-empty"))
    if faults or value is None:
        return Parsed(faults=tuple(faults))
    attributes = [(name[3:], text) for name, text in plain if name.startswith("ce_")]
    plain = [(name.lower(), text) for name, text in plain]
    if any(name == "content-type" and read_media_type(text)[0] == BATCH for name, text in plain):
        return Parsed(faults=(Fault("", "batch-in-record"),))
    return _parse(plain, value, received_at, binary=(attributes, []), default=None)


def parse_message(members: Mapping[str, Any], received_at: datetime) -> Parsed:
    """Return the event of a message that never was bytes: what a form or an imported table makes."""
    return read_messages([((), dict(members))], [], received_at)


def _parse(
    headers: _Headers, body: bytes, now: datetime, *, binary: tuple[_Headers, list[Fault]], default: str | None
) -> Parsed:
    types = [value for name, value in headers if name == "content-type"]
    content_type = types[0] if types else default
    media_type, _ = read_media_type(content_type or "")
    limit = MAX_BATCH_BYTES if media_type == BATCH else MAX_EVENT_BYTES
    faults = list(_transport_faults(headers, content_type, is_binary=bool(binary[0])))
    if len(body) > limit:
        faults.append(Fault("", "body-too-large", {"limit": limit}))
    if len(types) > 1:
        faults.append(Fault("/datacontenttype", "attribute-twice"))
    if faults:
        return Parsed(faults=tuple(faults))
    if media_type == STRUCTURED:
        value, faults = parse_json(body)
        return read_messages([] if value is MISSING else [((), value)], faults, now)
    if media_type == BATCH:
        return _parse_batch(body, now)
    return _parse_binary(binary, str(content_type), body, now)


def _transport_faults(headers: _Headers, content_type: str | None, *, is_binary: bool) -> Iterable[Fault]:
    if any(name == "content-encoding" for name, _ in headers):
        yield Fault("", "content-encoding-unsupported")
    if content_type is None:
        yield Fault("", "content-type-missing")
        return
    media_type, is_utf8 = read_media_type(content_type)
    if not is_utf8:
        yield Fault("", "charset-unsupported")
    if media_type not in (STRUCTURED, BATCH) and not (is_binary and is_json(media_type)):
        yield Fault("", "media-type-unsupported")


def _parse_batch(body: bytes, now: datetime) -> Parsed:
    value, faults = parse_json(body)
    if value is MISSING:
        return Parsed(faults=tuple(faults))
    if not isinstance(value, list):
        return Parsed(faults=(*faults, Fault("", "batch-not-an-array")))
    if len(value) > MAX_BATCH_MESSAGES:
        excess = Fault("", "batch-too-long", {"length": len(value), "limit": MAX_BATCH_MESSAGES})
        return Parsed(faults=(excess, *faults))
    return read_messages([((position,), message) for position, message in enumerate(value)], faults, now)


def _parse_binary(binary: tuple[_Headers, list[Fault]], content_type: str, body: bytes, now: datetime) -> Parsed:
    attributes, faults = binary
    members: dict[str, Any] = {}
    for name, value in [*attributes, ("datacontenttype", content_type)]:
        if name in members:
            faults.append(Fault(point(name), "attribute-twice"))
        members[name] = value
    for name in {"data", "data_base64"} & set(members):
        faults.append(Fault(point(name), "attribute-name"))
    data, found = parse_json(body, "data")
    members = {name: value for name, value in members.items() if name != "data_base64"} | {"data": data}
    return read_messages([((), members)], faults + found, now)


def _percent_decode(value: bytes) -> str | None:
    """Decode a header's value once, after taking off double quotes; None when the encoding is broken."""
    value = value.strip(b" \t")
    if len(value) > 1 and value.startswith(b'"') and value.endswith(b'"'):
        value = re.sub(rb"\\(.)", rb"\1", value[1:-1])
    return None if _BROKEN_PERCENT.search(value) else _utf8(unquote_to_bytes(value))


def _utf8(content: bytes | None) -> str | None:
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return None


def _header_pointer(name: str) -> str:
    if name.lower() == "content-type":
        return "/datacontenttype"
    return point(name[3:]) if name.startswith("ce_") else ""
