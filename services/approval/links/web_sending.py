"""The doors by which the office makes links to a review and ends them; it must never show a link twice."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from contracts.fields import Record
from services.approval import decisions, storage
from services.approval.links import keeping, standing
from services.approval.links.standing import End
from services.approval.refusals import refuse, refused
from services.approval.web_sessions import see_other
from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, page, parsed
from services.chassis.web.identity import require

if TYPE_CHECKING:
    from services.chassis.app import Service

Sender = Annotated[Actor, Depends(require(*standing.SENDERS))]


class Chosen(Record):
    """For whom a link is made."""

    account_id: str


def create_router(service: "Service") -> APIRouter:
    """The doors of those who send links."""
    router, store, clock = APIRouter(include_in_schema=False), service.store, service.clock

    async def shown(request: Request, plan_id: str, *, key: str | None = None, is_new: bool = False) -> Response:
        review, links = await storage.review(store, plan_id), await keeping.links_of(store, plan_id)
        if review is None:
            raise refused(refuse("review-unknown"))
        accounts = {one.account_id: one for one in await storage.accounts(store)}
        able = [one for one in accounts.values() if decisions.bar(review, one.actor()) is None]
        rows = [(one, standing.bar(one, review, accounts.get(one.account_id), now=clock.now())) for one in links]
        home = service.settings.room_urls[service.name].rstrip("/")
        return await page(
            request,
            "links.html",
            review=review,
            choices=[(one.account_id, one.display_name) for one in able],
            rows=rows,
            names={account_id: one.display_name for account_id, one in accounts.items()},
            is_new=is_new,
            address=f"{home}/link?key={key}" if key else "",
        )

    @router.get("/reviews/{plan_id}/links")
    async def show_links(request: Request, plan_id: str, actor: Sender) -> Response:
        return await shown(request, plan_id)

    @router.post("/reviews/{plan_id}/links")
    async def make_link(request: Request, plan_id: str, actor: Sender) -> Response:
        given = parsed(Chosen, await form_data(request))
        by = (actor, command_id(request))
        key = await keeping.make(service, by, plan_id, account_id=given.account_id)
        return await shown(request, plan_id, key=key, is_new=True)

    @router.post("/reviews/{plan_id}/links/{link_id}/end")
    async def end_link(request: Request, plan_id: str, link_id: str, *, actor: Sender) -> Response:
        await keeping.end(service, link_id, End.REVOKED, by=actor)
        return see_other(request, f"/reviews/{quote(plan_id, safe='')}/links")

    return router
