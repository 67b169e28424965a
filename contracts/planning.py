"""The messages of planning, and the content of a plan.

Never says whether a plan is complete: planning's decisions do.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.canonical import digest
from contracts.codes import Audience, BasisKind, Channel, ItemKind, Phase, RequirementCode, Tier
from contracts.fields import (
    Code,
    Count,
    Digest,
    Id,
    Note,
    OptionalNote,
    Record,
    Revision,
    SchoolYear,
    Text,
    Title,
)
from contracts.times import Instant

Recurrence = Annotated[str, Text(1000, prose=True)]


class Basis(Record):
    """A document or finding that the plan rests on. Source: 1.1, 1.2, 1.3, 1.4"""

    kind: BasisKind
    reference: Title
    text: OptionalNote = ""


class Milestone(Record):
    """When a focal event is planned. Source: 1.7"""

    starts_at: Instant
    ends_at: Instant

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.ends_at < self.starts_at:
            raise ValueError("ends_at is before starts_at")
        return self


class Requirement(Record):
    """What a plan item asks for; no channels = the code's default, no phases = POST."""

    code: RequirementCode
    channels: tuple[Channel, ...] = ()
    phases: tuple[Phase, ...] = ()


class PlanItem(Record):
    """Recurring work or a focal milestone on one channel plan. Source: 1.7"""

    item_id: Id
    kind: ItemKind
    title: Title
    topic_area: Code
    tier: Tier
    recurrence: Recurrence | None = Field(None, description="RFC 5545 recurrence; ROUTINE items.")
    milestone: Milestone | None = Field(None, description="FOCAL items.")
    requirements: tuple[Requirement, ...] = ()
    lead_unit: Code | None = None
    cost_minor: Count | None = Field(None, description="VND, which has no minor unit.")
    partner: Title | None = None
    note: Note | None = None


class ChannelPlan(Record):
    """The plan for one channel. Source: 1.5"""

    channel: Channel
    audience: Audience
    aims: OptionalNote = ""
    items: tuple[PlanItem, ...] = ()


class ContributorGroup(Record):
    """The contributors proposed for one channel. Source: 1.8"""

    group_id: Id
    channel: Channel
    members: tuple[Id, ...] = Field((), description="Account ids.")


class PlanContent(Record):
    """All that is approved when a plan is approved."""

    title: Title
    bases: tuple[Basis, ...] = ()
    channel_plans: tuple[ChannelPlan, ...] = ()
    contributor_groups: tuple[ContributorGroup, ...] = ()


def content_hash(content: PlanContent) -> str:
    """Return the digest of a plan's content as it goes on the wire; the same after any JSON round trip."""
    return digest(content.to_data())


class PlanDrafted(Record):
    """A revision of a plan was submitted for approval."""

    plan_id: Id
    school_year: SchoolYear
    revision: Revision
    content_hash: Digest
    drafted_by: Id
    content: PlanContent


class PlanWithdrawn(Record):
    """A revision was taken back before it was approved."""

    plan_id: Id
    revision: Revision
    reason: Note
    by: Id
