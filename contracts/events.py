"""The messages about events: what other systems report, and what monitoring puts on `events`.

Never a judgement about an obligation.
"""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from contracts.codes import Tier
from contracts.fields import Code, Flag, Id, Note, Reason, Record, Revision, SentId, SentSource, Text, Title, Url
from contracts.times import Instant

# 2000-01-01T00:00+07:00: what is earlier is a slip of the sender
EARLIEST = datetime(1999, 12, 31, 17, tzinfo=UTC)

Place = Annotated[str, Text(300)]
Summary = Annotated[str, Text(4000, prose=True)]


class EventReport(Record):
    """What a system reports of an event that was or will be held."""

    event_id: SentId = Field(description="The sender's own id, kept as sent.")
    title: Title
    unit: Code = Field(description="Code of the organising unit; an unknown one is taken and flagged.")
    started_at: Instant
    ended_at: Instant
    revision: Revision | None = Field(None, description="One sequence per event over its three types; absent is 1.")
    title_en: Title | None = None
    place: Place | None = None
    summary: Summary | None = None
    url: Url | None = None
    topic_area: Code | None = None
    tier: Tier | None = Field(None, description="A suggestion only.")
    plan_item_id: Id | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.ended_at < self.started_at:
            raise ValueError("ended_at is before started_at")
        if self.started_at < EARLIEST:
            raise ValueError("started_at is before 2000-01-01T00:00+07:00")
        return self


class CancellationReport(Record):
    """What a system reports of an event that is not held; may come before any other report of it."""

    event_id: SentId = Field(description="The sender's own id, kept as sent.")
    reason: Reason | None = None
    revision: Revision | None = Field(None, description="One sequence per event over its three types; absent is 1.")


class Origin(Record):
    """The message in which a sender reported a fact, and whether the sender was known."""

    source: SentSource
    id: Annotated[str, Text(1024, as_sent=True)]
    authenticated: Flag


class EventHeld(EventReport):
    """The event was held."""

    event: Id = Field(description="The event key.")
    origin: Origin


class EventScheduled(EventReport):
    """The event will be held."""

    event: Id = Field(description="The event key.")
    origin: Origin


class EventCancelled(CancellationReport):
    """The event is not held."""

    event: Id = Field(description="The event key.")
    origin: Origin


class EventClassified(Record):
    """A person gave the event a tier, a topic area or a plan item.

    Shape:   a stated `plan_item_id` of null detaches; a field left out is left as it was. Do not pass
             `plan_item_id=None` for "unchanged". Null in the other two is the same as absent.
    """

    STATED_NULLS: ClassVar[tuple[str, ...]] = ("plan_item_id",)

    event: Id = Field(description="The event key.")
    tier: Tier | None = None
    topic_area: Code | None = None
    plan_item_id: Id | None = Field(None, description="Null detaches the event from its plan item.")
    by: Id
    reason: Note
    issued_at: Instant

    def has(self, name: str) -> bool:
        """Say whether the message classifies the field `tier`, `topic_area` or `plan_item_id`."""
        if name in self.STATED_NULLS:
            return name in self.model_fields_set
        return getattr(self, name) is not None


class EventMerged(Record):
    """A person said that the event is the same as another; null undoes it."""

    STATED_NULLS: ClassVar[tuple[str, ...]] = ("into",)

    event: Id = Field(description="The event key.")
    into: Id | None = Field(description="The key of the event that remains; null undoes the merge.")
    by: Id
    reason: Note
