"""The template workbook: the columns in both languages, the school's units and topic areas as lists to choose from.

It must never hold an event: what is an example stands on a sheet that is not read.
"""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from contracts.codes import Tier
from contracts.reference import Entry, Reference
from services.monitoring.imports.files.columns import COLUMNS, KINDS, NEEDED
from services.monitoring.imports.files.rows import MAX_ROWS

FILE_NAME = "mau-su-kien.xlsx"
_DAY_TIME = "dd/mm/yyyy hh:mm"
_WIDE, _NARROW = 36, 20
_LISTS = "Danh mục"
_HELP = (
    (
        "Mỗi sự kiện một dòng, dưới dòng tiêu đề. Cột có dấu * là bắt buộc.",
        "One event a row. Columns with * are needed.",
    ),
    ("Ngày giờ theo giờ Việt Nam: 20/11/2026 08:00. Hết ngày ghi 24:00.", "Vietnamese time: 20/11/2026 08:00."),
    ("Sự kiện cả ngày: chỉ ghi ngày ở cả hai ô Bắt đầu và Kết thúc.", "Whole days: dates alone in Start and End."),
    (
        "Mã sự kiện để trống được; ghi mã thì lần sau sửa được cả tên, ngày.",
        "A code lets you change title and day later.",
    ),
    ("Hủy: giữ dòng, đổi Tình trạng thành Hủy.", "To cancel: keep the row, choose Cancelled."),
    ("Nhập lại cùng tệp không ghi thêm gì.", "The same file again has no effect."),
)
_EXAMPLE = (
    "CLB-07",
    "Đã diễn ra",
    "Hội thảo Cơ điện tử",
    "K_CK",
    "20/11/2026 08:00",
    "20/11/2026 11:30",
    "Hội trường lớn",
)


def template_workbook(reference: Reference) -> bytes:
    """Return the workbook to fill in."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Sự kiện"
    lists = book.create_sheet(_LISTS)
    chosen = {
        "unit": _listed(lists, 1, "Đơn vị / Units", _names(reference.units)),
        "topic_area": _listed(lists, 3, "Mảng chủ đề / Topic areas", _names(reference.topic_areas)),
        "kind": _listed(lists, 5, "Tình trạng / Status", [KINDS[kind] for kind in KINDS]),
        "tier": _listed(lists, 7, "Cấp / Tier", [(tier.vi, tier.en) for tier in Tier]),
    }
    _head(sheet)
    for number, field in enumerate(COLUMNS, 1):
        _column(sheet, number, field, chosen.get(field, ""))
    _help(book.create_sheet("Hướng dẫn"))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _head(sheet: Worksheet) -> None:
    for number, (field, (vi, en)) in enumerate(COLUMNS.items(), 1):
        cell = sheet.cell(1, number, f"{vi}{' *' if field in (*NEEDED, 'unit') else ''}\n{en}")
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"


def _column(sheet: Worksheet, number: int, field: str, choices: str) -> None:
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].width = _WIDE if field in ("title", "unit", "summary", "title_en") else _NARROW
    is_time = field.endswith("_at")
    for row in range(2, 202):
        sheet.cell(row, number).number_format = _DAY_TIME if is_time else "@"
    if choices:
        rule = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=False)
        rule.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
        sheet.add_data_validation(rule)


def _names(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    return [(entry.vi, entry.en) for entry in entries]


def _listed(sheet: Worksheet, column: int, head: str, names: Sequence[tuple[str, str]]) -> str:
    """Write a list with its English beside it, and return the range that a cell chooses from."""
    sheet.cell(1, column, head).font = Font(bold=True)
    for row, (vi, en) in enumerate(names, 2):
        sheet.cell(row, column, vi)
        sheet.cell(row, column + 1, en)
    letter = get_column_letter(column)
    sheet.column_dimensions[letter].width = sheet.column_dimensions[get_column_letter(column + 1)].width = _WIDE
    return f"'{_LISTS}'!${letter}$2:${letter}${len(names) + 1}"


def _help(sheet: Worksheet) -> None:
    for row, pair in enumerate(_HELP, 1):
        for column, text in enumerate(pair, 1):
            sheet.cell(row, column, text).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.cell(len(_HELP) + 2, 1, "Ví dụ / Example").font = Font(bold=True)
    for column, text in enumerate(_EXAMPLE, 1):
        sheet.cell(len(_HELP) + 3, column, text)
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 2 * _WIDE
