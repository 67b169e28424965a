"""The doors of the plan's routine work: the page, and the same for programs; it must never judge."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from contracts.codes import Channel
from contracts.fields import Code, Id, Record, SchoolYear, Title
from contracts.times import Instant
from services.chassis.decision import Actor
from services.chassis.store import Store
from services.chassis.web import language, page, parsed
from services.chassis.web.identity import signed_in
from services.chassis.web.problems import described
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.bearer import Reader
from services.monitoring.pages import loading
from services.monitoring.pages.view_duties import years_around
from services.monitoring.pages.web_pages import asked_in
from services.monitoring.reading.shapes import Ratio, Shape
from services.monitoring.supervision import plan_contents, view_plan_duties
from services.monitoring.supervision.plan_duties import DutyState, ItemDuties, duties_of, execution_of, routine_of

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(signed_in)]
Json = dict[str, Any]


class DutyPeriod(Shape):
    """One occurrence of a routine item; ends_at is exclusive, what was published first in it follows, if anything."""

    begins_at: Instant
    ends_at: Instant
    state: DutyState
    content_id: Id | None
    channel: Channel | None
    published_at: Instant | None


class PlanItemDuties(Shape):
    """A routine item, how it was kept, and its occurrences that have begun."""

    item_id: Id
    title: Title
    topic_area: Code
    lead_unit: Code | None
    plan_id: Id
    execution: Ratio
    ahead: int
    periods: list[DutyPeriod]


class PlanDuties(Shape):
    """The routine work of a school year's plans; unread are items whose rule gives no day, in no figure."""

    as_of: Instant
    execution: Ratio
    items: list[PlanItemDuties]
    unread: list[Title]


class DutiesOfYear(Record):
    """What the address of the page asks for."""

    school_year: SchoolYear | None = None
    item: Id | None = None


async def loaded(store: Store, school_year: str, now: Stamp) -> tuple[ItemDuties, ...]:
    """The routine items of a school year as of now."""
    revisions = await plan_contents.approved(store, school_year)
    names = [item.item_id for _, item, _ in routine_of(revisions)]
    return duties_of(revisions, await plan_contents.naming(store, names), school_year, now=now)


def answer(items: tuple[ItemDuties, ...], now: Stamp) -> Json:
    """The routine items as the API tells them."""
    return {
        "as_of": now,
        "execution": asdict(execution_of(items)),
        "items": [_item(one) for one in items],
        "unread": view_plan_duties.unread(items),
    }


def _item(one: ItemDuties) -> Json:
    named = {name: getattr(one.item, name) for name in ("item_id", "title", "topic_area", "lead_unit")}
    rows = [
        {
            "begins_at": duty.period.begins_at,
            "ends_at": duty.period.ends_at,
            "state": duty.state.value,
            "content_id": duty.publication.content_id if duty.publication else None,
            "channel": duty.publication.channel if duty.publication else None,
            "published_at": duty.publication.at if duty.publication else None,
        }
        for duty in one.duties
    ]
    kept = {"plan_id": one.plan_id, "execution": asdict(one.execution), "ahead": one.ahead}
    return named | kept | {"periods": rows}


def create_router(service: "Service") -> APIRouter:
    """GET /plan-duties and GET /api/plan-duties."""
    router, store = APIRouter(), service.store

    @router.get(
        "/api/plan-duties", response_model=PlanDuties, tags=["reading"], responses=described(401, 403, 422, 503)
    )
    async def plan_duties(who: Reader, school_year: Annotated[SchoolYear, Query()]) -> JSONResponse:
        """Each occurrence of the plan's routine items: done, not done by the end of its period, or still running."""
        now = to_stamp(service.clock.now())
        return JSONResponse(answer(await loaded(store, school_year, now), now))

    @router.get("/plan-duties", include_in_schema=False)
    async def show(request: Request, actor: Anybody) -> Response:
        asked, now = parsed(DutiesOfYear, asked_in(request)), to_stamp(service.clock.now())
        school_year = asked.school_year or loading.school_year_at(now)
        items, words = await loaded(store, school_year, now), await loading.words_in(service, language(request))
        years = years_around(loading.school_year_at(now))
        view = view_plan_duties.plan_duties_view(items, school_year, asked.item, years=years, words=words)
        return await page(request, "plan_duties.html", view=view)

    return router
