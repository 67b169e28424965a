"""A page of the built-in news site, as it is shown and as it is proved; pure, and never what was not published."""

from datetime import datetime
from hashlib import sha256
from typing import Any, Self

from contracts.canonical import canonical_json
from contracts.fields import Id, Record, Sha256, Title
from contracts.times import Instant
from services.publishing.state import AltText, Body, Content, Origin

MEDIA_TYPE = "application/json"


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
    photo = NewsPhoto.from_data(content.photo.to_data()) if content.photo else None
    return NewsPage(
        content_id=content.content_id,
        title=content.title,
        text=content.text,
        published_at=published_at,
        corrected_at=corrected_at,
        photo=photo,
    )
