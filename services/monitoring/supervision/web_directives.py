"""The doors of directives: the list, one, a new one, the acts; by form and by API the same act.

It must never judge: it parses, asks, calls the desk, shows.
"""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from contracts.codes import Channel
from contracts.fields import Code, Id, Note, Record, Text
from contracts.monitoring import Scope
from contracts.times import Instant
from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, language, page, parsed
from services.chassis.web.identity import require, signed_in
from services.chassis.web.problems import described
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.pages.web_pages import asked_in
from services.monitoring.reading.filters import LIMIT, MOST
from services.monitoring.reading.shapes import Shape
from services.monitoring.reading.web_acts import key_in
from services.monitoring.reading.web_api import cursor_in
from services.monitoring.supervision import directive_queries, load_directives
from services.monitoring.supervision.directive_desk import DirectiveDesk
from services.monitoring.supervision.directives import (
    ISSUERS,
    Acknowledging,
    Asked,
    Closing,
    DirectiveFilter,
    DirectiveState,
    Issuing,
    Step,
)

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(signed_in)]
Issuer = Annotated[Actor, Depends(require(*ISSUERS))]
DirectiveId = Annotated[Id, Path(description="The directive's id.")]
_REFUSALS = described(400, 401, 403, 404, 409, 413, 422, 503)
_READING = described(401, 404, 422, 503)


class Done(Shape):
    """What an act on a directive has made of it."""

    directive_id: Id
    state: DirectiveState


class Entry(Shape):
    """One step of a directive's history."""

    step: Step
    by: Id
    at: Instant
    note: Note | None


class DirectiveItem(Shape):
    """A directive as it is now, with its history."""

    directive_id: Id
    scope: Scope
    to: Id
    text: Note
    due_at: Instant
    by: Id
    issued_at: Instant
    state: DirectiveState
    overdue: bool
    acknowledged_by: list[Id]
    closed_at: Instant | None
    history: list[Entry]


class DirectivePage(Shape):
    """Directives in the order of their due dates."""

    items: list[DirectiveItem]
    next: str | None


class DirectivesAsked(Record):
    """What the address of the list asks for; blank asks for all."""

    state: Asked | None = None
    to: Id | None = None
    event: Id | None = None
    topic_area: Code | None = None
    unit: Code | None = None
    channel: Channel | None = None
    after: Annotated[str, Text(500, min_length=0)] = ""

    def filter(self) -> DirectiveFilter:
        """The question."""
        named = self.model_dump(exclude={"after", "event"})
        return DirectiveFilter(**named, event=(self.event,) if self.event else ())

    def chosen(self) -> dict[str, str]:
        """What stands in the address, blank where nothing is asked."""
        return {name: str(value or "") for name, value in self.model_dump(mode="json", exclude={"after"}).items()}


class Prefilled(Record):
    """What the address of the form fills in."""

    event: Annotated[str, Text(400, min_length=0)] = ""
    topic_area: Annotated[str, Text(64, min_length=0)] = ""
    unit: Annotated[str, Text(64, min_length=0)] = ""
    channel: Annotated[str, Text(64, min_length=0)] = ""
    to: Annotated[str, Text(128, min_length=0)] = ""


def create_router(service: "Service") -> APIRouter:
    """The doors of directives, for programs and for people."""
    router, desk = APIRouter(), DirectiveDesk(service)
    router.include_router(create_api_router(service, desk))
    router.include_router(create_page_router(service))
    router.include_router(create_form_router(desk))
    return router


