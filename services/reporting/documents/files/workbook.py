"""The year as a workbook: the figures, each cut, and every row, as numbers and times that a spreadsheet can count.

It must never write a text that a spreadsheet would run: texts are written as texts.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from xlsxwriter import Workbook

from contracts.codes import NAMES
from services.reporting.documents.content import CUT_TITLES, Matter
from services.reporting.documents.tables import RATE_NAMES, key_name
from services.reporting.school_years import LOCAL
from services.reporting.snapshot import TABLES

SHEETS = {"obligations": "Nghĩa vụ", "events": "Sự kiện", "occurrences": "Kế hoạch thường xuyên"}
HEADS = {
    **{"obligation_id": "Mã nghĩa vụ", "event": "Mã sự kiện", "title": "Tên", "requirement": "Yêu cầu"},
    **{
        "phase": "Trước hay sau",
        "state": "Trạng thái",
        "strict": "Cách tính chặt",
        "working": "Cách tính ngày làm việc",
    },
    **{"due_at": "Hạn (trước lúc)", "strict_due_at": "Hạn chặt (trước lúc)"},
    **{"working_due_at": "Hạn ngày làm việc (trước lúc)", "discharged_at": "Đăng lúc", "cause": "Nguyên nhân"},
    **{"tier": "Mức", "topic_area": "Mảng chủ đề", "unit": "Đơn vị", "month": "Tháng", "planned": "Trong kế hoạch"},
    **{"removed": "Miễn, phân loại lại", "removed_at": "Miễn, phân loại lại lúc", "reason": "Lý do"},
    **{"ended_at": "Kết thúc", "held": "Đã diễn ra", "notice_hours": "Giờ đến khi được báo"},
    **{"publish_hours": "Giờ đến tin đầu tiên", "item_id": "Mã mục", "channel": "Kênh"},
    **{"begins_at": "Kỳ từ", "ends_at": "Kỳ đến (trước lúc)", "done_at": "Đã làm lúc"},
}
_CODED = ("requirement", "phase", "state", "strict", "working", "cause", "tier", "channel", "removed")


def to_xlsx(matter: Matter) -> bytes:
    """The year as XLSX; the same year gives the same bytes."""
    made = io.BytesIO()
    with Workbook(made, {"in_memory": True}) as book:
        at = matter.made_at.astimezone(UTC).replace(tzinfo=None)
        book.set_properties({"title": f"Báo cáo năm học {matter.year}", "created": at})
        looks = {"head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})}
        looks |= {"time": book.add_format({"num_format": "dd/mm/yyyy hh:mm"})}
        looks |= {"ratio": book.add_format({"num_format": "0.0%"})}
        _figures(book, matter, looks)
        for by, (title, column) in CUT_TITLES.items():
            _cut(book, matter, by, head=(title, column), looks=looks)
        for table, title in SHEETS.items():
            fields = TABLES[table]._fields
            rows = ([_told(matter, name, value) for name, value in zip(fields, row, strict=True)]
                    for row in getattr(matter.shown, table))  # fmt: skip
            _sheet(book, title, [HEADS[name] for name in fields], rows=rows, looks=looks)
    return made.getvalue()


def _figures(book: Any, matter: Matter, looks: dict[str, Any]) -> None:
    """Every figure by its name in the API, and what the workbook was taken from."""
    status = "Đã phát hành" if matter.issued else "BẢN NHÁP, chưa phát hành"
    about = [
        ("Năm học", matter.year),
        ("Tình trạng", status),
        ("Số liệu tính đến", datetime.fromisoformat(matter.shown.as_of)),
    ]
    rows: list[Sequence[Any]] = [*about, ("Mã băm", matter.shown.digest), ("", "")]
    rows += [(name, value) for name, value in _flat("", matter.shown.figures)]
    _sheet(book, "Số liệu", ["Con số", "Giá trị"], rows=rows, looks=looks)


def _flat(prefix: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, inner)
    else:
        yield prefix, "; ".join(value) if isinstance(value, list) else _instant(value)


def _cut(book: Any, matter: Matter, by: str, *, head: tuple[str, str], looks: dict[str, Any]) -> None:
    rates = [f"{name}, {what}" for name, _ in RATE_NAMES.values() for what in ("đúng hạn", "đã tới hạn", "tỷ lệ")]
    found = matter.shown.cuts[by]
    states = list(found[0]["counts"]) if found else []
    rows = []
    for row in found:
        ratios = [row[rate] for rate in RATE_NAMES]
        told = [part for one in ratios for part in (one["numerator"], one["denominator"], _ratio(one))]
        rows.append([key_name(by, row["key"], matter.reference), *told, *row["counts"].values()])
    _sheet(book, head[0], [head[1], *rates, *(NAMES[state]["vi"] for state in states)], rows=rows, looks=looks)


class Ratio(float):
    """A number that is shown as a percentage."""


def _ratio(one: dict[str, int]) -> Ratio | None:
    return Ratio(one["numerator"] / one["denominator"]) if one["denominator"] else None


def _told(matter: Matter, name: str, value: Any) -> Any:
    if name == "unit" and value:
        return matter.reference.unit_name(value, "vi")
    if name == "topic_area" and value:
        return matter.reference.topic_name(value, "vi")
    if name in _CODED and value:
        return "Phân loại lại" if value == "CLASSIFIED" else NAMES.get(value, {}).get("vi", value)
    return _instant(value) if name.endswith("_at") else value


def _instant(value: Any) -> Any:
    is_stamp = isinstance(value, str) and value.endswith("Z") and value[10:11] == "T"
    return datetime.fromisoformat(value) if is_stamp else value


def _sheet(book: Any, title: str, head: Sequence[str], *, rows: Iterable[Sequence[Any]], looks: dict[str, Any]) -> None:
    sheet, numbers = book.add_worksheet(title), count(1)
    sheet.write_row(0, 0, head, looks["head"])
    sheet.freeze_panes(1, 1)
    for n, row in zip(numbers, rows, strict=False):
        for column, value in enumerate(row):
            _write(sheet, (n, column), value, looks)
    sheet.autofilter(0, 0, max(1, next(numbers) - 2), len(head) - 1)
    sheet.set_column(0, len(head) - 1, 18)


def _write(sheet: Any, at: tuple[int, int], value: Any, looks: dict[str, Any]) -> None:
    match value:
        case None | "":
            return
        case bool():
            sheet.write_string(*at, "có" if value else "không")
        case datetime():
            sheet.write_datetime(*at, value.astimezone(LOCAL).replace(tzinfo=None), looks["time"])
        case Ratio():
            sheet.write_number(*at, value, looks["ratio"])
        case int() | float():
            sheet.write_number(*at, value)
        case _:
            sheet.write_string(*at, str(value))
