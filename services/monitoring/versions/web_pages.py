"""The pages of versions: the calendars of a year, the due rules, and what a new version would move.

It must never judge, nor issue anything that was not shown before as a preview.
"""

import json
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from contracts.fields import Code, Note, Record, Text
from services.chassis.decision import Actor, Refused
from services.chassis.web import command_id, form_data, language, page, parsed
from services.chassis.web.identity import signed_in
from services.monitoring.algebra.instants import to_local, to_stamp
from services.monitoring.pages import loading
from services.monitoring.pages.words import Words
from services.monitoring.reading.board import board_of
from services.monitoring.versions import naming, view_calendars, view_policies
from services.monitoring.versions.calendar_rules import GivenCalendar
from services.monitoring.versions.forms import DayForm, PolicyForm, TypedDate, YearForm, at_form
from services.monitoring.versions.issuing import Issuer
from services.monitoring.versions.policy_rules import GivenPolicy
from services.monitoring.versions.previews import Preview, preview_calendar, preview_policy, versions_of
from services.monitoring.versions.refusals import refused
from services.monitoring.versions.web_versions import ISSUERS, IssuedBy

if TYPE_CHECKING:
    from services.chassis.app import Service

Anybody = Annotated[Actor, Depends(signed_in)]
Given = Annotated[str, Query(max_length=60_000)]
_UNSAID = {"reason": "-"}  # a preview has no reason yet; the act is refused without one


class CalendarsAsked(Record):
    """What the address of the page of calendars asks for."""

    year: Annotated[str, Text(4)] | None = None
    day: TypedDate | None = None
    issued: Code | None = None


class PoliciesAsked(Record):
    """What the address of the page of due rules asks for."""

    ended_on: TypedDate | None = None
    issued: Code | None = None


class Confirmed(Record):
    """What was previewed, and why it is issued."""

    given: Annotated[str, Text(60_000, prose=True)]
    reason: Note


def create_router(service: "Service", issuer: Issuer) -> APIRouter:
    """/calendars and /policies, each with its preview."""
    router = APIRouter(include_in_schema=False)
    router.include_router(_calendars(service, issuer))
    router.include_router(_policies(service, issuer))
    return router


async def _words(service: "Service", request: Request, people: set[str]) -> Words:
    return await loading.words_in(service, language(request), people)


def _calendars(service: "Service", issuer: Issuer) -> APIRouter:
    router = APIRouter(prefix="/calendars")

    @router.get("")
    async def show(request: Request, actor: Anybody) -> Response:
        asked = parsed(CalendarsAsked, request.query_params)
        known = naming.calendars_in(await versions_of(service.store))
        today = to_local(to_stamp(service.clock.now())).date()
        typed = int(asked.year) if asked.year and asked.year.isdecimal() else today.year
        year = asked.day.year if asked.day else typed
        words = await _words(service, request, {one.content.by for one in known})
        view = view_calendars.calendars_view(
            known, today, year=min(max(year, 2000), 2200), chosen=asked.day, words=words
        )
        may: dict[str, Any] = {"may_issue": actor.has(*ISSUERS), "issued": asked.issued or ""}
        return await page(request, "calendars.html", view=view, kinds=view_calendars.KINDS, **may)

    @router.post("/preview")
    async def ask(request: Request, actor: IssuedBy) -> Response:
        given = _calendar_in(await form_data(request))
        await _told_at_form(preview_calendar(service, given, actor.account_id))
        return _to(request, "/calendars/preview", {"given": _written(given)})

    @router.get("/preview")
    async def preview(request: Request, actor: IssuedBy, given: Given) -> Response:
        asked = parsed(GivenCalendar, _read(given) | _UNSAID)
        found = await preview_calendar(service, asked, actor.account_id)
        return await _preview_page(service, request, found, given=given, back="/calendars")

    @router.post("")
    async def issue(request: Request, actor: IssuedBy) -> Response:
        confirmed = parsed(Confirmed, await form_data(request))
        given = parsed(GivenCalendar, _read(confirmed.given) | {"reason": confirmed.reason})
        done = await issuer.issue_calendar(command_id(request), actor, given)
        year = given.covers[0].year if given.covers else given.days[0].date.year if given.days else ""
        return _to(request, "/calendars", {"issued": done["version"], "year": str(year)})

    return router


