"""The API of publishing: JSON in, JSON out, the same commands as the forms."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from contracts.codes import Channel
from contracts.fields import Id, Record, Revision
from contracts.publishing import Evidence
from contracts.times import Instant
from services.chassis.decision import Refused
from services.chassis.web import command_id, form_data, parsed
from services.chassis.web.problems import described
from services.publishing import storage, views
from services.publishing.commands import Desk
from services.publishing.forms import (
    NewAcknowledgement,
    NewContent,
    NewCorrection,
    NewFailure,
    NewLink,
    NewPublication,
    NewText,
    NewWithdrawal,
)
from services.publishing.media import files
from services.publishing.media.proofs import PDF
from services.publishing.pages import MEDIA_TYPE
from services.publishing.refusals import refuse
from services.publishing.state import About, Content
from services.publishing.web import reading
from services.publishing.web.reading import Publisher, Reader, Seeing, Submitter
from services.publishing.web.submit import file_of

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
After = Annotated[str, Query(max_length=200, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200)]
Which = Annotated[Literal["", "waiting", "shown"], Query(description="Only what waits, or what a channel shows.")]


def command_of(
    request: Request,
    idempotency_key: Annotated[str | None, Header(description="The same again answers as the first did.")] = None,
) -> str:
    """The command's id; raises Problem for a key that is none."""
    return command_id(request)


Command = Annotated[str, Depends(command_of)]


class Changed(Record):
    """What a command made of the content."""

    content_id: Id
    revision: Revision
    channel: Channel | None = None
    published_at: Instant | None = None


class ContentRow(Content):
    """Content, and whether it belongs to no event or plan item known here."""

    unplanned: bool


class ContentPage(Record):
    """A page of contents."""

    items: tuple[ContentRow, ...]
    next: str | None = None


def _multipart(schema: Json) -> Json:
    """How OpenAPI describes a form with a file; the form itself is read after the role was checked."""
    fields = {"file": {"type": "string", "format": "binary"}, **schema.get("properties", {})}
    form = {"type": "object", "properties": fields, "required": ["file", *schema.get("required", ())]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}


def _about() -> Json:
    """What is said of a photo, as a schema that refers to nothing."""
    schema = About.model_json_schema()
    schema["properties"]["origin"] = schema["$defs"]["Origin"]
    return schema


FILES: Json = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", PDF)}
PROOF: dict[int | str, Json] = {
    200: {"content": {**FILES, MEDIA_TYPE: {"schema": {"type": "object"}}}, "description": "The proof"}
}


