"""What a cell says about when: several styles are read, what could mean two things is not."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from services.monitoring.imports.files.moments import Moment, moment_of

EIGHT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
READ: tuple[tuple[Any, datetime, bool], ...] = (
    (datetime(2026, 11, 20, 8, 0), EIGHT, True),  # noqa: DTZ001 - a spreadsheet knows no zone
    (datetime(2026, 11, 20, 7, 59, 59, 999_999), EIGHT, True),  # noqa: DTZ001 - a fraction of a day, cut
    (datetime(2026, 11, 20), MIDNIGHT, False),  # noqa: DTZ001 - a cell with a date alone
    (date(2026, 11, 20), MIDNIGHT, False),
    (46346 + 8 / 24, EIGHT, True),
    (46346, MIDNIGHT, False),
    ("20/11/2026 08:00", EIGHT, True),
    ("20/11/2026 8:00", EIGHT, True),
    ("20/11/2026, 8h00", EIGHT, True),
    ("20/11/2026 8h", EIGHT, True),
    ("20-11-2026 08:00:00", EIGHT, True),
    ("20.11.2026 08:00", EIGHT, True),
    ("20/11/2026 8:00 AM", EIGHT, True),
    ("20/11/2026 8:00 SA", EIGHT, True),
    ("20/11/2026 1:30 CH", EIGHT.replace(hour=6, minute=30), True),
    ("20/11/2026 12:00 AM", MIDNIGHT, True),
    ("2026-11-20 08:00", EIGHT, True),
    ("2026-11-20T08:00:00+07:00", EIGHT, True),
    ("2026-11-20T01:00:00Z", EIGHT, True),
    ("2026-11-20", MIDNIGHT, False),
    ("20/11/2026", MIDNIGHT, False),
    ("19/11/2026 24:00", MIDNIGHT, True),
    ("20/11/2026 00:00", MIDNIGHT, True),
)


@pytest.mark.parametrize(("value", "at", "has_time"), READ, ids=[str(row[0]) for row in READ])
def test_day_and_time_are_read_by_the_clock_of_the_place(value: Any, at: datetime, *, has_time: bool) -> None:
    assert moment_of(value, CALENDAR_WINDOWS_1900) == Moment(at, has_time)


UNCLEAR: tuple[tuple[Any, str], ...] = (
    ("11/20/2026 08:00", "date-month-first"),
    ("20/11/26 08:00", "date-year-short"),
    ("05/06/26", "date-year-short"),
    ("31/11/2026 08:00", "date-unreadable"),
    ("40/13/2026", "date-unreadable"),
    ("20/11/2026 25:00", "date-unreadable"),
    ("20/11/2026 13:00 PM", "date-unreadable"),
    ("sáng thứ sáu", "date-unreadable"),
    ("20/11", "date-unreadable"),
    ("9999-12-31 24:00", "date-unreadable"),
    (20261120, "date-number"),
    (8, "date-number"),
    (-1.5, "date-number"),
    (float("nan"), "date-number"),
    (True, "date-unreadable"),
    (time(8, 0), "date-unreadable"),
    (timedelta(hours=8), "date-unreadable"),
)


@pytest.mark.parametrize(("value", "rule"), UNCLEAR, ids=[str(row[0]) for row in UNCLEAR])
def test_what_is_not_clear_is_not_guessed(value: Any, rule: str) -> None:
    assert moment_of(value, CALENDAR_WINDOWS_1900) == rule


def test_a_workbook_that_counts_days_from_1904_is_read_by_its_own_count() -> None:
    assert moment_of(46346 - 1462 + 8 / 24, CALENDAR_MAC_1904) == Moment(EIGHT, True)
