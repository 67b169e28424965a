"""A message as its members -> a candidate fact: the form in which the intake decides about it.

Pure. Never holds half a request: with one fault in it there are no candidates.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from contracts.canonical import digest
from contracts.envelope import event_key
from contracts.times import parse_time
from services.monitoring.intake.attributes import attribute_faults
from services.monitoring.intake.bytes_json import MISSING, parse_json
from services.monitoring.intake.event_rules import AHEAD, KNOWN_TYPES, Report, check_report
from services.monitoring.intake.faults import MAX_FAULTS, Fault, point

ACCEPTED_STATUS = 202
_PRECEDENCE = (415, 413, 400, 403, 422)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that keeps all rules of form; `decide_intake` says what becomes of it.

    Shape:   name is "event-held"...; data is the canonical JSON object of report; pointer is "" or "/1" in a batch;
             attributes are as sent. time is the receipt time when none was stated or it lay too far ahead.
    """

    pointer: str
    source: str
    id: str
    type: str
    name: str
    time: datetime
    report: Report
    data: Mapping[str, Any]
    content_digest: str
    attributes: Mapping[str, Any]
    flags: tuple[str, ...] = ()

    @property
    def event_key(self) -> str:
        """The key of the event that the message is about."""
        return event_key(self.source, self.report.event_id)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A request or record as read: its candidates in the order sent, or all its faults.

    Shape:   sources are (pointer, source) of every message whose source has the right form.
    """

    candidates: tuple[Candidate, ...] = ()
    faults: tuple[Fault, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()

    @property
    def status(self) -> int:
        """The HTTP status: 202, or that of the fault that goes first (bytes and envelope before rules)."""
        statuses = {fault.status for fault in self.faults}
        return next((status for status in _PRECEDENCE if status in statuses), ACCEPTED_STATUS)


@dataclass(slots=True)
class _Reading:
    candidates: list[Candidate] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sources: list[tuple[str, str]] = field(default_factory=list)
    places: set[str] = field(default_factory=set)

    def add(self, *faults: Fault) -> None:
        """Keep the faults whose place has none from an earlier step."""
        if len(self.faults) < MAX_FAULTS:
            self.faults += [fault for fault in faults if fault.pointer not in self.places]
            self.places.update(fault.pointer for fault in faults)


def read_messages(messages: Iterable[tuple[tuple[object, ...], Any]], found: list[Fault], now: datetime) -> Parsed:
    """Return the messages of one request as candidates, or all faults of all of them.

    Shape:   messages are (parts of the pointer, JSON value); found are the faults of their bytes.
    Units:   now is when the request was received.
    """
    reading = _Reading()
    reading.add(*found)
    for at, members in messages:
        _read_message(reading, members, at, now)
    candidates = () if reading.faults else tuple(reading.candidates)
    return Parsed(candidates, tuple(reading.faults[:MAX_FAULTS]), tuple(reading.sources))


def _read_message(reading: _Reading, members: Any, at: tuple[object, ...], now: datetime) -> None:
    if not isinstance(members, dict):
        reading.add(Fault(point(*at), "not-an-object"))
        return
    stated = {name: value for name, value in members.items() if value is not None}
    data = _take_data(reading, stated, at)
    reading.add(*islice(attribute_faults(stated, *at), MAX_FAULTS))
    source = stated.get("source")
    if isinstance(source, str) and point(*at, "source") not in reading.places:
        reading.sources.append((point(*at), source))
    name = _name_of(reading, stated.get("type"), at)
    report = _read_report(reading, name, (at, data, now)) if name else None
    if name and report and not reading.faults:
        reading.candidates.append(_candidate(name, stated, (at, report, now)))


def _take_data(reading: _Reading, stated: dict[str, Any], at: tuple[object, ...]) -> Any:
    """Take `data` or `data_base64` out of the members; MISSING when there is none that can be judged."""
    data, encoded = stated.pop("data", MISSING), stated.pop("data_base64", None)
    if encoded is None:
        if data is MISSING:
            reading.add(Fault(point(*at, "data"), "data-missing"))
        return data
    if data is not MISSING:
        reading.add(Fault(point(*at, "data_base64"), "data-twice"))
        return data
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError, TypeError):
        reading.add(Fault(point(*at, "data_base64"), "base64-malformed"))
        return MISSING
    value, faults = parse_json(raw, *at, "data")
    reading.add(*faults)
    return value


def _name_of(reading: _Reading, type: Any, at: tuple[object, ...]) -> str | None:
    if not isinstance(type, str):
        return None
    name = KNOWN_TYPES.get(type)
    if name is None:
        reading.add(Fault(point(*at, "type"), "type-unknown", {"known": ", ".join(KNOWN_TYPES)}))
    return name


def _read_report(reading: _Reading, name: str, given: tuple[tuple[object, ...], Any, datetime]) -> Report | None:
    at, data, now = given
    if data is MISSING:
        return None
    if not isinstance(data, dict):
        reading.add(Fault(point(*at, "data"), "data-not-an-object"))
        return None
    report, faults = check_report(name, data, now)
    prefix = point(*at, "data")
    reading.add(*(Fault(prefix + fault.pointer, fault.rule, fault.params) for fault in faults))
    return report


def _candidate(name: str, stated: dict[str, Any], given: tuple[tuple[object, ...], Report, datetime]) -> Candidate:
    at, report, now = given
    time = parse_time(stated["time"]) if "time" in stated else now
    is_ahead = time > now + AHEAD
    data = report.to_data()
    return Candidate(
        pointer=point(*at),
        source=stated["source"],
        id=stated["id"],
        type=stated["type"],
        name=name,
        time=now if is_ahead else time,
        report=report,
        data=data,
        content_digest=digest({"type": stated["type"], "data": data}),
        attributes=stated,
        flags=("time-ahead",) if is_ahead else (),
    )
