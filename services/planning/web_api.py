"""The API of planning: the same commands as the forms, with the plan's content whole.

It must never judge: it parses, calls the desk, answers.
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from contracts.fields import Record, SchoolYear, Text
from contracts.planning import PlanContent
from contracts.reference import Reference
from services.chassis.decision import Actor, Refusal, Refused
from services.chassis.web import command_id
from services.chassis.web.identity import require, signed_in
from services.chassis.web.problems import field_refusals
from services.planning import decisions, storage
from services.planning.commands import Desk
from services.planning.forms import Withdrawing
from services.planning.pages import views
from services.planning.refusals import refuse, refused

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
Drafter = Annotated[Actor, Depends(require(*decisions.DRAFTERS))]
Anybody = Annotated[Actor, Depends(signed_in)]
Hash = Annotated[str, Text(200, min_length=0)]


def _content_refusal(found: Refusal, said: str) -> Refusal:
    """The refusal with its place in the request; a milestone out of order is R03's."""
    place = f"/content{found.pointer}"
    if "ends_at is before starts_at" in said:
        return refuse("R03", place, variant="milestone-order")
    return Refusal(found.rule, found.detail, place, found.fix, found.params)


def _named_faults(value: Any, handler: ValidatorFunctionWrapHandler) -> PlanContent:
    try:
        return handler(value)  # type: ignore[no-any-return]
    except ValidationError as error:
        faults = error.errors(include_url=False)
        told = zip(field_refusals(faults), faults, strict=True)
        raise Refused(*(_content_refusal(refusal, fault["msg"]) for refusal, fault in told)) from None


Content = Annotated[PlanContent, WrapValidator(_named_faults)]


class NewPlan(Record):
    """A plan to be drafted."""

    school_year: SchoolYear
    content: Content


class Edit(Record):
    """The draft's new content, and the hash of the content that it was made from."""

    content: Content
    base_hash: Hash


class Submitting(Record):
    """What the person saw when submitting; may be left out."""

    content_hash: Hash = ""


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """The API of plans and reference data."""
    router, store = APIRouter(prefix="/api"), service.store

    @router.get("/reference")
    async def show_reference(actor: Anybody) -> Json:
        return reference.to_data()

    @router.get("/plans")
    async def show_plans(actor: Anybody) -> Json:
        plans = await storage.plans(store)
        windows = {year: await desk.window(store, year) for year in {plan.school_year for plan in plans}}
        return {"items": [views.plan_row(plan, windows[plan.school_year]) for plan in plans]}

    @router.get("/plans/{plan_id}")
    async def show_plan(plan_id: str, actor: Anybody) -> Json:
        plan = await storage.plan(store, plan_id)
        if plan is None:
            raise refused(refuse("plan-unknown"))
        return views.plan_whole(plan, await desk.window(store, plan.school_year))

    @router.post("/plans", status_code=201)
    async def draft(request: Request, given: NewPlan, actor: Drafter) -> Json:
        command = command_id(request)
        return await desk.draft(command, actor, school_year=given.school_year, content=given.content)

    @router.put("/plans/{plan_id}")
    async def edit(request: Request, plan_id: str, given: Edit, *, actor: Drafter) -> Json:
        command, base = command_id(request), given.base_hash
        return await desk.edit(command, actor, plan_id, base_hash=base, change=lambda _: given.content)

    @router.post("/plans/{plan_id}/submission", status_code=202)
    async def submit(request: Request, plan_id: str, *, actor: Drafter, given: Submitting | None = None) -> Json:
        seen_hash = given.content_hash if given else ""
        return await desk.submit(command_id(request), actor, plan_id, seen_hash=seen_hash)

    @router.post("/plans/{plan_id}/withdrawal")
    async def withdraw(request: Request, plan_id: str, given: Withdrawing, *, actor: Drafter) -> Json:
        return await desk.withdraw(command_id(request), actor, plan_id, reason=given.reason)

    return router
