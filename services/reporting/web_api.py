"""The API of reporting: the same commands as the forms, and every figure with its rows.

It must never judge: it parses, calls the desk, answers.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import TypeAdapter, ValidationError

from contracts.fields import Record, SchoolYear
from contracts.times import Instant
from services.chassis.decision import Actor
from services.chassis.web import command_id
from services.chassis.web.identity import require
from services.reporting import decisions
from services.reporting.commands import Desk
from services.reporting.reading import Reading
from services.reporting.refusals import refuse, refused
from services.reporting.state import NewProposal
from services.reporting.views import Asked, paged, report_json

Json = dict[str, Any]
Reader = Annotated[Actor, Depends(require(*decisions.READERS))]
Issuer = Annotated[Actor, Depends(require(*decisions.ISSUERS))]
Proposer = Annotated[Actor, Depends(require(*decisions.PROPOSERS))]
Wanted = Annotated[Asked, Query()]
_SCHOOL_YEAR: TypeAdapter[str] = TypeAdapter(SchoolYear)


def known_year(school_year: str) -> str:
    """The school year of an address; raises Refused when it is none."""
    try:
        return _SCHOOL_YEAR.validate_python(school_year)
    except ValidationError:
        raise refused(refuse("year-unknown", school_year=school_year[:20])) from None


KnownYear = Annotated[str, Depends(known_year)]


class Issuing(Record):
    """What the report counts up to; left out: the year's cut-off."""

    cut_off_at: Instant | None = None


def create_router(desk: Desk, reading: Reading) -> APIRouter:
    """The API of reports."""
    router = APIRouter(prefix="/api/reports")

    @router.get("/{school_year}")
    async def show(school_year: KnownYear, actor: Reader) -> Json:
        return report_json(await reading.year(school_year))

    @router.get("/{school_year}/rows")
    async def rows(school_year: KnownYear, actor: Reader, *, asked: Wanted) -> Json:
        found = paged(await reading.year(school_year), asked)
        following = asked.page + 1 if asked.page < found["pages"] else None
        items = [row._asdict() for row in found["rows"]]
        return {"table": found["table"], "count": found["count"], "items": items, "next": following}

    @router.post("/{school_year}/issue", status_code=201)
    async def issue(request: Request, school_year: KnownYear, actor: Issuer, *, given: Issuing | None = None) -> Json:
        return await desk.issue(command_id(request), actor, school_year, cut_off_at=given.cut_off_at if given else None)

    @router.post("/{school_year}/proposals", status_code=201)
    async def propose(request: Request, school_year: KnownYear, given: NewProposal, *, actor: Proposer) -> Json:
        return await desk.propose(command_id(request), actor, school_year, given=given)

    return router
