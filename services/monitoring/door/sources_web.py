"""The doors of the source systems' tokens: list, issue, revoke; a token is shown once, on the page that made it.

It must never put a token into an address, a log or a cookie.
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, page, parsed
from services.chassis.web.identity import require
from services.chassis.web.problems import described
from services.monitoring import sources
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.sources import SCOPES, NewToken, issue_token, revoke_token

if TYPE_CHECKING:
    from services.chassis.app import Service

Keeper = Annotated[Actor, Depends(require("administrator", "operator"))]
TokenId = Annotated[str, Path(max_length=100)]


def create_router(service: "Service") -> APIRouter:
    """The doors of tokens, for programs and for people."""
    router, store, clock = APIRouter(), service.store, service.clock
    api: dict[str, Any] = {
        "tags": ["tokens"],
        "dependencies": [SIGNED_IN],
        "responses": described(400, 401, 403, 404, 413, 422, 503),
    }

    async def issued(request: Request, given: NewToken, actor: Actor) -> dict[str, Any]:
        return await issue_token(store, given, by=actor, command_id=command_id(request), now=clock.now())

    @router.get("/api/tokens", **api)
    async def items(actor: Keeper) -> dict[str, Any]:
        """All tokens, without what opens a door."""
        return {"items": await sources.tokens(store)}

    @router.post("/api/tokens", status_code=201, **api)
    async def issue(request: Request, given: NewToken, key: CommandKey = None, *, actor: Keeper) -> dict[str, Any]:
        """Issue a token; `token` is answered this once and null when the call is repeated."""
        return await issued(request, given, actor)

    @router.delete("/api/tokens/{token_id}", status_code=204, **api)
    async def revoke(token_id: TokenId, actor: Keeper) -> Response:
        """Revoke a token at once."""
        await revoke_token(store, token_id, by=actor, now=clock.now())
        return Response(status_code=204)

    @router.get("/sources", include_in_schema=False)
    async def show(request: Request, actor: Keeper, revoke: str = "") -> Response:
        rows = await sources.tokens(store)
        asked = next((row for row in rows if row["token_id"] == revoke and not row["revoked_at"]), None)
        return await page(request, "sources.html", tokens=rows, scopes=SCOPES, asked=asked, made=None)

    @router.post("/sources", include_in_schema=False)
    async def issue_by_form(request: Request, actor: Keeper) -> Response:
        form = await form_data(request)
        made = await issued(request, parsed(NewToken, form | {"scopes": form.get("scopes", [])}), actor)
        rows = await sources.tokens(store)
        return await page(request, "sources.html", tokens=rows, scopes=SCOPES, asked=None, made=made)

    @router.post("/sources/{token_id}/revocation", include_in_schema=False)
    async def revoke_by_form(request: Request, token_id: TokenId, actor: Keeper) -> Response:
        await revoke_token(store, token_id, by=actor, now=clock.now())
        return RedirectResponse(f"{request.app.root_path}/sources", 303)

    return router
