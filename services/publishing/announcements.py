"""The messages about content, made from its state; pure, and never a judgement."""

from datetime import datetime

from contracts.codes import CHANNELS, Channel, ContentKind, DeliveryOutcome
from contracts.fields import Record
from contracts.publishing import ContentPublished, ContentSubmitted, ContentWithdrawn, DeliveryFailed
from services.chassis.decision import Announcement
from services.publishing.state import Content, Publication

# Source: 0.5 (the English website; all others speak Vietnamese)
LANGUAGES = {Channel.EN_WEB: "en"}


def submitted(content: Content) -> Announcement:
    """ContentSubmitted for the revision that the content stands at. Source: 3.2"""
    kinds = (ContentKind.TEXT, *((ContentKind.PHOTO,) if content.photo else ()))
    data = ContentSubmitted(
        content_id=content.content_id,
        revision=content.revision,
        event=content.link.event,
        plan_item_id=content.link.plan_item_id,
        submitted_by=content.submitted_by,
        kinds=kinds,
        channel=content.channel,
    )
    return _message(content, data, content.history[-1].at)


def shown(content: Content, publication: Publication, kind: type[ContentPublished], *, time: datetime) -> Announcement:
    """ContentPublished or ContentCorrected; medium, audience and language are the channel's. Source: 0.5, 1.4, A5"""
    profile = CHANNELS[publication.channel]
    data = kind(
        content_id=content.content_id,
        revision=publication.revision,
        channel=publication.channel,
        medium=profile.medium,
        audience=profile.audience,
        language=LANGUAGES.get(publication.channel, "vi"),
        title=publication.title,
        published_at=publication.published_at,
        url=publication.url,
        event=content.link.event,
        plan_item_id=content.link.plan_item_id,
        evidence=publication.evidence,
        contributor_ids=content.contributor_ids,
        recorded=publication.recorded,
    )
    return _message(content, data, time)


def withdrawn(content: Content, publication: Publication, by: str, *, now: datetime) -> Announcement:
    """ContentWithdrawn under the key that the content had when it was shown. Source: R20"""
    data = ContentWithdrawn.from_data(
        {
            "content_id": content.content_id,
            "revision": publication.revision,
            "channel": publication.channel,
            "event": content.link.event,
            "withdrawn_at": now,
            "reason": publication.reason,
            "by": by,
        }
    )
    return _message(content, data, now)


def failed(content: Content, channel: Channel, outcome: DeliveryOutcome, *, attempt: int, detail: str) -> Announcement:
    """DeliveryFailed for the channel, the tries counted from 1. Source: A5"""
    data = DeliveryFailed(
        content_id=content.content_id,
        revision=content.revision,
        channel=channel,
        event=content.link.event,
        attempt=attempt,
        outcome=outcome,
        detail=detail,
    )
    return _message(content, data, content.history[-1].at)


def _message(content: Content, data: Record, time: datetime) -> Announcement:
    """Every change has a revision of its own, so content id and revision tell the messages of one command apart."""
    subject = content.link.key or content.content_id
    return Announcement(data, subject, content.revision, time, f"{content.content_id}#{content.revision}")
