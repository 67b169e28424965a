"""The messages of publishing.

Never the material itself: titles, addresses and digests of evidence only.
"""

from typing import Annotated

from pydantic import Field

from contracts.codes import Audience, Channel, ContentKind, DeliveryOutcome, Medium, WithdrawalReason
from contracts.fields import Flag, Href, Id, Language, OptionalNote, Record, Revision, Sha256, Text, Title, Url
from contracts.times import Instant

MediaType = Annotated[str, Text(255)]


class ContentSubmitted(Record):
    """A contributor sent material. Source: 3.2"""

    content_id: Id
    revision: Revision
    event: Id | None = Field(None, description="The event key.")
    plan_item_id: Id | None = None
    submitted_by: Id
    kinds: tuple[ContentKind, ...] = ()
    channel: Channel | None = None


class Evidence(Record):
    """A kept proof that the channel showed the content."""

    sha256: Sha256
    media_type: MediaType
    href: Href


class ContentPublished(Record):
    """A channel shows the content since `published_at`. Source: 3.4, A5"""

    content_id: Id
    revision: Revision
    channel: Channel
    medium: Medium
    audience: Audience
    language: Language
    title: Title
    published_at: Instant
    url: Url | None = None
    event: Id | None = Field(None, description="The event key.")
    plan_item_id: Id | None = None
    external_id: Href | None = None
    evidence: Evidence | None = None
    contributor_ids: tuple[Id, ...] = ()
    recorded: Flag = Field(False, description="A person recorded what was published elsewhere.")


class ContentCorrected(ContentPublished):
    """A higher revision of published content is shown."""


class ContentWithdrawn(Record):
    """The content was taken back from a channel."""

    content_id: Id
    revision: Revision
    channel: Channel
    event: Id | None = Field(None, description="The event key.")
    withdrawn_at: Instant
    reason: WithdrawalReason
    by: Id


class DeliveryFailed(Record):
    """A channel did not take the content, or did not say."""

    content_id: Id
    revision: Revision
    channel: Channel
    event: Id | None = Field(None, description="The event key.")
    attempt: Revision
    outcome: DeliveryOutcome
    detail: OptionalNote
