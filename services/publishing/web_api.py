"""The API of publishing: JSON in, JSON out, the same commands as the forms."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.chassis.decision import Actor, Refused
from services.chassis.web import command_id
from services.chassis.web.identity import require
from services.publishing import decisions, storage, views
from services.publishing.commands import Desk
from services.publishing.forms import NewContent, NewCorrection, NewLink, NewPublication, NewText, NewWithdrawal
from services.publishing.pages import MEDIA_TYPE
from services.publishing.refusals import refuse
from services.publishing.state import Content

if TYPE_CHECKING:
    from services.chassis.app import Service

SEEING = tuple(dict.fromkeys((*decisions.READERS, *decisions.SUBMITTERS)))
Submitter = Annotated[Actor, Depends(require(*decisions.SUBMITTERS))]
Publisher = Annotated[Actor, Depends(require(*decisions.PUBLISHERS))]
Reader = Annotated[Actor, Depends(require(*decisions.READERS))]
Seeing = Annotated[Actor, Depends(require(*SEEING))]
After = Annotated[str, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200)]
Json = dict[str, Any]


async def seen(service: "Service", actor: Actor, content_id: str) -> Content:
    """The content, if the person may see it; raises Refused with 404."""
    content = await storage.content(service.store, content_id)
    if content is None or not decisions.may_read(actor, content):
        raise Refused(refuse("content-unknown"), status=404)
    return content


async def listed(service: "Service", actor: Actor, *, after: str, limit: int) -> list[Content]:
    """All submissions for the desk, a contributor's own for a contributor."""
    submitted_by = None if actor.has(*decisions.READERS) else actor.account_id
    return await storage.contents(service.store, submitted_by=submitted_by, after=after, limit=limit)


async def flagged(service: "Service", contents: list[Content]) -> set[str]:
    """The ids of the contents that belong to nothing known here."""
    keys, items = await storage.known_links(service.store, [content.link for content in contents])
    return {c.content_id for c in contents if _is_unplanned(c, keys, items)}


def _is_unplanned(content: Content, keys: set[str], items: set[str]) -> bool:
    link = content.link
    return decisions.is_unplanned(link, event_is_known=link.event in keys, item_is_known=link.plan_item_id in items)


async def desk_rows(service: "Service", *, after: str, limit: int) -> tuple[list[Json], list[views.WorkRow]]:
    """The open work as stored and as shown."""
    work = await storage.open_work(service.store, after=after, limit=limit)
    contents = await storage.contents_of(service.store, [doc["event"] for doc in work])
    return work, views.work_rows(work, contents)


def create_router(service: "Service", desk: Desk) -> APIRouter:
    """The doors under /api."""
    router = APIRouter(prefix="/api")

    @router.post("/contents", status_code=201)
    async def submit(request: Request, given: NewContent, actor: Submitter) -> Json:
        return await desk.submit(command_id(request), actor, given.submission())

    @router.put("/contents/{content_id}")
    async def revise(request: Request, content_id: str, given: NewText, actor: Submitter) -> Json:
        return await desk.revise(command_id(request), actor, content_id, title=given.title, text=given.text)

    @router.post("/contents/{content_id}/publications", status_code=201)
    async def publish(request: Request, content_id: str, given: NewPublication, actor: Publisher) -> Json:
        order = given.order(is_built_in=desk.is_built_in(given.channel))
        return await desk.publish(command_id(request), actor, content_id, order=order)

    @router.post("/contents/{content_id}/corrections", status_code=201)
    async def correct(request: Request, content_id: str, given: NewCorrection, actor: Publisher) -> Json:
        return await desk.correct(command_id(request), actor, content_id, given=given.correction())

    @router.post("/contents/{content_id}/withdrawals", status_code=201)
    async def withdraw(request: Request, content_id: str, given: NewWithdrawal, actor: Publisher) -> Json:
        return await desk.withdraw(command_id(request), actor, content_id, channel=given.channel, reason=given.reason)

    @router.post("/contents/{content_id}/links", status_code=201)
    async def relink(request: Request, content_id: str, given: NewLink, actor: Publisher) -> Json:
        return await desk.relink(command_id(request), actor, content_id, link=given.link())

    @router.get("/contents")
    async def contents(actor: Seeing, after: After = "", limit: Limit = 50) -> Json:
        found = await listed(service, actor, after=after, limit=limit)
        flags = await flagged(service, found)
        items = [content.to_data() | {"unplanned": content.content_id in flags} for content in found]
        last = found[-1].to_doc() if len(found) == limit else None
        return {"items": items, "next": last and storage.cursor(last["submitted_at"], last["_id"])}

    @router.get("/contents/{content_id}")
    async def content(content_id: str, actor: Seeing) -> Json:
        found = await seen(service, actor, content_id)
        return found.to_data() | {"unplanned": bool(await flagged(service, [found]))}

    @router.get("/work")
    async def work(actor: Reader, after: After = "", limit: Limit = 50) -> Json:
        docs, rows = await desk_rows(service, after=after, limit=limit)
        items = [views.work_json(row, doc) for row, doc in zip(rows, docs, strict=True)]
        last = docs[-1] if len(docs) == limit else None
        return {"items": items, "next": last and storage.cursor(last.get("due_at"), last["_id"])}

    @router.get("/evidence/{sha256}")
    async def evidence(sha256: str, actor: Reader) -> Response:
        proof = await service.store.get("evidence", sha256)
        if proof is None:
            raise Refused(refuse("content-unknown"), status=404)
        return Response(proof["body"], media_type=MEDIA_TYPE)

    return router
