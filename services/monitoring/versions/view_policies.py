"""The page of due rules: three ways to count side by side, which rule is in force for what, and its versions; pure.

Never a due date of its own: the algebra counts the example too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.codes import DayUnit, RequirementCode, Roll, is_physical
from contracts.monitoring import DueRule, PolicyIssued
from services.chassis.web.i18n import N_
from services.monitoring.algebra.calendars import NoCalendar, RestDay
from services.monitoring.algebra.due import Versions, count_days
from services.monitoring.pages.view_duties import Choices
from services.monitoring.pages.words import Words
from services.monitoring.reading.board import YearFigures
from services.monitoring.reading.figures import Rate
from services.monitoring.versions.naming import calendars_in, policies_in
from services.monitoring.versions.policy_rules import COUNTINGS, RulingRule, ruling_rules

NAMES = {
    "rolled": N_("3 ngày lịch, dời qua ngày nghỉ"),
    "strict": N_("Chặt: 3 ngày lịch, không dời"),
    "working": N_("3 ngày làm việc"),
}
_RATES = {"rolled": "on_time", "strict": "strict", "working": "working_day"}


@dataclass(frozen=True, slots=True)
class CountingCard:
    """One way to count. Shape: due_on is the last day in time of the example, None where no calendar covers it."""

    key: str
    name: str
    due_on: date | None
    rests: tuple[RestDay, ...]
    rate: Rate | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The rule of a requirement that is in force."""

    code: str
    name: str
    ruling: RulingRule


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version as the list shows it."""

    version: str
    rules: tuple[tuple[str, DueRule], ...]
    by: str
    reason: str
    issued_at: str
    is_shipped: bool


@dataclass(frozen=True, slots=True)
class PoliciesView:
    """All of the page. Shape: school_year is the one that the rates are of."""

    ended_on: date
    school_year: str
    countings: tuple[CountingCard, ...]
    rules: tuple[RuleRow, ...]
    versions: tuple[PolicyRow, ...]
    codes: Choices
    units: Choices
    rolls: Choices
    last: str


def policies_view(
    versions: Versions, figures: YearFigures | None, *, ended_on: date, school_year: str, words: Words
) -> PoliciesView:
    """Return the page; the example is an event that ended on a day. Source: 3.4, A3"""
    known, ruling = policies_in(versions), ruling_rules(versions)
    codes = tuple((code.value, words.code(code)) for code in RequirementCode if not is_physical(code))
    return PoliciesView(
        ended_on=ended_on,
        school_year=school_year,
        countings=tuple(
            _card(key, rule, versions, ended_on=ended_on, figures=figures) for key, rule in COUNTINGS.items()
        ),
        rules=tuple(RuleRow(code, words.code(code), one) for code, one in ruling.items()),
        versions=tuple(_row(one.content, words) for one in reversed(known)),
        codes=codes,
        units=_named(DayUnit, words),
        rolls=_named(Roll, words),
        last=known[-1].version if known else "",
    )


def _named(kind: type[DayUnit] | type[Roll], words: Words) -> Choices:
    """The codes by their own names: a bare code may mean something else in another list."""
    return tuple((one.value, one.en if words.language == "en" else one.vi) for one in kind)


def _card(key: str, rule: DueRule, versions: Versions, *, ended_on: date, figures: YearFigures | None) -> CountingCard:
    try:
        count = count_days(ended_on, rule, calendars_in(versions))
    except NoCalendar:
        count = None
    rate = getattr(figures.whole, _RATES[key]) if figures else None
    return CountingCard(key, NAMES[key], count.day if count else None, count.rests if count else (), rate)


def _row(content: PolicyIssued, words: Words) -> PolicyRow:
    return PolicyRow(
        version=content.version,
        rules=tuple(_grouped(content, words)),
        by=words.who(content.by),
        reason=content.reason or "",
        issued_at=words.formats.instant(content.issued_at),
        is_shipped=content.by == "shipped",
    )


def _grouped(content: PolicyIssued, words: Words) -> Sequence[tuple[str, DueRule]]:
    """Requirements with the same rule together."""
    grouped: dict[DueRule, list[str]] = {}
    for code, rule in content.requirements.items():
        grouped.setdefault(rule, []).append(words.code(code))
    return [(", ".join(names), rule) for rule, names in grouped.items()]
