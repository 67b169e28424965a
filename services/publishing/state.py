"""What publishing remembers of a piece of content and of the plans and events it belongs to; it must never decide."""

from typing import Annotated, Any, Self

from contracts.codes import Channel, DeliveryOutcome, NamedCode, WithdrawalReason
from contracts.fields import Flag, Id, Note, Record, Revision, Sha256, Text, Title, Url
from contracts.publishing import Evidence
from contracts.times import Instant, format_time

# A long article has about 3,000 words; what is longer is a document, not news.
BODY_CHARACTERS = 30_000
Body = Annotated[str, Text(BODY_CHARACTERS, prose=True)]
AltText = Annotated[str, Text(500)]
Reference = Annotated[str, Text(300)]


class Origin(NamedCode):
    """Where a photo comes from; what a machine made or changed is labelled wherever it is shown."""

    PHOTO = "PHOTO", "Ảnh chụp", "Photograph"
    AI_EDITED = "AI_EDITED", "Ảnh có sửa bằng AI", "Edited by AI"
    AI_MADE = "AI_MADE", "Ảnh do AI tạo", "Made by AI"


class Deed(NamedCode):
    """What was done to a piece of content."""

    SUBMITTED = "SUBMITTED", "Gửi bài", "Submitted"
    REVISED = "REVISED", "Sửa bài gửi", "Revised"
    PUBLISHED = "PUBLISHED", "Đăng", "Published"
    RECORDED = "RECORDED", "Ghi lại việc đã đăng", "Recorded"
    CORRECTED = "CORRECTED", "Đính chính", "Corrected"
    WITHDRAWN = "WITHDRAWN", "Gỡ", "Withdrawn"
    RELINKED = "RELINKED", "Chuyển bài", "Moved"
    FAILED = "FAILED", "Báo lỗi kênh", "Failure reported"


class About(Record):
    """What a person says of a photo: context of capture, notice and consent. Source: 0.3"""

    alt_text: AltText
    origin: Origin
    public_event_notice: Flag = False
    minors_visible: Flag = False
    consent_reference: Reference | None = None


class Photo(About):
    """A photo as it is kept: re-encoded, without any metadata; the bytes stand in the bucket under their digest."""

    sha256: Sha256
    width: int
    height: int
    size_bytes: int


class Link(Record):
    """What content is about; neither = unplanned. Source: R10"""

    event: Id | None = None
    plan_item_id: Id | None = None

    @property
    def key(self) -> str | None:
        """The Kafka key: the event, else the plan item."""
        return self.event or self.plan_item_id


class Publication(Record):
    """What one channel shows of a piece of content, or showed until it was withdrawn. Source: A5"""

    channel: Channel
    revision: Revision
    title: Title
    text: Body
    published_at: Instant
    url: Url | None = None
    evidence: Evidence | None = None
    recorded: Flag = False
    corrected_at: Instant | None = None
    withdrawn_at: Instant | None = None
    reason: WithdrawalReason | None = None


class Entry(Record):
    """One line of a content's history: who did what, when, on which channel; key is the command's. Source: R20"""

    at: Instant
    by: Id
    name: Title | None = None
    deed: Deed
    revision: Revision
    channel: Channel | None = None
    note: Note | None = None
    outcome: DeliveryOutcome | None = None
    key: Id | None = None


class Content(Record):
    """A news item with its photo, and where it is shown; `revision` counts every change of it on any channel."""

    content_id: Id
    revision: Revision
    link: Link
    title: Title
    text: Body
    submitted_by: Id
    submitted_at: Instant
    contributor_ids: tuple[Id, ...]
    channel: Channel | None = None
    not_before: Instant | None = None
    consent_withdrawn_at: Instant | None = None
    photo: Photo | None = None
    publications: tuple[Publication, ...] = ()
    history: tuple[Entry, ...] = ()

    def on(self, channel: Channel) -> Publication | None:
        """What the channel shows now, or None."""
        return next((p for p in self.shown if p.channel == channel), None)

    @property
    def shown(self) -> tuple[Publication, ...]:
        """The publications that were not withdrawn."""
        return tuple(p for p in self.publications if p.withdrawn_at is None)

    @property
    def to_take_down(self) -> tuple[Publication, ...]:
        """What is still shown although a consent was withdrawn. Source: 0.3"""
        return self.shown if self.consent_withdrawn_at else ()

    @property
    def troubles(self) -> dict[Channel, Entry]:
        """By channel the last failure that nothing has answered since. Source: A5, R20"""
        last = {entry.channel: entry for entry in self.history if entry.channel}
        return {channel: entry for channel, entry in last.items() if entry.deed is Deed.FAILED}

    def keyed(self, key: str, now: Instant) -> Self:
        """A copy whose newest entries bear the key of the command that made them: the log of acts has it too."""
        fresh = [entry.key is None and entry.at == now for entry in self.history]
        keyed = (e.model_copy(update={"key": key}) if f else e for e, f in zip(self.history, fresh, strict=True))
        return self.changed(history=tuple(keyed))

    def changed(self, **fields: Any) -> Self:
        """A copy with other values; only for values that are checked already."""
        return self.model_copy(update=fields)

    def to_doc(self) -> dict[str, Any]:
        """The document that is stored."""
        data = self.to_data()
        shown = sorted(format_time(p.published_at) for p in self.shown)
        found = {"channels": sorted(p.channel.value for p in self.shown), "shown_at": shown[-1] if shown else None}
        asks = {"owes_take_down": bool(self.to_take_down), "has_trouble": bool(self.troubles)}
        return {"_id": data.pop("content_id"), **data, **found, **asks}

    @classmethod
    def from_doc(cls, doc: dict[str, Any]) -> Self:
        """The content that a stored document holds."""
        return cls.from_data({"content_id": doc["_id"], **doc})
