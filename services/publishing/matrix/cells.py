"""The matrix of the desk: what each requirement of each event asks for now, made from documents; pure, and never a
decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.codes import CHANNELS, Channel, DeliveryOutcome, RequirementCode, State
from services.publishing.decisions import phase_of
from services.publishing.state import Content, Entry
from services.publishing.views import SOON, instant

Document = dict[str, Any]
Contents = Mapping[str, Sequence[Content]]

COLUMNS = (RequirementCode.WEBSITE, RequirementCode.E_BOARD, RequirementCode.MASS_MEDIA)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one requirement asks for now.

    Shape:   kind is a closed state, or OPEN, DUE_SOON, MISSED, READY (material waits), EMBARGOED, SHOWN (a channel
             shows it, monitoring has not said so yet), UNKNOWN (nobody knows whether the channel took it), FAILED.
             at is when it was shown, sent, tried, may be shown or is due; trouble is UNKNOWN or FAILED, also when
             the kind is MISSED.
    """

    kind: str
    requirement: str
    at: datetime | None
    obligation_id: str
    channels: tuple[Channel, ...]
    content_id: str = ""
    url: str = ""
    trouble: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether there is material that no channel was given yet."""
        return bool(self.content_id) and self.kind in ("READY", "MISSED") and not self.trouble


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One event before or after it was held: its due time, and a cell for each requirement."""

    event: str
    title: str
    unit: str
    phase: str
    planned: bool
    due_at: datetime | None
    cells: Mapping[str, Cell]

    def cell(self, obligation_id: str) -> Cell | None:
        """The cell of the obligation, if it is one of this row's."""
        return next((cell for cell in self.cells.values() if cell.obligation_id == obligation_id), None)


@dataclass(frozen=True, slots=True)
class DeskView:
    """The matrix: requirements across, events down."""

    columns: tuple[str, ...]
    rows: tuple[DeskRow, ...]


def desk_view(
    docs: Sequence[Document], work: Sequence[Document], contents: Contents, *, events: Mapping[str, Document], now: Any
) -> DeskView:
    """The matrix of a page of open work, with all that its events owe, closed obligations too."""
    owed: dict[tuple[str, str], list[Document]] = {}
    for doc in work:
        owed.setdefault((doc["event"], doc["phase"]), []).append(doc)
    firsts = {(doc["event"], doc["phase"]): doc for doc in reversed(docs)}
    rows = []
    for key in dict.fromkeys((doc["event"], doc["phase"]) for doc in docs):
        starts_at = instant(events.get(key[0], {}).get("report", {}).get("started_at"))
        cells = [_cell(doc, contents.get(key[0], ()), starts_at, now=now) for doc in owed.get(key, ())]
        given = {name: firsts[key][name] for name in ("event", "title", "unit", "phase", "planned")}
        due_at = instant(firsts[key].get("due_at"))
        rows.append(DeskRow(**given, due_at=due_at, cells={c.requirement: c for c in cells}))
    there = {name for row in rows for name in row.cells}
    columns = [c.value for c in COLUMNS if c.value in there]
    return DeskView((*columns, *sorted(there - set(columns))), tuple(rows))


def _cell(doc: Document, contents: Sequence[Content], starts_at: datetime | None, *, now: datetime) -> Cell:
    """The first that applies: closed, shown, missed, a channel in trouble, material that waits, nothing yet."""
    channels = tuple(Channel(code) for code in doc["channels"] if code in CHANNELS)
    of: dict[str, Any] = {"requirement": doc["requirement"], "obligation_id": doc["_id"], "channels": channels}
    shown = [(content, p) for content in contents for p in content.shown if p.channel in channels]
    if not doc["is_open"]:
        url = next((p.url for content, p in shown if content.content_id == doc.get("content_id") and p.url), "")
        return Cell(
            doc["state"], at=instant(doc.get("discharged_at")), content_id=doc.get("content_id", ""), url=url, **of
        )
    for content, p in shown:
        if phase_of(p.published_at, starts_at) == doc["phase"]:
            return Cell("SHOWN", at=p.published_at, content_id=content.content_id, url=p.url or "", **of)
    return Cell(**of, **_owed(doc, contents, channels, now=now))


def _owed(doc: Document, contents: Sequence[Content], channels: Sequence[Channel], *, now: datetime) -> Document:
    """What an open obligation that nothing discharges asks for."""
    due_at = instant(doc.get("due_at"))
    tried, failure = _trouble(contents, channels)
    waiting = tried or next((c for c in reversed(contents) if not _was_on(c, channels)), None)
    of = {"content_id": waiting.content_id if waiting else "", "trouble": kind_of(failure) if failure else ""}
    if doc["state"] == State.MISSED or (due_at is not None and due_at <= now):
        return {"kind": "MISSED", "at": due_at, **of}
    if failure:
        return {"kind": of["trouble"], "at": failure.at, **of}
    if waiting is None:
        return {"kind": "DUE_SOON" if due_at and due_at - now < SOON else "OPEN", "at": due_at}
    is_held = waiting.not_before is not None and waiting.not_before > now
    at = waiting.not_before if is_held else waiting.submitted_at
    return {"kind": "EMBARGOED" if is_held else "READY", "at": at, **of}


def _was_on(content: Content, channels: Sequence[Channel]) -> bool:
    return any(p.channel in channels for p in content.publications)


def _trouble(contents: Sequence[Content], channels: Sequence[Channel]) -> tuple[Content | None, Entry | None]:
    """The last failure on one of the channels that nothing has answered since, and what failed. Source: A5"""
    found = [(entry, content) for content in contents for code, entry in content.troubles.items() if code in channels]
    if not found:
        return None, None
    failure, content = max(found, key=lambda one: one[0].at)
    return content, failure


def kind_of(failure: Entry) -> str:
    """UNKNOWN while nobody knows whether the channel took it, else FAILED: never one for the other. Source: A5, R20"""
    return "UNKNOWN" if failure.outcome is DeliveryOutcome.UNKNOWN else "FAILED"