def create_api_router(service: "Service", desk: DirectiveDesk) -> APIRouter:
    """The calls of programs in a person's name; a source system's token opens none of them."""
    router = APIRouter(prefix="/api/directives", tags=["directives"], dependencies=[SIGNED_IN])
    said: dict[str, Any] = {"response_model": Done, "status_code": 201, "responses": _REFUSALS}

    @router.post("", **said)
    async def issue(request: Request, given: Issuing, *, key: CommandKey = None, actor: Issuer) -> Response:
        """Give a directive to a person, a unit or a role."""
        return JSONResponse(await desk.issue(command_id(request), actor, given), 201)

    @router.get("", response_model=DirectivePage, responses=_READING)
    async def directives(
        *,
        actor: Anybody,
        state: Annotated[
            Asked | None, Query(description="OPEN: not closed; OVERDUE: not closed by when it was due.")
        ] = None,
        to: Annotated[Id | None, Query(description="An account, a unit or a role.")] = None,
        event: Annotated[Id | None, Query()] = None,
        topic_area: Annotated[Code | None, Query()] = None,
        unit: Annotated[Code | None, Query(description="What it is about.")] = None,
        channel: Annotated[Channel | None, Query()] = None,
        after: Annotated[str | None, Query(max_length=500, description="`next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = LIMIT,
    ) -> JSONResponse:
        """Directives that the person may see: all for who supervises, those addressed to him for everybody else."""
        about = (event,) if event else ()
        asked = await load_directives.asked_of(
            service.store, DirectiveFilter(state, to, about, topic_area=topic_area, unit=unit, channel=channel)
        )
        now = to_stamp(service.clock.now())
        where, place = asked.where(actor, now), cursor_in(after)
        docs, following = await directive_queries.directives(service.store, where, after=place, limit=limit)
        items = [load_directives.item(doc, now) for doc in docs]
        return JSONResponse({"items": items, "next": following.text() if following else None})

    @router.get("/{directive_id}", response_model=DirectiveItem, responses=_READING)
    async def directive(directive_id: DirectiveId, actor: Anybody) -> JSONResponse:
        """One directive; whom it is not addressed to and who does not supervise gets 404."""
        doc = await load_directives.one(service.store, directive_id, actor)
        return JSONResponse(load_directives.item(doc, to_stamp(service.clock.now())))

    @router.post("/{directive_id}/acknowledge", **said)
    async def acknowledge(
        request: Request, directive_id: DirectiveId, given: Acknowledging, *, key: CommandKey = None, actor: Anybody
    ) -> Response:
        """Say that one has read a directive that is addressed to oneself."""
        return JSONResponse(await desk.acknowledge(command_id(request), actor, directive_id, given=given), 201)

    @router.post("/{directive_id}/close", **said)
    async def close(
        request: Request, directive_id: DirectiveId, given: Closing, *, key: CommandKey = None, actor: Issuer
    ) -> Response:
        """Say that a directive is done with."""
        return JSONResponse(await desk.close(command_id(request), actor, directive_id, given=given), 201)

    return router


def create_page_router(service: "Service") -> APIRouter:
    """The list, the form, and the page of one."""
    router = APIRouter(include_in_schema=False)

    @router.get("/directives")
    async def directives(request: Request, actor: Anybody) -> Response:
        asked = parsed(DirectivesAsked, {"state": Asked.OPEN.value, **asked_in(request)})
        question = (asked.filter(), cursor_in(asked.after), asked.chosen())
        view = await load_directives.listed(service, actor, language(request), asked=question)
        may = {"may_direct": actor.has(*ISSUERS)}
        return await page(request, "directives.html", view=view, is_first=not asked.after, **may)

    @router.get("/directives/new")
    async def new(request: Request, actor: Issuer) -> Response:
        given = parsed(Prefilled, asked_in(request))
        view = await load_directives.form(service, language(request), event=key_in(given.event))
        return await page(request, "directive_new.html", view=view, given=given)

    @router.get("/directives/{directive_id}")
    async def directive(request: Request, directive_id: DirectiveId, actor: Anybody) -> Response:
        view = await load_directives.shown(service, directive_id, actor, spoken=language(request))
        return await page(request, "directive.html", view=view)

    return router


def create_form_router(desk: DirectiveDesk) -> APIRouter:
    """The acts as forms, each answered by the directive's page."""
    router = APIRouter(include_in_schema=False)

    @router.post("/directives/new")
    async def issue(request: Request, actor: Issuer) -> Response:
        form = await form_data(request)
        named = {name: str(form.get(name, "")).strip() for name in ("event", "topic_area", "unit", "channel")}
        named["event"] = key_in(named["event"])
        scope = {name: value for name, value in named.items() if value}
        given = parsed(Issuing, form | {"scope": scope})
        return _see(request, await desk.issue(command_id(request), actor, given))

    @router.post("/directives/{directive_id}/acknowledge")
    async def acknowledge(request: Request, directive_id: DirectiveId, actor: Anybody) -> Response:
        given = parsed(Acknowledging, await form_data(request))
        return _see(request, await desk.acknowledge(command_id(request), actor, directive_id, given=given))

    @router.post("/directives/{directive_id}/close")
    async def close(request: Request, directive_id: DirectiveId, actor: Issuer) -> Response:
        given = parsed(Closing, await form_data(request))
        return _see(request, await desk.close(command_id(request), actor, directive_id, given=given))

    return router


def _see(request: Request, done: dict[str, Any]) -> Response:
    address = f"{request.app.state.web.root}/directives/{quote(done['directive_id'], safe='')}"
    return RedirectResponse(address, 303)
