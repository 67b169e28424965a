"""The page of calendars: a year as months with what rests and why, and the versions that say so; pure.

Never a day coloured without its name, and never a day off that no version gives.
"""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.monitoring import CalendarIssued
from services.chassis.web.i18n import N_
from services.monitoring.algebra.calendars import CalendarVersion
from services.monitoring.pages.words import Sentence, Words
from services.monitoring.versions.coverage import covered_until

# Kinds of day, each with its sign beside its colour.
SIGNS = {"work": "", "weekend": "", "off": "●", "made_up": "+", "unknown": "?"}
KINDS = {
    "work": N_("ngày làm việc"),
    "weekend": N_("nghỉ hằng tuần"),
    "off": N_("ngày nghỉ"),
    "made_up": N_("ngày làm bù"),
    "unknown": N_("chưa có lịch nghỉ"),
}
_MONTH = N_("Tháng %(month)s")


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of the year. Shape: name is that of a day off; made_up_for is the day that a make-up day is worked for."""

    day: date
    kind: str
    name: str = ""
    made_up_for: date | None = None
    is_provisional: bool = False

    @property
    def sign(self) -> str:
        """What marks the kind where colours are not seen."""
        return SIGNS[self.kind]


@dataclass(frozen=True, slots=True)
class Month:
    """A month, Monday first; None fills the first and the last week. Shape: named are the days that have a name."""

    title: Sentence
    weeks: tuple[tuple[DayCell | None, ...], ...]
    named: tuple[DayCell, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as the list shows it."""

    version: str
    covers: tuple[date, date]
    days_off: int
    is_provisional: bool
    by: str
    reason: str
    issued_at: str
    is_shipped: bool


@dataclass(frozen=True, slots=True)
class CalendarsView:
    """All of the page. Shape: chosen is the day that somebody wants to change."""

    year: int
    years: tuple[int, ...]
    months: tuple[Month, ...]
    chosen: DayCell | None
    covered_until: date | None
    is_uncovered: bool
    is_provisional: bool
    versions: tuple[VersionRow, ...]
    ruling: str
    last: str


def cell_of(calendars: Sequence[CalendarVersion], day: date) -> DayCell:
    """Return how a day stands under the last version that covers it. Source: A3, facts of the place"""
    ruling = next((one for one in reversed(calendars) if one.covers(day)), None)
    if ruling is None:
        return DayCell(day, "unknown")
    is_provisional = bool(ruling.content.provisional)
    made_up = next((one.instead_of for one in ruling.content.make_up_days if one.date == day), None)
    rest = ruling.rest(day)
    if rest is not None:
        return DayCell(day, "off" if rest.name else "weekend", rest.name or "", None, is_provisional)
    return DayCell(day, "made_up" if made_up else "work", "", made_up, is_provisional)


def calendars_view(
    calendars: Sequence[CalendarVersion], today: date, *, year: int, chosen: date | None, words: Words
) -> CalendarsView:
    """Return the page of a year. Source: A3, facts of the place"""
    cells = {
        day: cell_of(calendars, day)
        for month in range(1, 13)
        for day in Calendar().itermonthdates(year, month)
        if day.year == year
    }
    spoken = {day.year for one in calendars for day in one.content.covers} | {today.year, today.year + 1, year}
    ruling = next((one for one in reversed(calendars) if chosen and one.covers(chosen)), None)
    return CalendarsView(
        year=year,
        years=tuple(sorted(spoken)),
        months=tuple(_month(cells, year, month) for month in range(1, 13)),
        chosen=cell_of(calendars, chosen) if chosen else None,
        covered_until=covered_until(calendars, today),
        is_uncovered=any(cell.kind == "unknown" for cell in cells.values()),
        is_provisional=any(cell.is_provisional for cell in cells.values()),
        versions=tuple(_row(one.content, words) for one in reversed(calendars)),
        ruling=ruling.version if ruling else "",
        last=calendars[-1].version if calendars else "",
    )


def _month(cells: dict[date, DayCell], year: int, month: int) -> Month:
    weeks = tuple(
        tuple(cells[day] if day.month == month and day.year == year else None for day in week)
        for week in Calendar().monthdatescalendar(year, month)
    )
    own = (cell for week in weeks for cell in week if cell)
    named = tuple(cell for cell in own if cell.name or cell.made_up_for)
    return Month(Sentence(_MONTH, {"month": str(month)}), weeks, named)


def _row(content: CalendarIssued, words: Words) -> VersionRow:
    return VersionRow(
        version=content.version,
        covers=content.covers,
        days_off=len(content.days_off),
        is_provisional=bool(content.provisional),
        by=words.who(content.by),
        reason=content.reason or "",
        issued_at=words.formats.instant(content.issued_at),
        is_shipped=content.by == "shipped",
    )
