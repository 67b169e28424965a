"""What a drafter has typed into the form of a part and not saved: kept for him alone, until he saves or forgets it.

It must never become part of a plan: the form's own button does that.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pymongo import ASCENDING, IndexModel

from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.unit import Collection
from services.chassis.web import form_data
from services.chassis.web.formats import Formats
from services.chassis.web.identity import require
from services.planning import decisions
from services.planning.forms import PARTS
from services.planning.refusals import refuse, refused

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.chassis.store import Store

Json = dict[str, Any]
Drafter = Annotated[Actor, Depends(require(*decisions.DRAFTERS))]
KEPT_S = 30 * 86_400
KEPT = Collection("typed", indexes=(IndexModel([("at", ASCENDING)], expireAfterSeconds=KEPT_S),))


def id_of(actor: Actor, plan_id: str, name: str, *, key: str) -> str:
    """Where it is kept: one for each person and part; a new part has no key."""
    return "\n".join((actor.account_id, plan_id, name, key))


async def kept(store: "Store", kept_id: str) -> tuple[Json, datetime] | None:
    """What was typed, and when; None when nothing is kept."""
    doc = await store.raw(KEPT.name).find_one({"_id": kept_id})
    return (doc["typed"], doc["said_at"]) if doc else None


async def forget(store: "Store", kept_id: str) -> None:
    """Keep it no longer."""
    await store.raw(KEPT.name).delete_one({"_id": kept_id})


def create_router(service: "Service") -> APIRouter:
    """The door of what is typed."""
    router, store = APIRouter(include_in_schema=False), service.store

    @router.post("/plans/{plan_id}/edit/{name}/kept")
    async def keep(request: Request, plan_id: str, name: str, *, actor: Drafter, key: str = "") -> Response:
        if name not in PARTS:
            raise refused(refuse("part-unknown"))
        form, kept_id = await form_data(request), id_of(actor, plan_id, name, key=key)
        if form.get("forget"):
            await forget(store, kept_id)
            return RedirectResponse(f"{request.app.root_path}/plans/{plan_id}#{name}", 303)
        now = service.clock.now()
        typed = {field: value for field, value in form.items() if field not in ("command_id", "page")}
        doc = {"typed": typed, "said_at": now, "at": wall_now()}
        await store.raw(KEPT.name).replace_one({"_id": kept_id}, doc, upsert=True)
        return JSONResponse({"at": Formats("vi", service.clock.now).time(now)})

    return router
