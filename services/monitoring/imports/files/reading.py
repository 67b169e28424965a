"""A file's bytes -> its rows, by what the bytes are and not by what the file is called.

Pure. Never reads a kind of file that it does not know.
"""

from typing import Literal

from contracts.reference import Reference
from services.monitoring.imports.files.calendar_file import read_calendar
from services.monitoring.imports.files.columns import read_table
from services.monitoring.imports.files.faults import ImportFault
from services.monitoring.imports.files.rows import Given, Reading
from services.monitoring.imports.files.sheet import read_sheet

MIB = 1024 * 1024
MAX_FILE = 2 * MIB
Kind = Literal["xlsx", "ics"]
_ZIP, _COMPOUND, _CALENDAR = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"BEGIN:VCALENDAR"


def kind_of(raw: bytes) -> Kind | ImportFault:
    """Return what kind of file the bytes are, or why they are not read."""
    if len(raw) > MAX_FILE:
        return ImportFault("", "file-too-large", {"limit": MAX_FILE // MIB})
    if raw.startswith(_ZIP):
        return "xlsx"
    if raw.startswith(_COMPOUND):
        return ImportFault("", "workbook-old-or-locked")
    begins = raw[:200].removeprefix(b"\xef\xbb\xbf").lstrip().upper()
    return "ics" if begins.startswith(_CALENDAR) else ImportFault("", "file-kind-unknown")


def read_file(raw: bytes, given: Given, reference: Reference) -> Reading:
    """Return the rows of the file, or all faults of it."""
    kind = kind_of(raw)
    if isinstance(kind, ImportFault):
        return Reading(faults=(kind,))
    if kind == "ics":
        return read_calendar(raw, given)
    sheet = read_sheet(raw)
    return Reading(faults=(sheet,)) if isinstance(sheet, ImportFault) else read_table(sheet, given, reference)
