"""The versions of calendar and policy for programs: read them, issue one; it must never judge."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from contracts.fields import Record
from services.chassis.decision import Actor
from services.chassis.web import command_id
from services.chassis.web.identity import require
from services.chassis.web.problems import described
from services.monitoring.algebra.instants import to_local
from services.monitoring.bearer import SIGNED_IN, CommandKey, Reader
from services.monitoring.versions import coverage, naming, policy_rules, shapes
from services.monitoring.versions.calendar_rules import GivenCalendar
from services.monitoring.versions.issuing import Issuer
from services.monitoring.versions.policy_rules import GivenPolicy
from services.monitoring.versions.previews import preview_calendar, preview_policy, versions_of

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
# Who may change how due dates are reckoned. Source: A3, 3.4 (the office's rule, kept by its head and its operator)
ISSUERS = ("office_head", "operator")
IssuedBy = Annotated[Actor, Depends(require(*ISSUERS))]
_ACTS: Json = {"dependencies": [SIGNED_IN], "responses": described(400, 401, 403, 409, 413, 422, 503)}
_READS: Json = {"responses": described(401, 403, 422, 503)}


def shown(data: Record) -> Json:
    """A version as it was issued. Shape: what was not said is null, not absent."""
    return data.model_dump(mode="json")


def create_router(service: "Service", issuer: Issuer) -> APIRouter:
    """GET and POST /api/calendars and /api/policies."""
    router, store, clock = APIRouter(prefix="/api", tags=["versions"]), service.store, service.clock

    @router.get("/calendars", response_model=shapes.CalendarList, **_READS)
    async def calendars(who: Reader) -> JSONResponse:
        """All versions of the calendar of holidays, the last one issued first."""
        known = naming.calendars_in(await versions_of(store))
        until = coverage.covered_until(known, to_local(clock.now().isoformat()).date())
        items = [shown(one.content) for one in reversed(known)]
        return JSONResponse({"items": items, "covered_until": until.isoformat() if until else None})

    @router.get("/policies", response_model=shapes.PolicyList, **_READS)
    async def policies(who: Reader) -> JSONResponse:
        """All versions of the due rules, the last one issued first, and which rule is in force for what."""
        versions = await versions_of(store)
        items = [shown(one.content) for one in reversed(naming.policies_in(versions))]
        ruling = {
            code: {"rule": one.rule.to_data(), "version": one.version}
            for code, one in policy_rules.ruling_rules(versions).items()
        }
        return JSONResponse({"items": items, "ruling": ruling})

    @router.post("/calendars", response_model=shapes.Issued, status_code=201, **_ACTS)
    async def issue_calendar(
        request: Request, given: GivenCalendar, *, key: CommandKey = None, actor: IssuedBy
    ) -> JSONResponse:
        """Issue a version of the calendar, whole or as a change of another; it dates what is open at once."""
        return JSONResponse(await issuer.issue_calendar(command_id(request), actor, given), 201)

    @router.post("/policies", response_model=shapes.Issued, status_code=201, **_ACTS)
    async def issue_policy(
        request: Request, given: GivenPolicy, *, key: CommandKey = None, actor: IssuedBy
    ) -> JSONResponse:
        """Issue a version of the due rules; a requirement that is left out keeps the rule that it has."""
        return JSONResponse(await issuer.issue_policy(command_id(request), actor, given), 201)

    @router.post("/calendars/preview", response_model=shapes.Preview, **_ACTS)
    async def would_issue_calendar(given: GivenCalendar, actor: IssuedBy) -> JSONResponse:
        """Tell what issuing this calendar would move; it has no effect."""
        return JSONResponse((await preview_calendar(service, given, actor.account_id)).to_data())

    @router.post("/policies/preview", response_model=shapes.Preview, **_ACTS)
    async def would_issue_policy(given: GivenPolicy, actor: IssuedBy) -> JSONResponse:
        """Tell what issuing these due rules would move; it has no effect."""
        return JSONResponse((await preview_policy(service, given, actor.account_id)).to_data())

    return router
