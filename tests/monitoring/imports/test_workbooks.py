"""Rows of a workbook as reports: headers in either language, codes by their names, faults by cell."""

from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from services.monitoring.imports.files.columns import COLUMNS
from services.monitoring.imports.files.faults import RULES, ImportFault
from services.monitoring.imports.files.rows import MAX_ROWS
from services.monitoring.imports.template import template_workbook
from tests.monitoring.imports.files import EVENT, HEADER, REFERENCE, faults, packed, read, row, workbook

HELD = {
    "event_id": "CLB-1",
    "title": "Hội thảo Cơ điện tử",
    "unit": "K_CK",
    "started_at": "2026-11-20T01:00:00+00:00",
    "ended_at": "2026-11-20T04:30:00+00:00",
}


def test_a_row_is_the_report_it_says() -> None:
    (one,) = read(workbook(EVENT)).rows
    assert (one.place, one.name, one.data) == ("2", "event-held", HELD)
    assert (one.place_of("title"), one.place_of("nothing")) == ("C2", "2")


@pytest.mark.parametrize(
    "header",
    [
        ("Event code", "Status", "Title", "Unit", "Start", "End"),
        ("mã sự kiện", "TÌNH TRẠNG", "Tên sự kiện *\nTitle", "Đơn vị / Unit", "Bắt đầu (giờ VN)", "Ket thuc"),
    ],
)
def test_headers_are_known_in_both_languages_wherever_they_begin(header: tuple[str, ...]) -> None:
    (one,) = read(workbook(EVENT, header=header, above=3)).rows
    assert (one.place, one.data) == ("5", HELD)


@pytest.mark.parametrize("unit", ["K_CK", "k_ck", "Khoa Cơ khí", "khoa co khi", "Faculty of Mechanical Engineering"])
def test_units_are_chosen_by_code_or_by_name(unit: str) -> None:
    assert read(workbook(row(unit=unit))).rows[0].data["unit"] == "K_CK"


def test_a_row_without_a_unit_has_that_of_the_file_and_an_unknown_one_is_kept_as_it_is() -> None:
    rows = read(workbook(row(unit=None), row(unit="CLB Guitar")), unit="DOAN_HOI").rows
    assert [one.data["unit"] for one in rows] == ["DOAN_HOI", "CLB Guitar"]


@pytest.mark.parametrize(
    ("said", "held", "kind"),
    [
        ("Đã diễn ra", False, "event-held"),
        ("held", False, "event-held"),
        ("Sẽ diễn ra", True, "event-scheduled"),
        ("Hủy", True, "event-cancelled"),
        ("Cancelled", False, "event-cancelled"),
        (None, False, "event-scheduled"),
        (None, True, "event-held"),
    ],
)
def test_the_status_is_the_rows_else_that_of_whoever_imports(said: str | None, held: bool, *, kind: str) -> None:
    assert read(workbook(row(kind=said)), held=held).rows[0].name == kind


def test_what_has_not_ended_is_never_taken_for_held() -> None:
    later = row(kind=None, started_at="21/11/2026 08:00", ended_at="21/11/2026 09:01")
    assert read(workbook(later), held=True).rows[0].name == "event-scheduled"


def test_whole_days_end_with_the_last_day() -> None:
    (one,) = read(workbook(row(started_at=datetime(2026, 11, 19), ended_at="20/11/2026"))).rows  # noqa: DTZ001
    assert (one.data["started_at"], one.data["ended_at"]) == ("2026-11-18T17:00:00+00:00", "2026-11-20T17:00:00+00:00")


def test_a_row_without_a_code_is_the_same_event_by_unit_title_and_day() -> None:
    given = [
        row(event_id=None),
        row(event_id=None, title="HỘI THẢO cơ điện tử", started_at="20/11/2026 09:00"),
        row(event_id=None, unit="Khoa Cơ khí"),
        row(event_id=None, title="Khác"),
        row(event_id=None, started_at="19/11/2026 08:00"),
        row(event_id=None, unit="K_NN"),
    ]
    ids = [one.data["event_id"] for one in read(workbook(*given)).rows]
    assert len({*ids[:3]}) == 1
    assert len({*ids}) == 4


def test_numbers_are_texts_where_texts_are_meant() -> None:
    assert read(workbook(row(event_id=2026.0, title=1975))).rows[0].data | HELD == {
        **HELD,
        "event_id": "CLB-1",
    }
    assert read(workbook(row(event_id=2026.0))).rows[0].data["event_id"] == "2026"


