"""The pages of reporting: years, a report, the rows behind its figures; each form is also an API call.

It must never judge: it parses, calls the desk, shows.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from contracts.reference import Reference
from services.chassis.web import command_id, form_data, page, parsed
from services.reporting import decisions, storage, views
from services.reporting.commands import Desk
from services.reporting.documents.press import Press
from services.reporting.reading import Reading
from services.reporting.refusals import refuse, refused
from services.reporting.sources.followed import followed, next_year
from services.reporting.sources.formulas import FORMULAS
from services.reporting.state import NewProposal
from services.reporting.web_api import Issuer, Json, KnownYear, Proposer, Reader, Wanted

if TYPE_CHECKING:
    from services.chassis.app import Service

Chosen = Annotated[views.Choice, Query()]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


def csv_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a table that spreadsheets open: UTF-8 with its mark, and no cell that they would run."""
    made = io.StringIO("\ufeff", newline="")
    made.seek(1)
    writer = csv.writer(made)
    writer.writerow(rows[0] if rows else ())
    writer.writerows([f"'{one}" if str(one).startswith(FORMULA) else one for one in row.values()] for row in rows)
    return made.getvalue()


def see_other(request: Request, path: str) -> Response:
    """Send the browser on to a page of this room."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", 303)


def create_router(service: "Service", desk: Desk, reading: Reading, *, reference: Reference, press: Press) -> APIRouter:
    """The pages of reports."""
    router, store = APIRouter(include_in_schema=False), service.store

    @router.get("/")
    async def years(request: Request, actor: Reader) -> Response:
        known = await storage.school_years(store)
        reports = [(await storage.report(store, year), reading.dates(year)) for year in known]
        return await page(request, "years.html", reports=reports)

    @router.get("/reports/{school_year}")
    async def show(request: Request, school_year: KnownYear, actor: Reader, *, choice: Chosen) -> Response:
        year, dates = await reading.year(school_year), reading.dates(school_year)
        about: Json = {"year": year, "dates": dates, "choice": choice, "reference": reference}
        about |= {"formulas": FORMULAS, "next_year": next_year(school_year)}
        about["proposals"] = followed(year.report.proposals, await storage.plans(store, next_year(school_year)))
        may = {"issue": actor.has(*decisions.ISSUERS), "propose": actor.has(*decisions.PROPOSERS)}
        return await page(request, "report.html", view=views.report_page(year, dates, choice), may=may, **about)

    @router.get("/reports/{school_year}/rows")
    async def rows(request: Request, school_year: KnownYear, actor: Reader, *, asked: Wanted) -> Response:
        year = await reading.year(school_year)
        about: Json = {"year": year, "asked": asked, "reference": reference, "formulas": FORMULAS}
        about |= views.paged(year, asked)
        return await page(request, "rows.html", **about)

    @router.get("/reports/{school_year}/rows.csv")
    async def rows_csv(school_year: KnownYear, actor: Reader, asked: Wanted) -> Response:
        table, found = views.rows_behind(await reading.year(school_year), asked)
        name = {"Content-Disposition": f'attachment; filename="{school_year}-{table}-{asked.figure}.csv"'}
        return Response(csv_of([row._asdict() for row in found]), media_type="text/csv; charset=utf-8", headers=name)

    @router.get("/reports/{school_year}/report.{kind}")
    async def document(school_year: KnownYear, kind: str, actor: Reader, *, choice: Chosen) -> Response:
        year, dates = await reading.year(school_year), reading.dates(school_year)
        made = await press.printed(kind, year, dates, version=choice.version)
        name = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return Response(made.content, media_type=made.media_type, headers=name)

    @router.post("/reports/{school_year}/issue")
    async def issue(request: Request, school_year: KnownYear, actor: Issuer) -> Response:
        if (await form_data(request)).get("confirmed") != "true":
            raise refused(refuse("confirmation-missing"))
        await desk.issue(command_id(request), actor, school_year, cut_off_at=None)
        return see_other(request, f"/reports/{school_year}")

    @router.post("/reports/{school_year}/proposals")
    async def propose(request: Request, school_year: KnownYear, actor: Proposer) -> Response:
        form = await form_data(request)
        told: Json = {"text": form.get("text", ""), "gap": {"figure": form.get("figure", "")}}
        given = parsed(NewProposal, told | {"owner": form.get("owner") or None})
        await desk.propose(command_id(request), actor, school_year, given=given)
        return see_other(request, f"/reports/{school_year}")

    return router
