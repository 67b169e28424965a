"""What people do to events and obligations: classify, merge, waive, name a cause; by form and by API the same act.

It must never judge: it parses, calls the desk, leads back to the event.
"""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import WithJsonSchema

from contracts.fields import Id, Record
from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, parsed
from services.chassis.web.identity import require
from services.chassis.web.problems import described
from services.monitoring.acts import Answer, Classification, GivenCause, Merge, Reason
from services.monitoring.bearer import SIGNED_IN
from services.monitoring.commands import Desk
from services.monitoring.reading.shapes import Done

if TYPE_CHECKING:
    from services.chassis.app import Service

# Who supervises. Source: 4.0, 4.1, A6
ACTORS = ("operator", "office_head", "editor", "administrator")
# Who may say that nothing has to be published. Source: R20, R13 (waivable with reason)
WAIVERS = ("office_head", "rectorate", "operator")

Supervisor = Annotated[Actor, Depends(require(*ACTORS))]
Waiver = Annotated[Actor, Depends(require(*WAIVERS))]
EventKey = Annotated[Id, Path(description="The event key.")]
ObligationId = Annotated[Id, Path(description="The obligation's id.")]
_KEY = "Makes a repeat of the call answer as the first did."
_KEY_SHAPE = WithJsonSchema({"type": "string", "pattern": "^[!-~]{1,128}$"})  # told here, judged by `command_id`
CommandKey = Annotated[str | None, Header(alias="Idempotency-Key", description=_KEY), _KEY_SHAPE]
_REFUSALS = described(400, 401, 403, 404, 409, 413, 422, 503)


class Into(Record):
    """Which event remains, as a form must name it."""

    into: Id


def create_router(service: "Service", desk: Desk) -> APIRouter:
    """The doors of acts, for programs and for forms."""
    router = APIRouter()
    router.include_router(create_api_router(desk))
    router.include_router(create_form_router(desk))
    return router


async def _done(act: Awaitable[dict[str, Any]], status: int = 201) -> Response:
    return JSONResponse(await act, status)


def create_api_router(desk: Desk) -> APIRouter:
    """The acts as calls of programs in a person's name."""
    router = APIRouter(prefix="/api", tags=["acts"], dependencies=[SIGNED_IN], responses=_REFUSALS)
    said: dict[str, Any] = {"response_model": Done, "status_code": 201}

    @router.post("/events/{event_key}/classification", **said)
    async def classify(
        request: Request, event_key: EventKey, given: Classification, *, key: CommandKey = None, actor: Supervisor
    ) -> Response:
        """Give an event its tier, topic area or plan item; a `plan_item_id` of null detaches it."""
        return await _done(desk.classify(command_id(request), actor, event_key, given=given))

    @router.post("/events/{event_key}/answer", **said)
    async def answer(
        request: Request, event_key: EventKey, given: Answer, *, key: CommandKey = None, actor: Supervisor
    ) -> Response:
        """Say of a scheduled event that nobody confirmed whether it was held."""
        return await _done(desk.answer(command_id(request), actor, event_key, given=given))

    @router.post("/events/{event_key}/merge", **said)
    async def merge(
        request: Request, event_key: EventKey, given: Merge, *, key: CommandKey = None, actor: Supervisor
    ) -> Response:
        """Say that an event is the same as another; `into` of null undoes it."""
        return await _done(desk.merge(command_id(request), actor, event_key, given=given))

    @router.post("/obligations/{obligation_id}/waiver", **said)
    async def waive(
        request: Request, obligation_id: ObligationId, given: Reason, *, key: CommandKey = None, actor: Waiver
    ) -> Response:
        """Waive an obligation, before or after it was due."""
        return await _done(desk.waive(command_id(request), actor, obligation_id, reason=given.reason))

    @router.delete("/obligations/{obligation_id}/waiver", response_model=Done)
    async def revoke(
        request: Request, obligation_id: ObligationId, given: Reason, *, key: CommandKey = None, actor: Waiver
    ) -> Response:
        """Take a waiver back."""
        return await _done(desk.revoke_waiver(command_id(request), actor, obligation_id, reason=given.reason), 200)

    @router.post("/obligations/{obligation_id}/cause", **said)
    async def set_cause(
        request: Request, obligation_id: ObligationId, given: GivenCause, *, key: CommandKey = None, actor: Supervisor
    ) -> Response:
        """Say why an obligation was missed."""
        return await _done(desk.set_cause(command_id(request), actor, obligation_id, given=given))

    return router


def create_form_router(desk: Desk) -> APIRouter:
    """The acts as forms, each answered by the event's page."""
    router = APIRouter(include_in_schema=False)

    async def back(request: Request, act: Awaitable[dict[str, Any]]) -> Response:
        return see_event(request, (await act)["event"])

    @router.post("/events/{event_key}/classification")
    async def classify(request: Request, event_key: EventKey, actor: Supervisor) -> Response:
        form = await form_data(request)
        detached = {"plan_item_id": None} if form.get("detach") else {}
        given = parsed(Classification, form | detached)
        return await back(request, desk.classify(command_id(request), actor, event_key, given=given))

    @router.post("/events/{event_key}/answer")
    async def answer(request: Request, event_key: EventKey, actor: Supervisor) -> Response:
        form = await form_data(request)
        done = await desk.answer(command_id(request), actor, event_key, given=parsed(Answer, form))
        is_from_today = form.get("back") == "today"  # several questions are answered one after the other
        return see_today(request) if is_from_today else see_event(request, done["event"])

    @router.post("/events/{event_key}/merge")
    async def merge(request: Request, event_key: EventKey, actor: Supervisor) -> Response:
        form = await form_data(request)
        into = None if form.get("undo") else parsed(Into, {"into": key_in(str(form.get("into", "")))}).into
        given = parsed(Merge, form | {"into": into})
        return await back(request, desk.merge(command_id(request), actor, event_key, given=given))

    @router.post("/obligations/{obligation_id}/waiver")
    async def waive(request: Request, obligation_id: ObligationId, actor: Waiver) -> Response:
        given = parsed(Reason, await form_data(request))
        return await back(request, desk.waive(command_id(request), actor, obligation_id, reason=given.reason))

    @router.post("/obligations/{obligation_id}/waiver/revocation")
    async def revoke(request: Request, obligation_id: ObligationId, actor: Waiver) -> Response:
        given = parsed(Reason, await form_data(request))
        return await back(request, desk.revoke_waiver(command_id(request), actor, obligation_id, reason=given.reason))

    @router.post("/obligations/{obligation_id}/cause")
    async def set_cause(request: Request, obligation_id: ObligationId, actor: Supervisor) -> Response:
        given = parsed(GivenCause, await form_data(request))
        return await back(request, desk.set_cause(command_id(request), actor, obligation_id, given=given))

    return router


def key_in(typed: str) -> str:
    """The event key that somebody typed, or pasted as the address of the event's page."""
    return typed.strip().partition("?")[0].rstrip("/").rpartition("/")[2]


def see_today(request: Request) -> Response:
    """Lead back to the questions of the day."""
    return RedirectResponse(f"{request.app.state.web.root}/#asked", 303)


def see_event(request: Request, key: str) -> Response:
    """Lead on to the event's page."""
    return RedirectResponse(f"{request.app.state.web.root}/events/{quote(key, safe='')}", 303)
