"""Workbooks and calendars as units make them, and as strangers break them."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook

from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, read_reference
from services.monitoring.imports.files.reading import read_file
from services.monitoring.imports.files.rows import Given, Reading

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
REFERENCE = read_reference(UNITS_FILE, TOPIC_AREAS_FILE)
HEADER = ("Mã sự kiện", "Tình trạng", "Tên sự kiện", "Đơn vị", "Bắt đầu", "Kết thúc")
EVENT = ("CLB-1", "Đã diễn ra", "Hội thảo Cơ điện tử", "K_CK", "20/11/2026 08:00", "20/11/2026 11:30")


def workbook(*rows: Sequence[Any], header: Sequence[Any] = HEADER, title: str = "Sự kiện", above: int = 0) -> bytes:
    """A workbook with a header and rows."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    for number, row in enumerate((header, *rows), 1 + above):
        for column, value in enumerate(row, 1):
            if value is not None:
                sheet.cell(number, column, value)
    return packed(book)


def packed(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def row(**changes: Any) -> tuple[Any, ...]:
    """A good row with some cells changed; names are those of `HEADER` by field."""
    names = ("event_id", "kind", "title", "unit", "started_at", "ended_at")
    good = dict(zip(names, EVENT, strict=True)) | changes
    return tuple(good[name] for name in names)


def repacked(raw: bytes, changes: dict[str, bytes | None], *, added: dict[str, bytes] | None = None) -> bytes:
    """The archive with other content for some parts; None leaves a part out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = changes.get(name, before.read(name))
            if content is not None:
                after.writestr(name, content)
        for name, content in (added or {}).items():
            after.writestr(name, content)
    return made.getvalue()


def part(raw: bytes, name: str) -> bytes:
    """One part of the archive."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return archive.read(name)


def vevent(*lines: str, uid: str = "u-1", start: str = "DTSTART:20261120T010000Z", **texts: str) -> str:
    """One event of a calendar."""
    said = {"SUMMARY": "Hội thảo", "DTEND": "20261120T043000Z"} | texts
    own = [f"{name}:{value}" for name, value in said.items() if value]
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", start, *own, *lines, "END:VEVENT"))


def calendar(*events: str, lines: Iterable[str] = ()) -> bytes:
    """A calendar with events."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *lines)
    return "\r\n".join((*head, *events, "END:VCALENDAR", "")).encode()


def read(raw: bytes, *, held: bool = False, unit: str = "K_CK") -> Reading:
    """The file as read."""
    return read_file(raw, Given(NOW, held, unit), REFERENCE)


def faults(raw: bytes, **given: Any) -> list[tuple[str, str]]:
    """Place and rule of each fault."""
    return [(fault.place, fault.rule) for fault in read(raw, **given).faults]
