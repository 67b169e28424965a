"""The doors of a link: a reviewer reads and decides on his phone, with his password and no session.

Opening a link changes nothing. It must never judge: it parses, asks for the password, calls the desk, shows.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from contracts.codes import Stage, Tier, Verdict
from contracts.planning import PlanContent
from contracts.reference import Reference
from services.approval import decisions, sessions, storage
from services.approval.accounts import Account, Password
from services.approval.commands import Desk, ruling_of
from services.approval.editing.edit_form import edited
from services.approval.links import keeping, standing
from services.approval.links.standing import End, Link
from services.approval.pages import diff, views
from services.approval.refusals import refuse, refused
from services.approval.state import Review
from services.approval.web import NewDecision
from services.approval.web_sessions import address_of, see_other
from services.chassis.decision import Refused
from services.chassis.web import command_id, form_data, language, page, parsed
from services.chassis.web.forms import AGAIN

if TYPE_CHECKING:
    from services.chassis.app import Service

Opened = tuple[Link, Review, Account]


class Saying(NewDecision):
    """What a reviewer sends from a link."""

    password: Password


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """The doors of a link; pages alone, as a program signs in."""
    router, store, clock = APIRouter(include_in_schema=False), service.store, service.clock

    async def found(plan_id: str) -> Review:
        review = await storage.review(store, plan_id)
        if review is None:
            raise refused(refuse("review-unknown"))
        return review

    async def opened(key: str) -> Opened:
        link = await keeping.link_of(store, key)
        account = await storage.account(store, link.account_id)
        if account is None:
            raise refused(refuse("link-account"))
        return link, await found(link.plan_id), account

    async def decided(request: Request, key: str, said: Saying, *, content: PlanContent | None = None) -> Response:
        link, review, account = await opened(key)
        try:
            await sessions.confirm(service, account.name, said.password, address=address_of(request))
        except Refused as error:
            raise refused(refuse("link-password")) from error
        command, actor = command_id(request), account.actor()
        told = {"content_hash": said.content_hash, "note": said.note, "link": link.link_id}
        ruling = ruling_of(command, actor, verdict=said.verdict, **told)
        await desk.decide(command, actor, review.plan_id, ruling=ruling, content=content)
        return see_other(request, f"/link?{urlencode({'key': key})}")

    @router.get("/link")
    async def show_link(request: Request, key: str = "") -> Response:
        link, review, account = await opened(key)
        people = await storage.names_of(store, views.people(review))
        known = views.Known(people=people, codes=diff.Names(language(request), reference))
        view = views.review_page(review, account.actor(), clock.now(), known=known)
        over = standing.bar(link, review, account, now=clock.now())
        return await page(request, "link.html", **_bare(link, key), view=view, over=over, as_whole=not review.earlier)

    @router.post("/link")
    async def decide(request: Request, key: str = "") -> Response:
        return await decided(request, key, parsed(Saying, await form_data(request)))

    @router.get("/link/edit")
    async def show_edit(request: Request, key: str = "") -> Response:
        link, review, account = await opened(key)
        over = standing.bar(link, review, account, now=clock.now()) or decisions.bar(review, account.actor())
        if over and AGAIN not in request.scope:
            raise refused(over)
        about: dict[str, Any] = {"review": review, "is_office": review.stage is Stage.OFFICE, "tiers": list(Tier)}
        return await page(request, "link_edit.html", **_bare(link, key), **about)

    @router.post("/link/edit")
    async def edit_and_approve(request: Request, key: str = "") -> Response:
        form, (_, review, _) = await form_data(request), await opened(key)
        said = parsed(Saying, {"verdict": Verdict.APPROVED, **form})
        return await decided(request, key, said, content=edited(review.content, form))

    @router.post("/link/disown")
    async def disown(request: Request, key: str = "") -> Response:
        link = await keeping.link_of(store, key)
        await keeping.end(service, link.link_id, End.DISOWNED)
        return see_other(request, f"/link?{urlencode({'key': key})}")

    return router


def _bare(link: Link, key: str) -> dict[str, Any]:
    """What the pages of a link have alike: no rooms, no strip; whoever is signed in on this phone does not count."""
    return {"actor": None, "strip": None, "link": link, "link_query": urlencode({"key": key})}
