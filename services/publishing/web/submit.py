"""The contributor's pages: what a submission is about, the form, one's own submissions.

It must never judge: it parses, calls the desk, shows.
"""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from contracts.reference import Reference
from services.chassis.decision import Refusal, Refused
from services.chassis.web import command_id, form_data, page, parsed
from services.publishing import storage
from services.publishing.commands import Desk
from services.publishing.forms import NewContent, NewLink
from services.publishing.media import photos
from services.publishing.refusals import refuse
from services.publishing.state import About, Origin
from services.publishing.web import reading
from services.publishing.web.reading import Submitter

if TYPE_CHECKING:
    from services.chassis.app import Service

Form = dict[str, Any]
Words = Annotated[str, Query(max_length=100)]
After = Annotated[str, Query(max_length=200)]
Given = Annotated[str, Query(max_length=128)]
# What is said of a photo; typed without a file it means that the file was forgotten, or lost with a refused form.
STATEMENTS = ("alt_text", "consent_reference", "public_event_notice", "minors_visible")


async def file_of(form: Form) -> bytes:
    """The bytes of the form's file, one more than is taken at most; empty without a file."""
    file = form.get("file")
    return await file.read(photos.LARGEST_BYTES + 1) if isinstance(file, UploadFile) else b""


def photo_told(form: Form, raw: bytes) -> About | None:
    """What is said of the photo, None when there is none; raises Refused with all that is wrong or missing."""
    if not raw and not any(form.get(name) for name in STATEMENTS):
        return None
    faults = [] if raw else [refuse("photo-missing")]
    if form.get("minors_visible") and not form.get("consent_reference"):
        faults.append(refuse("consent-missing"))
    try:
        about = parsed(About, form)
    except Refused as refused:
        raise Refused(*faults, *refused.refusals) from None
    if faults:
        raise Refused(*faults)
    return about


def told(form: Form, raw: bytes) -> tuple[NewContent, About | None]:
    """Texts and statement of the form; raises Refused with the faults of both at once."""
    faults: list[Refusal] = []
    given, about = None, None
    try:
        given = parsed(NewContent, form)
    except Refused as refused:
        faults += refused.refusals
    try:
        about = photo_told(form, raw)
    except Refused as refused:
        faults += refused.refusals
    if faults or given is None:
        raise Refused(*faults)
    return given, about


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """The doors of contributors."""
    router, store = APIRouter(include_in_schema=False), service.store

    @router.get("/submit")
    async def show_form(
        request: Request,
        actor: Submitter,
        *,
        event: Given = "",
        plan_item_id: Given = "",
        free: bool = False,
        q: Words = "",
    ) -> Response:
        if not (event or plan_item_id or free):
            choices = await reading.offered(service, actor, q)
            return await page(request, "choose.html", choices=choices, q=q, reference=reference)
        link = parsed(NewLink, {"event": event, "plan_item_id": plan_item_id}).link()
        about = await reading.subject_of(service, link)
        return await page(request, "submit.html", about=about, origins=list(Origin), reference=reference)

    @router.post("/submit")
    async def submit(request: Request, actor: Submitter) -> Response:
        form = await form_data(request)
        raw = await file_of(form)
        given, said = told(form, raw)
        photo = await desk.keep_photo(said, raw) if said else None
        made = await desk.submit(command_id(request), actor, given.submission(photo))
        return reading.see_other(request, f"/mine?{urlencode({'sent': made['content_id']})}")

    @router.get("/mine")
    async def show_own(request: Request, actor: Submitter, *, sent: Given = "", after: After = "") -> Response:
        where = {"submitted_by": actor.account_id}
        own = await storage.contents(store, where=where, after=after)
        following = reading.next_cursor([one.to_doc() for one in own], storage.PAGE_ROWS, "submitted_at")
        arrived = next((content for content in own if content.content_id == sent), None)
        unread = [view.plan for view in await reading.plans_for(service, actor) if view.read_at is None]
        return await page(request, "mine.html", contents=own, arrived=arrived, next=following, unread=unread)

    return router
