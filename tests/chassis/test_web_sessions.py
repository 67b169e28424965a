"""Sign-ins in the real MongoDB: they slide, they end, they are revoked at once, and roles are asked for."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI

from services.chassis.decision import Actor
from services.chassis.store import create_client
from services.chassis.web import identity
from tests.chassis.web_room import ORIGIN, browser, create_room

pytestmark = pytest.mark.live
EDITOR = Actor("a-1", "Thanh Trúc", frozenset({"editor"}), "PTT")
OPENED = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
async def room(mongo_url: str, tmp_path: Path) -> AsyncIterator[FastAPI]:
    client = create_client(mongo_url)
    name = f"identity_{uuid.uuid4().hex[:8]}"
    room = create_room(tmp_path, sessions=client.get_database(name).get_collection("sessions"))
    await identity.prepare_sessions(room.state.service)
    yield room
    await client.drop_database(name)
    client.close()


async def signed_in(room: FastAPI, actor: Actor = EDITOR) -> dict[str, str]:
    token = await identity.open_session(room.state.service, actor, datetime.now(UTC))
    return {"cookie": f"publicity_session={token}"}


async def test_the_token_itself_is_not_stored(room: FastAPI) -> None:
    service = room.state.service
    token = await identity.open_session(service, EDITOR, OPENED)
    assert len(token) >= 43
    doc = await service.sessions.find_one({})
    assert token not in str(doc)
    assert doc["_id"] == identity.digest_of(token)
    assert await identity.find_session(service, token, OPENED) == EDITOR


async def test_a_session_slides_with_its_use_and_ends_after_seven_days(room: FastAPI) -> None:
    service = room.state.service
    token = await identity.open_session(service, EDITOR, OPENED)
    for hours in range(0, 168, 11):
        assert await identity.find_session(service, token, OPENED + timedelta(hours=hours)), f"after {hours} h"
    assert await identity.find_session(service, token, OPENED + timedelta(days=7)) is None


async def test_an_unused_session_ends_after_twelve_hours(room: FastAPI) -> None:
    service = room.state.service
    token = await identity.open_session(service, EDITOR, OPENED)
    almost, after = OPENED + timedelta(hours=11, minutes=59), OPENED + timedelta(hours=24)
    assert await identity.find_session(service, token, OPENED + timedelta(hours=12)) is None
    assert await identity.find_session(service, token, almost)
    assert await identity.find_session(service, token, after) is None


async def test_doors_ask_for_a_sign_in_and_for_roles(room: FastAPI) -> None:
    headers = await signed_in(room)
    async with browser(room) as client:
        page = await client.get("/heads?a=1")
        api = await client.get("/api/mine")
        forged = await client.get("/api/mine", headers={"cookie": "publicity_session=guess"})
        welcome = await client.get("/api/mine", headers=headers)
        forbidden = await client.get("/heads", headers=headers)
    assert page.status_code == 303
    assert page.headers["location"] == (
        "http://127.0.0.1:8002/sign-in?next=http%3A%2F%2F127.0.0.1%3A8001%2Fheads%3Fa%3D1"
    )
    assert (api.status_code, forged.status_code) == (401, 401)
    assert api.headers["www-authenticate"]
    assert welcome.json() == {"name": "Thanh Trúc"}
    assert forbidden.status_code == 403
    assert "Bạn chưa có quyền xem trang này" in forbidden.text
    assert "Lãnh đạo phòng" in forbidden.text


async def test_the_shell_shows_who_is_signed_in(room: FastAPI) -> None:
    headers = await signed_in(room)
    async with browser(room) as client:
        text = (await client.get("/", headers=headers)).text
        nobody = (await client.get("/")).text
    assert "Thanh Trúc" in text
    assert "Biên tập viên" in text
    assert '<a href="http://127.0.0.1:8001/" aria-current="page">' in text
    assert text.count('aria-current="page"') == 1
    assert 'action="/sign-out"' in text
    assert "Năm bước của quy trình" not in nobody
    assert "http://127.0.0.1:8002/sign-in" in nobody


async def test_a_revoked_account_is_out_at_its_next_request(room: FastAPI) -> None:
    first, second = await signed_in(room), await signed_in(room)
    other = await signed_in(room, Actor("a-2", "Minh An", frozenset({"viewer"})))
    assert await identity.revoke_sessions(room.state.service, "a-1") == 2
    async with browser(room) as client:
        statuses = [(await client.get("/mine", headers=one)).status_code for one in (first, second, other)]
    assert statuses == [303, 303, 200]


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(room: FastAPI) -> None:
    headers = await signed_in(room)
    async with browser(room, **headers) as client:
        refused = await client.post("/sign-out")
        answer = await client.post("/sign-out", headers={"origin": ORIGIN})
        after = await client.get("/mine")
    assert refused.status_code == 403
    assert (answer.status_code, answer.headers["location"]) == (303, "http://127.0.0.1:8002/sign-in")
    assert 'publicity_session=""; HttpOnly; Max-Age=0; Path=/; SameSite=lax' in answer.headers["set-cookie"]
    assert after.status_code == 303
