"""What people tell publishing to do: one function per command, shared by forms and API; each runs once per id.

The built-in site shows a page in the transaction that announces it (see `channels`), so no intent is stored first.
It must never judge: the rules are in `decisions`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contracts import codes
from contracts.publishing import Evidence
from contracts.times import format_time, parse_time
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Decision, Refused, accept, derived, scoped
from services.chassis.unit import Unit
from services.publishing import decisions, storage
from services.publishing.channels.news_site import NewsSite
from services.publishing.decisions import Correction, Failure, Showing, Submission
from services.publishing.media import files, photos, proofs
from services.publishing.pages import page_of
from services.publishing.projections import milestone_of
from services.publishing.refusals import refuse
from services.publishing.settings import Settings
from services.publishing.state import About, Content, Link, Photo

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.publishing.channels import BuiltIn

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """What an editor says of a publication; without `recorded` a built-in channel shows it now."""

    channel: codes.Channel
    published_at: datetime | None = None
    url: str | None = None
    evidence: Evidence | None = None
    recorded: bool = False


class Desk:
    """The commands of publishing.

    Shape:   every command takes the command's id and who gives it, and answers with what is stored under that id.
    Raises:  Refused with the rules that say no; 404 for content that is not there or not the person's to see.
    """

    def __init__(self, service: "Service") -> None:
        settings = service.settings
        assert isinstance(settings, Settings)
        self._store, self._clock = service.store, service.clock
        self._proof_url = f"{settings.own_url()}/api/evidence"
        self._channels: BuiltIn = {codes.Channel.VI_WEB: NewsSite(settings.public_url(), self._proof_url)}
        self.built_in = frozenset(self._channels)

    def is_built_in(self, channel: codes.Channel) -> bool:
        """Whether this system itself shows content on the channel."""
        return channel in self.built_in

    async def submit(self, command_id: str, actor: Actor, given: Submission) -> Result:
        """Take a contributor's material; its id follows from the command's, so a repeat makes nothing twice."""
        content_id = derived(scoped(command_id, actor), "content")

        async def work(unit: Unit) -> Result:
            submission = replace(given, link=await _linked(unit, given.link))
            return _commit(unit, decisions.submit(submission, actor, unit.now, content_id=content_id))

        return await self._once(command_id, Act(actor, "content-submitted", content_id), work)

    async def revise(self, command_id: str, actor: Actor, content_id: str, *, title: str, text: str) -> Result:
        """Take another revision of material that no channel shows yet."""
        act = Act(actor, "content-revised", content_id)
        return await self._change(
            command_id, act, lambda c, now: decisions.revise(c, actor, now, title=title, text=text)
        )

    async def put_photo(self, command_id: str, actor: Actor, content_id: str, *, photo: Photo | None) -> Result:
        """Put a kept photo to the material in place of the one there is; None takes it away."""
        details = {"sha256": photo.sha256} if photo else {}
        act = Act(actor, "photo-put" if photo else "photo-removed", content_id, details=details)
        return await self._change(command_id, act, lambda c, now: decisions.put_photo(c, photo, actor, now=now))

    async def keep_photo(self, about: About, raw: bytes) -> Photo:
        """Keep the re-encoded photo; it is referred to by the unit that follows, or never."""
        refusals = decisions.check_about(about)
        if refusals:
            raise Refused(*refusals)
        picture = await photos.prepare(raw)
        await files.keep_photo(self._store, picture)
        size = {"width": picture.width, "height": picture.height, "size_bytes": len(picture.jpeg)}
        return Photo.from_data({**about.to_data(), **size, "sha256": picture.sha256})

    async def keep_proof(self, raw: bytes) -> Evidence:
        """Keep the proof of what another channel showed; it is referred to by a publication that follows, or never."""
        proof = await proofs.prepare(raw)
        await files.keep_proof(self._store, proof)
        href = f"{self._proof_url}/{proof.sha256}"
        return Evidence(sha256=proof.sha256, media_type=proof.media_type, href=href)

    async def publish(self, command_id: str, actor: Actor, content_id: str, *, order: Order) -> Result:
        """Show content on the built-in site now, or record when and where another channel showed it."""

        async def work(unit: Unit) -> Result:
            content = await _content(unit, actor, content_id)
            channel = None if order.recorded else self._channels.get(order.channel)
            showing = await _showing(unit, content, order)
            page = page_of(content, unit.now)
            if channel:
                showing = replace(showing, url=channel.address(content_id), evidence=channel.proof(page))
            result = _commit(unit, decisions.publish(content, showing, actor, now=unit.now))
            if channel:
                await channel.show(unit, page)
            at = unit.now if channel or showing.published_at is None else showing.published_at
            return result | {"channel": order.channel.value, "published_at": format_time(at)}

        name = "publication-recorded" if order.recorded else "content-published"
        act = Act(actor, name, content_id, details={"channel": order.channel.value})
        return await self._once(command_id, act, work)

    async def correct(self, command_id: str, actor: Actor, content_id: str, *, given: Correction) -> Result:
        """Show a corrected title or text; a blank one stays as it is."""

        async def work(unit: Unit) -> Result:
            content = await _content(unit, actor, content_id)
            before = content.on(given.channel)
            title, text = (given.title or before.title, given.text or before.text) if before else ("", "")
            correction = replace(given, title=title, text=text)
            channel = self._channels.get(given.channel) if before and not before.recorded else None
            if not (before and channel):
                return _commit(unit, decisions.correct(content, correction, actor, now=unit.now))
            page = page_of(content.changed(title=title, text=text), before.published_at, unit.now)
            correction = replace(correction, evidence=channel.proof(page))
            result = _commit(unit, decisions.correct(content, correction, actor, now=unit.now))
            await channel.show(unit, page)
            return result

        act = Act(actor, "content-corrected", content_id, details={"channel": given.channel.value})
        return await self._once(command_id, act, work)

    async def withdraw(
        self, command_id: str, actor: Actor, content_id: str, *, channel: codes.Channel, reason: codes.WithdrawalReason
    ) -> Result:
        """Take content back from a channel."""

        async def work(unit: Unit) -> Result:
            content = await _content(unit, actor, content_id)
            decision = decisions.withdraw(content, channel, actor, now=unit.now, reason=reason)
            result = _commit(unit, decision)
            for code, built_in in self._channels.items():
                if decision.state and decision.state.on(code) is None:
                    await built_in.take_down(unit, content_id)
            return result

        act = Act(actor, "content-withdrawn", content_id, reason.value, {"channel": channel.value})
        return await self._once(command_id, act, work)

    async def relink(self, command_id: str, actor: Actor, content_id: str, *, link: Link) -> Result:
        """Move content, and what channels show of it, to another event or plan item."""

        async def work(unit: Unit) -> Result:
            content = await _content(unit, actor, content_id)
            return _commit(unit, decisions.relink(content, await _linked(unit, link), actor, now=unit.now))

        act = Act(actor, "content-relinked", content_id, details=link.to_data())
        return await self._once(command_id, act, work)

    async def report_failure(self, command_id: str, actor: Actor, content_id: str, *, failure: Failure) -> Result:
        """Note that a channel did not take the content, or did not say."""
        about = {"channel": failure.channel.value, "outcome": failure.outcome.value}
        act = Act(actor, "delivery-failure-reported", content_id, failure.detail, about)
        return await self._change(command_id, act, lambda c, now: decisions.report_failure(c, failure, actor, now=now))

    async def acknowledge(self, command_id: str, actor: Actor, plan_id: str, *, revision: int) -> Result:
        """Note that a contributor has read the approved plan; the first time counts."""

        async def work(unit: Unit) -> Result:
            refusals = decisions.check_acknowledgement(await unit.get("plans", plan_id), revision, actor)
            if refusals:
                raise Refused(*refusals)
            about = {"plan_id": plan_id, "revision": revision}
            doc_id = f"{plan_id}\n{revision}\n{actor.account_id}"
            doc = await unit.get("acknowledgements", doc_id)
            if doc is None:
                who = {"account_id": actor.account_id, "name": actor.name, "unit": actor.unit}
                doc = {"_id": doc_id, **about, **who, "at": format_time(unit.now)}
                unit.put("acknowledgements", doc)
            return about | {"acknowledged_at": doc["at"]}

        act = Act(actor, "plan-acknowledged", plan_id, details={"revision": str(revision)})
        return await self._once(command_id, act, work)

    async def _change(
        self, command_id: str, act: Act, decide: Callable[[Content, datetime], Decision[Content]]
    ) -> Result:
        async def work(unit: Unit) -> Result:
            return _commit(unit, decide(await _content(unit, act.actor, act.subject), unit.now))

        return await self._once(command_id, act, work)

    async def _once(self, command_id: str, act: Act, work: Callable[[Unit], Awaitable[Result]]) -> Result:
        return await self._store.command(scoped(command_id, act.actor), self._clock.now(), work, act=act)


def _commit(unit: Unit, decision: Decision[Content]) -> Result:
    """Store and announce what was decided; raises Refused with its refusals."""
    content = accept(decision).state
    assert content is not None
    unit.put("contents", content.keyed(unit.cause.id, unit.now).to_doc())
    unit.announce(*decision.announcements)
    return {"content_id": content.content_id, "revision": content.revision}


async def _content(unit: Unit, actor: Actor, content_id: str) -> Content:
    return _seen_by(actor, await storage.load(unit, content_id))


def _seen_by(actor: Actor, content: Content | None) -> Content:
    """The content; what a person may not see is as absent as what is not there."""
    if content is None or not decisions.may_read(actor, content):
        raise Refused(refuse("content-unknown"), status=404)
    return content


async def _linked(unit: Unit, link: Link) -> Link:
    """The link, with the event of a focal item's milestone filled in: that is what its obligations are about."""
    item = None if link.event else await storage.plan_item(unit, link.plan_item_id)
    milestone = milestone_of(item) if item else None
    return Link(event=milestone, plan_item_id=link.plan_item_id) if milestone else link


async def _showing(unit: Unit, content: Content, order: Order) -> Showing:
    event = await unit.get("events", content.link.event) if content.link.event else None
    starts_at = event.get("report", {}).get("started_at") if event else None
    return Showing(
        channel=order.channel,
        published_at=order.published_at,
        url=order.url,
        evidence=order.evidence,
        recorded=order.recorded,
        starts_at=parse_time(starts_at) if starts_at else None,
    )
