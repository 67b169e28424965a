"""How pages and the read API ask the database: only what they show, each question on an index.

It must never decide, and never write.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.chassis.store import Store
from services.monitoring.algebra.calendars import CalendarVersion, Version, from_doc
from services.monitoring.algebra.instants import Stamp
from services.monitoring.reading import figures
from services.monitoring.reading.filters import Cursor, EventFilter, ObligationFilter, Where, cursor_of

if TYPE_CHECKING:
    from services.chassis.app import Service

Doc = dict[str, Any]
COUNTED = 1_000
CHUNK = 200
LATEST_FACTS = 8
BEST = 5
_BY_DUE = [("due_at", ASCENDING), ("_id", ASCENDING)]
_LATEST = [("started_at", DESCENDING), ("_id", ASCENDING)]


def _due_index(name: str) -> IndexModel:
    return IndexModel([(name, ASCENDING), *_BY_DUE])


def _stated_index(name: str) -> IndexModel:
    """An index of the few documents in which the field says something."""
    return IndexModel([(name, ASCENDING)], partialFilterExpression={name: {"$gt": ""}})


# What readers need beside the engine's own.
INDEXES: dict[str, tuple[IndexModel, ...]] = {
    "events": (
        IndexModel([("school_year", ASCENDING), *_LATEST]),
        IndexModel(_LATEST),
        IndexModel([("words", ASCENDING), *_LATEST]),
        IndexModel([("title_folded", ASCENDING), *_LATEST]),
        IndexModel([("facts.event_id", ASCENDING)]),
        IndexModel([("event.unit", ASCENDING), *_LATEST]),
        IndexModel([("event.flags", ASCENDING), *_LATEST]),
        _stated_index("event.unconfirmed_from"),
        _stated_index("event.suggested_tier"),
        IndexModel([("facts.recorded", DESCENDING)]),
        IndexModel([(name, ASCENDING) for name in ("started_at", "event.unit", "title_folded", "_id")], name="twins"),
    ),
    "obligations": (
        IndexModel(_BY_DUE),
        *(_due_index(name) for name in ("event", "state", "school_year", "requirement", "unit", "topic_area")),
    ),
}

# What a list shows of an obligation; its publications and history stand on the event's page.
LISTED = (
    *figures.FIELDS,
    "event",
    "channels",
    "phase",
    "title",
    "planned",
    "started_at",
    "ended_at",
    "policy_version",
    "calendar_version",
    "explanation",
    "due_gap",
    "overdue",
)
EVENT_LISTED = ("event", "started_at", "school_year")


def _fields(names: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys((*names, "schema_version"), 1)


async def _in_steps(store: Store, name: str, steps: Sequence[Where], **options: Any) -> list[Doc]:
    """The answers of the questions one after the other, as many as are wanted."""
    wanted: int = options.pop("limit")
    found: list[Doc] = []
    for where in steps:
        if len(found) < wanted:
            found += await store.find(name, where, limit=wanted - len(found), **options)
    return found


async def obligations(
    store: Store, asked: ObligationFilter, now: Stamp, *, after: Cursor | None = None, limit: int
) -> tuple[list[Doc], Cursor | None]:
    """One page of obligations in the order of their due dates, undated last, and where the next page begins."""
    steps = asked.steps(now, after)
    docs = await _in_steps(store, "obligations", steps, limit=limit + 1, sort=_BY_DUE, fields=_fields(LISTED))
    return docs[:limit], cursor_of(docs[limit - 1], "due_at") if len(docs) > limit else None


async def events(
    store: Store, asked: EventFilter, *, after: Cursor | None = None, limit: int
) -> tuple[list[Doc], Cursor | None]:
    """One page of events, the latest first, and where the next page begins."""
    steps = asked.steps(after)
    docs = await _in_steps(store, "events", steps, limit=limit + 1, sort=_LATEST, fields=_fields(EVENT_LISTED))
    return docs[:limit], cursor_of(docs[limit - 1], "started_at") if len(docs) > limit else None


async def best_events(store: Store, asked: EventFilter) -> list[Doc]:
    """The events that are meant most likely, a few: by their code, by their whole title, by how it begins."""
    found: dict[str, Doc] = {}
    for where in asked.best():
        fields, sort = _fields(EVENT_LISTED), [("title_folded", ASCENDING), *_LATEST]
        docs = await store.find("events", where | {"started_at": {"$gt": ""}}, sort=sort, limit=BEST, fields=fields)
        found |= {doc["_id"]: doc for doc in docs if doc["_id"] not in found}
    return list(found.values())[:BEST]


async def obligations_of(store: Store, roots: Sequence[str]) -> dict[str, list[Doc]]:
    """What is owed under the events, whole documents, by event."""
    found: dict[str, list[Doc]] = {root: [] for root in roots}
    docs = await store.find("obligations", {"event": {"$in": list(roots)}}, sort=[("event", ASCENDING), *_BY_DUE])
    for doc in docs:
        found[doc["event"]].append(doc)
    return found


async def root_event(store: Store, key: str) -> tuple[Doc, Doc] | None:
    """The event of a key and the event that it counts as, which may be the same; None when nothing is reported."""
    own = await store.get("events", key)
    root = own if own is None or own["root"] == key else await store.get("events", own["root"])
    return (own, root) if own is not None and root is not None and root["event"] is not None else None


async def members(store: Store, root: Doc) -> list[Doc]:
    """The documents of all keys that count as one event."""
    others = [key for key in root["event"]["members"] if key != root["_id"]]
    return [root, *(await store.find("events", {"_id": {"$in": others}}) if others else [])]


async def twins(store: Store, root: Doc, day: tuple[Stamp, Stamp], *, limit: int) -> list[Doc]:
    """Events that may be the same as this one: of the same day and unit, with the same title."""
    same = {"school_year": root["school_year"], "title_folded": root["title_folded"], "_id": {"$ne": root["_id"]}}
    where = same | {"event.unit": root["event"]["unit"], "started_at": {"$gte": day[0], "$lt": day[1]}}
    return await store.find("events", where, sort=_LATEST, limit=limit, fields=_fields(EVENT_LISTED))


async def plans_with(store: Store, root: Doc) -> list[Doc]:
    """The approved revisions of the plan that has the event's item, those without the item too."""
    item = root["event"].get("plan_item_id")
    where = {"kind": "plan", "fact.items.item_id": item}
    having = await store.find("reference", where, limit=1, fields=_fields(["fact.plan_id"])) if item else []
    if not having:
        return []
    return await store.find("reference", {"kind": "plan", "fact.plan_id": having[0]["fact"]["plan_id"]})


