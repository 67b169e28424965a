"""What people fill in, by form or by API: one model for both, and how a typed form becomes one.

It must never judge more than the shape of a field: the rules are in `decisions`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Self

from pydantic import BeforeValidator

from contracts.codes import Channel, WithdrawalReason
from contracts.fields import Flag, Id, Record, Title, Url
from contracts.publishing import Evidence
from contracts.times import Instant
from services.publishing.commands import Order
from services.publishing.decisions import Correction, Submission
from services.publishing.state import About, Body, Link, Photo

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
_TYPED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ ,]+(\d{1,2})[:hg](\d{2})")


def local_instant(value: object) -> object:
    """The UTC instant of a local time typed as dd/MM/yyyy HH:mm; anything else is left to the field's own check."""
    typed = _TYPED.fullmatch(value.strip()) if isinstance(value, str) else None
    if typed is None:
        return value
    day, month, year, hour, minute = map(int, typed.groups())
    is_end_of_day = (hour, minute) == (24, 0)
    try:
        at = datetime(year, month, day, 0 if is_end_of_day else hour, minute, tzinfo=LOCAL)
        return (at + timedelta(days=is_end_of_day)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is no day and time of the calendar") from error


def _ticked(value: object) -> object:
    return {"on": True, "true": True, "1": True, "false": False, "0": False, "": False}.get(str(value), value)


TypedInstant = Annotated[Instant, BeforeValidator(local_instant)]
Tick = Annotated[Flag, BeforeValidator(_ticked)]


class Filled(Record):
    """What is filled in; blank fields of a form count as left out."""

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> Self:
        """The model of a submitted form; raises pydantic.ValidationError."""
        return cls.from_data({name: value for name, value in form.items() if value != ""})


class NewLink(Filled):
    """What content is to be about."""

    event: Id | None = None
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


class NewText(Filled):
    """Another revision of title and text."""

    title: Title
    text: Body


class NewPhoto(Filled, About):
    """What is said of a photo that is sent along."""

    public_event_notice: Tick = False
    minors_visible: Tick = False

    def about(self) -> About:
        """The statement that is kept with the photo."""
        return About.from_data(self.to_data())


class NewPublication(Filled):
    """That a channel is to show content, or showed it."""

    channel: Channel
    published_at: TypedInstant | None = None
    url: Url | None = None
    evidence: Evidence | None = None
    recorded: Tick = False

    def order(self, *, is_built_in: bool) -> Order:
        """What is ordered: what this system cannot show itself is recorded."""
        recorded = self.recorded or not is_built_in
        return Order(self.channel, self.published_at, self.url, self.evidence, recorded)


class NewCorrection(Filled):
    """What a channel shows from now on; what is left out stays."""

    channel: Channel
    title: Title | None = None
    text: Body | None = None

    def correction(self) -> Correction:
        """What is corrected."""
        return Correction(self.channel, self.title or "", self.text or "")


class NewWithdrawal(Filled):
    """From which channel content is taken back, and why."""

    channel: Channel
    reason: WithdrawalReason
