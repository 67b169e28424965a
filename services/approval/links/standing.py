"""What a link to a review is good for: one reviewer, one revision, one use, until it expires; pure.

A link alone decides nothing: whoever made or found it has not the reviewer's password, and the rules of the review
(who may decide, four eyes, the exact hash) are asked as for everybody else.
Source: 2.1, 2.2, R06, A9
"""

from datetime import datetime, timedelta
from enum import StrEnum

from contracts.fields import Digest, Id, Record, Revision
from contracts.times import Instant
from services.approval import decisions
from services.approval.accounts import Account
from services.approval.refusals import refuse
from services.approval.state import Review
from services.chassis.decision import Decision, Refusal

LASTS = timedelta(hours=72)
# Who may make links: the office, which sends them. Source: 2.2 "phòng phải xin ý kiến BGH"
SENDERS = ("office_head", "editor")


class End(StrEnum):
    """How a link ended before it expired."""

    USED = "USED"
    REVOKED = "REVOKED"
    DISOWNED = "DISOWNED"


class Link(Record):
    """A link. Shape: link_id is the hash of its key; account_revision is the account's when the link was made."""

    link_id: Id
    plan_id: Id
    revision: Revision
    content_hash: Digest
    account_id: Id
    account_revision: Revision
    made_by: Id
    made_at: Instant
    expires_at: Instant
    ended_at: Instant | None = None
    end: End | None = None


def make(review: Review, account: Account, link_id: str, *, by: str, now: datetime) -> Decision[Link]:
    """Make a link for a reviewer who could decide now on what is under review. Source: 2.2, R06, A9"""
    reason = decisions.bar(review, account.actor())
    if reason:
        return Decision(refusals=(reason,))
    about = {"plan_id": review.plan_id, "revision": review.revision, "content_hash": review.content_hash}
    whose = {"account_id": account.account_id, "account_revision": account.revision}
    times = {"made_at": now, "expires_at": now + LASTS}
    return Decision(Link(link_id=link_id, made_by=by, **about, **whose, **times))


def bar(link: Link, review: Review, account: Account | None, *, now: datetime) -> Refusal | None:
    """Say why the link is good for nothing now; a role or password changed since ends it too. Source: R06, A9"""
    if link.end is not None:
        return refuse("link-ended", variant=link.end.value)
    if now >= link.expires_at:
        return refuse("link-expired")
    if account is None or not account.active or account.revision != link.account_revision:
        return refuse("link-account")
    if review.content_hash != link.content_hash or review.revision != link.revision:
        return refuse("link-outdated", revision=review.revision)
    return None


def ended(link: Link, end: End, now: datetime) -> Link:
    """The link as it is once it has ended; the first end counts. Source: R06"""
    return link if link.end else link.model_copy(update={"end": end, "ended_at": now})
