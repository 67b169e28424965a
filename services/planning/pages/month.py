"""One month of a plan as a calendar: milestones and the occurrences of routine items; pure, it never reads a clock.

Planning has no holiday calendar, so the only days off that it knows are Saturdays and Sundays.
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.codes import Channel, ItemKind
from contracts.planning import PlanContent, PlanItem
from services.chassis.web.i18n import N_
from services.planning import recurrence
from services.planning.school_years import LOCAL, SchoolYearDates, closing_date

NAMES = (
    *(N_("Tháng 1"), N_("Tháng 2"), N_("Tháng 3"), N_("Tháng 4"), N_("Tháng 5"), N_("Tháng 6")),
    *(N_("Tháng 7"), N_("Tháng 8"), N_("Tháng 9"), N_("Tháng 10"), N_("Tháng 11"), N_("Tháng 12")),
)
# Monday first: how a column is headed, and what it is read as.
COLUMNS = (
    *((N_("T2"), N_("Thứ Hai")), (N_("T3"), N_("Thứ Ba")), (N_("T4"), N_("Thứ Tư")), (N_("T5"), N_("Thứ Năm"))),
    *((N_("T6"), N_("Thứ Sáu")), (N_("T7"), N_("Thứ Bảy")), (N_("CN"), N_("Chủ nhật"))),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An item on a day. Shape: at is the local time of a beginning milestone, else empty."""

    item: PlanItem
    channel: Channel
    is_focal: bool
    at: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar."""

    on: date
    is_outside: bool
    is_today: bool
    is_weekend: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the school year. Shape: key, before and after are as 2026-11, before and after empty at its ends."""

    key: str
    name: str
    year: int
    before: str
    after: str
    current: str
    weeks: tuple[tuple[Day, ...], ...]

    @property
    def filled(self) -> tuple[Day, ...]:
        """The days of the month with something on them."""
        return tuple(day for week in self.weeks for day in week if day.entries and not day.is_outside)


def month_of(content: PlanContent, dates: SchoolYearDates, asked: str, *, today: date) -> Month:
    """The month that is asked for; without one that lies in the school year, today's, else the year's first."""
    keys = list(_keys(dates))
    key = next((one for one in (asked, f"{today:%Y-%m}") if one in keys), keys[0])
    year, number = int(key[:4]), int(key[5:])
    weeks = calendar.Calendar().monthdatescalendar(year, number)
    found = placed(content, dates, (weeks[0][0], weeks[-1][-1]))
    place = keys.index(key)
    return Month(
        key=key,
        name=NAMES[number - 1],
        year=year,
        before=keys[place - 1] if place else "",
        after=keys[place + 1] if place + 1 < len(keys) else "",
        current=f"{today:%Y-%m}" if f"{today:%Y-%m}" in keys else "",
        weeks=tuple(tuple(day_of(on, number, today, entries=found.get(on, [])) for on in week) for week in weeks),
    )


def _keys(dates: SchoolYearDates) -> Iterator[str]:
    on = dates.starts_on.replace(day=1)
    while on <= dates.ends_on:
        yield f"{on:%Y-%m}"
        on = (on + timedelta(days=31)).replace(day=1)


def day_of(on: date, month: int, today: date, *, entries: Sequence[Entry]) -> Day:
    """A day with what is on it, focal items first."""
    ordered = sorted(entries, key=lambda entry: (not entry.is_focal, entry.at))
    return Day(on, on.month != month, on == today, on.weekday() > calendar.FRIDAY, tuple(ordered))


def placed(content: PlanContent, dates: SchoolYearDates, span: tuple[date, date]) -> dict[date, list[Entry]]:
    """What the plan has on each day of the span, both ends with it."""
    found: dict[date, list[Entry]] = {}
    for plan in content.channel_plans:
        for item in plan.items:
            for on, at in _days_of(item, dates, span):
                found.setdefault(on, []).append(Entry(item, plan.channel, item.kind is ItemKind.FOCAL, at))
    return found


def _days_of(item: PlanItem, dates: SchoolYearDates, span: tuple[date, date]) -> Iterator[tuple[date, str]]:
    first, last = span
    if item.milestone:
        begins = item.milestone.starts_at.astimezone(LOCAL)
        ends_on = closing_date(item.milestone.starts_at, item.milestone.ends_at)
        on = max(first, begins.date())
        while on <= min(last, ends_on):
            yield on, f"{begins:%H:%M}" if on == begins.date() else ""
            on += timedelta(days=1)
    if item.recurrence:
        yield from ((on, "") for on in _occurrences(item.recurrence, dates, span))


def _occurrences(text: str, dates: SchoolYearDates, span: tuple[date, date]) -> list[date]:
    found = []
    try:
        for at in recurrence.occurrences(text, dates):
            if at.date() > span[1]:
                break
            found += [at.date()] if at.date() >= span[0] else []
    except recurrence.RecurrenceInvalid:
        return []  # the objections name it
    return found
