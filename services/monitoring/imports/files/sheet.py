"""A workbook's bytes -> the cells of its sheet of events, no more of them than are bounded.

Pure. Never runs, follows or believes anything that a workbook says beyond the values of its cells.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from services.monitoring.folding import fold
from services.monitoring.imports.files.archive import archive_fault
from services.monitoring.imports.files.faults import ImportFault
from services.monitoring.imports.files.rows import MAX_ROWS

HEADER_ROWS = 20
MAX_COLUMNS = 60
# a table may have empty rows between its rows, but not without end
MAX_READ_ROWS = 5 * MAX_ROWS
_DEEPEST_ROW = 2**20
SHEET_NAMES = ("su kien", "events")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's value, or the rule that it breaks as a cell."""

    place: str
    value: Any
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet. Shape: rows are number -> {column number: cell}, empty cells and rows left out."""

    title: str
    rows: Mapping[int, Mapping[int, Cell]]
    epoch: datetime
    others: tuple[str, ...] = ()
    is_cut: bool = False


def read_sheet(raw: bytes) -> Sheet | ImportFault:
    """Return the sheet of events: the one named so, else the first."""
    fault = archive_fault(raw)
    if fault:
        return fault
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        titles = [one.title for one in book.worksheets]
        chosen = next((title for title in titles if fold(title) in SHEET_NAMES), titles[0])
        sheet = book[chosen]
        sheet.reset_dimensions()
        rows = dict(_rows(sheet))
    except Exception:  # openpyxl raises whatever a broken part makes of its code
        return ImportFault("", "workbook-broken")
    is_cut = max(rows, default=0) > MAX_READ_ROWS
    return Sheet(chosen, rows, book.epoch, tuple(title for title in titles if title != chosen), is_cut)


def _rows(sheet: Any) -> Iterator[tuple[int, dict[int, Cell]]]:
    """The rows that hold something, up to the first that lies too deep, which tells that there is one."""
    empty = None
    for number, cells in enumerate(sheet.iter_rows(max_row=_DEEPEST_ROW, max_col=MAX_COLUMNS), 1):
        if cells is empty:  # what a sheet leaves out between its rows is one and the same
            continue
        found = {column: _cell(cell, column, number) for column, cell in enumerate(cells, 1) if not _is_empty(cell)}
        empty = None if found else cells
        if found:
            yield number, found
        if found and number > MAX_READ_ROWS:
            return


def _is_empty(cell: Any) -> bool:
    return cell.value is None or (isinstance(cell.value, str) and not cell.value.strip())


def _cell(cell: Any, column: int, row: int) -> Cell:
    place = f"{get_column_letter(column)}{row}"
    if cell.data_type == "f":
        return Cell(place, None, "cell-formula")
    return Cell(place, None, "cell-error") if cell.data_type == "e" else Cell(place, cell.value)
