"""What is done to a piece of content, each on a page of its own with one form; each form is also an API call.

It must never judge: it parses, calls the desk, goes back to the content.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Request, Response

from contracts.codes import Channel, DeliveryOutcome, WithdrawalReason
from contracts.reference import Reference
from services.chassis.decision import Refused
from services.chassis.web import command_id, form_data, page, parsed
from services.publishing import forms
from services.publishing.commands import Desk
from services.publishing.refusals import refuse
from services.publishing.state import About, Content, Link, Origin
from services.publishing.web import reading
from services.publishing.web.reading import Publisher, Submitter
from services.publishing.web.submit import Words, file_of

if TYPE_CHECKING:
    from services.chassis.app import Service

OFFICE_ACTS = ("record", "correct", "withdraw", "move", "failure")
# What is done to a channel that a person looks after.
ELSEWHERE = ("record", "failure")
OWN_ACTS = ("edit", "new-photo")
CODES: dict[str, Any] = {
    "channels": list(Channel),
    "reasons": [reason for reason in WithdrawalReason if reason is not WithdrawalReason.RELINKED],
    "outcomes": list(DeliveryOutcome),
    "origins": list(Origin),
}


def back_to(request: Request, content_id: str) -> Response:
    """On to the page of the content."""
    return reading.see_other(request, f"/contents/{quote(content_id, safe='')}")


def after_publishing(request: Request, content_id: str, desk: object) -> Response:
    """On to the desk with the cell that the form stood beside, else to the page of the content."""
    return reading.see_other(request, f"/?{urlencode(parse_qsl(str(desk)))}") if desk else back_to(request, content_id)


def link_of(about: str) -> Link:
    """The link that a choice of the form names; raises Refused."""
    kind, _, name = about.partition(":")
    if kind not in ("event", "item", "nothing") or (kind == "nothing") != (not name):
        raise Refused(refuse("link-unreadable"))
    fields = {"event": {"event": name}, "item": {"plan_item_id": name}, "nothing": {}}[kind]
    return parsed(forms.NewLink, fields).link()


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """The doors of the acts."""
    router = APIRouter(include_in_schema=False, prefix="/contents/{content_id}")

    async def shown(request: Request, act: str, content: Content, **view: Any) -> Response:
        about = await reading.subject_of(service, content.link)
        view |= {"content": content, "about": about, "reference": reference}
        return await page(request, f"act_{act.replace('-', '_')}.html", **view, **CODES)

    def register(act: str, actors: Any) -> None:
        usual = Channel.E_BOARD if act in ELSEWHERE else Channel.VI_WEB

        @router.get(f"/{act}")
        async def show_act(
            request: Request,
            content_id: str,
            actor: actors,
            *,
            channel: Channel | None = None,
            outcome: Words = "",
            q: Words = "",
        ) -> Response:
            content = await reading.seen(service, actor, content_id)
            choices = await reading.offered(service, actor, q) if act == "move" else None
            return await shown(request, act, content, channel=channel or usual, outcome=outcome, q=q, choices=choices)

    for act in OFFICE_ACTS:
        register(act, Publisher)
    for act in OWN_ACTS:
        register(act, Submitter)

    @router.post("/edit")
    async def revise(request: Request, content_id: str, actor: Submitter) -> Response:
        given = parsed(forms.NewText, await form_data(request))
        await desk.revise(command_id(request), actor, content_id, title=given.title, text=given.text)
        return back_to(request, content_id)

    @router.post("/photo")
    async def put_photo(request: Request, content_id: str, actor: Submitter) -> Response:
        form = await form_data(request)
        await reading.seen(service, actor, content_id)
        photo = None if "remove" in form else await desk.keep_photo(parsed(About, form), await file_of(form))
        await desk.put_photo(command_id(request), actor, content_id, photo=photo)
        return back_to(request, content_id)

    @router.post("/publications")
    async def publish(request: Request, content_id: str, actor: Publisher) -> Response:
        form = await form_data(request)
        given = parsed(forms.NewPublication, form | {"evidence": ""})
        raw = await file_of(form)
        evidence = await desk.keep_proof(raw) if raw else None
        order = given.order(is_built_in=desk.is_built_in(given.channel), evidence=evidence)
        await desk.publish(command_id(request), actor, content_id, order=order)
        return after_publishing(request, content_id, form.get("desk"))

    @router.post("/corrections")
    async def correct(request: Request, content_id: str, actor: Publisher) -> Response:
        given = parsed(forms.NewCorrection, await form_data(request))
        await desk.correct(command_id(request), actor, content_id, given=given.correction())
        return back_to(request, content_id)

    @router.post("/withdrawals")
    async def withdraw(request: Request, content_id: str, actor: Publisher) -> Response:
        given = parsed(forms.NewWithdrawal, await form_data(request))
        await desk.withdraw(command_id(request), actor, content_id, channel=given.channel, reason=given.reason)
        return back_to(request, content_id)

    @router.post("/links")
    async def relink(request: Request, content_id: str, actor: Publisher) -> Response:
        form = await form_data(request)
        await desk.relink(command_id(request), actor, content_id, link=link_of(str(form.get("about", ""))))
        return back_to(request, content_id)

    @router.post("/failures")
    async def report_failure(request: Request, content_id: str, actor: Publisher) -> Response:
        given = parsed(forms.NewFailure, await form_data(request))
        await desk.report_failure(command_id(request), actor, content_id, failure=given.failure())
        return back_to(request, content_id)

    return router
