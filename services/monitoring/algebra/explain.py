"""Why a due date is what it is, in one sentence of each language: pure.

Never a date of its own: it words what `due` counted.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache

from contracts.codes import DayUnit, Weekday
from services.monitoring.algebra.calendars import RestDay
from services.monitoring.algebra.due import NO_POLICY, Due
from services.monitoring.algebra.instants import Stamp, to_local

Explanation = dict[str, str]
_WEEKDAYS = tuple(Weekday)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Run = tuple[date, date, RestDay]


def explain_after(due: Due, *, at_midnight: bool) -> Explanation:
    """Return how the due date after an event was counted, roll-over and missing calendars named.

    Shape:   at_midnight: the event ended at 24:00 of the day, by the midnight rule.
    Source:  the obligation: every due date explains itself in both languages
    """
    vi, en = _explain_after(due, at_midnight)
    return {"vi": vi, "en": en}


def explain_before(started_at: Stamp) -> Explanation:
    """Return why content before an event is due when it starts. Source: 3.6, the obligation, due_at"""
    start = to_local(started_at)
    clock = f"{start:%H:%M}"
    return {
        "vi": f"Trước sự kiện · hạn là lúc bắt đầu -> {clock} ngày {_vi(start.date())}",
        "en": f"Before the event · due when it starts -> {clock} on {_en(start.date())}",
    }


@lru_cache(maxsize=8_192)
def _explain_after(due: Due, at_midnight: bool) -> tuple[str, str]:
    asked = due.due_on or (due.gap.day if due.gap else None)
    has_year = asked is not None and asked.year != due.ended_on.year
    vi, en = (_vi_year if has_year else _vi), (_en_year if has_year else _en)
    midnight = (" lúc 24:00", " at 24:00") if at_midnight else ("", "")
    parts_vi = [f"Kết thúc {vi(due.ended_on)}{midnight[0]}", "không tính ngày diễn ra"]
    parts_en = [f"Ended {en(due.ended_on)}{midnight[1]}", "event day not counted"]
    if due.rule is not None:
        working = due.rule.unit == DayUnit.WORKING
        parts_vi.append(f"+{due.rule.days} ngày{' làm việc' if working else ''}")
        parts_en.append(f"+{due.rule.days} {'working ' if working else ''}{_plural(due.rule.days)}")
    runs = _runs(due.rests)
    if runs:
        parts_vi.append(", ".join(_rest_vi(run, vi) for run in runs))
        parts_en.append(", ".join(_rest_en(run, en) for run in runs))
    if due.is_provisional:
        parts_vi.append("theo lịch nghỉ tạm")
        parts_en.append("by a provisional calendar")
    if due.due_on is not None:
        ends = (f"hết ngày {vi(due.due_on)}", f"end of {en(due.due_on)}")
    else:
        ends = ("chưa có hạn", "no due date yet")
        parts_vi.append(_gap_vi(due))
        parts_en.append(_gap_en(due))
    return f"{' · '.join(parts_vi)} -> {ends[0]}", f"{' · '.join(parts_en)} -> {ends[1]}"


def _plural(days: int) -> str:
    return "day" if days == 1 else "days"


def _vi(day: date) -> str:
    return f"{day:%d/%m}"


def _vi_year(day: date) -> str:
    return f"{day:%d/%m}/{day.year:04d}"


def _en(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _en_year(day: date) -> str:
    return f"{_en(day)} {day.year:04d}"


def _runs(rests: Sequence[RestDay]) -> list[Run]:
    runs: list[Run] = []
    for rest in rests:
        if runs and rest.name is not None and runs[-1][2].name == rest.name:
            first, last, named = runs[-1]
            if rest.day - last == timedelta(days=1):
                runs[-1] = (first, rest.day, named)
                continue
        runs.append((rest.day, rest.day, rest))
    return runs


def _rest_vi(run: Run, words: Callable[[date], str]) -> str:
    first, last, rest = run
    days = words(first) if first == last else f"{words(first)}–{words(last)}"
    return f"{days} là {'ngày nghỉ (' + rest.name + ')' if rest.name else _WEEKDAYS[first.weekday()].vi}"


def _rest_en(run: Run, words: Callable[[date], str]) -> str:
    first, last, rest = run
    if rest.name is None:
        return f"{words(first)} is a {_WEEKDAYS[first.weekday()].en}"
    if first == last:
        return f"{words(first)} is a day off ({rest.name})"
    return f"{words(first)}–{words(last)} are days off ({rest.name})"


def _gap_vi(due: Due) -> str:
    if due.gap is None or due.gap.reason == NO_POLICY or due.gap.day is None:
        return "chưa có quy định cách tính hạn"
    return f"chưa có lịch nghỉ cho ngày {_vi_year(due.gap.day)}"


def _gap_en(due: Due) -> str:
    if due.gap is None or due.gap.reason == NO_POLICY or due.gap.day is None:
        return "no policy says how to count"
    return f"no calendar covers {_en_year(due.gap.day)}"
