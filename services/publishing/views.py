"""What the forms and lists of publishing show, as frozen values made from documents; pure, and never a decision."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.codes import ItemKind
from contracts.times import parse_time
from services.chassis.web.formats import LOCAL
from services.publishing.projections import is_cancelled
from services.publishing.state import Content, Link

Document = dict[str, Any]

SOON = timedelta(hours=24)
OFFERED = 30
TRACK_DAYS = 14


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the due track. Shape: kind is event, counted or rolled."""

    kind: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What content is about, and the nearest due time of what it owes."""

    link: Link
    title: str
    unit: str = ""
    starts_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    state: str = ""
    days: tuple[Day, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanView:
    """An approved plan: its items by channel, who has read it, and when this person did."""

    plan: Document
    parts: Mapping[str, Sequence[Document]]
    read: tuple[Document, ...]
    read_at: datetime | None

    def to_json(self) -> Document:
        """The plan for the API."""
        fields = ("school_year", "revision", "title", "items", "groups")
        read = [{name: doc[name] for name in ("account_id", "name", "unit", "at")} for doc in self.read]
        return {"plan_id": self.plan["_id"], **{name: self.plan[name] for name in fields}, "acknowledgements": read}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that content can be about, as offered. Shape: about is event:<key> or item:<id>; at is due or start."""

    about: str
    title: str
    unit: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What is offered: events that owe news, events to come, routine items of the plan."""

    due: tuple[Choice, ...]
    coming: tuple[Choice, ...]
    items: tuple[Choice, ...]


def work_json(doc: Document, contents: Sequence[Content]) -> Document:
    """A row of the API: the obligation as monitoring assessed it, and the contents there are for it."""
    fields = {name: value for name, value in doc.items() if name not in ("_id", "v", "o", "schema_version", "is_open")}
    found = [
        {"content_id": c.content_id, "title": c.title, "channels": [p.channel.value for p in c.shown]} for c in contents
    ]
    return fields | {"contents": found}


def subject(
    link: Link, event: Document | None, item: Document | None, *, work: Sequence[Document], now: datetime
) -> Subject:
    """What a link is about; without title when neither the event nor the item has arrived here."""
    report: Document = (event or {}).get("report", {})
    title = report.get("title") or (item or {}).get("title") or ""
    starts_at, ended_at = instant(report.get("started_at")), instant(report.get("ended_at"))
    open_work = sorted(
        (doc for doc in work if doc["is_open"] and doc.get("due_at")), key=lambda doc: str(doc["due_at"])
    )
    if not open_work:
        return Subject(link, title, report.get("unit", ""), starts_at, ended_at)
    first, due_at = open_work[0], parse_time(open_work[0]["due_at"])
    state = "MISSED" if due_at <= now else "DUE_SOON" if due_at - now < SOON else "OPEN"
    days = _track(ended_at, instant(first.get("strict_due_at")), due_at, now=now) if first["phase"] == "POST" else ()
    return Subject(link, title or first["title"], first["unit"], starts_at, ended_at, due_at, state, days)


def _track(
    ended_at: datetime | None, strict_at: datetime | None, due_at: datetime, *, now: datetime
) -> tuple[Day, ...]:
    """The days from the event's to the last one in time; those behind the strict due date were added by rest days."""
    if ended_at is None:
        return ()
    first, last = _last_day(ended_at), _last_day(due_at)
    rolled, today = _last_day(strict_at or due_at), now.astimezone(LOCAL).date()
    days = [first + timedelta(days=n) for n in range(min((last - first).days, TRACK_DAYS) + 1)]
    kinds = ["event" if n == 0 else "rolled" if day > rolled else "counted" for n, day in enumerate(days)]
    return tuple(Day(kind, day <= today) for kind, day in zip(kinds, days, strict=True))


def _last_day(at: datetime) -> Any:
    return (at - timedelta(microseconds=1)).astimezone(LOCAL).date()


def choices(
    work: Sequence[Document], coming: Sequence[Document], plans: Sequence[Document], *, unit: str, query: str
) -> Choices:
    """What is offered: what is asked for by name, one's own unit first."""
    due: dict[str, Choice] = {}
    for doc in work:
        made = Choice(f"event:{doc['event']}", doc["title"], doc["unit"], instant(doc.get("due_at")))
        due.setdefault(doc["event"], made)
    known = {*due, *(doc["_id"] for doc in coming)}
    ahead = [_coming(doc) for doc in coming if doc["_id"] not in due and not _is_gone(doc, known)]
    items = [_item(item) for plan in plans for item in plan["items"] if item["kind"] == ItemKind.ROUTINE]
    return Choices(*(_found(offered, unit, query) for offered in (due.values(), ahead, items)))


def _found(offered: Any, unit: str, query: str) -> tuple[Choice, ...]:
    wanted = [choice for choice in offered if fold(query) in fold(choice.title)]
    return tuple(sorted(wanted, key=lambda choice: not unit or choice.unit != unit)[:OFFERED])


def fold(text: str) -> str:
    """The text as it is searched: lower case, without marks."""
    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(c for c in bare if not unicodedata.combining(c))


def _is_gone(event: Document, known: set[str]) -> bool:
    """Whether it is cancelled, or offered under the key of the event that it is the same as."""
    return is_cancelled(event) or bool(event.get("merged", {}).get("into")) or not known.isdisjoint(event["same_as"])


def _coming(event: Document) -> Choice:
    report = event["report"]
    return Choice(f"event:{event['_id']}", report["title"], report["unit"], parse_time(report["started_at"]))


def _item(item: Document) -> Choice:
    return Choice(f"item:{item['item_id']}", item["title"], item.get("lead_unit", ""))


def plan_view(plan: Document, read: Sequence[Document], account_id: str) -> PlanView:
    """An approved plan as one person sees it."""
    parts: dict[str, list[Document]] = {}
    for item in plan["items"]:
        parts.setdefault(item["channel"], []).append(item)
    own = next((doc["at"] for doc in read if doc["account_id"] == account_id), None)
    return PlanView(plan, parts, tuple(read), instant(own))


def plans_of_year(plans: Sequence[Document], now: datetime) -> list[Document]:
    """The plans of the running school year (from 1 September); before there is one, of the last. Source: A18"""
    local = now.astimezone(LOCAL)
    begins = local.year if local.month >= 9 else local.year - 1
    year = f"{begins}-{begins + 1}"
    latest = max((plan["school_year"] for plan in plans if plan["school_year"] <= year), default="")
    return [plan for plan in plans if plan["school_year"] == latest]


def instant(text: str | None) -> datetime | None:
    """The instant of a stored text."""
    return parse_time(text) if text else None
