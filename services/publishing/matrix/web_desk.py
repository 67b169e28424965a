"""The desk's page: the matrix of what is owed, the selected cell beside it. It must never judge: it reads and shows."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from contracts.codes import RequirementCode
from contracts.reference import Reference
from contracts.times import format_time
from services.chassis.decision import Actor
from services.chassis.web import page
from services.chassis.web.identity import signed_in
from services.publishing import decisions, storage, views
from services.publishing.commands import Desk
from services.publishing.matrix import loading
from services.publishing.matrix.panel import Looking, Panel, channel_of, panel
from services.publishing.matrix.saved import DeskFilter
from services.publishing.settings import Settings
from services.publishing.web import reading

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(signed_in)]
After = Annotated[str, Query(max_length=200)]
Given = Annotated[str, Query(max_length=128)]
Tab = Literal["", "soon", "overdue"]
Asked = Annotated[DeskFilter, Query()]
# Older misses stand under their own tab, so that the work of this month is not below that of last year.
RECENT = timedelta(days=30)
DESK_ROWS, ASIDE_ROWS = 60, 8


def spans(now: Any) -> dict[str, dict[str, str]]:
    """The condition on the due time that each tab of the desk stands for."""
    at = format_time(now)
    soon = format_time(now + views.SOON)
    return {"": {"$gt": format_time(now - RECENT)}, "soon": {"$gt": at, "$lt": soon}, "overdue": {"$lte": at}}


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """GET /, for whoever is signed in."""
    assert isinstance(service.settings, Settings)
    router, store, clock = APIRouter(include_in_schema=False), service.store, service.clock
    profile = service.settings.board_profile()

    async def selected(cell: str, seen_as: str) -> Panel | None:
        found = await loading.one(service, cell) if cell else None
        looking = Looking(channel_of(seen_as), profile, clock.now(), desk.built_in)
        return panel(*found, looking=looking) if found else None

    async def kept(actor: Actor) -> list[tuple[str, str]]:
        doc = await store.get("desk_filters", actor.account_id)
        return [(one["name"], urlencode(one["asked"])) for one in doc["filters"]] if doc else []

    @router.get("/")
    async def show_desk(
        request: Request,
        actor: Anybody,
        asked: Asked,
        *,
        after: After = "",
        cell: Given = "",
        seen_as: Given = "",
    ) -> Response:
        if not actor.has(*decisions.READERS):
            return await _elsewhere(request, actor)
        tabs = spans(clock.now())
        where = asked.where()
        docs = await storage.open_work(store, span=tabs[asked.only], only=where, after=after, limit=DESK_ROWS)
        view, found = await loading.matrix(store, docs, built_in=desk.built_in, now=clock.now())
        may_publish = actor.has(*decisions.PUBLISHERS)
        shown: dict[str, Any] = {
            "view": view,
            "ready": sum(one.way == "NOW" for one in found) or len(found) if may_publish else 0,
            "panel": await selected(cell, seen_as),
            "counts": {tab: await storage.work_count(store, span, where) for tab, span in tabs.items()},
            "waiting": await storage.contents(store, where=storage.WHICH["waiting"], limit=ASIDE_ROWS),
            "take_downs": await storage.contents(store, where={"owes_take_down": True}, limit=ASIDE_ROWS),
            "next": reading.next_cursor(docs, DESK_ROWS, "due_at"),
            "asked": urlencode(asked.asked() | ({"after": after} if after else {})),
            "filter": asked,
            "requirements": list(RequirementCode),
            "kept": await kept(actor),
            "may_publish": may_publish,
        }
        return await page(request, "desk.html", only=asked.only, after=after, reference=reference, **shown)

    async def _elsewhere(request: Request, actor: Actor) -> Response:
        if actor.has(*decisions.SUBMITTERS):
            return reading.see_other(request, "/mine")
        return await page(request, "no_part.html")

    return router