async def obligations_by_id(store: Store, ids: Sequence[str]) -> dict[str, Doc]:
    """What lists show of the obligations, by id."""
    docs = await store.find("obligations", {"_id": {"$in": list(ids)}}, fields=_fields(LISTED)) if ids else []
    return {doc["_id"]: doc for doc in docs}


async def year(store: Store, school_year: str) -> AsyncIterator[list[Doc]]:
    """All obligations of a school year, chunk by chunk, so that others are served in between."""
    fields = _fields(figures.FIELDS)
    cursor = store.raw("obligations").find({"school_year": school_year}, projection=fields, batch_size=CHUNK)
    while docs := await cursor.to_list(CHUNK):
        yield docs


def _unconfirmed(now: Stamp) -> Where:
    return {"event.unconfirmed_from": {"$gt": "", "$lte": now}}


async def count_unconfirmed(store: Store, now: Stamp, school_year: str | None = None) -> int:
    """How many scheduled events should have been confirmed, of one school year or of all."""
    where = _unconfirmed(now) | ({"school_year": school_year} if school_year else {})
    return int(await store.raw("events").count_documents(where))


async def unconfirmed(store: Store, now: Stamp, *, limit: int) -> list[Doc]:
    """Scheduled events that should have been confirmed, the one that waits longest first."""
    sort = [("event.unconfirmed_from", ASCENDING)]
    fields = _fields((*EVENT_LISTED, "facts"))
    return await store.find("events", _unconfirmed(now), sort=sort, limit=limit, fields=fields)


