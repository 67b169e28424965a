"""The table of events: which column is which by its header in either language, and each row as a report.

Pure. Never reads a cell under a header it does not know.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.codes import Tier
from contracts.reference import Entry, Reference
from services.monitoring.folding import fold
from services.monitoring.imports.files.faults import MAX_FAULTS, ImportFault
from services.monitoring.imports.files.moments import Moment, moment_of
from services.monitoring.imports.files.rows import (
    CANCELLED,
    HELD,
    MAX_ROWS,
    SCHEDULED,
    Given,
    Reading,
    Row,
    derived_event_id,
)
from services.monitoring.imports.files.sheet import HEADER_ROWS, Cell, Sheet

# field -> its header in Vietnamese and English, as the template has them
COLUMNS: dict[str, tuple[str, str]] = {
    "event_id": ("Mã sự kiện", "Event code"),
    "kind": ("Tình trạng", "Status"),
    "title": ("Tên sự kiện", "Title"),
    "unit": ("Đơn vị", "Unit"),
    "started_at": ("Bắt đầu", "Start"),
    "ended_at": ("Kết thúc", "End"),
    "place": ("Địa điểm", "Place"),
    "summary": ("Tóm tắt", "Summary"),
    "url": ("Trang giới thiệu", "Web page"),
    "topic_area": ("Mảng chủ đề", "Topic area"),
    "tier": ("Cấp đề nghị", "Suggested tier"),
    "title_en": ("Tên tiếng Anh", "English title"),
    "plan_item_id": ("Mục kế hoạch", "Plan item"),
    "reason": ("Lý do hủy", "Reason for cancelling"),
}
KINDS: dict[str, tuple[str, str]] = {
    HELD: ("Đã diễn ra", "Held"),
    SCHEDULED: ("Sẽ diễn ra", "Scheduled"),
    CANCELLED: ("Hủy", "Cancelled"),
}
NEEDED = ("title", "started_at", "ended_at")
MOMENTS = ("started_at", "ended_at")
TEMPLATE_SHEETS = ("danh muc", "huong dan")
_FIELD_OF = {fold(name): field for field, names in COLUMNS.items() for name in names}
_KIND_OF = {fold(name): kind for kind, names in KINDS.items() for name in (*names, kind.removeprefix("event-"))}
_TIER_OF = {fold(name): tier.value for tier in Tier for name in (tier.value, tier.vi, tier.en)}


@dataclass(slots=True)
class _Reader:
    """What a row's cells are read with, and the faults found so far."""

    given: Given
    epoch: datetime
    units: Mapping[str, str]
    topic_areas: Mapping[str, str]
    faults: list[ImportFault] = field(default_factory=list)

    def fault(self, place: str, rule: str, **params: object) -> None:
        """Keep a fault."""
        self.faults.append(ImportFault(place, rule, params))


def read_table(sheet: Sheet, given: Given, reference: Reference) -> Reading:
    """Return the rows of the table, and all faults of its cells."""
    header = _header(sheet)
    if header is None:
        return Reading(faults=(ImportFault("", "header-not-found", {"rows": HEADER_ROWS}),))
    top, columns, doubled = header
    if doubled:
        return Reading(faults=tuple(ImportFault(place, "header-twice") for place in doubled))
    below = {number: cells for number, cells in sheet.rows.items() if number > top and cells.keys() & columns.keys()}
    if not below:
        return Reading(faults=(ImportFault("", "nothing-in-it"),))
    if len(below) > MAX_ROWS or sheet.is_cut:
        return Reading(faults=(ImportFault("", "too-many-events", {"limit": MAX_ROWS}),))
    reader = _Reader(given, sheet.epoch, _codes(reference.units), _codes(reference.topic_areas))
    letters = {name: place.rstrip("0123456789") for name, place in _places(sheet.rows[top], columns)}
    rows = []
    for number, cells in below.items():
        named = {name: cells[column] for column, name in columns.items() if column in cells}
        rows.append(_row(reader, number, named, letters=letters))
    faults = tuple(reader.faults[:MAX_FAULTS])
    return Reading(tuple(rows), faults, notes=_notes(sheet, top, columns))


def _notes(sheet: Sheet, top: int, columns: Mapping[int, str]) -> list[tuple[str, str]]:
    unread = [str(cell.value)[:60] for column, cell in sheet.rows[top].items() if column not in columns]
    notes = [("sheet-read", sheet.title)]
    others = [title for title in sheet.others if fold(title) not in TEMPLATE_SHEETS]
    notes += [("sheets-unread", ", ".join(others)[:200])] if others else []
    return [*notes, ("columns-unread", ", ".join(unread)[:200])] if unread else notes


