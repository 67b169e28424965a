"""Instants as the fixed texts of the contract (UTC, `Z`, six decimals), and the school's local days: pure.

Never a clock. The texts are ordered as the instants are, so that stored facts are compared without being parsed.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from contracts.times import format_time

Stamp = str

# Source: facts of the place: Asia/Ho_Chi_Minh is UTC+7 the whole year
LOCAL_OFFSET = timedelta(hours=7)
# Source: A18 (the school year begins on 1 September)
SCHOOL_YEAR_FROM_MONTH = 9
_LAST_SCHOOL_YEAR = 9998


def to_stamp(instant: datetime | Stamp) -> Stamp:
    """Return the fixed text of an instant. Source: contract, Data"""
    return instant if isinstance(instant, str) else format_time(instant)


def to_instant(stamp: Stamp) -> datetime:
    """Return the aware UTC datetime of a fixed text. Source: contract, Data"""
    return datetime.fromisoformat(stamp)


@lru_cache(maxsize=16_384)
def shift(stamp: Stamp, seconds: int) -> Stamp:
    """Return the instant so many seconds later; what would leave the calendar stays where it is. Source: A14"""
    try:
        return format_time(to_instant(stamp) + timedelta(seconds=seconds))
    except OverflowError:
        return stamp


def to_local(stamp: Stamp) -> datetime:
    """Return the school's wall time as a naive datetime. Source: facts of the place"""
    instant = to_instant(stamp).replace(tzinfo=None)
    try:
        return instant + LOCAL_OFFSET
    except OverflowError:
        return instant


def is_local_midnight(stamp: Stamp) -> bool:
    """Say whether the instant is exactly 00:00 at the school. Source: A4, fine print"""
    return stamp[10:] == "T17:00:00.000000Z"


@lru_cache(maxsize=16_384)
def end_day(started_at: Stamp, ended_at: Stamp) -> date:
    """Return the local date of an event's end; 00:00 later than the start counts to the day before. Source: A4, A18"""
    day = to_local(ended_at).date()
    if is_local_midnight(ended_at) and ended_at > started_at:
        return day - timedelta(days=1)
    return day


def close_of(day: date) -> Stamp:
    """Return 24:00 of a local day: the exclusive instant before which it is still that day. Source: A3"""
    return f"{day.isoformat()}T17:00:00.000000Z"


def school_year_of(day: date) -> str:
    """Return the school year of a local date, as "2026-2027". Source: A18"""
    first = min(day.year if day.month >= SCHOOL_YEAR_FROM_MONTH else day.year - 1, _LAST_SCHOOL_YEAR)
    return f"{first:04d}-{first + 1:04d}"


def days_of(school_year: str) -> tuple[date, date]:
    """Return the first and the last local date of a school year such as "2026-2027". Source: A18"""
    first, following = (
        date(max(int(year), date.min.year), SCHOOL_YEAR_FROM_MONTH, 1) for year in school_year.split("-")
    )
    return first, following - timedelta(days=1)


def month_of(day: date) -> str:
    """Return the month of a local date, as "2026-11". Source: fine print of the obligation"""
    return f"{day.year:04d}-{day.month:02d}"
