"""What people fill in, by form or by API: one model for both.

It must never judge more than the shape of a field: the rules are in `decisions`.
"""

from typing import Annotated

from pydantic import Field

from contracts.codes import Channel, DeliveryOutcome, WithdrawalReason
from contracts.fields import Flag, Id, OptionalNote, Record, Title, Url
from contracts.publishing import Evidence
from services.chassis.web import TypedInstant
from services.publishing.commands import Order
from services.publishing.decisions import Correction, Failure, Submission
from services.publishing.state import Body, Link, Photo

EVENT = Field(default=None, description="The event key.")


class NewLink(Record):
    """What content is to be about; neither = unplanned."""

    event: Annotated[Id | None, EVENT] = None
    plan_item_id: Id | None = None

    def link(self) -> Link:
        """The link itself."""
        return Link(event=self.event, plan_item_id=self.plan_item_id)


class NewContent(NewLink):
    """A contributor's material."""

    title: Title
    text: Body
    channel: Channel | None = None
    not_before: TypedInstant | None = None

    def submission(self, photo: Photo | None = None) -> Submission:
        """What is submitted."""
        return Submission(self.link(), self.title, self.text, self.channel, self.not_before, photo)


class NewAcknowledgement(Record):
    """Which revision of the plan was read."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewText(Record):
    """Another revision of title and text."""

    title: Title
    text: Body


class NewPublication(Record):
    """That a channel is to show content, or showed it."""

    channel: Channel
    published_at: Annotated[TypedInstant | None, Field(description="When the channel showed it; recorded only.")] = None
    url: Url | None = None
    evidence: Annotated[Evidence | None, Field(description="A proof kept elsewhere, or by POST /api/evidence.")] = None
    recorded: Annotated[Flag, Field(description="True when a person records what was published elsewhere.")] = False

    def order(self, *, is_built_in: bool, evidence: Evidence | None = None) -> Order:
        """What is ordered: what this system cannot show itself is recorded."""
        recorded = self.recorded or not is_built_in
        return Order(self.channel, self.published_at, self.url, evidence or self.evidence, recorded)


class NewBatchItem(NewPublication):
    """One publication of several that are ordered at once."""

    content_id: Id


class NewBatch(Record):
    """Several publications, ordered at once."""

    items: Annotated[tuple[NewBatchItem, ...], Field(min_length=1, max_length=60)]


class NewCorrection(Record):
    """What a channel shows from now on; what is left out stays."""

    channel: Channel
    title: Title | None = None
    text: Body | None = None

    def correction(self) -> Correction:
        """What is corrected."""
        return Correction(self.channel, self.title or "", self.text or "")


class NewWithdrawal(Record):
    """From which channel content is taken back, and why."""

    channel: Channel
    reason: WithdrawalReason


class NewFailure(Record):
    """That a channel did not take the content, or did not say."""

    channel: Channel
    outcome: DeliveryOutcome
    detail: OptionalNote = ""

    def failure(self) -> Failure:
        """What is reported."""
        return Failure(self.channel, self.outcome, self.detail)
