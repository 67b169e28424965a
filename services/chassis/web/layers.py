"""The layers of a service's web half: security, answers to trouble, static files.

It must never hold a rule of the procedure.
"""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.decision import CommandIdUsed, Refusal, Refused
from services.chassis.store import is_transient
from services.chassis.telemetry import log
from services.chassis.web import identity, security
from services.chassis.web.forms import shown_again
from services.chassis.web.i18n import N_
from services.chassis.web.pages import STATIC, Web, create_web, language, page, translate
from services.chassis.web.problems import Problem, Trouble, field_refusals, prefers_json, tell

if TYPE_CHECKING:
    from services.chassis.app import Service

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
FOREIGN = Refusal(
    "origin-foreign",
    N_("Yêu cầu đến từ một trang khác."),
    fix=N_("Mở trang này trong chính hệ thống rồi làm lại; chương trình thì gửi kèm Origin của phòng."),
)
ROLE_MISSING = Refusal(
    "role-missing", N_("Bạn chưa có quyền xem trang này."), fix=N_("Nhờ quản trị viên cấp vai trò: %(roles)s.")
)


def install_web(app: FastAPI, service: "Service", *folders: Path) -> Web:
    """Give the application its pages, layers, static files and answers to trouble; before its routers are included.

    Shape:   app.state.service is the service; folders are its templates and its locale.
             The result's `body_limits` take other limits by path.
    """
    web = app.state.web = create_web(service, *folders)
    app.root_path = web.root
    app.add_middleware(Unexpected)
    app.add_middleware(security.BodyLimit, limits=web.body_limits)
    app.add_middleware(
        security.SameOrigin,
        own_origin=security.origin_of(service.settings.room_urls[service.name]),
        cookie=identity.cookie_name(service.settings),
        refuse=lambda request: answer(request, Problem(403, FOREIGN)),
    )
    app.add_middleware(
        security.SecurityHeaders,
        form_origins=frozenset(security.origin_of(url) for url in service.settings.room_urls.values()),
        static=f"{app.root_path}/static/",
        is_tls=service.settings.cookie_secure,
    )
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.mount("/static", StaticFiles(directory=STATIC), "static")
    app.add_api_route("/sign-out", sign_out, methods=["POST"], include_in_schema=False)
    return web


async def sign_out(request: Request) -> Response:
    """End the session and go to the sign-in."""
    service: Service = request.app.state.service
    await identity.close_session(service, identity.token_of(request))
    response = RedirectResponse(f"{service.settings.room_urls['approval'].rstrip('/')}/sign-in", 303)
    identity.set_cookie(response, service.settings, "")
    return response


async def answer(request: Request, problem: Problem) -> Response:
    """The problem as JSON, as the refused form's page again, or as a page of its own."""
    web: Web = request.app.state.web
    trouble = tell(problem, web.catalogue, language(request))
    if prefers_json(request):
        return trouble.to_json()
    if request.method == "POST" and trouble.faults and trouble.status < 500:
        again = await shown_again(request, trouble)
        if again:
            return again
    return await _trouble_page(request, trouble)


async def _trouble_page(request: Request, trouble: Trouble) -> Response:
    shell: dict[str, Any] = {"actor": identity.known_actor(request), "strip": None} if trouble.status >= 500 else {}
    response = await page(request, "error.html", trouble.status, trouble=trouble, **shell)
    response.headers.update(trouble.headers)
    return response


async def _on_refused(request: Request, error: Refused) -> Response:
    return await answer(request, Problem(error.status, *error.refusals))


async def _on_id_used(request: Request, error: CommandIdUsed) -> Response:
    refusal = Refusal(
        "command-id-used",
        N_("Khóa Idempotency-Key này đã dùng cho một việc khác."),
        fix=N_("Dùng một UUID mới cho mỗi việc; chỉ gửi lại cùng khóa khi gửi lại đúng việc ấy."),
    )
    return await answer(request, Problem(422, refusal))


async def _on_problem(request: Request, error: Problem) -> Response:
    return await answer(request, error)


async def _on_invalid(request: Request, error: RequestValidationError) -> Response:
    refusals = field_refusals(error.errors(), skip=1)
    is_unreadable = any(refusal.rule == "json-invalid" for refusal in refusals)
    return await answer(request, Problem(400 if is_unreadable else 422, *refusals))


async def _on_http(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request)) or headers.get("Allow", "GET")
    return await answer(request, Problem(error.status_code, headers=headers))


def _allowed(request: Request) -> list[str]:
    """The methods that some route takes at this address."""

    def takes(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)

    return [method for method in METHODS if takes(method)]


async def _on_sign_in_needed(request: Request, _: Exception) -> Response:
    if prefers_json(request):
        return await answer(request, Problem(401))
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    here = path.removeprefix(request.scope.get("root_path", "")) if request.method == "GET" else "/"
    return RedirectResponse(identity.sign_in_address(request.app.state.service, here), 303)


async def _on_role_needed(request: Request, error: identity.RoleNeeded) -> Response:
    names = sorted(translate(request, identity.ROLE_NAMES.get(role, role)) for role in error.roles)
    refusal = Refusal(ROLE_MISSING.rule, ROLE_MISSING.detail, "", ROLE_MISSING.fix, {"roles": ", ".join(names)})
    return await answer(request, Problem(403, refusal))


HANDLERS: dict[type[Exception], Any] = {
    Refused: _on_refused,
    CommandIdUsed: _on_id_used,
    Problem: _on_problem,
    RequestValidationError: _on_invalid,
    HTTPException: _on_http,
    identity.SignInNeeded: _on_sign_in_needed,
    identity.RoleNeeded: _on_role_needed,
}


class Unexpected:
    """Answers what nobody expected: 503 when the database is away, else 500 with a code that is also in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an exception becomes a problem unless the answer has begun."""
        begun = False

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            request = Request(scope, receive)
            response = await answer(request, _noted(request, error))
            await response(scope, receive, send)


def _noted(request: Request, error: Exception) -> Problem:
    if is_transient(error):
        log(__name__).warning("the database is away", path=request.url.path, kind=type(error).__name__)
        return Problem(503, headers={"Retry-After": "5"})
    code = uuid.uuid4().hex[:8]
    log(__name__).error("unexpected error", code=code, method=request.method, path=request.url.path, exc_info=error)
    return Problem(500, Refusal(f"unexpected-{code}", N_("Mã lỗi %(code)s."), params={"code": code}))
