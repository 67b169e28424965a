"""The doors of signing in and out. It must never tell whether a name exists."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from contracts.fields import Record, Text
from services.approval import sessions, storage
from services.approval.accounts import Password
from services.chassis.decision import Actor
from services.chassis.web import form_data, identity, page, parsed

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(identity.signed_in)]


class SignIn(Record):
    """What a person types; any name is taken here, so that a wrong one is told no other way than a wrong password."""

    name: Annotated[str, Text(200)]
    password: Password
    next: Annotated[str, Field(max_length=2000)] = ""


def create_router(service: "Service") -> APIRouter:
    """The doors of sessions, page and API; the page's way out, /sign-out, is the chassis'."""
    router, settings = APIRouter(), service.settings

    async def opened(request: Request, given: SignIn, response: Response) -> Response:
        name, address = given.name.strip().lower(), address_of(request)
        token = await sessions.sign_in(service, name, given.password, address=address)
        if identity.token_of(request):
            await identity.close_session(service, identity.token_of(request))
        identity.set_cookie(response, settings, token)
        return response

    @router.get("/sign-in", include_in_schema=False)
    async def show(request: Request, next: str = "") -> Response:
        return await page(request, "sign_in.html", next=identity.safe_next(settings, next))

    @router.post("/sign-in", include_in_schema=False)
    async def sign_in_by_form(request: Request) -> Response:
        given = parsed(SignIn, await form_data(request))
        return await opened(request, given, RedirectResponse(_onward(service, given.next), 303))

    @router.post("/api/sessions", status_code=204)
    async def sign_in(request: Request, given: SignIn) -> Response:
        return await opened(request, given, Response(status_code=204))

    @router.delete("/api/sessions", status_code=204)
    async def sign_out(request: Request) -> Response:
        await identity.close_session(service, identity.token_of(request))
        response = Response(status_code=204)
        identity.set_cookie(response, settings, "")
        return response

    @router.get("/api/me")
    async def me(actor: Anybody) -> dict[str, Any]:
        account = await storage.account(service.store, actor.account_id)
        known = account.shown() if account else {}
        return known | {"account_id": actor.account_id, "roles": sorted(actor.roles), "unit": actor.unit}

    return router


def address_of(request: Request) -> str:
    """Whence the request comes, as far as the server that took it knows."""
    return request.client.host if request.client else ""


def see_other(request: Request, path: str) -> Response:
    """On to a page of this room, also behind a path prefix."""
    return RedirectResponse(f"{request.app.root_path}{path}", 303)


def _onward(service: "Service", address: str) -> str:
    """Where the sign-in leads: an address inside the rooms, with this room's path prefix for a path of its own."""
    onward = identity.safe_next(service.settings, address)
    home = service.settings.room_urls[service.name].rstrip("/")
    return f"{home}{onward}" if onward.startswith("/") else onward
