"""The rules of step 3: who may submit, publish, record, correct, withdraw and relink content; pure, without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import CHANNELS, Channel, DeliveryOutcome, Medium, Phase, WithdrawalReason, allows_pre_event
from contracts.events import EARLIEST
from contracts.publishing import ContentCorrected, ContentPublished, Evidence
from services.chassis.decision import Actor, Announcement, Decision, Refusal
from services.publishing import announcements
from services.publishing.refusals import refuse
from services.publishing.state import About, Content, Deed, Entry, Link, Photo, Publication

# Source: A5 (when the channel confirms that it is visible; clocks differ by no more than this)
CLOCK_SKEW = timedelta(minutes=5)
# Source: 0.3 (contributors send; the office posts)
SUBMITTERS = ("contributor", "editor", "office_head")
# Source: 3.0 (the office carries the plan out)
PUBLISHERS = ("editor", "office_head")
# Source: 4.0 (who supervises or audits sees the desk, and changes nothing)
READERS = (*PUBLISHERS, "rectorate", "auditor", "operator")
# Source: A5 (what is online has an address to be looked at, or a kept proof)
ONLINE = frozenset({Medium.WEBSITE, Medium.SOCIAL})


@dataclass(frozen=True, slots=True)
class Submission:
    """What a contributor sends; texts are checked already."""

    link: Link
    title: str
    text: str
    channel: Channel | None = None
    not_before: datetime | None = None
    photo: Photo | None = None


@dataclass(frozen=True, slots=True)
class Showing:
    """That a channel shows content, and how that can be seen.

    Shape:   published_at is None for the built-in site (it shows at once); starts_at is the event's start if known.
    """

    channel: Channel
    published_at: datetime | None = None
    url: str | None = None
    evidence: Evidence | None = None
    recorded: bool = False
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """The title and text that a channel shows from now on, and for the built-in site the proof of it."""

    channel: Channel
    title: str
    text: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """That a channel did not take content, or did not say whether it did."""

    channel: Channel
    outcome: DeliveryOutcome
    detail: str = ""


Outcome = Decision[Content]


def may_read(actor: Actor, content: Content) -> bool:
    """Say whether a person sees a piece of content: the desk's readers all, contributors their own. Source: 0.3"""
    return actor.has(*READERS) or (actor.has(*SUBMITTERS) and content.submitted_by == actor.account_id)


def phase_of(published_at: datetime, starts_at: datetime | None) -> Phase:
    """Say on which side of an event something was shown; during it counts as after. Source: R13, A20"""
    return Phase.PRE if starts_at is not None and published_at < starts_at else Phase.POST


def is_unplanned(link: Link, *, event_is_known: bool, item_is_known: bool) -> bool:
    """Say whether content belongs to no known event and no known plan item: allowed, but flagged. Source: R10"""
    return not ((link.event and event_is_known) or (link.plan_item_id and item_is_known))


def check_about(about: About) -> tuple[Refusal, ...]:
    """Refuse a photo on which minors are seen without the reference of a consent. Source: 0.3"""
    return (refuse("consent-missing"),) if about.minors_visible and not about.consent_reference else ()


def check_acknowledgement(plan: Mapping[str, Any] | None, revision: int, actor: Actor) -> tuple[Refusal, ...]:
    """Refuse to acknowledge what is not the approved plan in force. Source: 3.1, R09"""
    if not actor.has(*SUBMITTERS):
        return (refuse("submitters-only"),)
    return () if plan and plan["revision"] == revision else (refuse("plan-outdated"),)


def submit(given: Submission, actor: Actor, now: datetime, *, content_id: str) -> Outcome:
    """Take a contributor's material. Emits: ContentSubmitted. Source: 3.2, R10"""
    if not actor.has(*SUBMITTERS):
        return Decision(refusals=(refuse("submitters-only"),))
    refusals = check_about(given.photo) if given.photo else ()
    if refusals:
        return Decision(refusals=refusals)
    content = Content(
        content_id=content_id,
        revision=1,
        link=given.link,
        title=given.title,
        text=given.text,
        submitted_by=actor.account_id,
        submitted_at=now,
        contributor_ids=(actor.account_id,),
        channel=given.channel,
        not_before=given.not_before,
        photo=given.photo,
        history=(Entry(at=now, by=actor.account_id, name=actor.name, deed=Deed.SUBMITTED, revision=1),),
    )
    return Decision(content, (announcements.submitted(content),))


