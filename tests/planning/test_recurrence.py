"""When routine items recur: RFC 5545, no oftener than daily, and an answer for every text within a moment."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.planning.recurrence import RecurrenceInvalid, next_after, parse
from services.planning.school_years import LOCAL
from tests.planning.builders import DATES

MONDAY = "FREQ=WEEKLY;BYDAY=MO"

FIRST = (
    (MONDAY, (2026, 9, 7)),
    ("RRULE:freq=weekly;byday=mo;", (2026, 9, 7)),
    ("FREQ=DAILY", (2026, 9, 1)),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", (2026, 9, 30)),
    ("FREQ=MONTHLY;BYDAY=1FR", (2026, 9, 4)),
    ("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=20", (2026, 11, 20)),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", (2026, 9, 30)),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU;COUNT=3", (2026, 9, 1)),
)


@pytest.mark.parametrize(("text", "day"), FIRST)
def test_the_first_occurrence_is_counted_from_the_first_day_of_the_school_year(
    text: str, day: tuple[int, int, int]
) -> None:
    found = next_after(text, DATES)
    assert found is not None
    assert (found.year, found.month, found.day, found.tzinfo) == (*day, LOCAL)


def test_the_next_occurrence_is_after_the_instant_and_in_the_year() -> None:
    assert next_after(MONDAY, DATES, datetime(2026, 9, 6, 16, 59, tzinfo=UTC)) == datetime(2026, 9, 7, tzinfo=LOCAL)
    assert next_after(MONDAY, DATES, datetime(2026, 9, 6, 17, 0, tzinfo=UTC)) == datetime(2026, 9, 14, tzinfo=LOCAL)
    assert next_after(MONDAY, DATES, datetime(2027, 8, 31, tzinfo=UTC)) is None


@pytest.mark.parametrize("until", ["20260914", "20260914T000000", "20260913T170000Z"])
def test_until_is_a_day_a_local_time_or_an_instant(until: str) -> None:
    text = f"{MONDAY};UNTIL={until}"
    assert next_after(text, DATES, datetime(2026, 9, 8, tzinfo=UTC)) == datetime(2026, 9, 14, tzinfo=LOCAL)
    assert next_after(text, DATES, datetime(2026, 9, 15, tzinfo=UTC)) is None


INVALID = (
    "", ";", "weekly", "FREQ=", "FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY", "BYDAY=MO", "FREQ=WEEKLY;BYDAY=XX",
    "FREQ=WEEKLY;FREQ=DAILY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;BYHOUR=0,1", "FREQ=DAILY;BYMINUTE=0,1", "FREQ=DAILY;BYSECOND=0,1", "FREQ=YEARLY;BYEASTER=0",
    "FREQ=DAILY;UNTIL=20261301", "FREQ=DAILY;UNTIL=2026", "FREQ=DAILY;UNTIL=99991231T235959Z",
    "FREQ=DAILY;UNTIL=20260914;COUNT=2", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYSETPOS=0",
    "FREQ=DAILY;X-NAME=1", "FREQ=DAILY;DTSTART=20260101", "FREQ=DAILY\nFREQ=DAILY", "FREQ=YEARLY;BYMONTH=" + "1," * 200,
)  # fmt: skip


@pytest.mark.parametrize("text", INVALID)
def test_what_is_no_recurrence_of_a_plan_is_refused(text: str) -> None:
    with pytest.raises(RecurrenceInvalid):
        parse(text)


PART = st.sampled_from(
    [
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYDAY",
        "BYSETPOS",
        "WKST",
        "BYHOUR",
        "BYEASTER",
    ]
)
VALUE = st.one_of(
    st.sampled_from(
        ["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "MO", "-1SU", "53", "366", "-366", "20261231", "0", "9999"]
    ),
    st.lists(st.integers(-400, 400).map(str), min_size=1, max_size=6).map(",".join),
    st.text("0123456789,+-MOTUWEFRSA", max_size=12),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(PART, VALUE), max_size=5), st.booleans())
def test_every_text_gets_its_answer_within_a_moment(parts: list[tuple[str, str]], late: bool) -> None:
    text = ";".join(["FREQ=DAILY" if late else "FREQ=YEARLY", *(f"{name}={value}" for name, value in parts)])
    begun = time.monotonic()
    try:
        found = next_after(text, DATES, datetime(2027, 8, 30, tzinfo=UTC) if late else None)
        assert found is None or DATES.starts_on <= found.date() <= DATES.ends_on
    except RecurrenceInvalid:
        pass
    assert time.monotonic() - begun < 2
