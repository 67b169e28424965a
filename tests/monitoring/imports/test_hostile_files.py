"""Files made to break their reader: bombs, entities, macros, archives that lie; refused, and quickly."""

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.monitoring.imports.files.archive import MAX_UNPACKED
from services.monitoring.imports.files.faults import ImportFault
from services.monitoring.imports.files.reading import MAX_FILE, kind_of
from services.monitoring.imports.outcomes import check_rows
from tests.monitoring.imports.files import EVENT, NOW, calendar, faults, part, read, repacked, vevent, workbook

GOOD = workbook(EVENT)
SHEET, TYPES, STYLES = "xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/styles.xml"
ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


def encrypted(raw: bytes) -> bytes:
    """The archive with the mark of a password on its first part."""
    made = bytearray(raw)
    central = raw.index(b"PK\x01\x02")
    for place in (6, central + 8):
        struct.pack_into("<H", made, place, 1)
    return bytes(made)


def bomb() -> bytes:
    """A small file that unpacks to more than is read."""
    return repacked(GOOD, {}, added={"xl/media/big.bin": b"\0" * (MAX_UNPACKED + 1)})


def lying() -> bytes:
    """A part whose headers say that it is small."""
    raw = bytearray(bomb())
    size = struct.pack("<I", MAX_UNPACKED + 1)
    while size in raw:
        place = raw.index(size)
        raw[place : place + 4] = struct.pack("<I", 10)
    return bytes(raw)


def twice() -> bytes:
    """An archive with one name twice."""
    made = io.BytesIO(GOOD)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(made, "a") as archive:
        archive.writestr(SHEET, b"<x/>")
    return made.getvalue()


def changed(name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with one part changed."""
    return repacked(GOOD, {name: part(GOOD, name).replace(old, new)})


def third(cell: bytes) -> bytes:
    """The workbook with one more row."""
    return changed(SHEET, b"</sheetData>", b'<row r="3">' + cell + b"</row></sheetData>")


MACRO = part(GOOD, TYPES).replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")
DEEP = b"<a>" * 100_000
BROKEN = {
    "bomb": (bomb(), "workbook-swells"),
    "sizes that lie": (lying(), "workbook-broken"),
    "entities": (repacked(GOOD, {SHEET: ENTITY}), "workbook-broken"),
    "entities from outside": (repacked(GOOD, {"xl/workbook.xml": EXTERNAL}), "workbook-broken"),
    "entities in UTF-16": (repacked(GOOD, {SHEET: ENTITY.decode().encode("utf-16")}), "workbook-broken"),
    "entities in EBCDIC": (
        repacked(GOOD, {SHEET: b'<?xml version="1.0" encoding="cp037"?><x/>'}), "workbook-broken"),
    "macros": (repacked(GOOD, {}, added={"xl/vbaProject.bin": b"x"}), "workbook-macros"),
    "macros of old": (repacked(GOOD, {}, added={"xl/macrosheets/sheet1.xml": b"<x/>"}), "workbook-macros"),
    "macros by type": (repacked(GOOD, {TYPES: MACRO}), "workbook-macros"),
    "password": (encrypted(GOOD), "workbook-broken"),
    "a name twice": (twice(), "workbook-broken"),
    "too many parts": (repacked(GOOD, {}, added={f"x{n}": b"" for n in range(300)}), "workbook-broken"),
    "no types": (repacked(GOOD, {TYPES: None}), "workbook-broken"),
    "no sheet": (repacked(GOOD, {SHEET: None}), "workbook-broken"),
    "no workbook": (repacked(GOOD, {"xl/workbook.xml": None}), "workbook-broken"),
    "cut short": (GOOD[: len(GOOD) // 2], "workbook-broken"),
    "only the beginning": (b"PK\x03\x04", "workbook-broken"),
    "not XML": (repacked(GOOD, {SHEET: b"{}"}), "workbook-broken"),
    "nested without end": (repacked(GOOD, {SHEET: DEEP}), "workbook-broken"),
    "a text that is not there": (third(b'<c r="A3" t="s"><v>999</v></c>'), "workbook-broken"),
    "a format without end": (
        changed(STYLES, b"<numFmts", b'<numFmt formatCode="' + b"[" * 9000 + b'"/><numFmts'),
        "workbook-broken"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "workbook-old-or-locked"),
    "a picture": (b"\x89PNG\r\n", "file-kind-unknown"),
    "nothing": (b"", "file-kind-unknown"),
    "a page": (b"<html>", "file-kind-unknown"),
    "too large": (b"BEGIN:VCALENDAR" + b" " * MAX_FILE, "file-too-large"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_file_made_to_break_its_reader_is_refused(raw: bytes, rule: str) -> None:
    assert faults(raw) == [("", rule)]


def test_rows_and_columns_far_away_cost_nothing() -> None:
    far = changed(SHEET, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    assert len(read(far).rows) == 1
    deep = changed(SHEET, b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>')
    assert faults(deep) == [("", "too-many-events")]


def test_a_rule_that_never_comes_true_ends_soon() -> None:
    assert read(calendar(vevent("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5"))).rows == ()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=6))
def test_a_workbook_with_a_few_bytes_changed_is_read_or_refused(place: int, junk: bytes) -> None:
    check(GOOD[:place] + junk + GOOD[place + len(junk) :])


WORDS = st.sampled_from(
    (
        *("BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR", "BEGIN:VALARM", "END:VALARM", " folded", ":"),
        *("DTSTART:", "DTSTART;VALUE=DATE:20261120", "DTSTART:00010101T000000Z", "DTSTART:99991231T235959"),
        *("DTSTART;TZID=:x", "DTSTART;TZID=../../etc/passwd:20261120T080000", "DTEND:99991231T235959Z"),
        *("RRULE:", "RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=XX", "RRULE:FREQ=YEARLY;COUNT=3;BYEASTER=1", "EXDATE:x"),
        *("RDATE:20261122", "DURATION:P99999999D", "DURATION:-P1D", "SEQUENCE:x", "UID:", 'UID;X="', "STATUS:x"),
        *("RECURRENCE-ID:x", "RECURRENCE-ID;VALUE=DATE:20261120", "SUMMARY;LANGUAGE=vi:a", "URL:javascript:x"),
    )
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS | st.text(max_size=20), max_size=8))
def test_a_calendar_that_is_nearly_right_is_read_or_refused(lines: list[str]) -> None:
    said = "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))
    check(calendar(vevent(*lines), said))


def check(raw: bytes) -> None:
    """Whatever the file is, there are rows by the rules, or faults with words."""
    reading = read(raw)
    kind = kind_of(raw)
    assert not isinstance(kind, ImportFault) or reading.faults
    _, found = check_rows(reading.rows, reading.faults, NOW)
    for fault in found:
        assert all(text for language in ("vi", "en") for text in fault.describe(language))  # type: ignore[arg-type]
        assert fault.status in (400, 413, 415, 422)
