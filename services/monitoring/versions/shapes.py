"""The shapes of what is asked and answered about versions, for the OpenAPI document; it must never make an answer."""

from typing import Annotated

from pydantic import Field

from contracts.codes import Phase, RequirementCode, State, Weekday
from contracts.fields import Code, Id, Note, Title
from contracts.monitoring import DayOff, DueRule, Explanation, MakeUpDay
from contracts.times import Instant, LocalDate
from services.monitoring.reading.shapes import ComplianceRow, Count, Shape


class Issued(Shape):
    """What was issued, and when."""

    version: Code
    issued_at: Instant


class CalendarShape(Shape):
    """A version of the calendar of holidays as it was issued."""

    version: Code
    time_zone: Code
    covers: tuple[LocalDate, LocalDate]
    weekend: tuple[Weekday, ...]
    days_off: tuple[DayOff, ...]
    make_up_days: tuple[MakeUpDay, ...]
    provisional: bool
    by: Id
    reason: Note | None = None
    issued_at: Instant


class CalendarList(Shape):
    """All versions of the calendar, the last one issued first; for a day the first of them that covers it rules."""

    items: list[CalendarShape]
    covered_until: Annotated[LocalDate | None, Field(description="The last day before the first that none covers.")]


class PolicyShape(Shape):
    """A version of the due rules as it was issued."""

    version: Code
    requirements: dict[RequirementCode, DueRule]
    by: Id
    reason: Note | None = None
    issued_at: Instant


class RulingShape(Shape):
    """The rule of a requirement that is in force, and the version that it comes from."""

    rule: DueRule
    version: Code


class PolicyList(Shape):
    """All versions of the due rules, the last one issued first, and what rules of all of them together."""

    items: list[PolicyShape]
    ruling: dict[RequirementCode, RulingShape]


class DayChangedShape(Shape):
    """A day that the new calendar sees differently: null is worked, "" rests with the week, else the day's name."""

    date: LocalDate
    before: str | None
    after: str | None


class CalendarChangeShape(Shape):
    """What a new calendar changes of days that were covered, and how many days none covered before."""

    days: list[DayChangedShape]
    newly_covered: Count


class MoveShape(Shape):
    """One obligation that would get another due date; null is without a date."""

    obligation_id: Id
    event: Id
    title: Title
    unit: Code
    requirement: RequirementCode
    state: State
    due_before: Instant | None
    due_after: Instant | None
    why_before: Explanation
    why_after: Explanation


class Preview(Shape):
    """What an act would do; `rows` are the first of the moved, `rest` how many more there are."""

    version: Code
    change: CalendarChangeShape | None
    examined: Annotated[Count, Field(description="Obligations that are not settled.")]
    moved: Count
    earlier: Count
    later: Count
    dated: Annotated[Count, Field(description="Had no date, and get one.")]
    undated: Annotated[Count, Field(description="Had a date, and lose it.")]
    missed_at_once: Annotated[Count, Field(description="Would be past due at once, with nothing published.")]
    rows: list[MoveShape]
    rest: Count


class ComparedRow(Shape):
    """The figures of one requirement, real and under the other rules; null where it has none."""

    key: str | None
    real: ComplianceRow | None
    other: ComplianceRow | None


class DifferenceShape(Shape):
    """An obligation that stands otherwise under the other rules; null is not owed, or without a date."""

    obligation_id: Id
    event: Id
    title: Title
    requirement: RequirementCode
    phase: Phase
    state: State | None
    due_at: Instant | None
    other_state: State | None
    other_due_at: Instant | None
    other_why: Explanation


class WhatIf(Shape):
    """A school year's figures under other rules, beside the real ones, with the first that differ."""

    school_year: str
    policy: Code | None
    calendar: Code | None
    as_of: Instant
    events: Annotated[Count, Field(description="Events that were judged anew.")]
    obligations: Count
    differing: Count
    real: ComplianceRow
    other: ComplianceRow
    by_requirement: list[ComparedRow]
    rows: list[DifferenceShape]
    rest: Count
