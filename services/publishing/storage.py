"""Where publishing keeps things: its collections, how they are read for pages, and the photos' bucket.

It must never decide, and never write outside a unit of work but for photos, which are stored before the unit.
"""

from typing import TYPE_CHECKING, Any

from gridfs.errors import NoFile
from pymongo import ASCENDING, DESCENDING, IndexModel

from services.chassis.unit import Collection, Unit
from services.publishing.media import MEDIA_TYPE, Picture
from services.publishing.pages import NewsPage
from services.publishing.state import Content, Link

if TYPE_CHECKING:
    from services.chassis.store import Store

Document = dict[str, Any]
PAGE_ROWS = 50
PICKED = 200

COLLECTIONS = (
    Collection(
        "contents",
        indexes=(
            IndexModel([("submitted_at", DESCENDING), ("_id", ASCENDING)]),
            IndexModel([("submitted_by", ASCENDING), ("submitted_at", DESCENDING), ("_id", ASCENDING)]),
            IndexModel([("link.event", ASCENDING)]),
        ),
    ),
    Collection(
        "work",
        indexes=(
            IndexModel([("is_open", ASCENDING), ("due_at", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("event", ASCENDING)]),
        ),
    ),
    Collection("events", indexes=(IndexModel([("report.started_at", ASCENDING)]),)),
    Collection("plans", indexes=(IndexModel([("items.item_id", ASCENDING)]),)),
    Collection("news", indexes=(IndexModel([("published_at", DESCENDING), ("_id", ASCENDING)]),)),
    Collection("evidence"),
)


async def load(unit: Unit, content_id: str) -> Content | None:
    """The content as the unit sees it."""
    doc = await unit.get("contents", content_id)
    return Content.from_doc(doc) if doc else None


async def plan_item(unit: Unit, item_id: str | None) -> Document | None:
    """The item of an approved plan, or None when no approved plan has it."""
    plans = await unit.find("plans", {"items.item_id": item_id}) if item_id else []
    return next((item for plan in plans for item in plan["items"] if item["item_id"] == item_id), None)


async def content(store: "Store", content_id: str) -> Content | None:
    """The content for a page."""
    doc = await store.get("contents", content_id)
    return Content.from_doc(doc) if doc else None


async def contents(
    store: "Store", *, submitted_by: str | None = None, after: str = "", limit: int = PAGE_ROWS
) -> list[Content]:
    """The submissions of one person or of all, newest first, behind the cursor."""
    where = ({"submitted_by": submitted_by} if submitted_by else {}) | _behind("submitted_at", after, "$lt")
    sort = [("submitted_at", DESCENDING), ("_id", ASCENDING)]
    return [Content.from_doc(doc) for doc in await store.find("contents", where, sort=sort, limit=limit)]


async def contents_of(store: "Store", event_keys: list[str]) -> dict[str, list[Content]]:
    """The contents of each of the events, oldest first."""
    docs = await store.find("contents", {"link.event": {"$in": event_keys}}, sort=[("submitted_at", ASCENDING)])
    found: dict[str, list[Content]] = {}
    for doc in docs:
        found.setdefault(doc["link"]["event"], []).append(Content.from_doc(doc))
    return found


async def open_work(store: "Store", *, after: str = "", limit: int = PAGE_ROWS) -> list[Document]:
    """Obligations that wait for a publication, by due time, behind the cursor; those without a date come last."""
    rows: list[Document] = []
    if not after.startswith("~"):
        where = {"is_open": True, "due_at": {"$gt": ""}} | _behind("due_at", after, "$gt")
        rows = await store.find("work", where, sort=[("due_at", ASCENDING), ("_id", ASCENDING)], limit=limit)
    if len(rows) < limit:
        undated = {"is_open": True, "due_at": None, "_id": {"$gt": after.removeprefix("~") if after[:1] == "~" else ""}}
        rows += await store.find("work", undated, sort=[("_id", ASCENDING)], limit=limit - len(rows))
    return rows


def cursor(at: str | None, doc_id: str) -> str:
    """Where the next page begins: behind this row. Shape: the instant, a tilde, the id."""
    return f"{at or ''}~{doc_id}"


def _behind(field: str, after: str, towards: str) -> Document:
    """What stands behind a cursor in the order of the field and then of the id."""
    at, _, doc_id = after.partition("~")
    return {"$or": [{field: {towards: at}}, {field: at, "_id": {"$gt": doc_id}}]} if at else {}


async def work_count(store: "Store") -> int:
    """How many obligations wait for a publication."""
    return await store.raw("work").count_documents({"is_open": True})


async def events(store: "Store", keys: list[str]) -> dict[str, Document]:
    """What is known of the events."""
    docs = await store.find("events", {"_id": {"$in": keys}})
    return {doc["_id"]: doc for doc in docs}


async def coming_events(store: "Store", now: str) -> list[Document]:
    """Events that begin after `now`, soonest first."""
    where = {"report.started_at": {"$gt": now}}
    return await store.find("events", where, sort=[("report.started_at", ASCENDING)], limit=PICKED)


async def plans(store: "Store") -> list[Document]:
    """The approved plans, latest school year first."""
    return await store.find("plans", {}, sort=[("school_year", DESCENDING)])


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


async def keep_photo(store: "Store", picture: Picture) -> None:
    """Store the bytes under their digest; what a cut-off upload left behind is never found by it."""
    bucket = store.bucket("media")
    if await bucket.find({"filename": picture.sha256}, limit=1).to_list(1):
        return
    await bucket.upload_from_stream(picture.sha256, picture.jpeg, metadata={"media_type": MEDIA_TYPE})


async def photo(store: "Store", sha256: str) -> bytes | None:
    """The bytes of a kept photo."""
    try:
        stream = await store.bucket("media").open_download_stream_by_name(sha256)
    except NoFile:
        return None
    return bytes(await stream.read())