def revise(content: Content, actor: Actor, now: datetime, *, title: str, text: str) -> Outcome:
    """Take another revision of material that no channel shows yet. Emits: ContentSubmitted. Source: 3.2"""
    return _resubmit(content, actor, now, title=title, text=text)


def put_photo(content: Content, photo: Photo | None, actor: Actor, *, now: datetime) -> Outcome:
    """Add, replace or (None) remove the photo of material that no channel shows yet.

    Emits:   ContentSubmitted. With the photo goes a withdrawn consent, which was for the one before.
    Source:  0.3, 3.2
    """
    refusals = check_about(photo) if photo else ()
    if refusals:
        return Decision(refusals=refusals)
    return _resubmit(content.changed(consent_withdrawn_at=None), actor, now, photo=photo)


def _resubmit(content: Content, actor: Actor, now: datetime, **fields: object) -> Outcome:
    is_own = content.submitted_by == actor.account_id and actor.has(*SUBMITTERS)
    if not (is_own or actor.has(*PUBLISHERS)):
        return Decision(refusals=(refuse("own-only"),))
    if content.shown:
        return Decision(refusals=(refuse("shown-already"),))
    if all(getattr(content, name) == value for name, value in fields.items()):
        return Decision(refusals=(refuse("nothing-changed"),))
    after = _next(content.changed(**fields), actor, now, deed=Deed.REVISED)
    return Decision(after, (announcements.submitted(after),))


def publish(content: Content, showing: Showing, actor: Actor, *, now: datetime) -> Outcome:
    """Show content on a channel, or record where it is shown. Emits: ContentPublished. Source: 3.4, 3.5, A5, R14"""
    published_at = showing.published_at if showing.recorded else now
    refusals = _refusals_of(content, showing, actor, now)
    if refusals or published_at is None:
        return Decision(refusals=refusals)
    deed = Deed.RECORDED if showing.recorded else Deed.PUBLISHED
    after = _next(content, actor, now, deed=deed, channel=showing.channel)
    publication = Publication(
        channel=showing.channel,
        revision=after.revision,
        title=content.title,
        text=content.text,
        published_at=published_at,
        url=showing.url,
        evidence=showing.evidence,
        recorded=showing.recorded,
    )
    after = _with(after, publication)
    return Decision(after, (announcements.shown(after, publication, ContentPublished, time=published_at),))


