"""The doors of imports: upload, look, confirm or drop; the same for programs in one call; the template to fill in.

It must never judge: it reads the request, calls the acts, shows.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from contracts.fields import Code, Flag, Record, Text
from services.chassis.decision import Refusal
from services.chassis.web import Problem, command_id, form_data, language, page, parsed
from services.chassis.web.problems import described
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.door.desk_events import Recorder
from services.monitoring.door.gate import Gate
from services.monitoring.imports import openapi, view_import, waiting
from services.monitoring.imports.files.faults import ImportFault, status_of
from services.monitoring.imports.files.reading import MAX_FILE, MIB
from services.monitoring.imports.files.rows import MAX_ROWS, Given
from services.monitoring.imports.importing import File, Importer, ImportRefused
from services.monitoring.imports.template import FILE_NAME, template_workbook
from services.monitoring.imports.waiting import Waiting
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
BODY_BYTES = MAX_FILE + 64 * 1024  # what a form has beside its file
UPLOADS = ("/import", "/api/imports")
ImportId = Annotated[str, Path(max_length=100, description="The id of the import.")]
REFUSED = described(400, 401, 403, 404, 409, 413, 415, 422, 503)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Asked(Record):
    """What whoever uploads a file says of it."""

    held: Flag = False
    unit: Code | None = None


class Confirmed(Record):
    """What was looked at before it was confirmed."""

    seen: Annotated[str, Text(100)]


def create_router(service: "Service") -> APIRouter:
    """The doors of imports, for programs and for people."""
    acts = Waiting(service, importer := Importer(service, Gate(service)))
    router = APIRouter()
    router.include_router(create_api(service, acts, importer))
    router.include_router(create_pages(service, acts))
    return router


def create_api(service: "Service", acts: Waiting, importer: Importer) -> APIRouter:
    """Imports for programs."""
    router = APIRouter(prefix="/api/imports", tags=["intake"], dependencies=[SIGNED_IN], responses=REFUSED)

    @router.post("", status_code=201, response_model=None, responses=openapi.ANSWERS, openapi_extra=openapi.BODY)
    async def take(
        request: Request,
        *,
        actor: Recorder,
        key: CommandKey = None,
        check: Annotated[bool, Query(description="Only say what would happen.")] = False,
        held: Annotated[bool, Query(description="What has ended was held, where a row does not say.")] = False,
        unit: Annotated[Code | None, Query(description="The unit of rows without one.")] = None,
    ) -> Response | Json:
        """Take a workbook or a calendar in, whole or not at all; the same file again has no second effect."""
        with _told(request):
            file = await _file_of(request, service, Asked(held=held, unit=unit))
            if not check:
                return await acts.at_once(command_id(request), actor, file)
            looked = await importer.look(file)
            if looked.faults:
                raise ImportRefused(*looked.faults)
        return JSONResponse({"counts": looked.counts, "rows": [line.to_doc() for line in looked.lines]})

    @router.get("/{import_id}")
    async def item(request: Request, import_id: ImportId, *, actor: Recorder) -> Json:
        """An import: its state, and what became of each row."""
        with _told(request):
            return waiting.shown(await acts.one(actor, import_id))

    return router


def create_pages(service: "Service", acts: Waiting) -> APIRouter:
    """Imports for people."""
    assert isinstance(service.settings, Settings)
    router, reference = APIRouter(prefix="/import", include_in_schema=False), service.settings.reference()
    template = cache(lambda: template_workbook(reference))

    @router.get("")
    async def show(request: Request, actor: Recorder) -> Response:
        spoken = language(request)
        units = [("", ""), *((one.code, one.en if spoken == "en" else one.vi) for one in reference.units)]
        mine = view_import.listed(await acts.mine(actor))
        limits = {"mib": MAX_FILE // MIB, "rows": MAX_ROWS}
        return await page(
            request, "import.html", units=units, mine=mine, limits=limits, rules=view_import.rules_in(spoken)
        )

    @router.get("/template.xlsx")
    async def template_file(actor: Recorder) -> Response:
        return Response(
            template(), media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
        )

    @router.post("")
    async def upload(request: Request, actor: Recorder) -> Response:
        with _told(request, field="file"):
            form = await _form(request)
            file = await _file_of(request, service, parsed(Asked, form))
            import_id = await acts.upload(command_id(request), actor, file)
        return _to(request, import_id)

    @router.get("/{import_id}")
    async def show_one(request: Request, import_id: ImportId, actor: Recorder, *, step: str = "") -> Response:
        with _told(request):
            doc = await acts.one(actor, import_id)
            looked = await acts.look(doc) if doc["status"] == waiting.WAITING else None
        view = view_import.import_view(doc, looked, reference=reference, language=language(request))
        return await page(request, "import_one.html", view=view, step=step)

    @router.post("/{import_id}/confirmation")
    async def confirm(request: Request, import_id: ImportId, actor: Recorder) -> Response:
        with _told(request):
            given = parsed(Confirmed, await form_data(request))
            await acts.confirm(command_id(request), actor, import_id, seen=given.seen)
        return _to(request, import_id)

    @router.post("/{import_id}/drop")
    async def drop(request: Request, import_id: ImportId, actor: Recorder) -> Response:
        with _told(request):
            await form_data(request)
            await acts.drop(command_id(request), actor, import_id)
        return RedirectResponse(f"{request.app.root_path}/import", 303)

    return router


def _to(request: Request, import_id: str) -> Response:
    return RedirectResponse(f"{request.app.root_path}/import/{import_id}", 303)


async def _form(request: Request) -> Json:
    """The form; raises ImportRefused when it is longer than a file may be."""
    try:
        return await form_data(request)
    except HTTPException as error:
        if error.status_code != 413:
            raise
        raise ImportRefused(_too_large()) from None


def _too_large() -> ImportFault:
    return ImportFault("", "file-too-large", {"limit": MAX_FILE // MIB})


async def _file_of(request: Request, service: "Service", asked: Asked) -> File:
    """The file of a form, or the body as it is; raises ImportRefused when it is too long."""
    given = Given(service.clock.now(), asked.held, asked.unit or "")
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        found = (await _form(request)).get("file")
        if not isinstance(found, UploadFile):
            raise ImportRefused(ImportFault("", "file-kind-unknown"))
        return File(await found.read(MAX_FILE + 1), _plain(found.filename or ""), given)
    try:
        return File(await request.body(), "", given)
    except HTTPException:
        raise ImportRefused(_too_large()) from None


def _plain(name: str) -> str:
    """The file's own name without its folders, fit to be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else "?" for letter in last)[:200]


@contextmanager
def _told(request: Request, field: str = "") -> Iterator[None]:
    """Tell a refused file's faults in the reader's language; of a form without a place at the field."""
    try:
        yield
    except ImportRefused as refused:
        raise Problem(status_of(refused.faults), *_refusals(refused.faults, language(request), field)) from None


def _refusals(faults: Sequence[ImportFault], spoken: str, field: str) -> Iterator[Refusal]:
    for fault in faults:
        detail, fix = fault.describe("en" if spoken == "en" else "vi")
        yield Refusal(fault.rule, detail, fault.pointer or (f"/{field}" if field else ""), fix)
