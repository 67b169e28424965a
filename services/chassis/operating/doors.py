"""The buttons of the operations page: a dead letter read again or laid aside, the relay held or let go on.

It must never judge: it parses and gives the command.
"""

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, scoped
from services.chassis.operating import letters
from services.chassis.relay import outbox
from services.chassis.web import command_id, form_data
from services.chassis.web.identity import require

if TYPE_CHECKING:
    from services.chassis.app import Service

REPLAY_TIMEOUT_S = 20.0
Operator = Annotated[Actor, Depends(require("operator", "administrator"))]


def create_router(service: "Service") -> APIRouter:
    """POST /operations/dead-letters/{letter_id} and /operations/relay, by form."""
    router = APIRouter()

    @router.post("/operations/dead-letters/{letter_id}", include_in_schema=False)
    async def close_letter(request: Request, letter_id: str, actor: Operator) -> Response:
        form = await form_data(request)
        if form.get("act") == "discard":
            reason = str(form.get("reason", ""))
            await letters.discard(service, letter_id, actor, command_id=command_id(request), reason=reason)
        else:
            async with asyncio.timeout(REPLAY_TIMEOUT_S):
                await letters.replay(service, letter_id, actor, command_id=command_id(request))
        return RedirectResponse(f"{request.app.root_path}/operations", 303)

    @router.post("/operations/relay", include_in_schema=False)
    async def relay(request: Request, actor: Operator) -> Response:
        paused = (await form_data(request)).get("paused") == "true"
        act = Act(actor, "relay-paused" if paused else "relay-resumed", outbox.RELAY)
        own_id, now = scoped(command_id(request), actor), service.clock.now()
        await service.store.command(own_id, now, lambda unit: outbox.pause(unit, paused), act=act)
        return RedirectResponse(f"{request.app.root_path}/operations", 303)

    return router
