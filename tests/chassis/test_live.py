"""Live parts: rendered once for all who look, sent when their data change, by whichever replica changed them."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr
from starlette.requests import Request

from services.chassis.app import Definition, Service, create_app
from services.chassis.clock import SystemClock, wall_now
from services.chassis.decision import Actor
from services.chassis.settings import Settings
from services.chassis.unit import Cause, Collection, Unit
from services.chassis.web import identity
from services.chassis.web.live import Live, LivePart

READER = Actor("reader", "Người xem", frozenset({"viewer"}))


class Counting:
    """A room with two live parts, which counts how often each is rendered."""

    def __init__(self) -> None:
        self.rendered: list[tuple[str, str]] = []

    def parts(self, service: Service) -> tuple[LivePart, ...]:
        """One part of everything, and one of a single document."""

        async def total(_: str, spoken: str) -> dict[str, Any]:
            self.rendered.append(("total", spoken))
            return {"text": str(await service.store.raw("things").count_documents({}))}

        async def thing(thing_id: str, spoken: str) -> dict[str, Any] | None:
            self.rendered.append((f"thing:{thing_id}", spoken))
            doc = await service.store.get("things", thing_id)
            return {"text": doc["text"]} if doc else None

        watched = frozenset({"things"})
        return (
            LivePart("total", "part.html", total, watched),
            LivePart("thing", "part.html", thing, watched, by_id=True),
            LivePart("slow", "part.html", total, watched, rests_s=0.8),
            LivePart("desk", "part.html", total, watched, roles=frozenset({"operator"})),
        )


@pytest.fixture
async def room(mongo_url: str, tmp_path: Path) -> AsyncIterator[tuple[FastAPI, Counting]]:
    """The room with its watching tasks at work."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "part.html").write_text("<b>{{ text }}</b>")
    counting = Counting()
    definition = Definition(
        "planning", tmp_path, (Collection("things"),), lambda _: (APIRouter(),), live=counting.parts
    )
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    app = create_app(
        definition, Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=prefix), SystemClock()
    )
    service: Service = app.state.service
    await service.store.prepare()
    assert service.live is not None
    tasks = [asyncio.create_task(service.live.watch()), asyncio.create_task(service.live.send())]
    await asyncio.sleep(0.5)
    yield app, counting
    for task in tasks:
        task.cancel()
    await service.store.client.drop_database(service.store.database.name)
    await service.store.client.drop_database(service.sessions.database.name)
    service.store.client.close()


async def put(service: Service, thing_id: str, text: str) -> None:
    async def work(unit: Unit) -> None:
        await unit.get("things", thing_id)
        unit.put("things", {"_id": thing_id, "text": text})

    await service.store.transact(Cause("/test", text), wall_now(), work)


def follow(app: FastAPI, *parts: str, spoken: str = "vi", token: str = "") -> AsyncIterator[bytes]:
    """The stream of one open page."""
    cookie = f"{identity.cookie_name(app.state.service.settings)}={token}"
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/live",
        "headers": [(b"cookie", cookie.encode())],
        "query_string": f"lang={spoken}".encode(),
        "app": app,
    }
    live: Live = app.state.service.live
    return live.follow(Request(scope), parts)


async def next_event(stream: AsyncIterator[bytes]) -> str:
    return (await asyncio.wait_for(anext(stream), 5)).decode()


async def test_a_changed_part_is_rendered_once_per_language_for_all_who_look(room: tuple[FastAPI, Counting]) -> None:
    app, counting = room
    streams = [follow(app, "total", spoken="en" if n % 3 == 0 else "vi") for n in range(9)]
    for stream in streams:
        assert (await next_event(stream)).startswith("retry:")
    for stream in streams:
        assert await next_event(stream) == "event: total\ndata: <b>0</b>\n\n", "what changed since the page was made"
    assert len(counting.rendered) <= 4, "once per language, and once more for who came while it was rendered"
    await asyncio.sleep(0.3)
    counting.rendered.clear()
    await put(app.state.service, "a", "x")
    for stream in streams:
        assert await next_event(stream) == "event: total\ndata: <b>1</b>\n\n"
    assert sorted(counting.rendered) == [("total", "en"), ("total", "vi")]


