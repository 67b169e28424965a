"""When content after an event is due, once more: days counted one by one, as the rules say it."""

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from typing import Any

from contracts.envelope import Message

DAY = timedelta(days=1)
SCHOOL = timezone(timedelta(hours=7))
Doc = dict[str, Any]


def end_day(start: datetime, end: datetime) -> date:
    """The local date of the end; 00:00 later than the start counts to the day before."""
    local = end.astimezone(SCHOOL)
    is_midnight = local.time() == datetime.min.time()
    return local.date() - DAY if is_midnight and end > start else local.date()


def end_of(day: date) -> datetime:
    """24:00 of a local day."""
    return datetime(day.year, day.month, day.day, tzinfo=SCHOOL) + DAY


def dates(versions: list[Message], code: str, ended_on: date, *, shown_at: datetime | None) -> Doc:
    """The three due dates and what gave them, versions taken in the order of `issued_at`."""
    calendars: list[Any] = []
    policy: Any = None
    found: Doc = {}
    for m in sorted(versions, key=lambda m: (m.data.issued_at, m.name, m.data.version, m.id)):
        issued, due_at = m.data.issued_at, found.get("due_at")
        if due_at and (issued >= due_at or (shown_at is not None and shown_at <= issued)):
            continue
        if m.name == "calendar-issued":
            calendars.insert(0, m.data)
        elif code in m.data.requirements:
            policy = m.data
        found = dated(policy.requirements[code], ended_on, calendars) if policy else {}
        found["policy_version"] = policy.version if policy else None
    return found


def dated(rule: Any, ended_on: date, calendars: list[Any]) -> Doc:
    """One rule and the calendars that apply, the last first; nothing when none covers a day that is asked for."""

    def covering(day: date) -> Any:
        return next(c for c in calendars if c.covers[0] <= day <= c.covers[1])

    def working(day: date) -> bool:
        calendar = covering(day)
        is_off = any(off.date == day for off in calendar.days_off)
        is_weekend = day.strftime("%a").upper() in [str(name) for name in calendar.weekend]
        return not is_off and (not is_weekend or any(made.date == day for made in calendar.make_up_days))

    def after(days: int, unit: str) -> date:
        day = ended_on
        while days:
            day += DAY
            days -= 1 if unit == "CALENDAR" or working(day) else 0
        return day

    try:
        day = after(rule.days, rule.unit)
        covering(day)  # room: the due day is covered by a calendar even under a rule that does not ask for it
        while rule.roll == "NEXT_WORKING" and not working(day):
            day += DAY
    except StopIteration:
        return {}
    found: Doc = {"due_at": end_of(day), "strict_due_at": end_of(after(3, "CALENDAR")), "working_due_at": None}
    with suppress(StopIteration):
        found["working_due_at"] = end_of(after(3, "WORKING"))
    return found | {"calendar_version": covering(day).version}
