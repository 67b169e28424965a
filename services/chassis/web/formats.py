"""Dates, times, remaining time and numbers in words, Vietnamese and English; it must never read a clock itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from contracts.times import parse_time

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ((86400, "ngày", "day"), (3600, "giờ", "hour"), (60, "phút", "minute"))

Day = date  # the class below has a method `date`
Moment = datetime | str | None


@dataclass(frozen=True)
class Formats:
    """How values are written in one language; `now` gives the domain time.

    Shape:   instants are aware datetimes or RFC 3339 texts; None is written as "không rõ", never as 0.
    """

    language: str
    now: Callable[[], datetime]

    def date(self, value: Day | Moment) -> str:
        """24/11/2026, or 24 Nov 2026; of an instant the local day."""
        if isinstance(value, str) and len(value) == 10:
            value = Day.fromisoformat(value)
        day = _local(value) if isinstance(value, (datetime, str)) else value
        return self._day(day) if day else self._said("không rõ", "unknown")

    def time(self, value: Moment, form: str = "%H:%M") -> str:
        """10:42, local."""
        return format(_local(value), form) if value else self._said("không rõ", "unknown")

    def clock(self, value: Moment) -> str:
        """10:42:07, local; for data freshness and logs alone."""
        return self.time(value, "%H:%M:%S")

    def instant(self, value: Moment) -> str:
        """24/11/2026 10:42, or 24 Nov 2026, 10:42."""
        return f"{self._day(_local(value))}{self._gap}{self.time(value)}" if value else self.time(value)

    def due(self, value: Moment) -> str:
        """A due time, exclusive: midnight is 24:00 of the day before, as in 23/11/2026 24:00."""
        if not value:
            return self.time(value)
        day, time = _closing(_local(value))
        return f"{self._day(day)}{self._gap}{time}"

    def due_in_words(self, value: Moment) -> str:
        """hạn 23/11 24:00; of today: hạn hôm nay 16:00."""
        if not value:
            return self.time(value)
        day, time = _closing(_local(value))
        if day.date() == _local(self.now()).date():
            return self._said("hạn hôm nay ", "due today ") + time
        return self._said("hạn ", "due ") + self._day(day, has_year=False) + self._gap + time

    def remaining(self, value: Moment) -> str:
        """còn 1 ngày 4 giờ, or once due: quá 2 ngày 10 giờ; two units, rounded down."""
        if not value:
            return self.time(value)
        left = _instant(value) - self.now()
        span = self.span(abs(left))
        if left > timedelta(0):
            return self._said(f"còn {span}", f"{span} left")
        return self._said(f"quá {span}", f"{span} overdue")

    def late_by(self, value: datetime | str, due: datetime | str) -> str:
        """trễ 9 giờ: how long after the due time something was done."""
        span = self.span(_instant(value) - _instant(due))
        return self._said(f"trễ {span}", f"{span} late")

    def brief(self, value: datetime | str) -> str:
        """24/11, or 24 Nov: the local day of an instant, where the year is known."""
        return self._day(_local(value), has_year=False)

    def number(self, value: float | None, digits: int = 0) -> str:
        """2.318 and 0,4; English 2,318 and 0.4."""
        if value is None:
            return self.time(None)
        text = f"{value:,.{digits}f}"
        return self._said(text.translate(str.maketrans(",.", ".,")), text)

    def percent(self, ratio: float | None, digits: int = 1) -> str:
        """A ratio 0..1 as 93,2 %; English 93.2%."""
        return self.time(None) if ratio is None else self.number(ratio * 100, digits) + self._said(" %", "%")

    @property
    def _gap(self) -> str:
        return self._said(" ", ", ")

    def _said(self, vi: str, en: str) -> str:
        return en if self.language == "en" else vi

    def _day(self, day: Day, *, has_year: bool = True) -> str:
        vi = f"{day:%d/%m}/{day.year:04}" if has_year else f"{day:%d/%m}"
        return self._said(vi, f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if has_year else ""))

    def span(self, length: timedelta) -> str:
        """1 ngày 4 giờ: a length of time, two units, rounded down."""
        seconds = max(0, int(length.total_seconds()))
        units = [unit for unit in _UNITS if seconds >= unit[0]]
        words = []
        for size, vi, en in _UNITS[len(_UNITS) - len(units) :][:2]:
            count, seconds = divmod(seconds, size)
            words += [f"{count} {self._said(vi, en if count == 1 else en + 's')}"] if count else []
        return " ".join(words) or self._said("dưới 1 phút", "less than 1 minute")


def _instant(value: datetime | str) -> datetime:
    return parse_time(value) if isinstance(value, str) else value.astimezone(UTC)


def _local(value: datetime | str) -> datetime:
    return _instant(value).astimezone(LOCAL)


def _closing(local: datetime) -> tuple[datetime, str]:
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return local - timedelta(days=1), "24:00"
    return local, f"{local:%H:%M}"
