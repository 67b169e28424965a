"""The doors by which several cells are published at once: what goes where, one button, what became of each.

It must never judge: it parses, has the desk's commands given, shows.
"""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from contracts.codes import Channel
from contracts.reference import Reference
from services.chassis.decision import Refused
from services.chassis.web import Problem, command_id, form_data, language, page, parsed
from services.chassis.web.problems import Fault, described, tell
from services.publishing import storage
from services.publishing.commands import Desk
from services.publishing.forms import NewBatch, NewBatchItem
from services.publishing.matrix import batch, loading
from services.publishing.matrix.candidates import Candidate, at_name
from services.publishing.matrix.saved import DeskFilter
from services.publishing.matrix.web_desk import DESK_ROWS, After, Asked, spans
from services.publishing.refusals import refuse
from services.publishing.state import Content
from services.publishing.web import reading
from services.publishing.web.api import Command, Json
from services.publishing.web.reading import Publisher

if TYPE_CHECKING:
    from services.chassis.app import Service

Cells = Annotated[tuple[str, ...], Query(max_length=DESK_ROWS, description="Obligation ids; none: all that is ready.")]


def chosen(form: dict[str, Any]) -> tuple[list[NewBatchItem], list[str]]:
    """What is ticked, with the obligation of each; raises Refused with all faults, each at its field."""
    ticked = form.get("item", [])
    keys = [str(key).split(":", 2) for key in (ticked if isinstance(ticked, list) else [ticked])]
    items, faults = [], []
    for content_id, channel, *_ in (key for key in keys if len(key) == 3):
        name = at_name(content_id, channel)
        given = {"content_id": content_id, "channel": channel, "published_at": form.get(name, "")}
        try:
            items.append(parsed(NewBatchItem, given))
        except Refused as refused:
            faults += [replace(one, pointer=f"/{name}") for one in refused.refusals]
    if faults or not items:
        raise Refused(*(faults or [refuse("nothing-chosen")]))
    return items, [key[2] for key in keys if len(key) == 3]


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """GET and POST /batch, GET /batch/{command}, and the same for programs: POST /api/publications."""
    router, store, clock = APIRouter(), service.store, service.clock

    async def waiting(cells: tuple[str, ...], asked: DeskFilter, after: str) -> list[Candidate]:
        span = spans(clock.now())[asked.only]
        docs = await loading.owed(store, list(cells))
        if not cells:
            docs = await storage.open_work(store, span=span, only=asked.where(), after=after, limit=DESK_ROWS)
        _, found = await loading.matrix(store, docs, built_in=desk.built_in, now=clock.now())
        return [one for one in found if not cells or one.cell.obligation_id in cells]

    def told(request: Request, result: Json) -> tuple[Fault, ...]:
        problem = Problem(422, *batch.refusals_of(result))
        return tell(problem, request.app.state.web.catalogue, language(request)).faults

    @router.get("/batch", include_in_schema=False)
    async def show_batch(
        request: Request,
        actor: Publisher,
        cell: Cells = (),
        *,
        asked: Asked,
        after: After = "",
    ) -> Response:
        found = await waiting(cell, asked, after)
        view: Json = {
            "found": [one for one in found if one.way != "APART"],
            "apart": [one for one in found if one.way == "APART"],
        }
        return await page(request, "batch.html", **view, is_asked=bool(cell), reference=reference)

    @router.post("/batch", include_in_schema=False)
    async def publish_batch(request: Request, actor: Publisher) -> Response:
        items, cells = chosen(await form_data(request))
        command = command_id(request)
        await batch.publish_all(service, desk, actor, command_id=command, items=items)
        asked = "&".join(f"cell={quote(one, safe='')}" for one in cells)
        return reading.see_other(request, f"/batch/{quote(command, safe='')}?{asked}")

    @router.get("/batch/{command}", include_in_schema=False)
    async def show_outcome(request: Request, command: str, actor: Publisher, *, cell: Cells = ()) -> Response:
        results = await batch.outcome(service, actor, command)
        if results is None:
            raise Refused(refuse("batch-unknown"), status=404)
        where = {"_id": {"$in": [result["content_id"] for result in results]}}
        contents = {doc["_id"]: Content.from_doc(doc) for doc in await store.find("contents", where)}
        rows = [
            {
                "content": contents.get(result["content_id"]),
                "content_id": result["content_id"],
                "channel": Channel(result["channel"]),
                "faults": told(request, result),
            }
            for result in results
        ]
        again = [one for one, row in zip(cell, rows, strict=False) if row["faults"]]
        return await page(request, "batch_done.html", rows=rows, again=again)

    @router.post("/api/publications", responses=described(400, 401, 403, 404, 422, 503))
    async def publish_all(request: Request, given: NewBatch, actor: Publisher, *, command: Command) -> Json:
        results = await batch.publish_all(service, desk, actor, command_id=command, items=given.items)
        items = [{k: v for k, v in result.items() if k != "refusals"} for result in results]
        faults = [[asdict(fault) for fault in told(request, result)] for result in results]
        return {
            "items": [item | ({"errors": wrong} if wrong else {}) for item, wrong in zip(items, faults, strict=True)]
        }

    return router
