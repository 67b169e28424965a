"""The shapes of what is asked and answered about versions, for the OpenAPI document; it must never make an answer."""

from typing import Annotated

from pydantic import Field

from contracts.codes import RequirementCode, Weekday
from contracts.fields import Code, Id, Note
from contracts.monitoring import DayOff, DueRule, MakeUpDay
from contracts.times import Instant, LocalDate
from services.monitoring.reading.shapes import Shape


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
