"""The door to try: what would become of a request, by the rules and the code of the door itself.

It must never leave anything behind.
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from services.chassis.unit import Unit
from services.chassis.web import language
from services.monitoring.door import receipts
from services.monitoring.door.gate import Gate
from services.monitoring.door.posting import POSTED
from services.monitoring.door.rehearsal import rehearse
from services.monitoring.door.requests import Requests
from services.monitoring.intake import openapi
from services.monitoring.sources import SourceSystem

if TYPE_CHECKING:
    from services.chassis.app import Service

_UNKEPT = ("id", "href", "resolution")  # a receipt that nobody will find is none
_ROW = {
    "type": "object",
    "required": ["message_id", "source", "status", "event_key"],
    "properties": {name: one for name, one in openapi.RECEIPT["properties"].items() if name not in _UNKEPT},
}
_ANSWER = {
    "type": "object",
    "required": ["would"],
    "properties": {"would": {"type": "array", "items": _ROW, "description": "In the order sent."}},
}
CHECKED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What would become of each message; nothing has.",
        "content": {"application/json": {"schema": _ANSWER}},
    },
    **{status: answer for status, answer in POSTED.items() if status != 202},
}


def create_router(service: "Service", gate: Gate, requests: Requests) -> APIRouter:
    """The door to try."""
    router = APIRouter(tags=["intake"])

    @router.post("/api/events/check", response_model=None, responses=CHECKED, openapi_extra=openapi.POST_EVENTS)
    async def check_events(request: Request, source: Annotated[SourceSystem, Depends(requests.writer)]) -> JSONResponse:
        """Say what would become of the request by the same rules, with no effect but on the quota."""
        reception, candidates = await requests.read(request, source)
        await requests.spend(source, len(candidates))

        async def work(unit: Unit) -> list[dict[str, Any]]:
            return await gate.take(unit, reception, candidates)

        made = await rehearse(service.store, reception.at, work)
        shown = [receipts.shown(one, language(request)) for one in made]
        return JSONResponse({"would": [{n: v for n, v in one.items() if n not in _UNKEPT} for one in shown]})

    return router
