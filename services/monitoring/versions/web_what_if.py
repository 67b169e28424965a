"""A past year under other rules: the figures beside the real ones, for programs and as a page; it must never judge."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from contracts.fields import Code, Record, SchoolYear
from services.chassis.decision import Actor
from services.chassis.web import page, parsed
from services.chassis.web.identity import signed_in
from services.chassis.web.problems import described
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.bearer import Reader
from services.monitoring.pages import loading
from services.monitoring.pages.view_duties import years_around
from services.monitoring.pages.web_pages import asked_in
from services.monitoring.reading.figures import Row
from services.monitoring.versions import naming, shapes
from services.monitoring.versions.previews import versions_of
from services.monitoring.versions.runs import PATIENCE_S, Asked, Run, finished, runs_of
from services.monitoring.versions.view_policies import NAMES
from services.monitoring.versions.what_if import Comparison

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
Anybody = Annotated[Actor, Depends(signed_in)]
_POLICY = "A version that was issued, or rolled, strict, working; left out: as it was."
_CALENDAR = "A version that was issued, as if it had been known from the first; left out: as it was."


class WhatIfAsked(Record):
    """What the address of the page asks for."""

    school_year: SchoolYear | None = None
    policy: Code | None = None
    calendar: Code | None = None


def create_router(service: "Service") -> APIRouter:
    """GET /api/what-if, and the page /what-if."""
    router, runs = APIRouter(), runs_of(service)

    @router.get(
        "/api/what-if", tags=["versions"], response_model=shapes.WhatIf, responses=described(401, 403, 422, 503)
    )
    async def answer(
        *,
        who: Reader,
        school_year: Annotated[SchoolYear, Query()],
        policy: Annotated[Code | None, Query(description=_POLICY)] = None,
        calendar: Annotated[Code | None, Query(description=_CALENDAR)] = None,
    ) -> JSONResponse:
        """A school year's figures under other rules, beside the real ones; the record is not touched."""
        asked = Asked(school_year, policy, calendar)
        run = await runs.begin(asked)
        await finished(run)
        return JSONResponse(answer_of(asked, run))

    @router.get("/what-if", include_in_schema=False)
    async def show(request: Request, actor: Anybody) -> Response:
        given = parsed(WhatIfAsked, asked_in(request))
        now = to_stamp(service.clock.now())
        asked = Asked(given.school_year or loading.school_year_at(now), given.policy, given.calendar)
        run = await runs.begin(asked) if given.policy or given.calendar else None
        is_done = await finished(run, PATIENCE_S) if run else False
        versions = await versions_of(service.store)
        choices: Json = {
            "years": years_around(asked.school_year),
            "policies": [*NAMES.items(), *((one.version, one.version) for one in naming.policies_in(versions))],
            "calendars": [(one.version, one.version) for one in naming.calendars_in(versions)],
        }
        cut = side_by_side(run.comparison) if run and is_done else []
        view: Json = {"asked": asked, "run": run, "is_done": is_done, "choices": choices, "cut": cut}
        return await page(request, "what_if.html", 200, **view)

    return router


def answer_of(asked: Asked, run: Run) -> Json:
    """The comparison as the API gives it."""
    found = run.comparison
    (real,), (other,) = found.real.rows, found.other.rows
    cut = [
        {"key": key, "real": one and one.to_data(), "other": another and another.to_data()}
        for key, one, another in side_by_side(found)
        if key is not None
    ]
    counts = {name: getattr(found, name) for name in ("events", "obligations", "differing")}
    rows = {"rows": [asdict(row) for row in found.rows], "rest": found.differing - len(found.rows)}
    named = asked._asdict() | {"as_of": found.now}
    return named | counts | {"real": real.to_data(), "other": other.to_data(), "by_requirement": cut} | rows


def side_by_side(found: Comparison) -> list[tuple[str | None, Row | None, Row | None]]:
    """The rows of both figures, requirement by requirement, the whole year last and without a key."""
    real, other = ({row.key: row for row in tally.rows} for tally in (found.real_cut, found.other_cut))
    rows = [(key, real.get(key), other.get(key)) for key in sorted(key for key in {**real, **other} if key)]
    return [*rows, (None, found.real.rows[0], found.other.rows[0])]
