"""What becomes of each row: a new event, a change of one that came before, the same again, or an older version.

Pure. Never an effect by repetition: the same file again makes the same of every row, and no message.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid5

from contracts.envelope import NAMESPACE, event_key
from contracts.registry import TYPES
from services.monitoring.imports.files.faults import MAX_FAULTS, ImportFault
from services.monitoring.imports.files.rows import Row
from services.monitoring.intake.acceptance import DESK_SOURCE
from services.monitoring.intake.candidates import Candidate, Parsed, read_messages

_UNSAID = ("revision",)


class Outcome(StrEnum):
    """What a row becomes."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    OLDER = "OLDER"


@dataclass(frozen=True, slots=True)
class Imported:
    """What was imported last of an event, and the revision it stands under."""

    message_id: str
    content_digest: str
    revision: int
    version: int | None
    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """A row with what it becomes.

    Shape:   members are the message it makes, None when it makes none; changes are (field, before, after).
    """

    row: Row
    event_key: str
    outcome: Outcome
    content_digest: str
    data: Mapping[str, Any]
    revision: int = 1
    members: Mapping[str, Any] | None = None
    changes: tuple[tuple[str, Any, Any], ...] = ()


def key_of(row: Row) -> str:
    """The key of the row's event."""
    return event_key(DESK_SOURCE, str(row.data["event_id"]))


def check_rows(rows: Sequence[Row], found: Iterable[ImportFault], now: datetime) -> tuple[Parsed, list[ImportFault]]:
    """Return the rows by the intake's rules of form, and all faults: those of cells first, one at a place."""
    parsed = _parsed(((row, _members(row, "unsent", None)) for row in rows), now)
    faults = list(found)
    places = {fault.place for fault in faults}
    for fault in parsed.faults:
        here = _fault_of(rows, fault.pointer, fault.rule, fault.params)
        if here.place not in places:
            faults.append(here)
            places.add(here.place)
    return parsed, faults[:MAX_FAULTS]


def _fault_of(rows: Sequence[Row], pointer: str, rule: str, params: Mapping[str, object]) -> ImportFault:
    _, position, *names = pointer.split("/")
    return ImportFault(rows[int(position)].place_of(names[-1] if names else ""), rule, params)


def decide_rows(
    rows: Sequence[Row],
    candidates: Sequence[Candidate],
    imported: Mapping[str, Imported],
    *,
    stated: Mapping[str, int],
) -> tuple[list[Decided], list[ImportFault]]:
    """Return what becomes of each row, or the faults between rows.

    Shape:   candidates are the rows by the rules of form, in their order; imported is what was imported last by event
             key; stated is the highest revision that the event has from any door.
    """
    latest: dict[str, tuple[Row, Candidate]] = {}
    faults = []
    for row, candidate in zip(rows, candidates, strict=True):
        key = candidate.event_key
        before = latest.get(key)
        if before and _is_contrary(before, (row, candidate)):
            faults.append(ImportFault(row.place, "event-twice", {"other": before[0].place}))
        if before is None or (row.version or 0) > (before[0].version or 0):
            latest[key] = (row, candidate)
    if faults:
        return [], faults
    return [
        _decided(row, candidate, imported.get(candidate.event_key), stated=stated.get(candidate.event_key, 0))
        if latest[candidate.event_key][0] is row
        else _without_effect(row, candidate, Outcome.OLDER if _differs(latest, candidate) else Outcome.UNCHANGED)
        for row, candidate in zip(rows, candidates, strict=True)
    ], []


def _is_contrary(one: tuple[Row, Candidate], other: tuple[Row, Candidate]) -> bool:
    return one[0].version == other[0].version and one[1].content_digest != other[1].content_digest


def _differs(latest: Mapping[str, tuple[Row, Candidate]], candidate: Candidate) -> bool:
    return latest[candidate.event_key][1].content_digest != candidate.content_digest


def _without_effect(row: Row, candidate: Candidate, outcome: Outcome) -> Decided:
    return Decided(row, candidate.event_key, outcome, candidate.content_digest, candidate.data)


def _decided(row: Row, candidate: Candidate, before: Imported | None, *, stated: int) -> Decided:
    if before and before.content_digest == candidate.content_digest:
        return _without_effect(row, candidate, Outcome.UNCHANGED)
    if before and before.version is not None and row.version is not None and row.version < before.version:
        return _without_effect(row, candidate, Outcome.OLDER)
    highest = max(stated, before.revision if before else 0)
    key, digest = candidate.event_key, candidate.content_digest
    message_id = str(uuid5(NAMESPACE, "\n".join(("import", key, digest, before.message_id if before else ""))))
    members = _members(row, message_id, highest + 1 if highest else None)
    outcome = Outcome.CHANGED if highest else Outcome.NEW
    changes = _changes(before, candidate) if before else ()
    return Decided(row, key, outcome, digest, candidate.data, highest + 1, members, changes)


def _changes(before: Imported, candidate: Candidate) -> tuple[tuple[str, Any, Any], ...]:
    if before.type != candidate.type:
        return (("kind", before.type, candidate.type),)
    names = (name for name in {**before.data, **candidate.data} if name not in _UNSAID)
    pairs = ((name, before.data.get(name), candidate.data.get(name)) for name in names)
    return tuple((name, old, new) for name, old, new in pairs if old != new)


def _members(row: Row, message_id: str, revision: int | None) -> dict[str, Any]:
    data = dict(row.data) | ({"revision": revision} if revision else {})
    return {"specversion": "1.0", "id": message_id, "source": DESK_SOURCE, "type": TYPES[row.name].type, "data": data}


def candidates_of(decided: Sequence[Decided], now: datetime) -> tuple[Candidate, ...]:
    """The messages that the rows make, as the intake decides about them; their pointers are places in `decided`."""
    made = [(position, one) for position, one in enumerate(decided) if one.members is not None]
    return read_messages((((position,), one.members) for position, one in made), [], now).candidates


def _parsed(messages: Iterable[tuple[Row, dict[str, Any]]], now: datetime) -> Parsed:
    return read_messages((((position,), one) for position, (_, one) in enumerate(messages)), [], now)
