"""The approved plan made known to the contributors, and who has read it. It must never judge: it reads and shows."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from contracts.reference import Reference
from services.chassis.web import command_id, form_data, page, parsed
from services.publishing import decisions
from services.publishing.commands import Desk
from services.publishing.forms import NewAcknowledgement
from services.publishing.web import reading
from services.publishing.web.reading import Seeing, Submitter

if TYPE_CHECKING:
    from services.chassis.app import Service


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """The page of the plan, and the form on it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/plan")
    async def show(request: Request, actor: Seeing) -> Response:
        plans = await reading.plans_for(service, actor)
        rights = {"may_read": actor.has(*decisions.SUBMITTERS), "may_see_all": actor.has(*decisions.READERS)}
        return await page(request, "plan.html", 200, plans=plans, reference=reference, rights=rights)

    @router.post("/plan/{plan_id}/acknowledgements")
    async def acknowledge(request: Request, plan_id: str, actor: Submitter) -> Response:
        given = parsed(NewAcknowledgement, await form_data(request))
        await desk.acknowledge(command_id(request), actor, plan_id, revision=given.revision)
        return reading.see_other(request, "/plan")

    return router
