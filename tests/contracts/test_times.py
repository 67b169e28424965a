"""The strict grammar of times, row by row."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.times import Instant, LocalDate, format_time, parse_time

INSTANT = TypeAdapter(Instant)
DATE = TypeAdapter(LocalDate)
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001  a naive time is what is refused


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        # RFC 3339 with T, seconds, Z or an offset
        ("2026-11-20T09:00:00Z", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20T16:00:00+07:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20T04:30:00-04:30", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20T09:00:00-00:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        # up to 23:59
        ("2026-11-21T08:59:00+23:59", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        # lower-case t/z taken
        ("2026-11-20t09:00:00z", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        # :60 read as :59
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-11-20T09:00:60.5Z", datetime(2026, 11, 20, 9, 0, 59, 500000, tzinfo=UTC)),
        # cut (not rounded) to microseconds
        ("2026-11-20T09:00:00.5Z", datetime(2026, 11, 20, 9, 0, 0, 500000, tzinfo=UTC)),
        ("2026-11-20T09:00:00.12Z", datetime(2026, 11, 20, 9, 0, 0, 120000, tzinfo=UTC)),
        ("2026-11-20T09:00:00.1234567Z", datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-20T09:00:00.9999999999999+00:00", datetime(2026, 11, 20, 9, 0, 0, 999999, tzinfo=UTC)),
        # years 1..9999
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_strict_time_is_read(text: str, instant: datetime) -> None:
    assert parse_time(text) == instant
    assert parse_time(text).tzinfo is UTC
    assert INSTANT.validate_python(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-20",
        "20261120T090000Z",
        "2026-11-20 09:00:00Z",
        "2026-11-20T09:00Z",
        "2026-11-20T09:00:00",
        "2026-11-20T09:00:00+0700",
        "2026-11-20T09:00:00+07",
        "2026-11-20T09:00:00 +07:00",
        "2026-11-20T09:00:00+24:00",
        "2026-11-20T09:00:00+07:60",
        "2026-11-20T24:00:00Z",
        "2026-11-20T09:60:00Z",
        "2026-11-20T09:00:61Z",
        "2026-11-20T09:00:00.Z",
        "2026-11-20T09:00:00,5Z",
        "2026-13-01T09:00:00Z",
        "2026-02-30T09:00:00Z",
        "2025-02-29T09:00:00Z",
        "2026-11-20T09:00:00ZZ",
        "2026-11-20T09:00:00Z\n",
        " 2026-11-20T09:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+07:00",
        "9999-12-31T23:59:59-07:00",
        "+12026-11-20T09:00:00Z",
        "2026-W47-5T09:00:00Z",
        "2026-11-20T09:00:00+07:00[Asia/Ho_Chi_Minh]",
        "\u0662026-11-20T09:00:00Z",
        "٢٠٢٦-11-20T09:00:00Z",
        "1795165200",
        "now",
    ],
)
def test_a_lenient_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        parse_time(text)


@pytest.mark.parametrize("value", [1795165200, 1795165200.5, True, None, ["2026-11-20T09:00:00Z"], b"2026", NAIVE])
def test_an_instant_is_a_text_or_an_aware_datetime(value: object) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(value)


def test_an_instant_is_kept_in_utc_and_written_with_six_decimals() -> None:
    local = datetime(2026, 11, 20, 16, tzinfo=timezone(timedelta(hours=7)))
    assert INSTANT.validate_python(local).tzinfo is UTC
    assert INSTANT.dump_python(INSTANT.validate_python(local), mode="json") == "2026-11-20T09:00:00.000000Z"
    assert INSTANT.dump_python(local) is local
    assert format_time(datetime(7, 1, 2, tzinfo=UTC)) == "0007-01-02T00:00:00.000000Z"
    with pytest.raises(ValueError, match="naive"):
        format_time(NAIVE)


@given(st.datetimes(timezones=st.just(UTC)))
def test_writing_and_reading_gives_the_same_instant(instant: datetime) -> None:
    assert parse_time(format_time(instant)) == instant


@pytest.mark.parametrize(
    "value", ["2026-1-02", "20260102", "2026-02-30", 20260102, datetime(2026, 1, 2, tzinfo=UTC), None]
)
def test_a_date_is_strict_too(value: object) -> None:
    assert DATE.dump_python(DATE.validate_python("2026-01-02"), mode="json") == "2026-01-02"
    with pytest.raises(ValidationError):
        DATE.validate_python(value)
