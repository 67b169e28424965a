"""What the pages need, asked for together; it must never decide, nor show."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.codes import State
from services.chassis.clock import wall_now
from services.chassis.store import Store
from services.chassis.web.formats import Formats
from services.monitoring.algebra.instants import Stamp, close_of, school_year_of, shift, to_local, to_stamp
from services.monitoring.folding import fold
from services.monitoring.pages import view_event, view_home
from services.monitoring.pages.track import SOON_S
from services.monitoring.pages.view_duties import Choices, query_of
from services.monitoring.pages.view_event import Beside, EventView
from services.monitoring.pages.view_home import SHOWN, Counts, HomeView, News, Question, Work, YearView
from services.monitoring.pages.words import Words
from services.monitoring.reading import queries
from services.monitoring.reading.board import board_of
from services.monitoring.reading.filters import ObligationFilter
from services.monitoring.reading.web_api import whole_event
from services.monitoring.reminders import storage as reminders
from services.monitoring.settings import Settings
from services.monitoring.supervision import proposal_queries
from services.monitoring.versions import past_reading
from services.monitoring.versions.coverage import covered_until

if TYPE_CHECKING:
    from services.chassis.app import Service

Doc = dict[str, Any]
MISSED, OPEN = ObligationFilter(state=State.MISSED), ObligationFilter(state=State.OPEN)
PUBLISHER = "publishing"
# Units: seconds. What an unknown sender reported is asked about for so long.
STRANGERS_FOR_S = 30 * 86_400


def school_year_at(now: Stamp) -> str:
    """The school year that a moment is in."""
    return school_year_of(to_local(now).date())


def silent_since(service: "Service", wall: datetime) -> str | None:
    """When publishing was last heard if that is too long ago, "" when it never was; None while all is well."""
    assert isinstance(service.settings, Settings)
    beat = service.heartbeats.last.get(PUBLISHER)
    if beat is None:
        return ""
    is_silent = wall - beat.heard_at >= timedelta(seconds=service.settings.silent_warn_s)
    return to_stamp(beat.heard_at) if is_silent else None


async def words_in(service: "Service", spoken: str, people: Iterable[str] = ()) -> Words:
    """How a reader of the language is spoken to, with what the people are called."""
    assert isinstance(service.settings, Settings)
    names = await queries.names_of(service, people)
    return Words(Formats(spoken, service.clock.now), service.settings.reference(), names)


async def home(service: "Service", words: Words) -> HomeView:
    """All that the first page shows."""
    now = to_stamp(service.clock.now())
    counts = await tally(service.store, now)
    done, stands, told, calendars = await asyncio.gather(
        work(service, counts, words), year(service, words), news(service, words), queries.calendars(service.store)
    )
    until = covered_until(calendars, to_local(now).date())
    return HomeView(
        weekday=words.weekday(now),
        school_year=school_year_at(now),
        counts=counts,
        work=done,
        year=stands,
        news=told,
        silent_since=silent_since(service, wall_now()),
        calendar_ends=view_home.calendar_ends(until.isoformat() if until else None, now),
    )


async def work(service: "Service", counts: Counts, words: Words) -> Work:
    """What is to be done today."""
    store, now = service.store, to_stamp(service.clock.now())
    (missed, due_soon), questions = await asyncio.gather(first_due(store, now), _questions(store, now, words))
    return Work(view_home.groups(counts, missed, due_soon, now=now, words=words), questions)


async def first_due(store: Store, now: Stamp, limit: int = SHOWN) -> tuple[list[Doc], list[Doc]]:
    """What has been missed for longest, and what is due first."""
    (missed, _), (due_soon, _) = await asyncio.gather(
        queries.obligations(store, MISSED, now, limit=limit),
        queries.obligations(store, replace(OPEN, due_before=_soon(now)), now, limit=limit),
    )
    return missed, due_soon


async def year(service: "Service", words: Words) -> YearView | None:
    """How this school year stands, None while a first count takes long."""
    at = service.clock.now()
    now = to_stamp(at)
    found = await board_of(service.store).figures(school_year_at(now), at)
    return view_home.year_view(found, now, words=words) if found else None


async def event(service: "Service", key: str, spoken: str, *, known_on: Stamp | None = None) -> EventView:
    """All that the page of an event shows, or showed at an instant; raises Refused 404 when nobody reported it."""
    now = to_stamp(service.clock.now())
    if known_on is None:
        answer = await whole_event(service.store, key, now)
    else:
        answer, now = await past_reading.event_answer_then(service, key, known_on), min(known_on, now)
    words = await words_in(service, spoken, view_event.people(answer))
    return view_event.event_view(answer, now, await _beside(service.store, answer), words=words)


def _soon(now: Stamp) -> Stamp:
    """Just after what is due within a day: the filter's end is exclusive, the day's is not."""
    return shift(now, SOON_S + 1)


async def _beside(store: Store, answer: Doc) -> Beside:
    """What the page of an event needs beside it. Shape: answer is the read API's."""
    event = answer["event"]
    calendars, sent = await asyncio.gather(queries.calendars(store), reminders.rows_of_event(store, event["event"]))
    if "title" not in event:
        return Beside(calendars, (), sent)
    day = to_local(event["started_at"]).date()
    asked = {"_id": event["event"], "event": event, "school_year": event["school_year"]}
    root = asked | {"title_folded": fold(event["title"])}
    twins = await queries.twins(store, root, (close_of(day - timedelta(days=1)), close_of(day)), limit=SHOWN)
    other = await proposal_queries.apart_from(store, root["_id"], [doc["_id"] for doc in twins])
    return Beside(calendars, [doc for doc in twins if doc["_id"] not in other], sent)


async def news(service: "Service", words: Words) -> tuple[News, ...]:
    """What became known last."""
    facts = await queries.latest_facts(service.store)
    titles = await queries.titles(service.store, (doc["root"] for _, doc in facts))
    people = await queries.names_of(service, view_home.people(facts))
    return view_home.news(facts, titles, words=replace(words, names=people))


async def saved_lists(store: Store, account_id: str) -> Choices:
    """What a person has saved: each with the part of the address that asks for it, and its name."""
    doc = await store.get("saved_lists", account_id)
    return tuple((query_of(one["asked"]), one["name"]) for one in doc["lists"]) if doc else ()


async def tally(store: Store, now: Stamp) -> Counts:
    """How much there is of each kind of work."""
    soon = replace(OPEN, due_before=_soon(now))
    missed, due_soon, all_open, undated, unconfirmed, suggested = await asyncio.gather(
        queries.count_state(store, MISSED, now),
        queries.count_state(store, soon, now),
        queries.count_state(store, OPEN, now),
        queries.count_state(store, replace(OPEN, undated=True), now),
        queries.count_unconfirmed(store, now),
        queries.count_suggested(store),
    )
    return Counts(missed, due_soon, all_open - due_soon, unconfirmed, undated, suggested)


async def _questions(store: Store, now: Stamp, words: Words) -> tuple[Question, ...]:
    unconfirmed, suggested, strangers = await asyncio.gather(
        queries.unconfirmed(store, now, limit=SHOWN),
        queries.suggested(store, limit=SHOWN),
        queries.flagged(store, "UNAUTHENTICATED", shift(now, -STRANGERS_FOR_S), limit=SHOWN),
    )
    return (
        *(view_home.unconfirmed_question(doc, words) for doc in unconfirmed),
        *(view_home.tier_question(doc, words) for doc in suggested),
        *(view_home.stranger_question(doc, words) for doc in strangers),
    )
