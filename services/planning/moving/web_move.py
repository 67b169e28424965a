"""The door of moving a milestone: a page with one field, which a drag on the calendar opens filled in.

It must never judge: it parses, calls the desk, shows.
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, page, parsed
from services.chassis.web.forms import AGAIN, Again
from services.chassis.web.identity import require
from services.planning import decisions, storage
from services.planning.commands import Desk
from services.planning.forms import typed_instant
from services.planning.moving.moved import Moving, milestone_of, move, on_day, with_time
from services.planning.refusals import refuse, refused
from services.planning.school_years import LOCAL
from services.planning.state import UNDER_REVIEW, Plan
from services.planning.web_parts import is_outdated, see_plan

if TYPE_CHECKING:
    from services.chassis.app import Service

Drafter = Annotated[Actor, Depends(require(*decisions.DRAFTERS))]


def create_router(service: "Service", desk: Desk) -> APIRouter:
    """The door of moving; a page alone, as the API takes the content whole."""
    router, store = APIRouter(include_in_schema=False), service.store

    async def found(plan_id: str) -> Plan:
        plan = await storage.plan(store, plan_id)
        if plan is None:
            raise refused(refuse("plan-unknown"))
        return plan

    @router.get("/plans/{plan_id}/move")
    async def ask_when(request: Request, plan_id: str, *, actor: Drafter, key: str, to: str = "") -> Response:
        plan, again = await found(plan_id), request.scope.get(AGAIN)
        if plan.status in UNDER_REVIEW and again is None:
            raise refused(refuse("plan-under-review", revision=plan.revision))
        known = milestone_of(plan.content, key)
        if known is None and again is None:
            raise refused(refuse("part-unknown"))
        view: dict[str, Any] = {"plan": plan, "key": key, "channel": None, "item": None, "now_at": "", "starts_at": ""}
        if known:
            channel, item, milestone = known
            view |= {"channel": channel, "item": item, "now_at": typed_instant(milestone.starts_at)}
            view["starts_at"] = on_day(to, milestone)
        return await page(request, "move.html", **view, clash=_clash(again, view["now_at"]))

    @router.post("/plans/{plan_id}/move")
    async def put_there(request: Request, plan_id: str, *, actor: Drafter, key: str) -> Response:
        form = await form_data(request)
        known = milestone_of((await found(plan_id)).content, key)
        typed = with_time(str(form.get("starts_at", "")), known[2] if known else None)
        given = parsed(Moving, form | {"starts_at": typed})
        change = move(key, given.starts_at)
        await desk.edit(command_id(request), actor, plan_id, base_hash=given.base_hash, change=change)
        return see_plan(request, plan_id, f"?month={given.starts_at.astimezone(LOCAL):%Y-%m}#calendar")

    return router


def _clash(again: Again | None, now_at: str) -> str:
    """What became of the plan while the page was open: nothing, the milestone gone, it moved, or something else."""
    if again is not None and not now_at:
        return "gone"
    if again is None or not is_outdated(again):
        return ""
    return "else" if again.typed["was"] == now_at else "moved"
