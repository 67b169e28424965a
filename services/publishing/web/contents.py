"""The office's pages of material: the submissions, one piece of content. It must never judge: it reads and shows."""

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from contracts.codes import Channel
from contracts.reference import Reference
from services.chassis.decision import Refused
from services.chassis.web import page
from services.publishing import decisions, storage
from services.publishing.media import files, photos
from services.publishing.refusals import refuse
from services.publishing.web import reading
from services.publishing.web.reading import Reader, Seeing

if TYPE_CHECKING:
    from services.chassis.app import Service

After = Annotated[str, Query(max_length=200)]
Which = Literal["", "waiting", "shown"]


def create_router(service: "Service", reference: Reference) -> APIRouter:
    """The pages that people of the office work on."""
    router, store = APIRouter(include_in_schema=False), service.store

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
