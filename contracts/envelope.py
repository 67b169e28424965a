"""The envelope of our messages: CloudEvents 1.0 in structured mode, and the ids in it.

Never touches Kafka, and never lets a bad record raise anything but Undecodable.
"""

import json
import math
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contracts.fields import Record
from contracts.registry import BY_TYPE, MessageType
from contracts.times import format_time, parse_time

SOURCE_PREFIX = "/publicity"
NAMESPACE = uuid5(NAMESPACE_URL, "vn.edu.hcmute.publicity")
CONTENT_TYPE = b"application/cloudevents+json; charset=UTF-8"

NOT_JSON = "not-json"
NOT_CLOUDEVENT = "not-cloudevent"
UNKNOWN_TYPE = "unknown-type"
INVALID_DATA = "invalid-data"

_REQUIRED = ("id", "source", "type", "subject", "time")
_OPTIONAL = ("correlationid", "causationid", "traceparent")
_OURS = frozenset(
    {"specversion", "datacontenttype", "dataschema", "partitionkey", "sequence", "recordedtime", "data", "data_base64"}
    | {*_REQUIRED, *_OPTIONAL}
)
_NAME = re.compile("[a-z0-9]+")
_SEQUENCE = re.compile("[0-9]{1,18}")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class Undecodable(Exception):
    """The record is none of our messages.

    Shape:   reason is one of not-json, not-cloudevent, unknown-type, invalid-data; pointer leads into the JSON.
    """

    def __init__(self, reason: str, detail: str, pointer: str = "") -> None:
        super().__init__(f"{reason} at '{pointer}': {detail}")
        self.reason = reason
        self.detail = detail
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class Message:
    """A message: envelope and data."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: Record
    sequence: int | None = None
    recordedtime: datetime | None = None
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    extensions: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The short name, such as "event-held"."""
        return BY_TYPE[self.type].name

    @property
    def topic(self) -> str:
        """The name of the topic that carries the message."""
        return BY_TYPE[self.type].topic


def event_key(source: str, event_id: str) -> str:
    """Return the key of the event that a source calls `event_id`."""
    return str(uuid5(NAMESPACE, f"{source}\n{event_id}"))


def obligation_id(event_key: str, requirement: str, phase: str) -> str:
    """Return the id of what is owed for one event, requirement and phase."""
    return str(uuid5(NAMESPACE, f"{event_key}\n{requirement}\n{phase}"))


def message_id(cause_source: str, cause_id: str, type: str, *, discriminator: str) -> str:
    """Return the id of the message that a cause gives rise to; the same again when the cause is worked on again.

    Shape:   type is the full type; discriminator tells messages of one cause and type apart, else it is the subject.
    """
    return str(uuid5(NAMESPACE, "\n".join((cause_source, cause_id, type, discriminator))))


def encode(message: Message) -> bytes:
    """Return the structured JSON of a message.

    Raises:  ValueError for an unknown type, data of another type, a naive time or a second value for an attribute.
    """
    kind = BY_TYPE.get(message.type)
    if kind is None or type(message.data) is not kind.model:
        raise ValueError(f"{type(message.data).__name__} is not the data of {message.type}")
    attributes = {
        "specversion": "1.0",
        "id": message.id,
        "source": message.source,
        "type": message.type,
        "subject": message.subject,
        "time": format_time(message.time),
        "datacontenttype": "application/json",
        "dataschema": kind.dataschema,
        "partitionkey": message.subject,
    }
    if message.sequence is not None:
        attributes["sequence"] = f"{message.sequence:010d}"
    if message.recordedtime is not None:
        attributes["recordedtime"] = format_time(message.recordedtime)
    for name in _OPTIONAL:
        if (value := getattr(message, name)) is not None:
            attributes[name] = value
    if not _OURS.isdisjoint(message.extensions):
        raise ValueError("an extension has the name of an attribute of ours")
    head = json.dumps(attributes | message.extensions, ensure_ascii=False, separators=(",", ":"))
    return f'{head[:-1]},"data":{_data_json(message.data)}}}'.encode()


def _data_json(data: Record) -> str:
    if data.stated_nulls():
        return json.dumps(data.to_data(), ensure_ascii=False, separators=(",", ":"))
    return data.model_dump_json(exclude_none=True)


