"""The shapes that the read API's answers have, for its OpenAPI document; it must never make an answer."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from contracts.codes import MissWithdrawalReason, Phase, RequirementCode, State, Tier
from contracts.fields import Code, Digest, Id, Note, Title
from contracts.monitoring import Explanation, ObligationAssessed
from contracts.times import Instant

Count = Annotated[int, Field(ge=0)]


class Shape(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(extra="forbid")


class Ratio(Shape):
    """A rate as what it is made of."""

    numerator: Count
    denominator: Count


class ComplianceRow(Shape):
    """The figures of one group; the key is null for what has no topic area, and the school year without a cut."""

    key: str | None
    on_time: Ratio
    strict: Ratio
    working_day: Ratio
    fault_adjusted: Ratio
    counts: dict[State, Count]
    undated: Count


class TakenAway(Shape):
    """An obligation that a person waived or classified away after its strict due date."""

    obligation_id: Id
    event: Id
    title: Title
    requirement: RequirementCode
    phase: Phase
    unit: Code
    strict_due_at: Instant
    how: str
    at: Instant
    by: Id | None
    reason: Note | None


class Compliance(Shape):
    """The figures of a school year as of an instant."""

    as_of: Instant
    digest: Digest
    rows: list[ComplianceRow]
    undated: Annotated[Count, Field(description="Obligations that no calendar dates; in none of the rates.")]
    unconfirmed: Annotated[Count, Field(description="Scheduled events that nobody confirmed a day after their end.")]
    taken_away: list[TakenAway]
    known_on: Annotated[Instant | None, Field(description="Only when asked as known on a day or instant.")] = None


class Waiver(Shape):
    """Who waived an obligation, and why."""

    by: Id
    reason: Note
    issued_at: Instant


class DueGap(Shape):
    """Why an obligation has no due date."""

    reason: str
    on: str | None


class ObligationItem(ObligationAssessed):
    """An obligation as it is now: what obligation-assessed tells, and why."""

    started_at: Instant
    ended_at: Instant
    explanation: Explanation
    due_gap: DueGap | None
    void_reason: MissWithdrawalReason | None
    voided_at: Instant | None
    waiver: Waiver | None
    overdue: Annotated[str, Field(description="UNCONFIRMED while evidence of a miss may still be on its way.")]


class ObligationPage(Shape):
    """One page of obligations; `next` is given as `after` to go on, null at the end."""

    items: list[ObligationItem]
    next: str | None


class Miss(Shape):
    """A miss that was announced; withdrawn_at says that it did not hold."""

    n: int
    due_at: Instant
    detected_at: Instant
    withdrawn_at: Instant | None
    reason: MissWithdrawalReason | None


class PastMiss(Miss):
    """A miss in the history of an event; what is no longer owed has no requirement here."""

    obligation_id: Id
    requirement: RequirementCode | None
    phase: Phase | None


class EventObligation(ObligationItem):
    """An obligation with what discharges it, and its history."""

    publications: list[dict[str, Any]]
    cause_if_missed: str | None
    opened_by: dict[str, Any]
    dated_by: dict[str, Any]
    n: Annotated[Count, Field(description="How often it was announced as missed.")]
    misses: list[Miss]


class EventWhole(BaseModel):
    """What all facts say together about an event; without a report that names it, only its keys and its status."""

    model_config = ConfigDict(extra="allow")

    event: Id
    members: list[Id]
    status: str
    title: Title | None = None
    unit: str | None = None
    tier: Tier | None = None
    topic_area: Code | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    flags: list[str]


class EventAnswer(Shape):
    """All that is known of an event."""

    event_key: Id
    status: str
    into: Annotated[Id | None, Field(description="The event that remains, when this one was merged into another.")]
    event: EventWhole
    facts: list[dict[str, Any]]
    obligations: list[EventObligation]
    history: list[PastMiss]
    known_on: Annotated[Instant | None, Field(description="Only when asked as known on a day or instant.")] = None


class Done(BaseModel):
    """What an act did."""

    model_config = ConfigDict(extra="allow")

    event: Id
    at: Instant
