"""The dates of school years: the defaults, dates of one's own, and to which year an event belongs (A18, A21, R05)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.planning.school_years import closing_date, dates_of, previous, to_plan, years_between

YEAR = "2026-2027"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_the_defaults_are_the_procedures() -> None:
    dates = dates_of(YEAR, {})
    assert (dates.starts_on, dates.ends_on) == (date(2026, 9, 1), date(2027, 8, 31))
    assert dates.plan_opens_at == utc(2026, 6, 30, 17)
    assert dates.plan_due_at == utc(2026, 9, 5, 17), "5 September, 24:00 in Vietnam"


def test_dates_of_ones_own_change_what_they_name_and_nothing_else() -> None:
    given = {YEAR: {"plan_due_on": date(2026, 9, 12)}}
    dates = dates_of(YEAR, given)  # type: ignore[arg-type]
    assert dates.plan_due_at == utc(2026, 9, 12, 17)
    assert dates.starts_on == date(2026, 9, 1)
    assert dates_of("2027-2028", given).plan_due_on == date(2027, 9, 5)  # type: ignore[arg-type]


DAY_20, DAY_21 = date(2026, 11, 20), date(2026, 11, 21)
MIDNIGHT = utc(2026, 11, 20, 17)
ENDS = (
    ("an evening", utc(2026, 11, 20, 2), utc(2026, 11, 20, 14), DAY_20),
    ("00:30 in Vietnam is the next day, not so in UTC", utc(2026, 11, 20, 14), utc(2026, 11, 20, 17, 30), DAY_21),
    ("00:00 counts to the day before", utc(2026, 11, 20, 10), MIDNIGHT, DAY_20),
    ("00:00 of what has no length counts to its own day", MIDNIGHT, MIDNIGHT, DAY_21),
)


@pytest.mark.parametrize("row", ENDS, ids=[row[0] for row in ENDS])
def test_an_event_belongs_to_the_local_date_of_its_end(row: tuple[str, datetime, datetime, date]) -> None:
    _, started_at, ended_at, day = row
    assert closing_date(started_at, ended_at) == day


def test_an_event_belongs_to_the_school_year_of_its_end() -> None:
    dates, day = dates_of(YEAR, {}), timedelta(days=1)
    first, after = utc(2026, 8, 31, 17), utc(2027, 8, 31, 17)
    assert not dates.holds(first - day, first)
    assert dates.holds(first, first)
    assert dates.holds(first - day, first + timedelta(seconds=1))
    assert dates.holds(after - day, after)
    assert not dates.holds(after - day, after + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("now", "year"),
    [
        (utc(2026, 6, 30, 16, 59), "2025-2026"),
        (utc(2026, 6, 30, 17), YEAR),
        (utc(2027, 1, 1), YEAR),
        (utc(2027, 6, 30, 17), "2027-2028"),
    ],
)
def test_from_july_on_the_next_years_plan_is_in_hand(now: datetime, year: str) -> None:
    assert to_plan(now) == year


def test_years_follow_each_other() -> None:
    assert previous(YEAR) == "2025-2026"
    assert years_between("2024-2025", YEAR) == ["2024-2025", "2025-2026", YEAR]
    assert years_between(YEAR, YEAR) == [YEAR]
    assert years_between(YEAR, "2024-2025") == []