def decode(raw: bytes | None) -> Message:
    """Return the message that a record carries; unknown fields of the data are ignored.

    Raises:  Undecodable, and nothing else.
    """
    attributes = _parse(raw)
    kind = _check_envelope(attributes)
    return Message(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        subject=attributes["subject"],
        time=_time(attributes, "time"),
        data=_data(kind, attributes.get("data")),
        sequence=_sequence(attributes.get("sequence")),
        recordedtime=None if attributes.get("recordedtime") is None else _time(attributes, "recordedtime"),
        correlationid=attributes.get("correlationid"),
        causationid=attributes.get("causationid"),
        traceparent=attributes.get("traceparent"),
        extensions={} if _OURS.issuperset(attributes) else _extensions(attributes),
    )


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise ValueError("a number is beyond a double")
    return value


_JSON = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _parse(raw: bytes | None) -> dict[str, Any]:
    try:
        if not isinstance(raw, bytes):
            raise ValueError("the record has no value")
        value = _JSON.decode(raw.decode())
        if _SURROGATE.search(raw):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise Undecodable(NOT_JSON, str(error)) from None
    if not isinstance(value, dict):
        raise Undecodable(NOT_CLOUDEVENT, "must be a JSON object")
    return value


def _check_envelope(attributes: dict[str, Any]) -> MessageType:
    if attributes.get("specversion") != "1.0":
        raise Undecodable(NOT_CLOUDEVENT, 'must be "1.0"', "/specversion")
    for name in _REQUIRED:
        value = attributes.get(name)
        if not isinstance(value, str) or not value:
            raise Undecodable(NOT_CLOUDEVENT, "must be a text that is not empty", f"/{name}")
    for name in _OPTIONAL:
        if not isinstance(attributes.get(name), str | None):
            raise Undecodable(NOT_CLOUDEVENT, "must be a text", f"/{name}")
    kind = BY_TYPE.get(attributes["type"])
    if kind is None:
        raise Undecodable(UNKNOWN_TYPE, f"no such type: {attributes['type'][:200]}", "/type")
    if attributes.get("datacontenttype") not in (None, "application/json"):
        raise Undecodable(NOT_CLOUDEVENT, 'must be "application/json"', "/datacontenttype")
    return kind


def _time(attributes: dict[str, Any], name: str) -> datetime:
    try:
        return parse_time(attributes[name])
    except (ValueError, TypeError) as error:
        raise Undecodable(NOT_CLOUDEVENT, str(error), f"/{name}") from None


def _sequence(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _SEQUENCE.fullmatch(value):
        raise Undecodable(NOT_CLOUDEVENT, "must be a text of digits", "/sequence")
    return int(value)


def _extensions(attributes: dict[str, Any]) -> dict[str, str]:
    extensions = {}
    for name, value in attributes.items():
        if name in _OURS:
            continue
        if not _NAME.fullmatch(name):
            raise Undecodable(NOT_CLOUDEVENT, "names have the letters a-z and digits", f"/{_escape(name)}")
        if isinstance(value, (dict, list, float)):
            raise Undecodable(NOT_CLOUDEVENT, "must be a text, an integer or a boolean", f"/{name}")
        if value is not None:
            extensions[name] = value if isinstance(value, str) else json.dumps(value)
    return extensions


def _data(kind: MessageType, data: Any) -> Record:
    if not isinstance(data, dict):
        raise Undecodable(INVALID_DATA, "must be a JSON object", "/data")
    try:
        return kind.model.model_validate(data)
    except ValidationError as error:
        faults = [(_pointer(fault), fault["msg"]) for fault in error.errors(include_url=False, include_input=False)]
        detail = "; ".join(f"{pointer}: {text}" for pointer, text in faults[:20])
        raise Undecodable(INVALID_DATA, detail, faults[0][0]) from None
    except (ValueError, TypeError, RecursionError) as error:
        raise Undecodable(INVALID_DATA, str(error), "/data") from None


def _pointer(fault: ErrorDetails) -> str:
    return "".join(f"/{_escape(str(part))}" for part in ("data", *fault["loc"]))


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
