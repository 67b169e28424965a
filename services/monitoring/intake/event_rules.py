"""The rules of the data: what a report of an event must say, field by field, and what must hold between fields.

Pure. Never knows the reference data of a school: unknown units, topic areas and plan items are taken.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from contracts.codes import Tier
from contracts.events import EARLIEST, CancellationReport, EventReport
from contracts.fields import FORBIDDEN_IN_LINE, Record, Text, Url
from contracts.registry import REPORTS, TYPES
from contracts.times import parse_time
from services.monitoring.intake.faults import Fault, name_character, point

Report = EventReport | CancellationReport
# How far a sender's clock may run ahead of ours: `ended_at` of what was held, and `time`.
AHEAD = timedelta(minutes=5)
KNOWN_TYPES: dict[str, str] = {TYPES[name].type: name for name in REPORTS}

# NFC makes at most one code point of four; what is longer is not normalised at all, for marks without end cost dearly
_NFC_SHRINKS = 4
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORBIDDEN_IN_SUMMARY = re.compile(FORBIDDEN_IN_LINE.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))
_URL: TypeAdapter[str] = TypeAdapter(Url)
_Found = list[tuple[str, dict[str, object]]]


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def _kind(annotation: Any) -> Any:
    return next(part for part in _parts(annotation) if isinstance(part, Text) or part in (datetime, int, Tier))


def _fields(model: type[Record]) -> dict[str, tuple[Any, bool]]:
    hints = get_type_hints(model, include_extras=True)
    return {name: (_kind(hints[name]), field.is_required()) for name, field in model.model_fields.items()}


# field -> (its Text, or datetime, int or Tier; whether it is required), read from the contract
_FIELDS = {model: _fields(model) for model in set(REPORTS.values())}


def check_report(name: str, data: Mapping[str, Any], received_at: datetime) -> tuple[Report | None, list[Fault]]:
    """Return the report that the data of a message make, or all faults in them.

    Shape:   name is "event-held", "event-scheduled" or "event-cancelled"; pointers begin with the field's name.
    """
    model = REPORTS[name]
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field, (kind, is_required) in _FIELDS[model].items():
        sent = data.get(field)
        value, found = (None, []) if sent is None else _read(field, kind, sent)
        if _is_blank(value) and not found:
            found = [("field-missing", {"name": field}) if sent is None else ("text-blank", {})] if is_required else []
        elif not found:
            values[field] = value
        faults += [Fault(point(field), rule, params) for rule, params in found]
    faults += _faults_between(name, values, received_at)
    if faults:
        return None, faults
    try:
        return model.model_validate(values), []  # type: ignore[return-value]
    except ValidationError as error:
        return None, [
            Fault(point(*fault["loc"]), "data-invalid", {"problem": fault["msg"]}) for fault in error.errors()
        ]


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _read(field: str, kind: Any, sent: Any) -> tuple[Any, _Found]:
    if isinstance(kind, Text):
        value, found = _read_text(kind, sent)
        return value, found or (_check_url(value) if field == "url" else [])
    if kind is Tier:
        is_known = isinstance(sent, str) and sent in set(Tier)
        return sent, [] if is_known else [("tier-unknown", {"known": ", ".join(Tier)})]
    if kind is int:
        is_revision = type(sent) is int and 1 <= sent < 2**31
        return sent, [] if is_revision else [("revision-invalid", {})]
    try:
        return parse_time(sent), []
    except (ValueError, TypeError):
        return None, [("instant-malformed", {})]


def _read_text(text: Text, sent: Any) -> tuple[Any, _Found]:
    if not isinstance(sent, str):
        return None, [("text-expected", {})]
    if len(sent) > _NFC_SHRINKS * text.max_length:
        return sent, [("text-too-long", {"length": len(sent), "limit": text.max_length})]
    value = sent if text.as_sent else unicodedata.normalize("NFC", sent)
    if text.prose:
        value = value.replace("\r\n", "\n")
    found: _Found = []
    forbidden = (_FORBIDDEN_IN_SUMMARY if text.prose else FORBIDDEN_IN_LINE).search(value)
    if forbidden:
        rule = "text-bidi" if _BIDI.match(forbidden[0]) else "text-character"
        found.append((rule, {"character": name_character(forbidden[0])}))
    if len(value) > text.max_length:
        found.append(("text-too-long", {"length": len(value), "limit": text.max_length}))
    return value, found


def _check_url(url: str) -> _Found:
    try:
        _URL.validate_python(url)
    except ValidationError:
        return [("url-invalid", {})]
    return []


def _faults_between(name: str, values: Mapping[str, Any], received_at: datetime) -> Iterator[Fault]:
    started_at, ended_at = values.get("started_at"), values.get("ended_at")
    if started_at and started_at < EARLIEST:
        yield Fault("/started_at", "started-too-early")
    if started_at and ended_at and ended_at < started_at:
        yield Fault("/ended_at", "ended-before-started")
    if name == "event-held" and ended_at and ended_at > received_at + AHEAD:
        yield Fault("/ended_at", "ended-in-future")


def text_of(model: type[Record], field: str) -> Text:
    """Return the limits of a text field of a contract's model."""
    kind: Text = _kind(get_type_hints(model, include_extras=True)[field])
    return kind
