"""The doors of the review room: inbox, review, decision; each form is also an API call on the same command.

It must never judge: it parses, calls the desk, shows.
"""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from contracts.codes import Stage, Tier, Verdict
from contracts.fields import OptionalNote, Record, Text
from contracts.planning import PlanContent
from contracts.reference import Reference
from services.approval import decisions, storage
from services.approval.commands import Desk, ruling_of
from services.approval.editing.edit_form import edited
from services.approval.links.standing import SENDERS
from services.approval.pages import diff, views
from services.approval.refusals import refuse, refused
from services.approval.state import Review, Status
from services.approval.web_sessions import see_other
from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, language, page, parsed
from services.chassis.web.forms import AGAIN
from services.chassis.web.identity import require, signed_in

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
Reader = Annotated[Actor, Depends(require(*decisions.READERS))]
Reviewer = Annotated[Actor, Depends(require(*decisions.STAGE_ROLES.values()))]
Anybody = Annotated[Actor, Depends(signed_in)]


class NewDecision(Record):
    """What a reviewer sends; the hash is judged by the rules, so any text is taken here."""

    verdict: Verdict
    content_hash: Annotated[str, Text(200, min_length=0)]
    note: OptionalNote = ""
    content: PlanContent | None = Field(None, description="The whole content as the reviewer changed it, to approve.")


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """The doors of reviews, pages and API."""
    router, store, clock = APIRouter(), service.store, service.clock

    async def found(plan_id: str) -> Review:
        review = await storage.review(store, plan_id)
        if review is None:
            raise refused(refuse("review-unknown"))
        return review

    async def given_to_desk(request: Request, plan_id: str, given: NewDecision, *, actor: Actor) -> Json:
        command, said = command_id(request), {"content_hash": given.content_hash, "note": given.note}
        ruling = ruling_of(command, actor, verdict=given.verdict, **said)
        return await desk.decide(command, actor, plan_id, ruling=ruling, content=given.content)

    @router.get("/", include_in_schema=False)
    async def inbox(request: Request, actor: Anybody) -> Response:
        can_read = actor.has(*decisions.READERS)
        reviews = await storage.reviews(store) if can_read else []
        names = await storage.names_of(store, {review.drafted_by for review in reviews})
        view = views.inbox(reviews, actor, clock.now(), names=names)
        return await page(request, "inbox.html", view=view, can_read=can_read)

    @router.get("/reviews/{plan_id}", include_in_schema=False)
    async def show(request: Request, plan_id: str, actor: Reader) -> Response:
        review = await found(plan_id)
        known = views.Known(
            people=await storage.names_of(store, views.people(review)), codes=diff.Names(language(request), reference)
        )
        view = views.review_page(review, actor, clock.now(), known=known)
        as_whole = review.earlier is None or request.query_params.get("view") == "whole"
        can_link = review.stage is not None and actor.has(*SENDERS)
        return await page(request, "review.html", view=view, as_whole=as_whole, can_link=can_link)

    @router.post("/reviews/{plan_id}/decisions", include_in_schema=False)
    async def decide_by_form(request: Request, plan_id: str, actor: Reviewer) -> Response:
        given = parsed(NewDecision, await form_data(request))
        await given_to_desk(request, plan_id, given, actor=actor)
        return see_other(request, f"/reviews/{quote(plan_id, safe='')}")

    @router.get("/reviews/{plan_id}/edit", include_in_schema=False)
    async def show_edit(request: Request, plan_id: str, actor: Reviewer) -> Response:
        review = await found(plan_id)
        is_again = AGAIN in request.scope
        bar = None if is_again else decisions.bar(review, actor)  # what was typed stays, whatever happened meanwhile
        if bar:
            raise refused(bar)
        is_office = review.stage is Stage.OFFICE
        return await page(request, "review_edit.html", review=review, is_office=is_office, tiers=list(Tier))

    @router.post("/reviews/{plan_id}/edit", include_in_schema=False)
    async def edit_and_approve(request: Request, plan_id: str, actor: Reviewer) -> Response:
        form = await form_data(request)
        said = parsed(NewDecision, {"verdict": Verdict.APPROVED, **form})
        content = edited((await found(plan_id)).content, form)
        await given_to_desk(request, plan_id, said.model_copy(update={"content": content}), actor=actor)
        return see_other(request, f"/reviews/{quote(plan_id, safe='')}")

    @router.get("/api/reviews")
    async def reviews(actor: Reader, status: Annotated[list[Status] | None, Query()] = None) -> Json:
        rows = await storage.reviews(store, [one.value for one in status or ()])
        return {"items": [views.review_row(review, clock.now()) for review in rows]}

    @router.get("/api/reviews/{plan_id}")
    async def review(plan_id: str, actor: Reader) -> Json:
        return views.review_whole(await found(plan_id), actor, clock.now())

    @router.post("/api/reviews/{plan_id}/decisions", status_code=201)
    async def decide(request: Request, plan_id: str, given: NewDecision, *, actor: Reviewer) -> Json:
        return await given_to_desk(request, plan_id, given, actor=actor)

    return router
