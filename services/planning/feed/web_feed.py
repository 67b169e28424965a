"""The doors of the calendar: a plan's file, the page of one's own address, and the address that programs ask.

It must never judge, nor answer a program with more than titles, channels and times.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, language, page, translate
from services.chassis.web.identity import require, signed_in
from services.planning import storage
from services.planning.commands import Desk
from services.planning.feed import addresses
from services.planning.feed.written import MEDIA_TYPE, Dated, written
from services.planning.refusals import refuse, refused
from services.planning.school_years import previous, to_plan
from services.planning.state import Plan, Status

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(signed_in)]
# Who may end everybody's addresses: those who answer for the room. Source: 0.3
KEEPERS = ("office_head", "operator", "administrator")
Keeper = Annotated[Actor, Depends(require(*KEEPERS))]


def create_router(service: "Service", desk: Desk) -> APIRouter:
    """The doors of the calendar."""
    router, store, clock = APIRouter(include_in_schema=False), service.store, service.clock

    async def dated(plan: Plan, number: int) -> Dated:
        """A submitted revision, or the draft under the number that it would have."""
        dates = (await desk.window(store, plan.school_year)).dates
        one = next((one for one in plan.submissions if one.revision == number), None)
        if one is None:
            return Dated(plan.content, dates, number, plan.edited_at, is_approved=False)
        content = await storage.revision(store, plan.plan_id, number)
        at = one.closed_at or one.submitted_at
        return Dated(content or plan.content, dates, number, at, is_approved=one.status is Status.APPROVED)

    def calendar(request: Request, body: bytes) -> Response:
        name = {"Content-Disposition": 'attachment; filename="ke-hoach.ics"', "Content-Language": language(request)}
        return Response(body, media_type=MEDIA_TYPE, headers=name)

    async def shown(request: Request, actor: Actor, *, key: str | None = None, is_new: bool = False) -> Response:
        now, home = clock.now(), service.settings.room_urls[service.name].rstrip("/")
        return await page(
            request,
            "calendar_address.html",
            is_new=is_new,
            address=f"{home}/calendar.ics?key={key}&lang={language(request)}" if key else "",
            mine=await addresses.address_of(store, actor, now),
            count=await addresses.count(store, now) if actor.has(*KEEPERS) else None,
        )

    @router.get("/plans/{plan_id}/calendar.ics")
    async def take_along(request: Request, plan_id: str, actor: Anybody, *, revision: int = 0) -> Response:
        plan = await storage.plan(store, plan_id)
        if plan is None or revision > plan.revision or revision < 0:
            raise refused(refuse("plan-unknown" if plan is None else "part-unknown"))
        made = await dated(plan, revision or plan.revision)
        say = _saying(request)
        return calendar(request, written([made], [made.dates], say=say, lang=language(request), at=made.at))

    @router.get("/calendar.ics")
    async def subscribed(request: Request, key: str = "") -> Response:
        now = clock.now()
        if not await addresses.is_known(store, key, now):
            raise refused(refuse("calendar-address-unknown"))
        since = previous(to_plan(now))
        plans = [one for one in await storage.plans(store) if one.school_year >= since and one.in_force]
        made = [await dated(one, one.in_force.revision) for one in plans if one.in_force]
        years = sorted({one.school_year for one in plans} | {to_plan(now)})
        due = [(await desk.window(store, year)).dates for year in years]
        say = _saying(request)
        at = max((one.at for one in made), default=due[-1].plan_opens_at)
        return calendar(request, written(made, due, say=say, lang=language(request), at=at))

    @router.get("/calendar")
    async def show(request: Request, actor: Anybody) -> Response:
        return await shown(request, actor)

    @router.post("/calendar")
    async def make(request: Request, actor: Anybody) -> Response:
        await form_data(request)
        key = await addresses.make(service, command_id(request), actor)
        return await shown(request, actor, key=key, is_new=True)

    @router.post("/calendar/end")
    async def end(request: Request, actor: Anybody) -> Response:
        await form_data(request)
        await addresses.end(service, command_id(request), actor)
        return see_calendar(request)

    @router.post("/calendar/end-all")
    async def end_all(request: Request, actor: Keeper) -> Response:
        await form_data(request)
        await addresses.end(service, command_id(request), actor, of_all=True)
        return see_calendar(request)

    return router


def see_calendar(request: Request) -> Response:
    """On to the page of one's address, also behind a path prefix."""
    return RedirectResponse(f"{request.app.root_path}/calendar", 303)


def _saying(request: Request) -> Callable[..., str]:
    return partial(translate, request)