async def suggested(store: Store, *, limit: int) -> list[Doc]:
    """Events for which a sender suggests another tier than the one in force, the latest first."""
    where = {"event.suggested_tier": {"$gt": ""}}
    return await store.find("events", where, sort=_LATEST, limit=limit, fields=_fields(EVENT_LISTED))


async def count_suggested(store: Store) -> int:
    """For how many events a sender suggests another tier."""
    return await count(store, "events", [{"event.suggested_tier": {"$gt": ""}}])


async def flagged(store: Store, flag: str, since: Stamp, *, limit: int) -> list[Doc]:
    """Events with a flag that began at or after an instant, the latest first."""
    where = {"event.flags": flag, "started_at": {"$gte": since}}
    return await store.find("events", where, sort=_LATEST, limit=limit, fields=_fields(EVENT_LISTED))


async def count(store: Store, name: str, steps: Sequence[Where]) -> int:
    """How many documents the questions find, COUNTED at most: for a page that says "many" beyond."""
    found = 0
    for where in steps:
        found += int(await store.raw(name).count_documents(where, limit=COUNTED))
    return min(found, COUNTED)


async def count_state(store: Store, asked: ObligationFilter, now: Stamp) -> int:
    """How many obligations are asked for, COUNTED at most."""
    return await count(store, "obligations", asked.steps(now))


async def latest_facts(store: Store) -> list[tuple[Doc, Doc]]:
    """The facts that were recorded last, each with the document of its event."""
    wanted = {"facts": 1, "event": 1, "root": 1}
    docs = await store.find(
        "events", {}, sort=[("facts.recorded", DESCENDING)], limit=LATEST_FACTS, fields=_fields(wanted)
    )
    facts = [(fact, doc) for doc in docs for fact in doc["facts"]]
    return sorted(facts, key=lambda pair: (pair[0]["recorded"], pair[0]["id"]), reverse=True)[:LATEST_FACTS]


async def titles(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """The titles of events, by key."""
    fields = _fields(["event.title"])
    docs = await store.find("events", {"_id": {"$in": sorted(set(keys))}}, fields=fields)
    return {doc["_id"]: doc["event"]["title"] for doc in docs if "title" in (doc.get("event") or {})}


async def versions(store: Store) -> list[Version]:
    """The versions of calendar and policy, in no order."""
    return [from_doc(doc["fact"]) for doc in await store.find("reference", {"kind": "version"})]


async def calendars(store: Store) -> list[CalendarVersion]:
    """The versions of the calendar in the order in which they were issued."""
    found = await versions(store)
    return sorted((one for one in found if isinstance(one, CalendarVersion)), key=lambda version: version.order)


async def last_calendar(store: Store) -> tuple[str, bool] | None:
    """The version of the calendar that reaches furthest, and whether it is provisional; None without any calendar."""
    where = {"kind": "version", "fact.kind": "calendar"}
    fields = _fields(f"fact.data.{name}" for name in ("version", "covers", "provisional"))
    docs = [doc["fact"]["data"] for doc in await store.find("reference", where, fields=fields)]
    last = max(docs, key=lambda data: (data["covers"][1], data["version"]), default=None)
    return (last["version"], bool(last.get("provisional"))) if last else None


async def names_of(service: "Service", accounts: Iterable[str]) -> dict[str, str]:
    """The names of people as far as they are signed in somewhere; accounts are approval's business."""
    wanted = sorted(set(accounts))
    if not wanted:
        return {}
    fields = {"account_id": 1, "name": 1}
    docs = await service.sessions.find({"account_id": {"$in": wanted}}, projection=fields).to_list(None)
    return {doc["account_id"]: doc["name"] for doc in docs}
