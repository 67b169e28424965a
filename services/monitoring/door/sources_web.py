"""The doors of the source systems' tokens: list, issue, replace, revoke; a token is shown once, where it was made.

It must never put a token into an address, a log or a cookie.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from contracts.times import parse_time
from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, page, parsed
from services.chassis.web.identity import require
from services.chassis.web.problems import described
from services.monitoring import sources
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.door.tallies import COUNTED, Tallies
from services.monitoring.settings import Settings
from services.monitoring.sources import SCOPES, NewToken, Rotation, issue_token, revoke_token, rotate_token

if TYPE_CHECKING:
    from services.chassis.app import Service

Row = dict[str, Any]
Keeper = Annotated[Actor, Depends(require("administrator", "operator"))]
TokenId = Annotated[str, Path(max_length=100)]


def create_router(service: "Service", tallies: Tallies) -> APIRouter:
    """The doors of tokens, for programs and for people."""
    router, store, clock = APIRouter(), service.store, service.clock
    api: dict[str, Any] = {
        "tags": ["tokens"],
        "dependencies": [SIGNED_IN],
        "responses": described(400, 401, 403, 404, 413, 422, 503),
    }
    replaced = api | {"responses": described(400, 401, 403, 404, 409, 413, 422, 503)}

    async def issued(request: Request, given: NewToken, actor: Actor) -> dict[str, Any]:
        return await issue_token(store, given, by=actor, command_id=command_id(request), now=clock.now())

    async def rotated(request: Request, token_id: str, given: Rotation, *, actor: Actor) -> dict[str, Any]:
        by = (actor, command_id(request))
        return await rotate_token(store, token_id, given=given, by=by, now=clock.now())

    async def shown(request: Request, *, asked: Row | None = None, step: str = "", made: Row | None = None) -> Response:
        rows = [row | {"state": state_of(row, clock.now())} for row in await sources.tokens(store)]
        heard = heard_by_source(rows, await tallies.by_source())
        assert isinstance(service.settings, Settings)
        view: dict[str, Any] = {
            "tokens": rows,
            "heard": heard,
            "scopes": SCOPES,
            "quota": service.settings.quota_per_minute,
        }
        return await page(request, "sources.html", asked=asked, step=step, made=made, **view)

    @router.get("/api/tokens", **api)
    async def items(actor: Keeper) -> dict[str, Any]:
        """All tokens, without what opens a door."""
        return {"items": await sources.tokens(store), "counts": await tallies.by_source()}

    @router.post("/api/tokens", status_code=201, **api)
    async def issue(request: Request, given: NewToken, key: CommandKey = None, *, actor: Keeper) -> dict[str, Any]:
        """Issue a token; `token` is answered this once and null when the call is repeated."""
        return await issued(request, given, actor)

    @router.post("/api/tokens/{token_id}/rotation", status_code=201, **replaced)
    async def rotate(
        request: Request, token_id: TokenId, given: Rotation, *, actor: Keeper, key: CommandKey = None
    ) -> dict[str, Any]:
        """Issue a new token for the same source; the old one goes on for the overlap. Answers as an issue does."""
        return await rotated(request, token_id, given, actor=actor)

    @router.delete("/api/tokens/{token_id}", status_code=204, **api)
    async def revoke(token_id: TokenId, actor: Keeper) -> Response:
        """Revoke a token at once."""
        await revoke_token(store, token_id, by=actor, now=clock.now())
        return Response(status_code=204)

    @router.get("/sources", include_in_schema=False)
    async def show(request: Request, actor: Keeper, *, revoke: str = "", rotate: str = "") -> Response:
        wanted = revoke or rotate
        asked = next((row for row in await sources.tokens(store) if row["token_id"] == wanted), None)
        if asked and state_of(asked, clock.now()) in ("REVOKED", "ENDED"):
            asked = None
        return await shown(request, asked=asked, step="revoke" if revoke else "rotate")

    @router.post("/sources", include_in_schema=False)
    async def issue_by_form(request: Request, actor: Keeper) -> Response:
        form = await form_data(request)
        given = parsed(NewToken, form | {"scopes": form.get("scopes", [])})
        return await shown(request, made=await issued(request, given, actor))

    @router.post("/sources/{token_id}/rotation", include_in_schema=False)
    async def rotate_by_form(request: Request, token_id: TokenId, actor: Keeper) -> Response:
        given = parsed(Rotation, await form_data(request))
        return await shown(request, made=await rotated(request, token_id, given, actor=actor))

    @router.post("/sources/{token_id}/revocation", include_in_schema=False)
    async def revoke_by_form(request: Request, token_id: TokenId, actor: Keeper) -> Response:
        await revoke_token(store, token_id, by=actor, now=clock.now())
        return RedirectResponse(f"{request.app.root_path}/sources", 303)

    return router


def state_of(row: Row, now: datetime) -> str:
    """Whether a token opens the door: ACTIVE, ENDING (replaced, still taken), ENDED, REVOKED."""
    if row["revoked_at"]:
        return "REVOKED"
    if row["ends_at"] is None:
        return "ACTIVE"
    return "ENDING" if parse_time(row["ends_at"]) > now else "ENDED"


def heard_by_source(rows: Iterable[Row], counts: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """Of each source when it was last heard, and what became of what it posted."""
    last: dict[str, str] = {}
    for row in rows:
        last[row["source"]] = max(last.get(row["source"], ""), row["heard_at"] or "")
    none = dict.fromkeys(COUNTED, 0)
    return [{"source": source, "heard_at": at, "counts": counts.get(source, none)} for source, at in last.items()]
