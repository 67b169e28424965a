"""What the pages of directives need, asked for together; it must never decide, nor show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.chassis.decision import Actor
from services.chassis.store import Store
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.pages import loading
from services.monitoring.pages.view_duties import Choices
from services.monitoring.reading import queries
from services.monitoring.reading.filters import Cursor
from services.monitoring.refusals import refuse, refused
from services.monitoring.supervision import directive_queries, view_directives
from services.monitoring.supervision.directives import DirectiveFilter, is_overdue, may_read
from services.monitoring.supervision.view_directives import DirectiveList, DirectiveRow, DirectiveView, Seen

if TYPE_CHECKING:
    from services.chassis.app import Service

Doc = dict[str, Any]
PAGE_ROWS, WAITING_ROWS, EVENT_ROWS = 25, 5, 5
_TOLD = ("scope", "to", "text", "due_at", "by", "issued_at", "state", "acknowledged_by", "closed_at", "history")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person: the first of it, and how much there is."""

    rows: tuple[DirectiveRow, ...]
    count: int


@dataclass(frozen=True, slots=True)
class NewDirective:
    """What the form of a new directive offers, and the event that it is about, if any."""

    addressees: tuple[tuple[str, Choices], ...]
    choices: Mapping[str, Choices]
    event: str
    title: str


def item(doc: Doc, now: Stamp) -> Doc:
    """A directive as the API tells it."""
    return {"directive_id": doc["_id"], **{name: doc[name] for name in _TOLD}, "overdue": is_overdue(doc, now)}


async def one(store: Store, directive_id: str, reader: Actor) -> Doc:
    """The directive; raises Refused 404 when there is none that the reader may see."""
    doc = await store.get("directives", directive_id)
    if doc is None or not may_read(doc, reader):
        raise refused(refuse("directive-unknown"))
    return doc


async def asked_of(store: Store, asked: DirectiveFilter) -> DirectiveFilter:
    """The question with all keys that count as the event asked for."""
    if not asked.event:
        return asked
    found = await queries.root_event(store, asked.event[0])
    return asked.about_event(*asked.event, *found[1]["event"]["members"]) if found else asked


async def listed(
    service: "Service", reader: Actor, spoken: str, *, asked: tuple[DirectiveFilter, Cursor | None, dict[str, str]]
) -> DirectiveList:
    """The page of directives. Shape: asked are the question, where the page begins, and the address's values."""
    question, after, chosen = asked
    where = (await asked_of(service.store, question)).where(reader, to_stamp(service.clock.now()))
    docs, following = await directive_queries.directives(service.store, where, after=after, limit=PAGE_ROWS)
    seen = await _seen(service, reader, spoken, docs=docs)
    return view_directives.directive_list(docs, chosen, seen, after=following.text() if following else "")


async def shown(service: "Service", directive_id: str, reader: Actor, *, spoken: str) -> DirectiveView:
    """The page of one directive; raises Refused 404."""
    doc = await one(service.store, directive_id, reader)
    return view_directives.directive_view(doc, await _seen(service, reader, spoken, docs=[doc]))


async def form(service: "Service", spoken: str, *, event: str) -> NewDirective:
    """What the form of a new directive offers."""
    words = await loading.words_in(service, spoken)
    root = await queries.root_event(service.store, event) if event else None
    title = root[1]["event"].get("title", "") if root else ""
    people = await directive_queries.people(service)
    return NewDirective(view_directives.addressees(people, words), view_directives.choices(words), event, title)


async def waiting(service: "Service", reader: Actor, spoken: str) -> Waiting:
    """What waits for a person on the first page."""
    now = to_stamp(service.clock.now())
    docs, count = await directive_queries.waiting(service.store, reader, now, limit=WAITING_ROWS)
    return Waiting(await _rows(service, reader, spoken, docs=docs), count)


async def about_event(
    service: "Service", keys: Sequence[str], reader: Actor, *, spoken: str
) -> tuple[DirectiveRow, ...]:
    """The directives about an event that the reader may see, what is due first first."""
    now = to_stamp(service.clock.now())
    where = DirectiveFilter(event=tuple(keys)).where(reader, now)
    docs, _ = await directive_queries.directives(service.store, where, limit=EVENT_ROWS)
    return await _rows(service, reader, spoken, docs=docs)


async def _rows(service: "Service", reader: Actor, spoken: str, *, docs: Sequence[Doc]) -> tuple[DirectiveRow, ...]:
    if not docs:
        return ()
    seen = await _seen(service, reader, spoken, docs=docs)
    return tuple(view_directives.directive_row(doc, seen) for doc in docs)


async def _seen(service: "Service", reader: Actor, spoken: str, *, docs: Sequence[Doc]) -> Seen:
    words = await loading.words_in(service, spoken, view_directives.people_in(docs))
    titles = await queries.titles(service.store, view_directives.events_in(docs))
    return Seen(reader, to_stamp(service.clock.now()), words, titles)
