"""The pages of monitoring: the day, an event, the lists, the figures; they stand on what the read API stands on.

It must never judge: it asks, makes a view, shows.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from contracts.codes import RequirementCode, State, Tier
from contracts.fields import Code, Id, Record, SchoolYear, Text
from contracts.times import LocalDate
from services.chassis.decision import Actor
from services.chassis.web import language, page, parsed
from services.chassis.web.identity import signed_in
from services.monitoring.algebra.instants import close_of, to_stamp
from services.monitoring.pages import loading, view_duties, view_events, view_figures
from services.monitoring.pages.words import FLAGS, Words
from services.monitoring.reading import queries
from services.monitoring.reading.board import board_of
from services.monitoring.reading.figures import Cut
from services.monitoring.reading.filters import EventFilter, ObligationFilter
from services.monitoring.reading.web_acts import ACTORS, WAIVERS
from services.monitoring.reading.web_api import asked_of, cursor_in
from services.monitoring.supervision import load_directives, load_proposals
from services.monitoring.supervision.directives import ISSUERS
from services.monitoring.versions.knowing import ThenAsked

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(signed_in)]
CursorText = Annotated[str, Text(500, min_length=0)]
PAGE_ROWS = 25
# Who says whether an event was held. Source: R20, Unconfirmed
ANSWERERS = ("operator", "editor", "office_head", "administrator")
# What the page of an event offers to whom.
MAY = {"may_act": ACTORS, "may_waive": WAIVERS, "may_direct": ISSUERS}


class DutiesAsked(Record):
    """What the address of the list of obligations asks for; blank asks for all."""

    event: Id | None = None
    state: State | None = None
    requirement: RequirementCode | None = None
    topic_area: Code | None = None
    unit: Code | None = None
    tier: Tier | None = None
    month: Annotated[str | None, Field(pattern="^[0-9]{4}-[0-9]{2}$")] = None
    school_year: SchoolYear | None = None
    due_from: LocalDate | None = None
    due_to: LocalDate | None = None
    undated: bool = False
    after: CursorText = ""

    def filter(self) -> ObligationFilter:
        """The question; what is due until a day includes what is due at its end."""
        named = self.model_dump(exclude={"due_from", "due_to", "after", "state"}, mode="json")
        due_before = shift_past(close_of(self.due_to)) if self.due_to else None
        first = self.due_from if self.due_from and self.due_from > date.min else None  # no day is before the first
        due_from = shift_past(close_of(first - timedelta(days=1))) if first else None
        return ObligationFilter(state=self.state, due_before=due_before, due_from=due_from, **named)

    def chosen(self) -> dict[str, str]:
        """What stands in the address, blank where nothing is asked."""
        data = self.model_dump(mode="json", exclude={"after"})
        return {
            name: "" if value in (None, False) else str(value).replace("True", "true") for name, value in data.items()
        }


class EventsAsked(Record):
    """What the address of the list of events asks for."""

    q: Annotated[str, Text(200, min_length=0)] = ""
    school_year: SchoolYear | None = None
    unit: Code | None = None
    flag: Annotated[str | None, Field(pattern=f"^({'|'.join(FLAGS)})$")] = None
    after: CursorText = ""


class FiguresAsked(Record):
    """What the address of the figures asks for."""

    school_year: SchoolYear | None = None
    by: Cut = Cut.REQUIREMENT


def shift_past(stamp: str) -> str:
    """The smallest instant after this one."""
    return stamp[:-7] + "000001Z"


def asked_in(request: Request) -> Mapping[str, Any]:
    """The values of the address; those of the shell are its own."""
    return {name: value for name, value in request.query_params.items() if name not in ("lang", "theme", "keys")}


def create_router(service: "Service") -> APIRouter:
    """The pages of the room."""
    router, store, clock = APIRouter(include_in_schema=False), service.store, service.clock
    is_live, board = service.definition.live is not None, board_of(service.store)

    async def words_for(request: Request, people: Iterable[str] = ()) -> Words:
        return await loading.words_in(service, language(request), people)

    @router.get("/")
    async def home(request: Request, actor: Anybody) -> Response:
        view = await loading.home(service, await words_for(request))
        waiting = await load_directives.waiting(service, actor, language(request))
        proposed = await load_proposals.recent_count(service) if actor.has(*ACTORS) else 0
        shown: dict[str, Any] = {"waiting": waiting, "proposed": proposed, "may_answer": actor.has(*ANSWERERS)}
        return await page(request, "home.html", view=view, is_live=is_live, **shown)

    @router.get("/events")
    async def events(request: Request, actor: Anybody) -> Response:
        now = to_stamp(clock.now())
        asked = parsed(EventsAsked, {"school_year": loading.school_year_at(now), **asked_in(request)})
        wanted = EventFilter(asked.q, asked.school_year, asked.unit, asked.flag)
        docs, following = await queries.events(store, wanted, after=cursor_in(asked.after), limit=PAGE_ROWS)
        best = [] if asked.after else await queries.best_events(store, wanted)
        known = {doc["_id"] for doc in best}
        docs = [*best, *(doc for doc in docs if doc["_id"] not in known)]
        owed = await queries.obligations_of(store, [doc["_id"] for doc in docs])
        chosen = {name: str(getattr(asked, name) or "") for name in ("q", "school_year", "unit", "flag")}
        found = (chosen, following.text() if following else "")
        view = view_events.event_list(docs, owed, now, words=await words_for(request), asked=found)
        return await page(request, "events.html", view=view, is_first=not asked.after)

    @router.get("/events/{event_key}")
    async def event(request: Request, event_key: str, actor: Anybody) -> Response:
        return await _event_page(service, request, event_key, actor=actor)

    @router.get("/obligations")
    async def obligations(request: Request, actor: Anybody) -> Response:
        given, now = dict(asked_in(request)), to_stamp(clock.now())
        if not given:
            given["school_year"] = loading.school_year_at(now)
        asked = parsed(DutiesAsked, given)
        wanted = await asked_of(store, asked.filter())
        docs, following = await queries.obligations(store, wanted, now, after=cursor_in(asked.after), limit=PAGE_ROWS)
        after = following.text() if following else ""
        view = view_duties.duty_list(docs, asked.chosen(), now, words=await words_for(request), after=after)
        saved = await loading.saved_lists(store, actor.account_id)
        shown: dict[str, Any] = {"counts": await loading.tally(store, now), "saved": saved, "is_live": is_live}
        return await page(request, "obligations.html", view=view, is_first=not asked.after, **shown)

    @router.get("/topics")
    async def topics(request: Request, actor: Anybody) -> Response:
        """Supervision by topic area is a cut of the figures. Source: R16"""
        return RedirectResponse(f"{request.app.state.web.root}/compliance?by={Cut.TOPIC_AREA}", 303)

    @router.get("/compliance")
    async def compliance(request: Request, actor: Anybody) -> Response:
        at = clock.now()
        now = to_stamp(at)
        asked = parsed(FiguresAsked, asked_in(request))
        school_year = asked.school_year or loading.school_year_at(now)
        found = await board.figures(school_year, at)
        if found is None:
            return await page(request, "compliance.html", view=None)
        named = await queries.obligations_by_id(store, [one.obligation_id for one in found.taken])
        words = await words_for(request, (one.by for one in found.taken if one.by))
        unconfirmed = await queries.count_unconfirmed(store, now, school_year)
        view = view_figures.figures_view(found, asked.by, named, unconfirmed=unconfirmed, words=words)
        return await page(request, "compliance.html", view=view, may_direct=actor.has(*ISSUERS))

    return router


async def _event_page(service: "Service", request: Request, event_key: str, *, actor: Actor) -> Response:
    """An event, or what was known of it on a day: then nobody can act."""
    known_on = parsed(ThenAsked, asked_in(request)).stamp
    view = await loading.event(service, event_key, language(request), known_on=known_on)
    may = {name: not known_on and actor.has(*roles) for name, roles in MAY.items()}
    keys = view.event.get("members", (view.key,))
    directives = await load_directives.about_event(service, keys, actor, spoken=language(request))
    may |= {"is_live": service.definition.live is not None and not known_on}
    return await page(request, "event.html", view=view, known_on=known_on, directives=directives, **may)