def create_router(service: "Service", desk: Desk) -> APIRouter:
    """The doors under /api."""
    router = APIRouter(prefix="/api", responses=described(400, 401, 403, 404, 422, 503))
    made: Json = {"status_code": 201, "response_model": Changed, "response_model_exclude_none": True}
    sized: Json = {"responses": described(413, 415)}

    @router.post("/contents", **made)
    async def submit(given: NewContent, actor: Submitter, command: Command) -> Json:
        return await desk.submit(command, actor, given.submission())

    @router.put("/contents/{content_id}", **made | {"status_code": 200})
    async def revise(content_id: str, given: NewText, actor: Submitter, *, command: Command) -> Json:
        return await desk.revise(command, actor, content_id, title=given.title, text=given.text)

    @router.put("/photos/{content_id}", **made | {"status_code": 200}, **sized, openapi_extra=_multipart(_about()))
    async def put_photo(request: Request, content_id: str, actor: Submitter, *, command: Command) -> Json:
        form = await form_data(request)
        await reading.seen(service, actor, content_id)
        photo = await desk.keep_photo(parsed(About, form), await file_of(form))
        return await desk.put_photo(command, actor, content_id, photo=photo)

    @router.delete("/photos/{content_id}", **made | {"status_code": 200})
    async def remove_photo(content_id: str, actor: Submitter, command: Command) -> Json:
        return await desk.put_photo(command, actor, content_id, photo=None)

    @router.post("/contents/{content_id}/publications", **made)
    async def publish(content_id: str, given: NewPublication, actor: Publisher, *, command: Command) -> Json:
        order = given.order(is_built_in=desk.is_built_in(given.channel))
        return await desk.publish(command, actor, content_id, order=order)

    @router.post("/contents/{content_id}/corrections", **made)
    async def correct(content_id: str, given: NewCorrection, actor: Publisher, *, command: Command) -> Json:
        return await desk.correct(command, actor, content_id, given=given.correction())

    @router.post("/contents/{content_id}/withdrawals", **made)
    async def withdraw(content_id: str, given: NewWithdrawal, actor: Publisher, *, command: Command) -> Json:
        return await desk.withdraw(command, actor, content_id, channel=given.channel, reason=given.reason)

    @router.post("/contents/{content_id}/links", **made)
    async def relink(content_id: str, given: NewLink, actor: Publisher, *, command: Command) -> Json:
        return await desk.relink(command, actor, content_id, link=given.link())

    @router.post("/contents/{content_id}/failures", **made)
    async def report_failure(content_id: str, given: NewFailure, actor: Publisher, *, command: Command) -> Json:
        return await desk.report_failure(command, actor, content_id, failure=given.failure())

    @router.get("/contents", response_model=ContentPage, response_model_exclude_none=True)
    async def contents(actor: Seeing, which: Which = "", after: After = "", *, limit: Limit = 50) -> Json:
        found = await reading.listed(service, actor, which=which, after=after, limit=limit)
        flags = await reading.flagged(service, found)
        items = [content.to_data() | {"unplanned": content.content_id in flags} for content in found]
        return {"items": items, "next": reading.next_cursor([c.to_doc() for c in found], limit, "submitted_at")}

    @router.get("/contents/{content_id}", response_model=ContentRow, response_model_exclude_none=True)
    async def content(content_id: str, actor: Seeing) -> Json:
        found = await reading.seen(service, actor, content_id)
        return found.to_data() | {"unplanned": bool(await reading.flagged(service, [found]))}

    @router.get("/plans")
    async def plans(actor: Seeing) -> Json:
        return {"items": [view.to_json() for view in await reading.plans_for(service, actor)]}

    @router.post("/plans/{plan_id}/acknowledgements", status_code=201)
    async def acknowledge(plan_id: str, given: NewAcknowledgement, actor: Submitter, *, command: Command) -> Json:
        return await desk.acknowledge(command, actor, plan_id, revision=given.revision)

    @router.get("/work")
    async def work(actor: Reader, after: After = "", limit: Limit = 50) -> Json:
        docs = await storage.open_work(service.store, span={}, after=after, limit=limit)
        contents = await storage.contents_of(service.store, [doc["event"] for doc in docs])
        items = [views.work_json(doc, contents.get(doc["event"], ())) for doc in docs]
        return {"items": items, "next": reading.next_cursor(docs, limit, "due_at")}

    @router.post("/evidence", status_code=201, response_model=Evidence, **sized, openapi_extra=_multipart({}))
    async def keep_evidence(request: Request, actor: Publisher) -> Json:
        return (await desk.keep_proof(await file_of(await form_data(request)))).to_data()

    @router.get("/evidence/{sha256}", response_class=Response, responses=PROOF)
    async def evidence(sha256: str, actor: Reader) -> Response:
        shown = await service.store.get("evidence", sha256)
        raw, media_type = (
            (shown["body"], MEDIA_TYPE) if shown else await files.proof(service.store, sha256) or (None, "")
        )
        if raw is None:
            raise Refused(refuse("proof-unknown"), status=404)
        kind = "attachment" if media_type == PDF else "inline"
        headers = {"Content-Disposition": f'{kind}; filename="{sha256[:12]}"'}
        return Response(raw, media_type=media_type, headers=headers)

    return router
