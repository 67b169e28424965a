"""The messages of monitoring on `compliance`; those on `events` are in `events`.

Never how a due date is reckoned: only its result and its explanation.
"""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from contracts.codes import (
    Cause,
    Channel,
    DayUnit,
    MissWithdrawalReason,
    Phase,
    RequirementCode,
    Roll,
    State,
    Tier,
    Weekday,
)
from contracts.fields import Code, Count, Flag, Id, Note, OptionalNote, Record, Revision, SchoolYear, Title
from contracts.times import Instant, LocalDate


class ObligationAssessed(Record):
    """The whole of an obligation after a change; the latest by `sequence` holds.

    Shape:   the three due dates are null, not absent, while no calendar covers the date.
    """

    STATED_NULLS: ClassVar[tuple[str, ...]] = ("due_at", "strict_due_at", "working_due_at")

    obligation_id: Id
    event: Id = Field(description="The event key.")
    requirement: RequirementCode
    channels: tuple[Channel, ...]
    phase: Phase
    state: State
    due_at: Instant | None = Field(description="Exclusive.")
    strict_due_at: Instant | None
    working_due_at: Instant | None
    missed_at: Instant | None = None
    discharged_at: Instant | None = None
    content_id: Id | None = None
    cause: Cause | None = None
    tier: Tier
    topic_area: Code | None = None
    unit: Code
    school_year: SchoolYear
    title: Title
    planned: Flag
    policy_version: Code | None = None
    calendar_version: Code | None = None


class Explanation(Record):
    """A due date explained in both languages."""

    vi: Note
    en: Note


class MissedObligation(Record):
    """What the messages about one miss share."""

    obligation_id: Id
    event: Id = Field(description="The event key.")
    requirement: RequirementCode
    channels: tuple[Channel, ...]
    phase: Phase


class DeadlineMissed(MissedObligation):
    """Nothing in time was published; announced once for each miss."""

    due_at: Instant
    detected_at: Instant
    policy_version: Code | None = None
    calendar_version: Code | None = None
    explanation: Explanation
    n: Revision = Field(description="1, 2... for repeated misses of one obligation.")


class DeadlineMissWithdrawn(MissedObligation):
    """The miss with this `n` no longer holds."""

    n: Revision
    reason: MissWithdrawalReason


class DeadlineApproaching(MissedObligation):
    """The due date is near and nothing was published yet."""

    due_at: Instant
    explanation: Explanation | None = None


class ObligationWaived(Record):
    """A person waived an obligation."""

    obligation_id: Id
    event: Id = Field(description="The event key.")
    by: Id
    reason: Note
    issued_at: Instant


class ObligationWaiverRevoked(ObligationWaived):
    """A person took a waiver back."""


class CauseSet(ObligationWaived):
    """An operator said why an obligation was missed."""

    cause: Cause


class Scope(Record):
    """What a directive is about; at least one is named. Source: 4.1, 4.2"""

    event: Id | None = Field(None, description="The event key.")
    topic_area: Code | None = None
    unit: Code | None = None
    channel: Channel | None = None


class DirectiveIssued(Record):
    """Who is to do what by when. Source: 4.2"""

    directive_id: Id
    scope: Scope
    to: Id
    text: Note
    due_at: Instant
    by: Id


class DirectiveAcknowledged(Record):
    """The addressee has read the directive."""

    directive_id: Id
    by: Id
    note: OptionalNote | None = None


class DirectiveClosed(DirectiveAcknowledged):
    """The directive is done with."""


class DayOff(Record):
    """A day on which the school does not work."""

    date: LocalDate
    name: Title


class MakeUpDay(Record):
    """A rest day that is worked in place of another day."""

    date: LocalDate
    instead_of: LocalDate = Field(alias="for")


class CalendarContent(Record):
    """A version of the calendar of holidays, in the form of `calendar-vn.json`."""

    version: Code
    time_zone: Code
    covers: Annotated[tuple[LocalDate, LocalDate], Field(description="First and last day, both included.")]
    weekend: tuple[Weekday, ...]
    days_off: tuple[DayOff, ...]
    make_up_days: tuple[MakeUpDay, ...] = ()

    @model_validator(mode="after")
    def _covers_days(self) -> Self:
        if self.covers[1] < self.covers[0]:
            raise ValueError("covers ends before it begins")
        return self


class CalendarIssued(CalendarContent):
    """A version of the calendar of holidays is in force."""

    provisional: Flag = False
    by: Id
    reason: Note | None = None
    issued_at: Instant


class DueRule(Record):
    """How one requirement's due date is reckoned. Source: 3.4, A3"""

    days: Count
    unit: DayUnit
    roll: Roll
    grace_s: Count


class PolicyIssued(Record):
    """A version of the due rules is in force."""

    version: Code
    requirements: dict[RequirementCode, DueRule]
    by: Id
    reason: Note | None = None
    issued_at: Instant