def _refusals_of(content: Content, showing: Showing, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    if not actor.has(*PUBLISHERS):
        return (refuse("publishers-only"),)
    at, stated = showing.published_at or now, showing.published_at
    is_ours = not showing.recorded  # what was shown elsewhere is a fact, recorded even if it broke a rule
    is_early = is_ours and showing.starts_at is not None and at < showing.starts_at
    is_online = CHANNELS[showing.channel].medium in ONLINE
    faults: tuple[tuple[str, bool], ...] = (
        ("published-already", content.on(showing.channel) is not None),
        ("published-at-missing", showing.recorded and showing.published_at is None),
        ("published-at-not-now", is_ours and stated is not None and abs(stated - now) > CLOCK_SKEW),
        ("published-at-ahead", showing.recorded and at > now + CLOCK_SKEW),
        ("published-at-too-old", at < EARLIEST),
        ("proof-missing", showing.recorded and is_online and not (showing.url or showing.evidence)),
        ("too-early-for-channel", is_early and not allows_pre_event(showing.channel)),
        ("consent-withdrawn", is_ours and content.consent_withdrawn_at is not None),
        ("embargo", is_ours and content.not_before is not None and at < content.not_before),
    )
    return tuple(refuse(rule) for rule, is_fault in faults if is_fault)


def correct(content: Content, given: Correction, actor: Actor, *, now: datetime) -> Outcome:
    """Show a corrected title and text; when the channel first showed it stays. Emits: ContentCorrected. Source: A5"""
    before = content.on(given.channel)
    if not actor.has(*PUBLISHERS):
        return Decision(refusals=(refuse("publishers-only"),))
    if before is None:
        return Decision(refusals=(refuse("not-shown"),))
    texts = {"title": given.title, "text": given.text}
    if texts == {"title": before.title, "text": before.text}:
        return Decision(refusals=(refuse("nothing-changed"),))
    after = _next(content.changed(**texts), actor, now, deed=Deed.CORRECTED, channel=given.channel)
    evidence = before.evidence if before.recorded else given.evidence
    fields = {**texts, "revision": after.revision, "corrected_at": now, "evidence": evidence}
    publication = before.model_copy(update=fields)
    after = _with(after, publication)
    return Decision(after, (announcements.shown(after, publication, ContentCorrected, time=now),))


def withdraw(content: Content, channel: Channel, actor: Actor, *, now: datetime, reason: WithdrawalReason) -> Outcome:
    """Take content back from a channel, for a stated reason.

    Emits:   ContentWithdrawn; with a withdrawn consent also for all else that this system itself shows of it.
    Source:  R20, 0.3
    """
    before = content.on(channel)
    if not actor.has(*PUBLISHERS):
        return Decision(refusals=(refuse("publishers-only"),))
    if before is None:
        return Decision(refusals=(refuse("not-shown"),))
    if reason is WithdrawalReason.RELINKED:
        return Decision(refusals=(refuse("relink-instead"),))
    after, targets, messages = content, [before], []
    if reason is WithdrawalReason.CONSENT:
        after = content.changed(consent_withdrawn_at=now)
        targets += [p for p in content.shown if not p.recorded and p.channel != channel]
    for publication in targets:
        after, message = _taken_back(after, publication, actor, now=now, reason=reason)
        messages.append(message)
    return Decision(after, tuple(messages))


def report_failure(content: Content, failure: Failure, actor: Actor, *, now: datetime) -> Outcome:
    """Note that a channel failed; what it shows stays as it is. Emits: DeliveryFailed. Source: A5, R20"""
    if not actor.has(*PUBLISHERS):
        return Decision(refusals=(refuse("publishers-only"),))
    if content.on(failure.channel) is not None:
        return Decision(refusals=(refuse("published-already"),))
    before = [entry for entry in content.history if entry.deed is Deed.FAILED and entry.channel == failure.channel]
    note = failure.detail.strip() or None
    told = {"channel": failure.channel, "note": note, "outcome": failure.outcome}
    after = _next(content, actor, now, deed=Deed.FAILED, **told)
    message = announcements.failed(after, failure.channel, failure.outcome, attempt=len(before) + 1, detail=note or "")
    return Decision(after, (message,))


def relink(content: Content, link: Link, actor: Actor, *, now: datetime) -> Outcome:
    """Move content to another event or plan item, with all that channels show of it.

    Emits:   under the old key ContentWithdrawn (RELINKED), under the new one ContentSubmitted and ContentPublished,
             each with a higher revision than the one before.
    Source:  R10, 3.2
    """
    if not actor.has(*PUBLISHERS):
        return Decision(refusals=(refuse("publishers-only"),))
    if link == content.link:
        return Decision(refusals=(refuse("nothing-changed"),))
    shown, after, messages = content.shown, content, []
    for publication in shown:
        after, message = _taken_back(after, publication, actor, now=now, reason=WithdrawalReason.RELINKED)
        messages.append(message)
    after = _next(after.changed(link=link), actor, now, deed=Deed.RELINKED)
    messages.append(announcements.submitted(after))
    for publication in shown:
        after = after.changed(revision=after.revision + 1)
        moved = publication.model_copy(update={"revision": after.revision})
        after = _with(after, moved)
        messages.append(announcements.shown(after, moved, ContentPublished, time=moved.published_at))
    return Decision(after, tuple(messages))


def _next(content: Content, actor: Actor, now: datetime, **deed: Any) -> Content:
    revision = content.revision + 1
    entry = Entry(at=now, by=actor.account_id, name=actor.name, revision=revision, **deed)
    return content.changed(revision=revision, history=(*content.history, entry))


def _with(content: Content, publication: Publication) -> Content:
    others = tuple(p for p in content.publications if p.channel != publication.channel)
    return content.changed(publications=(*others, publication))


def _taken_back(
    content: Content, shown: Publication, actor: Actor, *, now: datetime, reason: WithdrawalReason
) -> tuple[Content, Announcement]:
    after = _next(content, actor, now, deed=Deed.WITHDRAWN, channel=shown.channel)
    fields = {"withdrawn_at": now, "reason": reason, "revision": after.revision}
    publication = shown.model_copy(update=fields)
    return _with(after, publication), announcements.withdrawn(after, publication, actor.account_id, now=now)
