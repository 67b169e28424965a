"""A tiny room on the real web half of the chassis: one form and some doors."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from pymongo.errors import ServerSelectionTimeoutError

from contracts.codes import State
from contracts.fields import Record, Title
from services.chassis.decision import Actor, Refusal, Refused
from services.chassis.settings import Settings
from services.chassis.web import command_id, form_data, install_web, page, parsed
from services.chassis.web.identity import RoleNeeded, require, signed_in
from services.chassis.web.waiting import Waiting

NOW = datetime(2026, 11, 23, 3, 42, 7, tzinfo=UTC)  # 10:42:07 in Vietnam
ORIGIN = "http://127.0.0.1:8001"
PAGE = """{% extends "base.html" %}
{% block title %}Mục{% endblock %}
{% block content %}<h1>Mục</h1>
<form method="post" action="{{ root }}/items">{{ form_fields() }}
{{ field("title", _("Tên hiển thị"), hint="Ngắn gọn") }}{{ field("password", "Mật khẩu", type="password") }}
<button>{{ _("Đăng nhập") }}</button></form>
{{ badge("MISSED") }}{{ now() | due }}{% endblock %}"""


STATES = """{% extends "base.html" %}
{% block title %}{{ _("Hoạt động") }}{% endblock %}
{% block content %}<h1>{{ _("Hoạt động") }}</h1>
<p>{% for state in states %}{{ badge(state) }} {% endfor %}</p>
{% for kind in ("info", "due", "miss", "ok") %}{{ note(_("Đang chờ"), _("Đang chờ"), kind) }}{% endfor %}
<div class="card">{{ empty(_("Đang chờ"), _("Đang chờ"), root ~ "/", _("Đóng")) }}</div>
{% endblock %}"""


QUEUED = """{% extends "base.html" %}
{% block title %}Mục{% endblock %}
{% block head %}<script src="{{ static('queue.js') }}" defer></script>{% endblock %}
{% block content %}<h1>Mục</h1>
<section data-queued data-who="{{ who }}" data-drop="Bỏ" tabindex="-1" hidden><ul></ul></section>
<form method="post" action="{{ root }}/items" data-queue="{{ root }}/well">{{ form_fields() }}
{{ field("title", _("Tên hiển thị")) }}<button>{{ _("Đăng nhập") }}</button></form>{% endblock %}"""


class Item(Record):
    """What the form asks for."""

    title: Title
    kinds: tuple[str, ...] = ()
    is_open: bool | None = None


class Clock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Always the same instant."""
        return NOW


def create_room(folder: Path, *, sessions: Any = None, **settings: Any) -> FastAPI:
    """A room with pages and an API; `sessions` is the collection of a database."""
    (folder / "item.html").write_text(PAGE)
    (folder / "states.html").write_text(STATES)
    (folder / "queued.html").write_text(QUEUED)
    service = SimpleNamespace(
        name="planning",
        settings=Settings(environment="test", **settings),
        clock=Clock(),
        sessions=sessions,
        definition=SimpleNamespace(strip=None, waiting=None),
        heartbeats=SimpleNamespace(last={}),
    )
    service.waiting = Waiting(service)  # type: ignore[arg-type]
    app = FastAPI(docs_url=None, redoc_url=None)
    app.state.service = service
    web = install_web(app, service, folder, folder)
    web.body_limits["/large"] = 2 * 1024 * 1024
    app.include_router(_doors())
    return app


def _doors() -> APIRouter:
    router = APIRouter()

    @router.get("/")
    async def show(request: Request) -> Response:
        return await page(request, "item.html")

    @router.post("/items")
    async def add(request: Request) -> Response:
        item = parsed(Item, await form_data(request))
        _refuse(item)
        return RedirectResponse(f"/?made={command_id(request)}", 303)

    @router.post("/api/items", status_code=201)
    async def add_by_api(request: Request, item: Item) -> dict[str, Any]:
        _refuse(item)
        return {"title": item.title, "command": command_id(request)}

    @router.post("/large")
    @router.post("/small")
    async def take(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @router.get("/break")
    async def broken() -> None:
        raise RuntimeError("mật")

    @router.get("/away")
    async def away() -> None:
        raise ServerSelectionTimeoutError("nobody")

    @router.get("/states")
    async def states(request: Request) -> Response:
        actor = Actor("a-1", "An", frozenset({"office_head"}))
        return await page(request, "states.html", actor=actor, states=("DUE_SOON", *State))

    @router.get("/queued/{who}")
    async def queued(request: Request, who: str) -> Response:
        return await page(request, "queued.html", who=who)

    @router.get("/well")
    async def well() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/denied")
    async def denied() -> None:
        raise RoleNeeded(frozenset({"editor"}))

    @router.get("/mine")
    async def mine(actor: Annotated[Actor, Depends(signed_in)]) -> dict[str, str]:
        return {"name": actor.name}

    @router.get("/api/mine")
    async def mine_by_api(actor: Annotated[Actor, Depends(require("editor", "office_head"))]) -> dict[str, str]:
        return {"name": actor.name}

    @router.get("/heads")
    async def heads(request: Request, actor: Annotated[Actor, Depends(require("office_head"))]) -> Response:
        return await page(request, "item.html", actor=actor)

    return router


def _refuse(item: Item) -> None:
    if item.title == "cũ":
        detail = "%(title)s đã có rồi."
        raise Refused(Refusal("title-taken", detail, "/title", "Chọn tên khác.", {"title": item.title}), status=409)


def browser(app: FastAPI, **headers: str) -> httpx2.AsyncClient:
    """A client that speaks to the room as a browser at its own address does."""
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"accept": "text/html", **headers})
