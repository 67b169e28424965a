"""The read API of monitoring: events, obligations, figures; pages stand on the same functions.

It must never judge: it asks, and answers with what the algebra says as of now.
"""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from contracts.codes import RequirementCode, State
from contracts.fields import Code, Id, SchoolYear
from contracts.times import Instant
from services.chassis.decision import Refusal
from services.chassis.store import Store
from services.chassis.web import Problem
from services.chassis.web.i18n import N_
from services.chassis.web.problems import described
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.bearer import Reader
from services.monitoring.reading import documents, figures, queries, shapes
from services.monitoring.reading.figures import Cut, Tally
from services.monitoring.reading.filters import LIMIT, MOST, Cursor, CursorInvalid, ObligationFilter
from services.monitoring.refusals import refuse, refused
from services.monitoring.versions import past_reading
from services.monitoring.versions.knowing import KnownOn

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
EventKey = Annotated[Id, Path(description="The event key, or the key of an event that counts as the same one.")]
AskedCode = Annotated[Code | None, Query()]
_THEN = "As known then, and judged as of then: an instant, or a day, which means its end at the school."
AskedThen = Annotated[KnownOn | None, Query(description=_THEN)]
BAD_CURSOR = Refusal(
    "cursor-invalid",
    N_("Con trỏ trang không đọc được."),
    "/after",
    N_("Dùng đúng giá trị next của lần trả lời trước, hoặc bỏ đi để về trang đầu."),
)


def cursor_in(text: str | None) -> Cursor | None:
    """The place that a cursor names; raises Problem 422 for a text that is none."""
    try:
        return Cursor.read(text) if text else None
    except CursorInvalid:
        raise Problem(422, BAD_CURSOR) from None


async def whole_event(store: Store, key: str, now: Stamp) -> Json:
    """All that is known of an event; raises Refused 404 when nobody reported it."""
    found = await queries.root_event(store, key)
    if found is None:
        raise refused(refuse("event-unknown"))
    _, root = found
    members = await queries.members(store, root)
    planned = documents.milestone_facts(root, await queries.plans_with(store, root))
    owed = (await queries.obligations_of(store, [root["_id"]]))[root["_id"]]
    answer = documents.event_answer(key, root, members, obligations=owed, now=now)
    return answer | {"facts": documents.in_order([*planned, *answer["facts"]])}


async def asked_of(store: Store, asked: ObligationFilter) -> ObligationFilter:
    """The filter with the event that any of its keys counts as."""
    if asked.event is None:
        return asked
    found = await queries.root_event(store, asked.event)
    return asked.about(found[1]["_id"]) if found else asked


async def compliance_of(store: Store, school_year: str, now: Stamp, *, by: Cut | None) -> Json:
    """The figures of a school year, counted now from every obligation of it."""
    tally = Tally(by, school_year)
    lines: list[list[str | None]] = []
    taken: list[figures.TakenAway] = []
    async for docs in queries.year(store, school_year):
        for doc in docs:
            tally.count(doc, figures.see(doc, now))
            lines.append(figures.evidence_line(doc, now))
        taken += figures.taken_away(docs, now)
    named = await queries.obligations_by_id(store, [one.obligation_id for one in taken])
    found = {
        "digest": await asyncio.to_thread(figures.digest_of, lines),
        "unconfirmed": await queries.count_unconfirmed(store, now, school_year),
    }
    listed = [(one, named[one.obligation_id]) for one in taken if one.obligation_id in named]
    return documents.compliance_answer(tally.rows, found, now=now, taken=listed)


def create_router(service: "Service") -> APIRouter:
    """The doors of the read API."""
    router, store, clock = APIRouter(prefix="/api", tags=["reading"]), service.store, service.clock

    @router.get("/events/{event_key}", response_model=shapes.EventAnswer, responses=described(401, 403, 404, 422, 503))
    async def event(event_key: EventKey, who: Reader, known_on: AskedThen = None) -> JSONResponse:
        """All that is known of an event: what was reported, what is owed, what was missed."""
        if known_on is not None:
            return JSONResponse(await past_reading.event_answer_then(service, event_key, to_stamp(known_on)))
        return JSONResponse(await whole_event(store, event_key, to_stamp(clock.now())))

    @router.get("/obligations", response_model=shapes.ObligationPage, responses=described(401, 403, 422, 503))
    async def obligations(
        *,
        who: Reader,
        event: Annotated[Id | None, Query(description="Any key of the event.")] = None,
        state: Annotated[State | None, Query(description="As it is now.")] = None,
        requirement: Annotated[RequirementCode | None, Query()] = None,
        topic_area: AskedCode = None,
        unit: AskedCode = None,
        school_year: Annotated[SchoolYear | None, Query()] = None,
        due_before: Annotated[Instant | None, Query(description="Exclusive; leaves out what has no date.")] = None,
        after: Annotated[str | None, Query(max_length=500, description="`next` of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = LIMIT,
    ) -> JSONResponse:
        """Obligations in the order of their due dates, those without a date last."""
        asked = ObligationFilter(
            event=event,
            state=state,
            requirement=requirement,
            topic_area=topic_area,
            unit=unit,
            school_year=school_year,
            due_before=to_stamp(due_before) if due_before else None,
        )
        now = to_stamp(clock.now())
        place = cursor_in(after)
        docs, following = await queries.obligations(store, await asked_of(store, asked), now, after=place, limit=limit)
        items = [documents.obligation_item(doc, now) for doc in docs]
        return JSONResponse({"items": items, "next": following.text() if following else None})

    @router.get("/compliance", response_model=shapes.Compliance, responses=described(401, 403, 422, 503))
    async def compliance(
        *,
        who: Reader,
        school_year: Annotated[SchoolYear, Query()],
        by: Annotated[Cut | None, Query(description="Left out: one row, the whole year.")] = None,
        known_on: AskedThen = None,
    ) -> JSONResponse:
        """The figures of a school year as of now, with the digest of what they are counted from."""
        if known_on is not None:
            then = to_stamp(known_on)
            return JSONResponse(await past_reading.compliance_then(service, school_year, then, by=by))
        return JSONResponse(await compliance_of(store, school_year, to_stamp(clock.now()), by=by))

    return router
