"""The doors of proposed merges: the page, the list for programs, and "these are two"; a merge goes by the desk.

It must never judge: it parses, asks, calls, shows.
"""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from contracts.fields import Id, Note, Record, SchoolYear
from contracts.times import Instant
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, scoped
from services.chassis.unit import Unit
from services.chassis.web import command_id, form_data, language, page, parsed
from services.chassis.web.problems import described
from services.monitoring.acts import Merge
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.commands import Desk
from services.monitoring.pages.loading import school_year_at
from services.monitoring.pages.web_pages import asked_in
from services.monitoring.reading.shapes import Shape
from services.monitoring.reading.web_acts import Supervisor
from services.monitoring.refusals import refuse, refused
from services.monitoring.supervision import load_proposals, proposal_queries, proposals
from services.monitoring.supervision.proposals import Apart, pair_id

if TYPE_CHECKING:
    from services.chassis.app import Service

Result = dict[str, Any]


class Proposed(Shape):
    """Two events that may be one, the one that began first in front."""

    events: list[Id]
    started_at: Instant


class Proposals(Shape):
    """The pairs of a school year that wait for a word, the latest first."""

    items: list[Proposed]


class KeptApart(Shape):
    """The decision that two events are two."""

    events: list[Id]
    by: Id
    reason: Note
    at: Instant


class YearAsked(Record):
    """What the address of the page asks for; `merged` is the key of an event that was merged a moment ago."""

    school_year: SchoolYear | None = None
    merged: Id | None = None


class MergeChosen(Record):
    """Which of the two events remains."""

    one: Id
    other: Id
    into: Id
    reason: Note


async def keep_apart(service: "Service", key: str, actor: Actor, *, given: Apart) -> Result:
    """Keep that two events are two, once per command; raises Refused with the rule that says no."""

    async def work(unit: Unit) -> Result:
        docs = await unit.get_many("events", list(given.events))
        if len(docs) < 2:
            raise refused(refuse("event-unknown"))
        standing = await unit.get("apart", pair_id(*given.events))
        refusals = proposals.check_apart([docs[event] for event in given.events], standing)
        if refusals:
            raise refused(*refusals)
        doc = proposals.apart(given, actor.account_id, to_stamp(unit.now))
        unit.put("apart", doc)
        return {name: doc[name] for name in ("events", "by", "reason", "at")}

    act = Act(actor, "events-kept-apart", " ".join(sorted(given.events)), given.reason)
    result = await service.store.command(scoped(key, actor), service.clock.now(), work, act=act)
    load_proposals.recent_count_of(service.store).forget()
    return result


def create_router(service: "Service", desk: Desk) -> APIRouter:
    """The doors of proposed merges, for programs and for people."""
    router = APIRouter()
    router.include_router(create_api_router(service))
    router.include_router(create_page_router(service, desk))
    return router


def create_api_router(service: "Service") -> APIRouter:
    """The calls of programs in a person's name; a merge itself is POST /api/events/{key}/merge."""
    router = APIRouter(prefix="/api/proposals", tags=["acts"], dependencies=[SIGNED_IN])

    @router.get("", response_model=Proposals, responses=described(401, 403, 422, 503))
    async def proposed(school_year: Annotated[SchoolYear, Query()], actor: Supervisor) -> JSONResponse:
        """Events that may be two senders' reports of one: the same local day, unit and title."""
        found = await proposal_queries.pairs(service.store, *load_proposals.span_of(school_year))
        items = [{"events": [pair.first, pair.second], "started_at": pair.at} for pair in found]
        return JSONResponse({"items": items})

    refusals = described(400, 401, 403, 404, 409, 413, 422, 503)

    @router.post("/apart", response_model=KeptApart, status_code=201, responses=refusals)
    async def apart(request: Request, given: Apart, *, key: CommandKey = None, actor: Supervisor) -> JSONResponse:
        """Say that two proposed events are two, so that they are not proposed again."""
        return JSONResponse(await keep_apart(service, command_id(request), actor, given=given), 201)

    return router


def create_page_router(service: "Service", desk: Desk) -> APIRouter:
    """The page, and its two answers as forms."""
    router = APIRouter(prefix="/proposals", include_in_schema=False)

    @router.get("")
    async def show(request: Request, actor: Supervisor) -> Response:
        asked = parsed(YearAsked, asked_in(request))
        school_year = asked.school_year or school_year_at(to_stamp(service.clock.now()))
        view = await load_proposals.page(service, language(request), school_year)
        return await page(request, "proposals.html", view=view, merged=asked.merged)

    @router.post("/merge")
    async def merge(request: Request, actor: Supervisor) -> Response:
        form = await form_data(request)
        chosen = parsed(MergeChosen, form)
        gone = chosen.other if chosen.into == chosen.one else chosen.one
        given = Merge(into=chosen.into, reason=chosen.reason)
        await desk.merge(command_id(request), actor, gone, given=given)
        load_proposals.recent_count_of(service.store).forget()
        return _back(request, form, f"merged={quote(gone, safe='')}")

    @router.post("/apart")
    async def apart(request: Request, actor: Supervisor) -> Response:
        form = await form_data(request)
        given = parsed(Apart, form | {"events": [form.get("one", ""), form.get("other", "")]})
        await keep_apart(service, command_id(request), actor, given=given)
        return _back(request, form)

    return router


def _back(request: Request, form: dict[str, Any], told: str = "") -> Response:
    """Lead back to the page of the same school year."""
    year = parsed(YearAsked, {"school_year": form.get("school_year", "")}).school_year
    query = "&".join(part for part in (f"school_year={year}" if year else "", told) if part)
    return RedirectResponse(f"{request.app.state.web.root}/proposals{'?' if query else ''}{query}", 303)
