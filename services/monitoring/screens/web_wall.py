"""The wall screen's door; it must never show a control."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.chassis.decision import Actor
from services.chassis.web import language, page
from services.chassis.web.identity import signed_in
from services.monitoring.screens import load_wall

if TYPE_CHECKING:
    from services.chassis.app import Service

# Units: seconds. How often a browser without scripts loads the screen again.
AGAIN_S = 60


def create_router(service: "Service") -> APIRouter:
    """GET /wall, for whoever is signed in."""
    router = APIRouter(include_in_schema=False)

    @router.get("/wall")
    async def wall(request: Request, actor: Annotated[Actor, Depends(signed_in)]) -> Response:
        view = await load_wall.wall(service, language(request))
        return await page(request, "wall.html", wall=view, again_s=AGAIN_S, strip=None)

    return router