FORMULA = ArrayFormula("C2:C2", "=A1")
CELLS: tuple[tuple[dict[str, Any], tuple[str, str]], ...] = (
    ({"title": "=A1"}, ("C2", "cell-formula")),
    ({"title": FORMULA}, ("C2", "cell-formula")),
    ({"started_at": "=NOW()"}, ("E2", "cell-formula")),
    ({"title": "#REF!"}, ("C2", "cell-error")),
    ({"title": True}, ("C2", "cell-kind")),
    ({"title": 1.5}, ("C2", "cell-kind")),
    ({"kind": "Hoãn"}, ("B2", "kind-unknown")),
    ({"kind": "=B1"}, ("B2", "cell-formula")),
    ({"ended_at": "11/20/2026 08:00"}, ("F2", "date-month-first")),
    ({"ended_at": "20/11/26 11:00"}, ("F2", "date-year-short")),
    ({"ended_at": "20/11/2026"}, ("F2", "time-of-day-missing")),
    ({"started_at": datetime(2026, 11, 20)}, ("E2", "time-of-day-missing")),  # noqa: DTZ001
    ({"ended_at": 20261120}, ("F2", "date-number")),
    ({"ended_at": "chiều"}, ("F2", "date-unreadable")),
    ({"event_id": None, "kind": "Hủy", "title": None}, ("2", "code-needed")),
)


@pytest.mark.parametrize(("changes", "fault"), CELLS, ids=[f"{row[1][1]}-{row[1][0]}" for row in CELLS])
def test_a_fault_names_its_cell(changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults(workbook(row(**changes))) == [fault]


TABLES: tuple[tuple[bytes, tuple[str, str]], ...] = (
    (workbook(header=("Tên", "Ngày")), ("", "header-not-found")),
    (workbook(EVENT, above=25), ("", "header-not-found")),
    (workbook((*EVENT, "x"), header=(*HEADER, "Title")), ("G1", "header-twice")),
    (workbook(), ("", "nothing-in-it")),
    (workbook(("", " ")), ("", "nothing-in-it")),
    (workbook(*(row(event_id=str(number)) for number in range(MAX_ROWS + 1))), ("", "too-many-events")),
    (workbook(*((None,) for _ in range(5 * MAX_ROWS)), EVENT), ("", "too-many-events")),
)


@pytest.mark.parametrize(("raw", "fault"), TABLES, ids=[f"{n}-{row[1][1]}" for n, row in enumerate(TABLES)])
def test_a_table_that_is_none_is_refused_whole(raw: bytes, fault: tuple[str, str]) -> None:
    assert faults(raw) == [fault]


def test_empty_rows_between_are_passed_over_and_rows_keep_their_numbers() -> None:
    rows = read(workbook(EVENT, (None,), row(event_id="CLB-2"))).rows
    assert [one.place for one in rows] == ["2", "4"]


def test_what_is_not_read_is_told() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Ghi chú"
    events = book.create_sheet("SU KIEN")
    for values in ((*HEADER, "Người phụ trách"), (*EVENT, "x")):
        events.append(values)
    reading = read(packed(book))
    assert reading.notes == [
        ("sheet-read", "SU KIEN"), ("sheets-unread", "Ghi chú"), ("columns-unread", "Người phụ trách")
    ]  # fmt: skip
    assert "x" not in str(reading.rows)


def test_the_template_can_be_filled_in_and_read() -> None:
    import io

    book = load_workbook(io.BytesIO(template_workbook(REFERENCE)))
    sheet = book.worksheets[0]
    assert faults(packed(book)) == [("", "nothing-in-it")]
    values = ["CLB-1", "Sẽ diễn ra", "Hội thảo", "Khoa Cơ khí", datetime(2026, 12, 1, 8), datetime(2026, 12, 1, 11)]  # noqa: DTZ001
    for column, value in enumerate(values, 1):
        sheet.cell(2, column).value = value
    reading = read(packed(book))
    assert reading.notes == [("sheet-read", "Sự kiện")]
    assert reading.rows[0].data == {
        "event_id": "CLB-1",
        "title": "Hội thảo",
        "unit": "K_CK",
        "started_at": "2026-12-01T01:00:00+00:00",
        "ended_at": "2026-12-01T04:00:00+00:00",
    }
    assert [cell.value.split("\n")[0].removesuffix(" *") for cell in sheet[1]] == [vi for vi, _ in COLUMNS.values()]
    chosen = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert chosen["D2:D1001"] == f"'Danh mục'!$A$2:$A${len(REFERENCE.units) + 1}"


@pytest.mark.parametrize("code", RULES)
def test_every_rule_says_the_same_in_both_languages(code: str) -> None:
    params = dict.fromkeys(("limit", "rows", "years", "other"), 7)
    vi, en = (ImportFault("C7", code, params).describe(language) for language in ("vi", "en"))
    assert all(text and "%(" not in text for text in (*vi, *en))
    assert vi != en
    assert vi[0].startswith("C7: ")
