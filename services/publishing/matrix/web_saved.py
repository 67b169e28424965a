"""The doors by which a person keeps the desk's filter under a name, and forgets it again; it must never decide."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.chassis.decision import Actor, Refused, scoped
from services.chassis.unit import Unit
from services.chassis.web import command_id, form_data, parsed
from services.publishing.matrix import saved
from services.publishing.refusals import refuse
from services.publishing.web import reading
from services.publishing.web.reading import Reader

if TYPE_CHECKING:
    from services.chassis.app import Service


def create_router(service: "Service") -> APIRouter:
    """POST /filters and /filters/removal, by form."""
    router = APIRouter(include_in_schema=False)

    async def change(request: Request, actor: Actor, work: Callable[[list[Any]], list[Any]]) -> None:
        async def once(unit: Unit) -> dict[str, Any]:
            doc = await unit.get("desk_filters", actor.account_id) or {"_id": actor.account_id, "filters": []}
            unit.put("desk_filters", doc | {"filters": work(doc["filters"])})
            return {}

        # A filter is its owner's own view of what all see: no act of the procedure.
        await service.store.command(scoped(command_id(request), actor), service.clock.now(), once, act=None)

    @router.post("/filters")
    async def keep(request: Request, actor: Reader) -> Response:
        given = parsed(saved.Keeping, await form_data(request))
        asked = {name: value for name, value in given.asked().items() if name != "name"}

        def add(filters: list[Any]) -> list[Any]:
            refusal = saved.check_keeping({"filters": filters}, given.name, asked)
            if refusal:
                raise Refused(refusal, status=409)
            return [*filters, {"name": given.name, "asked": asked}]

        await change(request, actor, add)
        return reading.see_other(request, f"/?{urlencode(asked)}")

    @router.post("/filters/removal")
    async def forget(request: Request, actor: Reader) -> Response:
        given = parsed(saved.Removal, await form_data(request))

        def take(filters: list[Any]) -> list[Any]:
            left = [one for one in filters if one["name"] != given.name]
            if len(left) == len(filters):
                raise Refused(refuse("filter-unknown"), status=404)
            return left

        await change(request, actor, take)
        return reading.see_other(request, "/")

    return router
