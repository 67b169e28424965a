"""One week of a plan, Monday first, with every day also when nothing is on it; pure, it never reads a clock."""

from dataclasses import dataclass
from datetime import date, timedelta

from contracts.planning import PlanContent
from services.planning.pages.month import Day, day_of, placed
from services.planning.school_years import SchoolYearDates

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the school year. Shape: before, after and current are Mondays as 2026-11-23, empty where there is none;
    month is that of the day that was asked for, as 2026-11.
    """

    days: tuple[Day, ...]
    before: str
    after: str
    current: str
    month: str


def week_of(content: PlanContent, dates: SchoolYearDates, asked: str, *, today: date) -> Week:
    """The week of the day that is asked for; without one in the school year, today's, else the year's first."""
    found = next((on for on in (_day(asked), today) if on and dates.starts_on <= on <= dates.ends_on), dates.starts_on)
    monday = found - timedelta(days=found.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    entries = placed(content, dates, (days[0], days[-1]))
    is_current = dates.starts_on <= today <= dates.ends_on
    return Week(
        days=tuple(day_of(on, on.month, today, entries=entries.get(on, [])) for on in days),
        before=f"{monday - _WEEK}" if monday > dates.starts_on else "",
        after=f"{monday + _WEEK}" if monday + _WEEK <= dates.ends_on else "",
        current=f"{today - timedelta(days=today.weekday())}" if is_current else "",
        month=f"{found:%Y-%m}",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