async def test_a_part_of_one_document_is_sent_when_that_document_changes(room: tuple[FastAPI, Counting]) -> None:
    app, counting = room
    stream = follow(app, "thing:a")
    await next_event(stream)
    assert await next_event(stream) == "event: thing-a\ndata: \ndata: \n\n", "there is nothing to show yet"
    await put(app.state.service, "b", "khác")
    await asyncio.sleep(0.8)
    counting.rendered.clear()
    await put(app.state.service, "a", "hai\ndòng")
    assert await next_event(stream) == "event: thing-a\ndata: <b>hai\ndata: dòng</b>\n\n"
    await put(app.state.service, "b", "khác nữa")
    await asyncio.sleep(0.8)
    assert counting.rendered == [("thing:a", "vi")]


async def test_a_page_that_looks_the_same_is_not_sent_again(room: tuple[FastAPI, Counting]) -> None:
    app, _ = room
    stream = follow(app, "total")
    await next_event(stream)
    await next_event(stream)
    await put(app.state.service, "a", "x")
    await next_event(stream)
    await put(app.state.service, "a", "y")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(stream), 1.5)


async def test_the_stream_ends_when_the_process_does(room: tuple[FastAPI, Counting]) -> None:
    app, _ = room
    stream = follow(app, "total")
    await next_event(stream)
    await next_event(stream)
    app.state.service.closing.set()
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(stream), 5)


async def test_only_who_is_signed_in_may_follow(room: tuple[FastAPI, Counting]) -> None:
    app, _ = room
    async with AsyncClient(transport=ASGITransport(app), base_url="http://room") as client:
        answer = await client.get("/live", params={"on": "total"}, headers={"Accept": "application/json"})
        assert answer.status_code == 401


async def test_a_page_opened_later_is_shown_what_the_others_see(room: tuple[FastAPI, Counting]) -> None:
    app, counting = room
    first = follow(app, "total")
    await next_event(first)
    await next_event(first)
    counting.rendered.clear()
    second = follow(app, "total")
    await next_event(second)
    assert await next_event(second) == "event: total\ndata: <b>0</b>\n\n"
    assert counting.rendered == []
    await first.aclose()  # type: ignore[attr-defined]
    await second.aclose()  # type: ignore[attr-defined]
    await put(app.state.service, "a", "x")
    third = follow(app, "total")
    await next_event(third)
    assert await next_event(third) == "event: total\ndata: <b>1</b>\n\n", "nobody looked while it changed"


async def test_a_part_that_rests_is_sent_at_once_and_then_as_it_is_after_its_rest(
    room: tuple[FastAPI, Counting],
) -> None:
    app, _ = room
    stream = follow(app, "slow")
    await next_event(stream)
    await next_event(stream)
    await asyncio.sleep(0.9)
    await put(app.state.service, "a", "x")
    assert "<b>1</b>" in await asyncio.wait_for(next_event(stream), 0.6)
    for number in range(3):
        await put(app.state.service, f"b{number}", "x")
    assert "<b>4</b>" in await next_event(stream), "two in between were never shown"


async def test_a_part_of_a_role_is_for_that_role(room: tuple[FastAPI, Counting]) -> None:
    live = room[0].state.service.live
    assert live.allowed(["total", "desk", "nothing", "total"], READER) == ("total",)
    operator = Actor("op", "Vận hành", frozenset({"operator"}))
    assert live.allowed(["desk", "thing:a"], operator) == ("desk", "thing:a")


async def test_a_stream_ends_with_its_session(room: tuple[FastAPI, Counting]) -> None:
    app, _ = room
    app.state.service.live.ping_s = 0.2
    token = await identity.open_session(app.state.service, READER, wall_now())
    stream = follow(app, "total", token=token)
    assert [await next_event(stream) for _ in range(3)][2] == "event: beat\ndata: still here\n\n"
    await identity.close_session(app.state.service, token)
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(stream), 5)
