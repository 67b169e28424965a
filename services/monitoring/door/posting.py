"""The door of other systems: POST /api/events by hand on the raw request, and receipts.

It must never read the body of a sender it does not know, nor decide: that is the gate's.
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from services.chassis.decision import Actor, Refusal
from services.chassis.web import Problem, language, page
from services.chassis.web.i18n import N_
from services.chassis.web.identity import actor_of
from services.chassis.web.problems import described
from services.monitoring import bearer
from services.monitoring.door import receipts
from services.monitoring.door.gate import Gate
from services.monitoring.door.requests import OVER_QUOTA, Requests
from services.monitoring.intake import openapi
from services.monitoring.intake.acceptance import FLAGS, speaks_for
from services.monitoring.intake.faults import rules_in
from services.monitoring.sources import SCOPES, SourceSystem

if TYPE_CHECKING:
    from services.chassis.app import Service

RECEIPT_READERS = ("operator", "office_head", "auditor", "administrator", "editor")
NO_RECEIPT = Refusal(
    "receipt-unknown", N_("Không có biên nhận này."), fix=N_("Xem lại mã biên nhận, hoặc dùng khóa của nguồn đã gửi.")
)
# what is refused before a rule of the intake is asked: (status, refusal)
BEFORE = (
    (401, bearer.NO_TOKEN),
    (401, bearer.UNKNOWN_TOKEN),
    (403, bearer.NO_SCOPE),
    (404, NO_RECEIPT),
    (429, OVER_QUOTA),
)
_WAIT = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
POSTED: dict[int | str, dict[str, Any]] = {202: openapi.TAKEN, **described(400, 401, 403, 413, 415, 422, 429, 503)}
POSTED[429] = POSTED[429] | {"headers": _WAIT}
FOUND: dict[int | str, dict[str, Any]] = {
    200: {"description": "The receipt.", "content": {"application/json": {"schema": openapi.RECEIPT}}},
    **described(401, 404, 422, 503),
}


def create_router(service: "Service", gate: Gate, requests: Requests) -> APIRouter:
    """The doors of source systems."""
    router = APIRouter(tags=["intake"])

    @router.post(
        "/api/events",
        status_code=202,
        response_model=None,
        responses=POSTED,
        openapi_extra=openapi.POST_EVENTS,
        description=openapi.DESCRIPTION,
    )
    async def post_events(request: Request, source: Annotated[SourceSystem, Depends(requests.writer)]) -> JSONResponse:
        reception, candidates = await requests.read(request, source)
        await requests.spend(source, len(candidates))
        made = await gate.receive(reception, candidates)
        await requests.tallies.note(source.source, [one["status"] for one in made])
        spoken, root = language(request), request.app.root_path
        return JSONResponse({"receipts": [receipts.shown(one, spoken, root=root) for one in made]}, 202)

    @router.get("/api/receipts/{receipt_id}", response_model=None, responses=FOUND)
    async def receipt(
        request: Request,
        receipt_id: Annotated[str, Path(max_length=100, description="The receipt's id.")],
        *,
        _: Annotated[object, bearer.BY_TOKEN],
        __: Annotated[object, bearer.SIGNED_IN],
    ) -> dict[str, Any]:
        """What became of a message: for a token of its source, and for people of the office."""
        asker = await bearer.source_of(request, *SCOPES) or await actor_of(request)
        if asker is None:
            raise bearer.nobody()
        doc = await service.store.get("receipts", receipt_id)
        if doc is None or not _may_read(asker, doc):
            raise Problem(404, NO_RECEIPT)
        kept = ("message_id", "source", "type", "status", "event_key", "reasons", "flags", "at")
        found = {"id": doc["_id"], **{name: doc[name] for name in kept}}
        answer = receipts.shown(found, language(request), root=request.app.root_path)
        return answer | await _resolved(service, doc)

    @router.get("/intake", include_in_schema=False)
    async def newcomers(request: Request) -> Response:
        spoken = language(request)
        flags = [(code, words[spoken == "en"]) for code, words in FLAGS.items()]
        address = service.settings.room_urls[service.name].rstrip("/")
        return await page(request, "intake.html", rules=rules_in(spoken), before=BEFORE, flags=flags, address=address)

    return router


async def _resolved(service: "Service", receipt: dict[str, Any]) -> dict[str, Any]:
    """What people did about a message that was set aside; nothing while it waits, or was never set aside."""
    item = await service.store.get("quarantine", receipt["_id"])
    if item is None or item["closed"] is None:
        return {}
    known = {name: item["closed"][name] for name in ("at", "receipt", "reason") if name in item["closed"]}
    return {"resolution": {"status": item["status"], **known}}


def _may_read(asker: Actor | SourceSystem, receipt: dict[str, Any]) -> bool:
    if isinstance(asker, Actor):
        return asker.has(*RECEIPT_READERS)
    return receipt["source"] is not None and speaks_for(asker.source, receipt["source"])
