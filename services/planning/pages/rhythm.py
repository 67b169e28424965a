"""A recurrence in words that an office reads; pure, and it never says more than the rule does."""

import re
from dataclasses import dataclass
from datetime import datetime

from services.chassis.web.i18n import N_
from services.planning import recurrence
from services.planning.school_years import LOCAL

WEEKDAYS = {
    "MO": N_("thứ Hai"),
    "TU": N_("thứ Ba"),
    "WE": N_("thứ Tư"),
    "TH": N_("thứ Năm"),
    "FR": N_("thứ Sáu"),
    "SA": N_("thứ Bảy"),
    "SU": N_("Chủ nhật"),
}
_NTH = {
    "1": N_("%(day)s đầu tiên"),
    "2": N_("%(day)s thứ hai trong kỳ"),
    "3": N_("%(day)s thứ ba trong kỳ"),
    "-1": N_("%(day)s cuối cùng"),
}
_DATE, _LAST_DATE, _PLAIN = N_("ngày %(n)s"), N_("ngày cuối"), "%(day)s"
_EVERY = {
    "DAILY": (N_("hằng ngày"), N_("%(count)s ngày một lần")),
    "WEEKLY": (N_("hằng tuần"), N_("%(count)s tuần một lần")),
    "MONTHLY": (N_("hằng tháng"), N_("%(count)s tháng một lần")),
    "YEARLY": (N_("hằng năm"), N_("%(count)s năm một lần")),
}
_KNOWN = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "WKST"}
# What the form offers; anything else may be typed. Source: R03, R21
_OFFERED = (
    *(f"FREQ=WEEKLY;BYDAY={day}" for day in ("MO", "TU", "WE", "TH", "FR")),
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
    "FREQ=MONTHLY;BYMONTHDAY=1",
    "FREQ=MONTHLY;BYMONTHDAY=15",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=MONTHLY;BYDAY=-1FR",
)


@dataclass(frozen=True, slots=True)
class On:
    """A day of a rhythm. Shape: pattern and day are msgids; n fills the pattern of a day of the month."""

    pattern: str
    day: str = ""
    n: str = ""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A recurrence in words. Shape: every is a msgid with the place count; until is the last instant, or None."""

    days: tuple[On, ...]
    every: str
    count: int
    until: datetime | None


def rhythm(text: str) -> Rhythm | None:
    """The words of a recurrence; None when it has parts that only its own text says rightly."""
    try:
        parts, until = recurrence.parse(text)
    except recurrence.RecurrenceInvalid:
        return None
    days = _days(parts)
    if not parts.keys() <= _KNOWN or days is None:
        return None
    count = int(parts.get("INTERVAL", "1"))
    at = until.replace(tzinfo=LOCAL) if until else None
    return Rhythm(days, _EVERY[parts["FREQ"]][count > 1], count, at)


def _days(parts: dict[str, str]) -> tuple[On, ...] | None:
    """The days that are named, or None when one of them has no words here."""
    is_monthly = parts["FREQ"] == "MONTHLY"
    if ("BYMONTHDAY" in parts and not is_monthly) or {"BYDAY", "BYMONTHDAY"} <= parts.keys():
        return None
    if parts["FREQ"] in ("DAILY", "YEARLY"):
        return None if "BYDAY" in parts else ()
    made = [_on_date(n) for n in parts["BYMONTHDAY"].split(",")] if "BYMONTHDAY" in parts else []
    made += [_on_weekday(day, is_monthly=is_monthly) for day in parts["BYDAY"].split(",")] if "BYDAY" in parts else []
    return None if None in made else tuple(one for one in made if one)


def _on_date(number: str) -> On | None:
    if number == "-1":
        return On(_LAST_DATE)
    return None if number.startswith("-") else On(_DATE, n=number.lstrip("+"))


def _on_weekday(text: str, *, is_monthly: bool) -> On | None:
    match = re.fullmatch(r"\+?(-?\d*)([A-Z]{2})", text)
    if match is None or match[2] not in WEEKDAYS or bool(match[1]) is not is_monthly:
        return None
    pattern = _NTH.get(match[1]) if match[1] else _PLAIN
    return On(pattern, day=WEEKDAYS[match[2]]) if pattern else None


OFFERED = tuple((text, rhythm(text)) for text in _OFFERED)