def _calendar_in(form: dict[str, Any]) -> GivenCalendar:
    """What is asked for by the form of one day, or of a range of days; raises Refused."""
    if "day" in form:
        return parsed(GivenCalendar, parsed(DayForm, form).given() | _UNSAID)
    given, faults = parsed(YearForm, form).given()
    if faults:
        raise refused(*faults)
    return parsed(GivenCalendar, given | _UNSAID)


def _policies(service: "Service", issuer: Issuer) -> APIRouter:
    router = APIRouter(prefix="/policies")

    @router.get("")
    async def show(request: Request, actor: Anybody) -> Response:
        asked, at = parsed(PoliciesAsked, request.query_params), service.clock.now()
        versions, year = await versions_of(service.store), loading.school_year_at(to_stamp(at))
        figures = await board_of(service.store).figures(year, at)
        words = await _words(service, request, {one.content.by for one in naming.policies_in(versions)})
        ended_on = asked.ended_on or to_local(to_stamp(at)).date()
        view = view_policies.policies_view(versions, figures, ended_on=ended_on, school_year=year, words=words)
        may: dict[str, Any] = {"may_issue": actor.has(*ISSUERS), "issued": asked.issued or ""}
        return await page(request, "policies.html", view=view, **may)

    @router.post("/preview")
    async def ask(request: Request, actor: IssuedBy) -> Response:
        given = GivenPolicy.model_validate(parsed(PolicyForm, _numbered(await form_data(request))).given() | _UNSAID)
        await _told_at_form(preview_policy(service, given, actor.account_id))
        return _to(request, "/policies/preview", {"given": _written(given)})

    @router.get("/preview")
    async def preview(request: Request, actor: IssuedBy, given: Given) -> Response:
        found = await preview_policy(service, parsed(GivenPolicy, _read(given) | _UNSAID), actor.account_id)
        return await _preview_page(service, request, found, given=given, back="/policies")

    @router.post("")
    async def issue(request: Request, actor: IssuedBy) -> Response:
        confirmed = parsed(Confirmed, await form_data(request))
        given = parsed(GivenPolicy, _read(confirmed.given) | {"reason": confirmed.reason})
        done = await issuer.issue_policy(command_id(request), actor, given)
        return _to(request, "/policies", {"issued": done["version"]})

    return router


async def _preview_page(service: "Service", request: Request, found: Preview, *, given: str, back: str) -> Response:
    words = await _words(service, request, set())
    return await page(request, "version_preview.html", found=found, words=words, given=given, back=back)


async def _told_at_form(preview: Awaitable[Preview]) -> None:
    """Whether it may be previewed; raises Refused with the fields of the form."""
    try:
        await preview
    except Refused as error:
        raise Refused(*at_form(error.refusals), status=error.status) from None


def _written(given: GivenCalendar | GivenPolicy) -> str:
    """What was asked for, small enough for an address."""
    data = given.model_dump(mode="json", exclude_defaults=True, exclude={"reason"}, by_alias=True)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> dict[str, Any]:
    """What `_written` wrote; anything else asks for nothing, and is refused as that."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _numbered(form: dict[str, Any]) -> dict[str, Any]:
    """The form with its numbers as numbers."""
    found = {name: int(form[name]) for name in ("days", "grace_s") if str(form.get(name, "")).strip().isdecimal()}
    return form | found


def _to(request: Request, path: str, asked: dict[str, str]) -> Response:
    return RedirectResponse(f"{request.app.state.web.root}{path}?{urlencode(asked)}", 303)
