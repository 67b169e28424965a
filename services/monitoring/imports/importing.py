"""A file's rows through the gate, all of them in one unit of work or none; looking is doing it and undoing it.

It must never judge a row: that is `outcomes`' and the intake's, and what is taken goes through the gate.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.canonical import digest
from services.chassis.unit import Unit
from services.monitoring import decisions
from services.monitoring.algebra.facts import Report
from services.monitoring.door import receipts
from services.monitoring.door.desk_events import AT_THE_DESK
from services.monitoring.door.gate import Gate
from services.monitoring.door.receipts import Reception
from services.monitoring.door.rehearsal import rehearse
from services.monitoring.imports.files.faults import ImportFault
from services.monitoring.imports.files.reading import read_file
from services.monitoring.imports.files.rows import Given, LeftOut, Reading, Row
from services.monitoring.imports.outcomes import (
    Decided,
    Imported,
    Outcome,
    candidates_of,
    check_rows,
    decide_rows,
    key_of,
)
from services.monitoring.intake.acceptance import Status
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

Doc = dict[str, Any]


class ImportRefused(Exception):
    """A file that is not taken, with its faults; nothing of it counts."""

    def __init__(self, *faults: ImportFault) -> None:
        super().__init__("; ".join(fault.rule for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was uploaded. Shape: name is only for people."""

    raw: bytes
    name: str
    given: Given

    @property
    def digest(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what becomes of it, and what the gate says of it."""

    decided: Decided
    receipt: Doc | None = None

    def to_doc(self) -> Doc:
        """What is kept and answered of it."""
        one, receipt = self.decided, self.receipt or {}
        return {
            "place": one.row.place,
            "title": one.data.get("title") or one.row.data.get("event_id"),
            "name": one.row.name,
            "outcome": one.outcome.value,
            "event_key": one.event_key,
            "receipt": receipt.get("id"),
            "flags": list(receipt.get("flags", ())),
            "changes": [list(change) for change in one.changes],
            **{name: one.data.get(name) for name in ("unit", "started_at", "ended_at")},
        }


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file would become. Shape: with faults lines is empty, and rows are as far as they could be read."""

    rows: tuple[Row, ...]
    lines: tuple[Line, ...] = ()
    faults: tuple[ImportFault, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: Sequence[tuple[str, str]] = ()

    @property
    def seen(self) -> str:
        """A digest of what becomes of every row: another digest later means that something changed since."""
        return digest([[one.decided.row.place, one.decided.event_key, one.decided.outcome] for one in self.lines])

    @property
    def counts(self) -> dict[str, int]:
        """How many rows become what."""
        outcomes = [one.decided.outcome for one in self.lines]
        return {outcome.value.lower(): outcomes.count(outcome) for outcome in Outcome}


class Importer:
    """Reads files and takes them in whole."""

    def __init__(self, service: "Service", gate: Gate) -> None:
        assert isinstance(service.settings, Settings)
        self._service, self._gate = service, gate
        self._reference = service.settings.reference()

    async def look(self, file: File) -> Looked:
        """Return what the file would become now, by doing it and undoing it."""
        reading = await self._read(file)

        async def work(unit: Unit) -> Looked:
            return await self._taken(unit, file, reading, reception_id="rehearsal")

        return await rehearse(self._service.store, self._service.clock.now(), work)

    async def take(self, unit: Unit, file: File, *, import_id: str, by: str, seen: str | None) -> Looked:
        """Take the file in within the unit.

        Shape:   seen is the digest of what was looked at before, None when nobody looked.
        Raises:  ImportRefused with all faults, and when something has changed since it was looked at.
        """
        looked = await self._taken(unit, file, await self._read(file), reception_id=import_id, by=by)
        if looked.faults:
            raise ImportRefused(*looked.faults)
        if seen is not None and seen != looked.seen:
            raise ImportRefused(ImportFault("", "preview-stale"))
        return looked

    async def _read(self, file: File) -> Reading:
        return await asyncio.to_thread(read_file, file.raw, file.given, self._reference)

    async def _taken(self, unit: Unit, file: File, reading: Reading, *, reception_id: str, by: str = "") -> Looked:
        about: dict[str, Any] = {"left_out": reading.left_out, "notes": reading.notes}
        parsed, faults = check_rows(reading.rows, reading.faults, unit.now)
        if faults:
            return Looked(reading.rows, faults=tuple(faults), **about)
        keys = [key_of(row) for row in reading.rows]
        known = await unit.get_many("imported", keys)
        stated = await _stated(unit, keys)
        before = {key: _imported(doc) for key, doc in known.items()}
        decided, faults = decide_rows(reading.rows, parsed.candidates, before, stated=stated)
        if faults:
            return Looked(reading.rows, faults=tuple(faults), **about)
        via = {"account_id": by, "import": reception_id}
        headers = (("file-name", file.name.encode()),)
        reception = Reception(reception_id, unit.now, AT_THE_DESK, file.raw, headers, via=via)
        lines, faults = await self._through_the_gate(unit, reception, decided)
        return Looked(reading.rows, tuple(lines), tuple(faults), **about)

    async def _through_the_gate(
        self, unit: Unit, reception: Reception, decided: Sequence[Decided]
    ) -> tuple[list[Line], list[ImportFault]]:
        candidates = {candidate.pointer: candidate for candidate in candidates_of(decided, reception.at)}
        await receipts.recall(unit, candidates.values())
        lines, faults = [], []
        for position, one in enumerate(decided):
            candidate = candidates.get(f"/{position}")
            if candidate is None:
                lines.append(Line(one))
                continue
            decision = await self._gate.judge(unit, reception, candidate)
            if decision.status is Status.QUARANTINED:
                faults.append(ImportFault(one.row.place, "revision-raced"))
                continue
            receipt = await self._gate.keep(unit, reception, candidate, decision=decision)
            unit.put("imported", _imported_doc(one, candidate.id, candidate.type))
            lines.append(Line(one, receipt))
        return lines, faults


async def _stated(unit: Unit, keys: Sequence[str]) -> dict[str, int]:
    """The highest revision that each event has from any door."""
    docs: Mapping[str, Doc] = await unit.get_many("events", keys)
    found = {}
    for key, doc in docs.items():
        reports = [fact for fact in decisions.facts_in(doc) if isinstance(fact, Report)]
        found[key] = max((report.revision for report in reports), default=0)
    return found


def _imported(doc: Doc) -> Imported:
    names = ("message_id", "content_digest", "revision", "version", "type", "data")
    return Imported(**{name: doc[name] for name in names})


def _imported_doc(one: Decided, message_id: str, type: str) -> Doc:
    kept = {"content_digest": one.content_digest, "revision": one.revision, "version": one.row.version}
    return {"_id": one.event_key, "message_id": message_id, "type": type, "data": dict(one.data), **kept}
