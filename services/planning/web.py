"""The pages of planning: the list with each year's duty, the plan with its gate, its submitted revisions.

It must never judge: it parses, calls the desk, shows.
"""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response

from contracts.planning import PlanContent
from contracts.reference import Reference
from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, page, parsed
from services.chassis.web.identity import require, signed_in
from services.planning import decisions, storage
from services.planning.commands import Desk
from services.planning.forms import NewPlan, Withdrawing
from services.planning.pages import views
from services.planning.pages.month import COLUMNS
from services.planning.refusals import refuse, refused
from services.planning.school_years import previous
from services.planning.state import UNDER_REVIEW, Plan
from services.planning.web_parts import see_plan

if TYPE_CHECKING:
    from services.chassis.app import Service

Drafter = Annotated[Actor, Depends(require(*decisions.DRAFTERS))]
Anybody = Annotated[Actor, Depends(signed_in)]


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """The pages of plans and the forms that stand on them."""
    router, store, clock = APIRouter(include_in_schema=False), service.store, service.clock

    async def found(plan_id: str) -> Plan:
        plan = await storage.plan(store, plan_id)
        if plan is None:
            raise refused(refuse("plan-unknown"))
        return plan

    async def shown(
        request: Request, plan: Plan, actor: Actor, *, revision: tuple[int, PlanContent] | None = None
    ) -> Response:
        proposals = await storage.proposals(store, previous(plan.school_year))
        window = await desk.window(store, plan.school_year)
        asked = request.query_params
        is_drafter, when = actor.has(*decisions.DRAFTERS), (asked.get("month", ""), asked.get("week", ""))
        known = views.Known(window, proposals, is_drafter, revision, *when)
        view = views.plan_view(plan, known, clock.now())
        look = asked.get("view", "")
        return await page(request, "plan.html", view=view, reference=reference, look=look, columns=COLUMNS)

    @router.get("/")
    async def show_list(request: Request, actor: Anybody) -> Response:
        plans = await storage.plans(store)
        windows = {year: await desk.window(store, year) for year in views.years_on_duty(plans, clock.now())}
        duties = views.duties(plans, windows, clock.now())
        can_draft = actor.has(*decisions.DRAFTERS)
        return await page(request, "plans.html", plans=plans, duties=duties, can_draft=can_draft)

    @router.post("/plans")
    async def begin(request: Request, actor: Drafter) -> Response:
        given = parsed(NewPlan, await form_data(request))
        content = PlanContent(title=given.title)
        made = await desk.draft(command_id(request), actor, school_year=given.school_year, content=content)
        return see_plan(request, made["plan_id"])

    @router.get("/plans/{plan_id}")
    async def show(request: Request, plan_id: str, actor: Anybody) -> Response:
        return await shown(request, await found(plan_id), actor)

    @router.get("/plans/{plan_id}/revisions/{number}")
    async def show_revision(request: Request, plan_id: str, number: int, *, actor: Anybody) -> Response:
        content = await storage.revision(store, plan_id, number)
        if content is None:
            raise refused(refuse("part-unknown"))
        return await shown(request, await found(plan_id), actor, revision=(number, content))

    @router.post("/plans/{plan_id}/submission")
    async def submit(request: Request, plan_id: str, actor: Drafter) -> Response:
        form = await form_data(request)
        seen_hash = str(form.get("content_hash", ""))
        await desk.submit(command_id(request), actor, plan_id, seen_hash=seen_hash)
        return see_plan(request, plan_id)

    @router.get("/plans/{plan_id}/withdrawal")
    async def ask_why(request: Request, plan_id: str, actor: Drafter) -> Response:
        plan = await found(plan_id)
        if plan.status not in UNDER_REVIEW:
            raise refused(refuse("not-under-review"))
        return await page(request, "withdrawal.html", plan=plan)

    @router.post("/plans/{plan_id}/withdrawal")
    async def withdraw(request: Request, plan_id: str, actor: Drafter) -> Response:
        given = parsed(Withdrawing, await form_data(request))
        await desk.withdraw(command_id(request), actor, plan_id, reason=given.reason)
        return see_plan(request, plan_id)

    return router
