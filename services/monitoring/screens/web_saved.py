"""The doors by which a person saves the present list of obligations under a name, and forgets it again.

It must never decide: `saved` does.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.decision import Actor, Refused, scoped
from services.chassis.unit import Collection, Unit
from services.chassis.web import command_id, form_data, parsed
from services.chassis.web.identity import signed_in
from services.monitoring.pages.view_duties import query_of
from services.monitoring.pages.web_pages import DutiesAsked
from services.monitoring.screens import saved

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(signed_in)]
SAVED_LISTS = Collection("saved_lists")


def create_router(service: "Service") -> APIRouter:
    """POST /obligations/saved and /obligations/saved/removal, by form."""
    router = APIRouter(include_in_schema=False)

    async def change(request: Request, actor: Actor, work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        async def once(unit: Unit) -> dict[str, Any]:
            before = await unit.get("saved_lists", actor.account_id)
            unit.put("saved_lists", work(before or saved.new_lists(actor.account_id)))
            return {}

        # A list is its owner's own view of what all see: no act of the procedure.
        await service.store.command(scoped(command_id(request), actor), service.clock.now(), once, act=None)

    @router.post("/obligations/saved")
    async def save(request: Request, actor: Anybody) -> Response:
        given = parsed(saved.Saving, await form_data(request))
        asked = dict(parse_qsl(given.query.removeprefix("?")))
        chosen = parsed(DutiesAsked, asked).chosen()

        def add(doc: dict[str, Any]) -> dict[str, Any]:
            refusal = saved.check_saving(doc, given.name, chosen)
            if refusal:
                raise Refused(refusal, status=409)
            return saved.with_list(doc, given.name, chosen)

        await change(request, actor, add)
        return _see(request, query_of(chosen))

    @router.post("/obligations/saved/removal")
    async def remove(request: Request, actor: Anybody) -> Response:
        given = parsed(saved.Removal, await form_data(request))

        def take(doc: dict[str, Any]) -> dict[str, Any]:
            found = saved.without_list(doc, given.name)
            if found is None:
                raise Refused(saved.UNKNOWN, status=404)
            return found

        await change(request, actor, take)
        return _see(request, "")

    return router


def _see(request: Request, query: str) -> Response:
    return RedirectResponse(f"{request.app.state.web.root}/obligations{query}", 303)
