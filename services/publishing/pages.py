"""What the public sees: pages of the news site, as shown and as proved, and the electronic board; pure.

It must never hold what no channel shows, nor a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Self

from contracts.canonical import canonical_json
from contracts.codes import Channel, Weekday
from contracts.fields import Id, Record, Sha256, Title
from contracts.times import Instant, parse_time
from services.chassis.web.formats import LOCAL
from services.publishing.projections import is_cancelled, is_vouched
from services.publishing.state import AltText, Body, Content, Origin

MEDIA_TYPE = "application/json"
# What the board repeats: its own channel first, then the news site.
BOARD_CHANNELS = (Channel.E_BOARD, Channel.VI_WEB)
LEAD_CHARACTERS, COMING = 220, 4


class NewsPhoto(Record):
    """The photo of a page."""

    sha256: Sha256
    alt_text: AltText
    origin: Origin
    width: int
    height: int


class NewsPage(Record):
    """All that readers see of a news item; no names, no account ids."""

    content_id: Id
    title: Title
    text: Body
    published_at: Instant
    corrected_at: Instant | None = None
    photo: NewsPhoto | None = None

    @property
    def paragraphs(self) -> list[str]:
        """The text, cut at its empty lines."""
        return [part.strip() for part in self.text.split("\n\n") if part.strip()]

    @property
    def lead(self) -> str:
        """How the text begins."""
        return shortened(self.text)

    def to_bytes(self) -> bytes:
        """The page in RFC 8785 form: what its digest is taken of."""
        return canonical_json(self.to_data())

    def digest(self) -> str:
        """The SHA-256 of the page, in hexadecimal."""
        return sha256(self.to_bytes()).hexdigest()

    def to_doc(self) -> dict[str, Any]:
        """The document that is stored."""
        data = self.to_data()
        return {"_id": data.pop("content_id"), **data}

    @classmethod
    def from_doc(cls, doc: dict[str, Any]) -> Self:
        """The page that a stored document holds."""
        return cls.from_data({"content_id": doc["_id"], **doc})


def page_of(content: Content, published_at: datetime, corrected_at: datetime | None = None) -> NewsPage:
    """The page that shows the content as it stands. Source: 3.3, 3.4"""
    return NewsPage(
        content_id=content.content_id,
        title=content.title,
        text=content.text,
        published_at=published_at,
        corrected_at=corrected_at,
        photo=_photo_of(content),
    )


def _photo_of(content: Content) -> NewsPhoto | None:
    return NewsPhoto.from_data(content.photo.to_data()) if content.photo else None


@dataclass(frozen=True, slots=True)
class Slide:
    """One story of the board."""

    content_id: str
    title: str
    lead: str
    photo: NewsPhoto | None


@dataclass(frozen=True, slots=True)
class ComingEvent:
    """An event to come, as the board names it."""

    at: datetime
    weekday: Weekday
    title: str
    place: str


def slide_of(content: Content) -> Slide | None:
    """The story that the board repeats of the content, or None. Source: 3.3, 3.4"""
    shown = next((p for p in (content.on(channel) for channel in BOARD_CHANNELS) if p), None)
    if shown is None or content.consent_withdrawn_at is not None:
        return None
    return Slide(content.content_id, shown.title, shortened(shown.text), _photo_of(content))


def coming_events(events: Sequence[dict[str, Any]]) -> list[ComingEvent]:
    """The next events that a known sender announced and nobody cancelled or merged away. Source: A13"""
    vouched = [one for one in events if is_vouched(one) and not is_cancelled(one) and not one.get("merged")]
    return [_coming(event["report"]) for event in vouched[:COMING]]


def _coming(report: dict[str, Any]) -> ComingEvent:
    at = parse_time(report["started_at"])
    return ComingEvent(at, weekday_of(at), report["title"], report.get("place", ""))


def weekday_of(at: datetime) -> Weekday:
    """The local day of the week."""
    return list(Weekday)[at.astimezone(LOCAL).weekday()]


def shortened(text: str) -> str:
    """How a text begins: its first paragraph, cut between two words. Source: 3.3"""
    first = " ".join(text.strip().split("\n\n")[0].split())
    if len(first) <= LEAD_CHARACTERS:
        return first
    return first[:LEAD_CHARACTERS].rsplit(" ", 1)[0].rstrip(",.;:–-") + "…"
