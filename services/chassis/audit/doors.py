"""The doors of the log of acts: its page, the same as JSON, and the whole log as a file; it must never change it."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, Security
from fastapi.responses import StreamingResponse
from fastapi.security import APIKeyCookie

from services.chassis.audit import reading
from services.chassis.audit.reading import Asked
from services.chassis.audit.verifying import Kind
from services.chassis.decision import Actor, Refused
from services.chassis.web import language, page, parsed
from services.chassis.web.forms import Typed
from services.chassis.web.i18n import N_
from services.chassis.web.identity import require
from services.chassis.web.problems import Problem, described, tell

if TYPE_CHECKING:
    from services.chassis.app import Service

READERS = ("office_head", "operator", "auditor")
Reader = Annotated[Actor, Depends(require(*READERS))]
# For the OpenAPI document alone: who is signed in is judged by `require`.
SIGNED_IN = Security(APIKeyCookie(name="publicity_session", scheme_name="session", auto_error=False))
API: dict[str, Any] = {"tags": ["audit"], "dependencies": [SIGNED_IN], "responses": described(401, 403, 422, 503)}
# What people do in every room; a room's own acts are in its definition.
ACTS = {
    "letter-replayed": N_("Đọc lại thông điệp hỏng"),
    "letter-discarded": N_("Bỏ qua thông điệp hỏng"),
    "relay-paused": N_("Dừng hộp gửi đi"),
    "relay-resumed": N_("Cho hộp gửi đi gửi tiếp"),
}
FAULTS = {
    Kind.UNREADABLE: N_("Bản ghi thứ %(n)s không đọc được."),
    Kind.CHANGED: N_("Mục %(n)s đã bị sửa."),
    Kind.UNLINKED: N_("Mục %(n)s không nối với mục trước: một trong hai mục đã bị thay."),
    Kind.DROPPED: N_("Thiếu các mục từ %(n)s đến %(last)s."),
    Kind.REORDERED: N_("Mục %(n)s đứng sau một mục lớn hơn."),
    Kind.INSERTED: N_("Mục %(n)s có hai lần: một mục bị chèn vào."),
    Kind.REPLACED: N_("Mục %(n)s không còn là mục đã thấy trước đây: chuỗi đã bị viết lại."),
    Kind.CUT: N_("Phần cuối bị cắt: thiếu các mục từ %(n)s đến %(last)s."),
}


def create_router(service: "Service") -> APIRouter:
    """GET /audit, /api/audit and /api/audit/export."""
    router, store = APIRouter(), service.store
    names = {**service.definition.acts, **ACTS}

    @router.get("/audit", include_in_schema=False)
    async def show(request: Request, actor: Reader) -> Response:
        given, again = dict(request.query_params), dict[str, Any]()
        try:
            asked = parsed(Asked, given)
        except Refused as error:
            trouble = tell(Problem(422, *error.refusals), request.app.state.web.catalogue, language(request))
            asked, again = Asked(), {"errors": trouble.faults, "typed": Typed(given), "is_again": True, "status": 422}
        if given.get("check") == "whole":
            await service.audit.look(whole=True)
        entries, cursor = await reading.newest(store, asked)
        shown: dict[str, Any] = {
            "entries": entries,
            "next": cursor,
            "check": service.audit.check,
            "names": names,
            "given": given,
        }
        return await page(request, "audit.html", **shown, faults=FAULTS, waiting=await reading.waiting(store), **again)

    @router.get("/api/audit", **API)
    async def items(asked: Annotated[Asked, Query()], actor: Reader) -> dict[str, Any]:
        """Entries of the log of human acts, the newest first, and what the last check of the chain found."""
        entries, cursor = await reading.newest(store, asked)
        check = reading.shown_check(service.audit.check, await reading.waiting(store))
        return {"items": entries, "next": cursor or None, "check": check}

    @router.get("/api/audit/export", response_class=StreamingResponse, **API)
    async def export(actor: Reader) -> StreamingResponse:
        """The whole log, one entry a line, to be verified elsewhere: `make audit VERIFY=<file> HEAD=<X-Audit-Head>`."""
        head = (await service.audit.look()).head
        name = f"audit-{service.name}-{head.n}.ndjson"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Audit-Head": str(head)}
        return StreamingResponse(
            reading.lines(store, head.n), headers=headers, media_type="application/x-ndjson; charset=utf-8"
        )

    return router
