"""What the pages and the API of publishing read alike, each for the person who asks; it must never decide."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from contracts.times import format_time
from services.chassis.decision import Actor, Refused
from services.chassis.web.identity import require
from services.publishing import decisions, storage, views
from services.publishing.refusals import refuse
from services.publishing.state import Content, Link

if TYPE_CHECKING:
    from services.chassis.app import Service

SEEING = tuple(dict.fromkeys((*decisions.READERS, *decisions.SUBMITTERS)))
Submitter = Annotated[Actor, Depends(require(*decisions.SUBMITTERS))]
Publisher = Annotated[Actor, Depends(require(*decisions.PUBLISHERS))]
Reader = Annotated[Actor, Depends(require(*decisions.READERS))]
Seeing = Annotated[Actor, Depends(require(*SEEING))]


async def seen(service: "Service", actor: Actor, content_id: str) -> Content:
    """The content, if the person may see it; raises Refused with 404."""
    content = await storage.content(service.store, content_id)
    if content is None or not decisions.may_read(actor, content):
        raise Refused(refuse("content-unknown"), status=404)
    return content


async def listed(service: "Service", actor: Actor, *, which: str, after: str, limit: int) -> list[Content]:
    """All submissions of a kind for the desk, a contributor's own for a contributor."""
    own = {} if actor.has(*decisions.READERS) else {"submitted_by": actor.account_id}
    return await storage.contents(service.store, where=storage.WHICH[which] | own, after=after, limit=limit)


async def flagged(service: "Service", contents: list[Content]) -> set[str]:
    """The ids of the contents that belong to nothing known here."""
    keys, items = await storage.known_links(service.store, [content.link for content in contents])
    return {c.content_id for c in contents if _is_unplanned(c, keys, items)}


def _is_unplanned(content: Content, keys: set[str], items: set[str]) -> bool:
    link = content.link
    return decisions.is_unplanned(link, event_is_known=link.event in keys, item_is_known=link.plan_item_id in items)


async def subject_of(service: "Service", link: Link) -> views.Subject:
    """What a link is about, as far as it is known here."""
    store, keys = service.store, [link.event] if link.event else []
    event = (await storage.events(store, keys)).get(link.event or "")
    work = await storage.work_of(store, [*keys, *(event["same_as"] if event else ())])
    item = await storage.item(store, link.plan_item_id) if link.plan_item_id else None
    return views.subject(link, event, item, work=work, now=service.clock.now())


async def offered(service: "Service", actor: Actor, query: str) -> views.Choices:
    """What content can be about: what is due next, then what is overdue, what is to come, the plan's items."""
    now = service.clock.now()
    at, store = format_time(now), service.store
    due = await storage.open_work(store, span={"$gt": at}, limit=storage.PICKED)
    work = [*due, *await storage.overdue_work(store, at)]
    plans = views.plans_of_year(await storage.plans(store), now)
    coming = await storage.coming_events(store, at)
    return views.choices(work, coming, plans, unit=actor.unit, query=query)


async def plans_for(service: "Service", actor: Actor) -> list[views.PlanView]:
    """The approved plans of the year as the person sees them: who has read them is the office's to know."""
    found = []
    for plan in views.plans_of_year(await storage.plans(service.store), service.clock.now()):
        read = await storage.acknowledgements(service.store, plan)
        own = [doc for doc in read if actor.has(*decisions.READERS) or doc["account_id"] == actor.account_id]
        found.append(views.plan_view(plan, own, actor.account_id))
    return found


def see_other(request: Request, path: str) -> Response:
    """On to a page of this room, also behind a path prefix."""
    return RedirectResponse(f"{request.app.root_path}{path}", 303)


def next_cursor(docs: list[dict[str, Any]], limit: int, field: str) -> str | None:
    """Where the next page begins, None when this one is not full."""
    return storage.cursor(docs[-1].get(field), docs[-1]["_id"]) if len(docs) == limit else None