def _header(sheet: Sheet) -> tuple[int, dict[int, str], list[str]] | None:
    """The number of the header's row, its columns, and the places of headers that are there twice."""
    for number in (number for number in sheet.rows if number <= HEADER_ROWS):
        columns: dict[int, str] = {}
        doubled = []
        for column, cell in sheet.rows[number].items():
            name = _field_of(cell.value)
            if name in columns.values():
                doubled.append(cell.place)
            elif name:
                columns[column] = name
        if set(NEEDED) <= set(columns.values()):
            return number, columns, doubled
    return None


def _field_of(header: Any) -> str | None:
    """The field that a header names: "Tên sự kiện", "Title", or both in one cell, with or without a star."""
    if not isinstance(header, str):
        return None
    parts = header.replace("*", " ").replace("/", "\n").replace("(", "\n").replace(")", "\n").split("\n")
    return next((_FIELD_OF[fold(part)] for part in parts if fold(part) in _FIELD_OF), None)


def _places(header: Mapping[int, Cell], columns: Mapping[int, str]) -> Iterable[tuple[str, str]]:
    return ((name, header[column].place) for column, name in columns.items())


def _row(reader: _Reader, number: int, cells: Mapping[str, Cell], *, letters: Mapping[str, str]) -> Row:
    places = {name: f"{letter}{number}" for name, letter in letters.items()}
    moments = {name: _moment(reader, cells[name]) for name in MOMENTS if name in cells}
    data: dict[str, Any] = {
        name: _value(reader, name, cell) for name, cell in cells.items() if name not in (*MOMENTS, "kind")
    }
    data |= _times(reader, moments, places)
    data.setdefault("unit", reader.given.unit)
    ended_at = moments.get("ended_at")
    kind = _kind(reader, cells.get("kind")) or reader.given.kind_of(ended_at.at if ended_at else None)
    data = {name: value for name, value in data.items() if value not in (None, "")}
    if "event_id" not in data:
        data |= _named(reader, kind, data, place=str(number))
    return Row(str(number), kind, data, places)


def _named(reader: _Reader, kind: str, data: Mapping[str, Any], *, place: str) -> dict[str, str]:
    """The event's id where the row has none."""
    if all(data.get(name) for name in ("unit", "title", "started_at")):
        started_at = datetime.fromisoformat(data["started_at"])
        return {"event_id": derived_event_id(data["unit"], data["title"], started_at)}
    if kind == CANCELLED:
        reader.fault(place, "code-needed")
    return {"event_id": f"row {place}"}  # the intake's rules name what is missing


def _value(reader: _Reader, name: str, cell: Cell) -> Any:
    if cell.rule:
        return reader.fault(cell.place, cell.rule)
    value = cell.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer():
        value = str(int(value))
    if not isinstance(value, str):
        return reader.fault(cell.place, "cell-kind")
    text = value.replace("\r\n", "\n").strip()
    if name != "summary":
        text = " ".join(text.split("\n"))
    if name == "tier":
        return _TIER_OF.get(fold(text), text)
    codes = {"unit": reader.units, "topic_area": reader.topic_areas}.get(name, {})
    return codes.get(fold(text), text)


def _kind(reader: _Reader, cell: Cell | None) -> str | None:
    if cell is None:
        return None
    kind = None if cell.rule else _KIND_OF.get(fold(str(cell.value)))
    if kind is None:
        reader.fault(cell.place, cell.rule or "kind-unknown")
    return kind


def _moment(reader: _Reader, cell: Cell) -> Moment | None:
    found = cell.rule or moment_of(cell.value, reader.epoch)
    if isinstance(found, str):
        reader.fault(cell.place, found)
        return None
    return found


def _times(reader: _Reader, moments: Mapping[str, Moment | None], places: Mapping[str, str]) -> dict[str, str]:
    """Start and end as the intake takes them; dates alone are whole days."""
    found = {name: moment for name, moment in moments.items() if moment}
    dates = [name for name, moment in found.items() if not moment.has_time]
    if len(found) == len(MOMENTS) and len(dates) == 1:
        reader.fault(places[dates[0]], "time-of-day-missing")
    ends_with_day = dates == list(MOMENTS)
    return {
        name: (moment.day_after if ends_with_day and name == "ended_at" else moment.at).isoformat()
        for name, moment in found.items()
    }


def _codes(entries: Iterable[Entry]) -> dict[str, str]:
    """Each entry's code by its code and its names, folded."""
    return {fold(name): entry.code for entry in entries for name in (entry.code, entry.vi, entry.en)}
