"""A recurrence's periods: from one occurrence's day to the day of the next, at the school's midnight."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from services.chassis.recurrence.periods import periods

YEAR = date(2025, 9, 1), date(2026, 8, 31)
LOCAL = timedelta(hours=7)


def days(recurrence: str, *, first: int = 3) -> list[str]:
    """The first periods as local days: 01/09-08/09."""
    found = periods(recurrence, *YEAR)[:first]
    assert all(end[10:] == "T17:00:00.000000Z" for period in found for end in period)
    return ["-".join(f"{datetime.fromisoformat(end) + LOCAL:%d/%m}" for end in period) for period in found]


RULES = (
    ("weekly", "FREQ=WEEKLY;BYDAY=MO", ["01/09-08/09", "08/09-15/09", "15/09-22/09"]),
    ("a prefix and small letters", "rrule:freq=monthly;bymonthday=5", ["05/09-05/10", "05/10-05/11", "05/11-05/12"]),
    ("until a day, and where it would come again", "FREQ=WEEKLY;BYDAY=MO;UNTIL=20250908T170000Z",
     ["01/09-08/09", "08/09-15/09"]),
    ("so many times", "COUNT=1;FREQ=WEEKLY;BYDAY=MO", ["01/09-08/09"]),
    ("R21: the last of the year ends in the next", "FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=31", ["31/08-31/08"]),
    ("unreadable", "tuần một lần", []),
    ("never", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", []),
)  # fmt: skip


@pytest.mark.parametrize(("recurrence", "found"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_periods_follow_the_rule(recurrence: str, found: list[str]) -> None:
    assert days(recurrence) == found


def test_periods_leave_no_gap_and_do_not_overlap() -> None:
    found = periods("FREQ=DAILY;INTERVAL=3", *YEAR)
    assert all(one.ends_at == other.begins_at for one, other in pairwise(found))
    assert len(found) == 122
