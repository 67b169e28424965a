"""Who may send what: origins, body limits, ways back after a sign-in."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from services.chassis.settings import Settings
from services.chassis.web.identity import safe_next
from tests.chassis.web_room import ORIGIN, browser, create_room

COOKIE = {"cookie": "publicity_session=token"}
BEARER = {"authorization": "Bearer t"}
OTHER_ROOM = "http://127.0.0.1:8002"


@pytest.fixture
def room(tmp_path: Path) -> FastAPI:
    return create_room(tmp_path)


ORIGINS = (
    ("the same origin, said by the browser", COOKIE | {"sec-fetch-site": "same-origin"}, 200),
    ("the room's own address as Origin", COOKIE | {"origin": ORIGIN}, 200),
    ("another room", COOKIE | {"origin": OTHER_ROOM, "sec-fetch-site": "same-site"}, 403),
    ("another site", COOKIE | {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, 403),
    ("an Origin that begins alike", COOKIE | {"origin": f"{ORIGIN}.evil.example"}, 403),
    ("no Origin at all, but a session", COOKIE, 403),
    ("an opaque origin", COOKIE | {"origin": "null"}, 403),
    ("a program without session", {}, 200),
    ("a program with a token", BEARER, 200),
    ("a token does not excuse a session", BEARER | COOKIE, 403),
    ("a sign-in forged from elsewhere", {"origin": "https://evil.example"}, 403),
    ("a sign-in forged from elsewhere, Origin withheld", {"sec-fetch-site": "cross-site"}, 403),
)


@pytest.mark.parametrize(("headers", "status"), [row[1:] for row in ORIGINS], ids=[row[0] for row in ORIGINS])
async def test_an_unsafe_request_comes_from_the_room_itself(
    room: FastAPI, headers: dict[str, str], status: int
) -> None:
    async with browser(room, **headers) as client:
        answer = await client.post("/small", content=b"abc", headers={"accept": "application/json"})
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "origin-foreign"


async def test_reading_needs_no_origin(room: FastAPI) -> None:
    async with browser(room, origin="https://evil.example") as client:
        assert (await client.get("/nowhere")).status_code == 404
        served, missing = await client.head("/static/app.css"), await client.get("/static/none.css")
    assert served.headers["cache-control"] == "public, max-age=86400"
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


async def _chunks(size: int):  # type: ignore[no-untyped-def]
    for _ in range(size // 65536):
        yield b"x" * 65536


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/small", 2**20, 200), ("/small", 2**20 + 65536, 413), ("/large", 2**21, 200), ("/large", 2**21 + 65536, 413)],
)
@pytest.mark.parametrize("is_stated", [True, False], ids=["length stated", "length not stated"])
async def test_a_body_is_read_up_to_its_limit(
    room: FastAPI, path: str, size: int, status: int, is_stated: bool
) -> None:
    content = b"x" * size if is_stated else _chunks(size)
    async with browser(room) as client:
        answer = await client.post(path, content=content, headers={"accept": "application/json"})
    assert answer.status_code == status
    if status == 413:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["connection"] == "close"


async def test_an_over_long_form_is_refused_as_a_page(room: FastAPI) -> None:
    async with browser(room) as client:
        answer = await client.post("/items", data={"title": "x" * (2**20 + 1)})
    assert answer.status_code == 413
    assert "Nội dung gửi lên quá lớn" in answer.text


WAYS_BACK = (
    ("/reviews/1?x=2", "/reviews/1?x=2"),
    ("http://127.0.0.1:8001/plans/1", "http://127.0.0.1:8001/plans/1"),
    ("http://127.0.0.1:8005", "http://127.0.0.1:8005"),
    ("http://127.0.0.1:8001.evil.example/", "/"),
    ("http://127.0.0.1:8001@evil.example/", "/"),
    ("//evil.example/", "/"),
    ("/\\evil.example", "/"),
    ("/\t/evil.example", "/"),
    ("https://evil.example/", "/"),
    ("javascript:alert(1)", "/"),
    ("", "/"),
)


@pytest.mark.parametrize(("given", "taken"), WAYS_BACK)
def test_the_way_back_leads_into_a_room(given: str, taken: str) -> None:
    assert safe_next(Settings(environment="test"), given) == taken


async def test_a_hostile_host_header_does_not_move_the_links(room: FastAPI) -> None:
    async with browser(room, host="evil.example") as client:
        answer = await client.get("/")
    assert "evil.example" not in answer.text
