"""Where publishing keeps things: its collections, and how they are read for pages. It must never decide."""

from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.chassis.unit import Collection, Unit
from services.publishing.pages import NewsPage
from services.publishing.state import Content, Link

if TYPE_CHECKING:
    from services.chassis.store import Store

Document = dict[str, Any]
PAGE_ROWS = 50
PICKED = 200
COUNTED = 10_000
# Which submissions a list shows, by the name it has in an address.
WHICH: dict[str, Document] = {"": {}, "waiting": {"shown_at": None}, "shown": {"shown_at": {"$gt": ""}}}
# What asks for somebody whatever is due, as documents say it.
ASKS = ("owes_take_down", "has_trouble")

COLLECTIONS = (
    Collection(
        "contents",
        indexes=(
            IndexModel([("submitted_at", DESCENDING), ("_id", ASCENDING)]),
            IndexModel([("submitted_by", ASCENDING), ("submitted_at", DESCENDING), ("_id", ASCENDING)]),
            IndexModel([("link.event", ASCENDING)]),
            IndexModel([("channels", ASCENDING), ("shown_at", DESCENDING)]),
            IndexModel([("shown_at", ASCENDING), ("submitted_at", DESCENDING), ("_id", ASCENDING)]),
            *(IndexModel([(asks, ASCENDING)], partialFilterExpression={asks: True}) for asks in ASKS),
        ),
    ),
    Collection(
        "work",
        indexes=(
            IndexModel([("is_open", ASCENDING), ("due_at", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("event", ASCENDING)]),
        ),
    ),
    Collection(
        "events", indexes=(IndexModel([("report.started_at", ASCENDING)]), IndexModel([("same_as", ASCENDING)]))
    ),
    Collection("plans", indexes=(IndexModel([("items.item_id", ASCENDING)]),)),
    Collection("acknowledgements", indexes=(IndexModel([("plan_id", ASCENDING), ("revision", ASCENDING)]),)),
    Collection("news", indexes=(IndexModel([("published_at", DESCENDING), ("_id", ASCENDING)]),)),
    Collection("evidence"),
    Collection("desk_filters"),
)


async def load(unit: Unit, content_id: str) -> Content | None:
    """The content as the unit sees it."""
    doc = await unit.get("contents", content_id)
    return Content.from_doc(doc) if doc else None


async def plan_item(unit: Unit, item_id: str | None) -> Document | None:
    """The item of an approved plan, or None when no approved plan has it."""
    return _item(await unit.find("plans", {"items.item_id": item_id}), item_id) if item_id else None


async def item(store: "Store", item_id: str) -> Document | None:
    """The same for a page."""
    return _item(await store.find("plans", {"items.item_id": item_id}), item_id)


def _item(plans: list[Document], item_id: str) -> Document | None:
    return next((item for plan in plans for item in plan["items"] if item["item_id"] == item_id), None)


async def content(store: "Store", content_id: str) -> Content | None:
    """The content for a page."""
    doc = await store.get("contents", content_id)
    return Content.from_doc(doc) if doc else None


async def contents(
    store: "Store", *, where: Document | None = None, after: str = "", limit: int = PAGE_ROWS
) -> list[Content]:
    """Submissions, newest first, behind the cursor. Shape: where is one of WHICH, or {"submitted_by": account id}."""
    wanted = {**(where or {}), **_behind("submitted_at", after, "$lt")}
    sort = [("submitted_at", DESCENDING), ("_id", ASCENDING)]
    return [Content.from_doc(doc) for doc in await store.find("contents", wanted, sort=sort, limit=limit)]


async def contents_of(store: "Store", event_keys: list[str]) -> dict[str, list[Content]]:
    """The contents about each of the events, oldest first, those under the key of a report of the same event too."""
    keys = {key: [key] for key in event_keys}
    for event in await store.find("events", {"same_as": {"$in": event_keys}}):
        for key in event["same_as"]:
            keys.setdefault(event["_id"], []).append(key)
    oldest_first = [("submitted_at", ASCENDING), ("_id", ASCENDING)]
    docs = await store.find("contents", {"link.event": {"$in": list(keys)}}, sort=oldest_first)
    found: dict[str, list[Content]] = {}
    for doc in docs:
        for key in keys[doc["link"]["event"]]:
            found.setdefault(key, []).append(Content.from_doc(doc))
    return found


async def board(store: "Store", channels: list[str], since: str, *, limit: int) -> list[Content]:
    """What one of the channels shows and some channel began to show since then, the newest first."""
    where = {"channels": {"$in": channels}, "shown_at": {"$gte": since}}
    docs = await store.find("contents", where, sort=[("shown_at", DESCENDING), ("_id", ASCENDING)], limit=limit)
    return [Content.from_doc(doc) for doc in docs]


async def open_work(
    store: "Store", *, span: Document, only: Document | None = None, after: str = "", limit: int = PAGE_ROWS
) -> list[Document]:
    """Obligations that wait for a publication, by due time, behind the cursor; those without a date come last.

    Shape:   span is a condition on `due_at`; those without a date are there when it has no upper bound. only is a
             condition on other fields.
    """
    rows: list[Document] = []
    is_open = {"is_open": True, **(only or {})}
    if not after.startswith("~"):
        where = {**is_open, "due_at": {"$gt": "", **span}, **_behind("due_at", after, "$gt")}
        rows = await store.find("work", where, sort=[("due_at", ASCENDING), ("_id", ASCENDING)], limit=limit)
    if len(rows) < limit and not {"$lt", "$lte"} & span.keys():
        behind = after.removeprefix("~") if after[:1] == "~" else ""
        undated = {**is_open, "due_at": None, "_id": {"$gt": behind}}
        rows += await store.find("work", undated, sort=[("_id", ASCENDING)], limit=limit - len(rows))
    return rows


async def work_of(store: "Store", event_keys: list[str]) -> list[Document]:
    """All obligations of the events, closed ones too."""
    return await store.find("work", {"event": {"$in": event_keys}}, sort=[("_id", ASCENDING)])


async def overdue_work(store: "Store", now: str) -> list[Document]:
    """Obligations that wait for a publication and are past due, the last due first; as many as are offered at once."""
    where = {"is_open": True, "due_at": {"$gt": "", "$lte": now}}
    return await store.find("work", where, sort=[("due_at", DESCENDING), ("_id", ASCENDING)], limit=PICKED)


def cursor(at: str | None, doc_id: str) -> str:
    """Where the next page begins: behind this row. Shape: the instant, a tilde, the id."""
    return f"{at or ''}~{doc_id}"


def _behind(field: str, after: str, towards: str) -> Document:
    """What stands behind a cursor in the order of the field and then of the id."""
    at, _, doc_id = after.partition("~")
    return {"$or": [{field: {towards: at}}, {field: at, "_id": {"$gt": doc_id}}]} if at else {}


async def work_count(store: "Store", span: Document, only: Document | None = None) -> int:
    """How many dated obligations of the span wait for a publication."""
    where = {"is_open": True, "due_at": {"$gt": "", **span}, **(only or {})}
    return await store.raw("work").count_documents(where, limit=COUNTED)


async def events(store: "Store", keys: list[str]) -> dict[str, Document]:
    """What is known of the events."""
    docs = await store.find("events", {"_id": {"$in": keys}})
    return {doc["_id"]: doc for doc in docs}


async def coming_events(store: "Store", now: str, *, limit: int = PICKED) -> list[Document]:
    """Events that begin after `now`, soonest first."""
    where = {"report.started_at": {"$gt": now}}
    return await store.find("events", where, sort=[("report.started_at", ASCENDING)], limit=limit)


async def plans(store: "Store") -> list[Document]:
    """The approved plans, latest school year first."""
    return await store.find("plans", {}, sort=[("school_year", DESCENDING)])


async def acknowledgements(store: "Store", plan: Document) -> list[Document]:
    """Who has read the plan's revision in force, in the order of reading."""
    where = {"plan_id": plan["_id"], "revision": plan["revision"]}
    return await store.find("acknowledgements", where, sort=[("at", ASCENDING), ("_id", ASCENDING)])


async def known_links(store: "Store", links: list[Link]) -> tuple[set[str], set[str]]:
    """Which events and which plan items of the links are known here."""
    keys = [link.event for link in links if link.event]
    item_ids = [link.plan_item_id for link in links if link.plan_item_id]
    found = set(await events(store, keys)) if keys else set()
    if item_ids:
        holding = await store.find("plans", {"items.item_id": {"$in": item_ids}})
        item_ids = [item["item_id"] for plan in holding for item in plan["items"]]
    return found, set(item_ids)


async def news(store: "Store", *, after: str = "", limit: int = PAGE_ROWS) -> list[NewsPage]:
    """What the built-in site shows, newest first, behind the cursor."""
    where, sort = _behind("published_at", after, "$lt"), [("published_at", DESCENDING), ("_id", ASCENDING)]
    return [NewsPage.from_doc(doc) for doc in await store.find("news", where, sort=sort, limit=limit)]


async def news_page(store: "Store", content_id: str) -> NewsPage | None:
    """One page that the built-in site shows."""
    doc = await store.get("news", content_id)
    return NewsPage.from_doc(doc) if doc else None
