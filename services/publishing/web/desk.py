"""The pages of the office: the desk, the submissions, one piece of content. It must never judge: it reads and shows."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from contracts.codes import Channel
from contracts.reference import Reference
from contracts.times import format_time
from services.chassis.decision import Actor, Refused
from services.chassis.web import page
from services.chassis.web.identity import signed_in
from services.publishing import decisions, storage, views
from services.publishing.media import files, photos
from services.publishing.refusals import refuse
from services.publishing.web import reading
from services.publishing.web.reading import Reader, Seeing

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(signed_in)]
After = Annotated[str, Query(max_length=200)]
Tab = Literal["", "soon", "overdue"]
Which = Literal["", "waiting", "shown"]
# Older misses stand under their own tab, so that the work of this month is not below that of last year.
RECENT = timedelta(days=30)
DESK_ROWS, ASIDE_ROWS = 60, 8


def spans(now: Any) -> dict[str, dict[str, str]]:
    """The condition on the due time that each tab of the desk stands for."""
    at = format_time(now)
    soon = format_time(now + views.SOON)
    return {"": {"$gt": format_time(now - RECENT)}, "soon": {"$gt": at, "$lt": soon}, "overdue": {"$lte": at}}


def create_router(service: "Service", reference: Reference) -> APIRouter:
    """The pages that people of the office work on."""
    router, store, clock = APIRouter(include_in_schema=False), service.store, service.clock

    @router.get("/")
    async def show_desk(request: Request, actor: Anybody, only: Tab = "", *, after: After = "") -> Response:
        if not actor.has(*decisions.READERS):
            return await _elsewhere(request, actor)
        now = clock.now()
        tabs = spans(now)
        docs = await storage.open_work(store, span=tabs[only], after=after, limit=DESK_ROWS)
        keys = list(dict.fromkeys(doc["event"] for doc in docs))
        work, contents = await storage.work_of(store, keys), await storage.contents_of(store, keys)
        view = views.desk_view(docs, work, contents, events=await storage.events(store, keys), now=now)
        shown: dict[str, Any] = {
            "counts": {tab: await storage.work_count(store, span) for tab, span in tabs.items()},
            "waiting": await storage.contents(store, where=storage.WHICH["waiting"], limit=ASIDE_ROWS),
            "take_downs": await storage.contents(store, where={"owes_take_down": True}, limit=ASIDE_ROWS),
            "next": reading.next_cursor(docs, DESK_ROWS, "due_at"),
        }
        return await page(request, "desk.html", view=view, only=only, reference=reference, **shown)

    async def _elsewhere(request: Request, actor: Actor) -> Response:
        if actor.has(*decisions.SUBMITTERS):
            return reading.see_other(request, "/mine")
        return await page(request, "no_part.html")

    @router.get("/contents")
    async def show_contents(request: Request, actor: Reader, which: Which = "", *, after: After = "") -> Response:
        found = await reading.listed(service, actor, which=which, after=after, limit=storage.PAGE_ROWS)
        following = reading.next_cursor([one.to_doc() for one in found], storage.PAGE_ROWS, "submitted_at")
        flags = await reading.flagged(service, found)
        return await page(request, "contents.html", contents=found, flags=flags, which=which, next=following)

    @router.get("/contents/{content_id}")
    async def show(request: Request, content_id: str, actor: Seeing) -> Response:
        content = await reading.seen(service, actor, content_id)
        about = await reading.subject_of(service, content.link)
        rights = {
            "may_publish": actor.has(*decisions.PUBLISHERS),
            "may_edit": not content.shown and actor.has(*decisions.SUBMITTERS),
            "may_see_proof": actor.has(*decisions.READERS),
            "can_show_now": content.on(Channel.VI_WEB) is None,
        }
        flags = await reading.flagged(service, [content])
        return await page(
            request, "content.html", content=content, about=about, flags=flags, reference=reference, **rights
        )

    @router.get("/contents/{content_id}/photo")
    async def show_photo(content_id: str, actor: Seeing) -> Response:
        content = await reading.seen(service, actor, content_id)
        raw = await files.photo(store, content.photo.sha256) if content.photo else None
        if raw is None:
            raise Refused(refuse("photo-missing"), status=404)
        return Response(raw, media_type=photos.MEDIA_TYPE)

    return router
