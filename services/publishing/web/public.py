"""What everybody may see without signing in: the news site, the electronic board, their photos.

It must never show what no channel shows, nor who sent or published it.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from contracts.times import format_time
from services.chassis.decision import Refused
from services.chassis.web import language, page
from services.publishing import pages, storage
from services.publishing.media import files, photos
from services.publishing.refusals import refuse
from services.publishing.settings import Settings
from services.publishing.web import reading

if TYPE_CHECKING:
    from services.chassis.app import Service

NEWS_ROWS = 12
SLIDES, SLIDES_FOR, SLIDE_S = 6, timedelta(days=30), 15
LOOKED_AT = 40  # events, of which some are cancelled or not vouched for
# A withdrawn photo must be gone soon: caches may keep it for minutes, and then have to ask again.
CACHE = "public, max-age=300, must-revalidate"


def create_router(service: "Service") -> APIRouter:
    """The public doors."""
    assert isinstance(service.settings, Settings)
    router, store, clock = APIRouter(include_in_schema=False), service.store, service.clock
    names = {"vi": service.settings.school_name, "en": service.settings.school_name_en}

    async def shown(request: Request, template: str, **view: Any) -> Response:
        school = names[language(request)]
        return await page(request, template, actor=None, strip=None, school=school, **view)

    async def photo(request: Request, found: pages.NewsPhoto | None, sha256: str, *, is_small: bool) -> Response:
        raw = await files.photo(store, sha256, is_small=is_small) if found and found.sha256 == sha256 else None
        if raw is None:
            raise Refused(refuse("news-unknown"), status=404)
        headers = {"Cache-Control": CACHE, "ETag": f'"{sha256[:32]}{"-small" * is_small}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(raw, media_type=photos.MEDIA_TYPE, headers=headers)

    @router.get("/news")
    async def show_news(request: Request, after: Annotated[str, Query(max_length=200)] = "") -> Response:
        found = await storage.news(store, after=after, limit=NEWS_ROWS)
        following = reading.next_cursor([one.to_doc() for one in found], NEWS_ROWS, "published_at")
        return await shown(request, "news.html", news=found, next=following, is_first=not after)

    @router.get("/news/{content_id}")
    async def show_item(request: Request, content_id: str) -> Response:
        found = await storage.news_page(store, content_id)
        if found is None:
            raise Refused(refuse("news-unknown"), status=404)
        return await shown(request, "news_item.html", item=found)

    @router.get("/news/{content_id}/photo/{sha256}")
    async def show_news_photo(request: Request, content_id: str, sha256: str, *, small: bool = False) -> Response:
        found = await storage.news_page(store, content_id)
        return await photo(request, found.photo if found else None, sha256, is_small=small)

    @router.get("/board")
    async def show_board(request: Request, n: Annotated[int, Query(ge=1, le=99)] = 1, still: bool = False) -> Response:
        now = clock.now()
        since, channels = format_time(now - SLIDES_FOR), [channel.value for channel in pages.BOARD_CHANNELS]
        found = await storage.board(store, channels, since, limit=SLIDES)
        slides = [slide for slide in map(pages.slide_of, found) if slide]
        place = (n - 1) % len(slides) if slides else 0
        ahead = await storage.coming_events(store, format_time(now), limit=LOOKED_AT)
        coming = pages.coming_events(ahead)
        view: dict[str, Any] = {"slides": slides, "place": place, "coming": coming, "today": pages.weekday_of(now)}
        return await shown(request, "board.html", slide_s=SLIDE_S, is_still=still, **view)

    @router.get("/board/{content_id}/photo/{sha256}")
    async def show_board_photo(request: Request, content_id: str, sha256: str) -> Response:
        content = await storage.content(store, content_id)
        slide = pages.slide_of(content) if content else None
        return await photo(request, slide.photo if slide else None, sha256, is_small=False)

    return router
