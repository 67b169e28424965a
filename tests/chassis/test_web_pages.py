"""Pages, forms and problems of the chassis, asked for as a browser and as a program would."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from services.chassis.settings import ROOMS
from tests.chassis.web_room import ORIGIN, browser, create_room

JSON = {"accept": "application/json"}


@pytest.fixture
def room(tmp_path: Path) -> FastAPI:
    return create_room(tmp_path)


async def test_a_page_stands_in_the_shell_with_its_security_headers(room: FastAPI) -> None:
    async with browser(room) as client:
        answer = await client.get("/")
    text = answer.text
    assert answer.status_code == 200
    assert '<html lang="vi" data-theme="system">' in text
    assert text.count("<h1>") == 1
    assert text.index("Bỏ qua đến nội dung") < text.index("<header")
    assert "Quá hạn" in text
    assert "23/11/2026 10:42" in text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "form-action 'self' http://127.0.0.1:8001 http://127.0.0.1:8002" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "style=" not in text
    assert all('src="/static/' in tag for tag in re.findall(r"<script[^>]*>", text)), "no script inline"


async def test_language_and_theme_are_chosen_by_a_link_and_kept_in_a_cookie(room: FastAPI) -> None:
    async with browser(room) as client:
        first = await client.get("/?lang=en&theme=dark&q=1")
        second = await client.get("/")
    assert '<html lang="en" data-theme="dark">' in first.text
    assert 'href="/?theme=dark&amp;q=1&amp;lang=vi"' in first.text
    assert '<html lang="en" data-theme="dark">' in second.text
    assert "Skip to content" in second.text
    assert "Missed" in second.text
    assert "23 Nov 2026, 10:42" in second.text


async def test_single_keys_are_turned_off_and_on_by_a_link(room: FastAPI) -> None:
    async with browser(room) as client:
        first = (await client.get("/")).text
        assert 'href="/?keys=off"' in first
        assert "data-keys" not in first
        await client.get("/?keys=off")
        second = (await client.get("/")).text
        assert '<html lang="vi" data-theme="system" data-keys="off">' in second
        assert 'href="/?keys=on"' in second
        assert "data-keys" not in (await client.get("/?keys=on")).text
        assert "data-keys" not in (await client.get("/?keys=maybe")).text


async def test_a_foreign_choice_of_language_is_ignored(room: FastAPI) -> None:
    async with browser(room) as client:
        answer = await client.get("/?lang=xx&theme=%3Cscript%3E")
    assert '<html lang="vi" data-theme="system">' in answer.text
    assert "<script>" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_refused_form_is_shown_again_with_what_was_typed(room: FastAPI) -> None:
    async with browser(room) as client:
        typed = {"title": "cũ", "password": "bí mật", "page": "/?tab=2", "command_id": "c-1"}
        answer = await client.post("/items", data=typed)
    assert answer.status_code == 409
    assert 'value="cũ"' in answer.text
    assert "bí mật" not in answer.text
    assert '<a href="#title">cũ đã có rồi.</a> Chọn tên khác.' in answer.text
    assert 'aria-invalid="true" aria-describedby="title-hint title-fault-1 "' in answer.text
    assert 'name="page" value="/?tab=2"' in answer.text
    assert answer.headers["content-security-policy"]


@pytest.mark.parametrize("typed", [{}, {"title": "   "}, {"title": "x" * 301}], ids=["missing", "blank", "too long"])
async def test_a_faulty_field_is_named_in_the_form(room: FastAPI, typed: dict[str, str]) -> None:
    async with browser(room, referer=f"{ORIGIN}/") as client:
        answer = await client.post("/items", data=typed)
    assert answer.status_code == 422
    assert '<a href="#title">' in answer.text
    assert "<h1>Mục</h1>" in answer.text


@pytest.mark.parametrize("place", ["http://127.0.0.1:9999/", "http://["], ids=["foreign", "no address"])
async def test_a_refused_form_without_a_page_gets_a_page_of_its_own(room: FastAPI, place: str) -> None:
    async with browser(room, referer=place) as client:
        answer = await client.post("/items", data={"title": "cũ"})
    assert answer.status_code == 409
    assert "Nội dung đã thay đổi từ lúc bạn mở trang" in answer.text
    assert "cũ đã có rồi." in answer.text


async def test_a_form_has_one_command_id_that_it_keeps(room: FastAPI) -> None:
    async with browser(room) as client:
        shown = (await client.get("/")).text
        found = re.search(r'name="command_id" value="([0-9a-f-]{36})"', shown)
        assert found
        answer = await client.post("/items", data={"title": "mới", "command_id": found[1]})
    assert answer.headers["location"] == f"/?made={found[1]}"


async def test_the_api_answers_refusals_as_problem_json_in_the_language_asked_for(room: FastAPI) -> None:
    async with browser(room) as client:
        refused = await client.post("/api/items", json={"title": "cũ"})
        invalid = await client.post("/api/items?lang=en", json={"title": " "})
        broken = await client.post("/api/items", content=b"{", headers={"content-type": "application/json"})
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["errors"] == [
        {"pointer": "/title", "rule": "title-taken", "detail": "cũ đã có rồi.", "fix": "Chọn tên khác."}
    ]
    assert (refused.status_code, refused.json()["status"], refused.json()["code"]) == (409, 409, "title-taken")
    assert invalid.status_code == 422
    assert invalid.json()["errors"][0] == {
        "pointer": "/title",
        "rule": "blank",
        "detail": "Left blank.",
        "fix": "Fill it in and send again.",
    }
    assert (broken.status_code, broken.json()["errors"][0]["rule"]) == (400, "json-invalid")


@pytest.mark.parametrize(
    ("accepts", "detail"),
    [
        ("en-GB,en;q=0.9,vi;q=0.2", "Use a new UUID."),
        ("vi,en;q=0.5", "Dùng một UUID mới."),
        ("fr", "Dùng một UUID mới."),
    ],
)
async def test_a_program_is_answered_in_the_language_it_accepts(room: FastAPI, accepts: str, detail: str) -> None:
    async with browser(room) as client:
        headers = {"Idempotency-Key": "two words", "Accept-Language": accepts}
        answer = await client.post("/api/items", json={"title": "mới"}, headers=headers)
    assert answer.json()["errors"][0]["fix"] == detail


async def test_the_command_id_is_the_idempotency_key(room: FastAPI) -> None:
    async with browser(room) as client:
        kept = await client.post("/api/items", json={"title": "mới"}, headers={"idempotency-key": "k-1"})
        wrong = await client.post("/api/items", json={"title": "mới"}, headers={"idempotency-key": "k" * 129})
    assert kept.json() == {"title": "mới", "command": "k-1"}
    assert (wrong.status_code, wrong.json()["code"]) == (400, "idempotency-key-invalid")


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere"])
async def test_an_unknown_address_is_a_page_or_a_problem(room: FastAPI, path: str) -> None:
    async with browser(room) as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    kind = "application/problem+json" if path.startswith("/api") else "text/html; charset=utf-8"
    assert answer.headers["content-type"] == kind
    assert "Không tìm thấy" in answer.text


async def test_a_method_that_is_not_taken_names_those_that_are(room: FastAPI) -> None:
    async with browser(room) as client:
        answer = await client.put("/api/items", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["code"] == "http-405"


async def test_what_nobody_expected_has_a_code_that_is_in_the_log(
    room: FastAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    async with browser(room) as client:
        shown = await client.get("/break")
        told = await client.get("/break", headers=JSON)
    code = re.search(r"unexpected-([0-9a-f]{8})", shown.text)
    assert code
    assert shown.status_code == told.status_code == 500
    assert "mật" not in shown.text.replace("Mật khẩu", "")
    assert code[1] in capsys.readouterr().out
    assert told.headers["content-security-policy"]
    assert told.json()["code"].startswith("unexpected-")


async def test_without_the_database_a_page_says_to_wait(room: FastAPI) -> None:
    async with browser(room) as client:
        answer = await client.get("/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Dịch vụ chưa trả lời được" in answer.text


async def test_a_room_behind_a_path_prefix_links_within_it(tmp_path: Path) -> None:
    rooms = {name: f"https://pr.example/{name}" for name in ROOMS}
    room = create_room(tmp_path, room_urls=rooms, cookie_secure=True)
    async with browser(room) as client:
        stripped, whole = await client.get("/?q=1"), await client.get("/planning/?q=1")
        style = re.search(r'href="(/planning/static/app.css[^"]+)"', stripped.text)
        assert style
        served = await client.get(style[1])
    for answer in (stripped, whole):
        assert 'href="/planning/?q=1&amp;lang=en"' in answer.text
        assert 'action="/planning/items"' in answer.text
    assert served.headers["cache-control"].startswith("public")
    assert stripped.headers["strict-transport-security"]
    assert "form-action 'self' https://pr.example;" in stripped.headers["content-security-policy"] + ";"
