"""The doors of approval as a browser and a program see them: sign-in, inbox, decision, administration."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from contracts.codes import Verdict
from services.approval.app import create_app, open_first_account
from services.approval.settings import Settings
from services.approval.state import Review
from services.approval.storage import to_doc
from services.chassis.app import Service
from services.chassis.unit import Cause, Unit
from tests.approval.builders import banner, content, item, review
from tests.marked import unmarked

pytestmark = pytest.mark.live
ORIGIN = "http://127.0.0.1:8002"
PASSWORD = "mot cau kha dai"
ADMIN_PASSWORD = "cau cua quan tri"
ROLES = ("viewer", "contributor", "editor", "office_head", "rectorate", "operator", "auditor", "administrator")


class House:
    """The application on a database of its own, and a browser for each person."""

    def __init__(self, settings: Settings, service: Service) -> None:
        self.app = create_app(settings, service.clock)
        self.service: Service = self.app.state.service
        self.people: dict[str, httpx2.AsyncClient] = {}

    def browser(self, address: str = "127.0.0.1") -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app, client=(address, 1))
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx2.AsyncClient:
        client = self.people[name] = self.browser()
        answer = await client.post("/api/sessions", json={"name": name, "password": password})
        assert answer.status_code == 204, answer.text
        return client

    async def person(self, name: str, *roles: str) -> httpx2.AsyncClient:
        given = {"name": name, "display_name": name.title(), "password": PASSWORD, "roles": roles, "unit": "PTT"}
        answer = await self.people["admin"].post("/api/accounts", json=given)
        assert answer.status_code == 201, answer.text
        return await self.sign_in(name)

    async def account_id(self, name: str) -> str:
        answer = await self.people["admin"].get("/api/accounts")
        return next(one["account_id"] for one in answer.json()["items"] if one["name"] == name)

    async def put_up(self, made: Review) -> str:
        async def work(unit: Unit) -> None:
            await unit.get("reviews", made.plan_id)
            unit.put("reviews", to_doc(made))

        await self.service.store.transact(Cause("/publicity/planning", "m"), self.service.clock.now(), work)
        return f"/reviews/{made.plan_id}"


@asynccontextmanager
async def opened(settings: Settings, service: Service) -> AsyncIterator[House]:
    """The room with its administrator signed in."""
    made = House(settings.model_copy(update={"admin_password": type(settings.mongo_url)(ADMIN_PASSWORD)}), service)
    await open_first_account(made.service)
    made.service.started = True
    await made.sign_in("admin", ADMIN_PASSWORD)
    yield made
    for client in made.people.values():
        await client.aclose()
    made.service.store.client.close()


@pytest.fixture
async def house(settings: Settings, service: Service) -> AsyncIterator[House]:
    async with opened(settings, service) as made:
        yield made


def rules_of(answer: httpx2.Response) -> list[str]:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return [error["rule"] for error in answer.json()["errors"]]


def decision(on: Review, verdict: str = "APPROVED", **fields: Any) -> dict[str, Any]:
    return {"verdict": verdict, "content_hash": on.content_hash, "note": "Đồng ý"} | fields


async def test_a_plan_walks_through_both_stages(house: House) -> None:
    head, rector = await house.person("head", "office_head"), await house.person("rector", "rectorate")
    on = review(banner())
    path = "/api" + await house.put_up(on)
    assert rules_of(await rector.post(path + "/decisions", json=decision(on))) == ["stage-role"]
    first = await head.post(path + "/decisions", json=decision(on), headers={"Idempotency-Key": "k1"})
    assert (first.status_code, first.json()["stage"]) == (201, "RECTORATE")
    again = await head.post(path + "/decisions", json=decision(on), headers={"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    assert (await head.post(path + "/decisions", json=decision(on))).status_code == 403
    assert (await rector.post(path + "/decisions", json=decision(on))).json()["status"] == "APPROVED"
    found = (await head.get(path)).json()
    assert [one["stage"] for one in found["decisions"]] == ["OFFICE", "RECTORATE"]
    assert found["route"]["rules"][0]["id"] == "M1"


async def test_an_outdated_hash_is_a_conflict_that_says_what_to_do(house: House) -> None:
    head = await house.person("head", "office_head")
    on = review()
    path = "/api" + await house.put_up(on)
    answer = await head.post(path + "/decisions", json=decision(on, content_hash="sha256:" + "0" * 64))
    assert answer.status_code == 409
    (error,) = answer.json()["errors"]
    assert (error["rule"], error["pointer"]) == ("hash-outdated", "/content_hash")
    assert "bản sửa 1" in error["fix"]
    english = await head.post(path + "/decisions?lang=en", json=decision(on, "RETURNED", note=""))
    assert english.json()["errors"][0]["detail"] == "Returned without a comment."


async def test_the_list_is_filtered_by_status(house: House) -> None:
    head = await house.person("head", "office_head")
    await house.put_up(review())
    listed = (await head.get("/api/reviews", params={"status": "OFFICE_REVIEW"})).json()["items"]
    assert [(one["title"], one["stage"], one["overdue"]) for one in listed] == [("Kế hoạch", "OFFICE", False)]
    assert (await head.get("/api/reviews", params={"status": "APPROVED"})).json() == {"items": []}
    assert (await head.get("/api/reviews", params={"status": "NO"})).status_code == 422


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_every_page_is_shown_in_both_languages(house: House, lang: str) -> None:
    head = await house.person("head", "office_head")
    newer = review(banner(), before=review(content(item("Cũ"))), revision=2)
    path = await house.put_up(newer)
    admin = house.people["admin"]
    for client, page in ((head, "/"), (head, path), (head, "/password"), (admin, "/"), (admin, "/accounts")):
        answer = await client.get(page, params={"lang": lang})
        assert answer.status_code == 200, (page, answer.text)
        assert f'<html lang="{lang}"' in answer.text
        assert unmarked(answer.text, "Quản trị viên") == []
    shown = (await head.get(path, params={"lang": lang})).text
    assert ("not matched" in shown) is (lang == "en")
    assert "<ins>" in shown
    account = await admin.get(f"/accounts/{await house.account_id('head')}", params={"lang": lang})
    assert account.status_code == 200
    assert (await house.browser().get("/sign-in", params={"lang": lang})).status_code == 200


async def test_the_form_decides_like_the_api_and_a_refused_one_keeps_what_was_typed(house: House) -> None:
    head = await house.person("head", "office_head")
    on = review()
    path = await house.put_up(on)
    form = {"content_hash": on.content_hash, "page": path, "command_id": "c1"}
    empty = await head.post(path + "/decisions", data=form | {"verdict": "RETURNED", "note": ""})
    assert empty.status_code == 422
    assert "Trả lại mà chưa ghi ý kiến." in empty.text
    stale = form | {"verdict": "RETURNED", "note": "Sửa mục 2", "content_hash": "sha256:" + "0" * 64}
    outdated = await head.post(path + "/decisions", data=stale)
    assert outdated.status_code == 409
    assert "Sửa mục 2</textarea>" in outdated.text
    done = await head.post(path + "/decisions", data=form | {"verdict": "RETURNED", "note": "Sửa mục 2"})
    assert (done.status_code, done.headers["location"]) == (303, path)
    shown = (await head.get(path)).text
    assert "Sửa mục 2" in shown
    assert "Người soạn" in (await head.get("/")).text


async def test_who_may_not_decide_sees_why_instead_of_a_form(house: House) -> None:
    head = await house.person("head", "office_head")
    path = await house.put_up(review(by=await house.account_id("head")))
    shown = (await head.get(path)).text
    assert "Người soạn không tự duyệt kế hoạch của mình." in shown
    assert 'name="verdict"' not in shown
    assert (await head.get("/api/reviews/unknown")).status_code == 404


# Deny by default: which roles a door lets in; everybody else gets 403, nobody signed in 401 (or is sent to sign in).
READERS = {"office_head", "rectorate", "editor", "operator", "auditor"}
DOORS = (
    ("GET", "/api/reviews", READERS),
    ("GET", "/api/reviews/x", READERS),
    ("GET", "/reviews/x", READERS),
    ("POST", "/api/reviews/x/decisions", {"office_head", "rectorate"}),
    ("POST", "/reviews/x/decisions", {"office_head", "rectorate"}),
    ("GET", "/api/accounts", {"administrator"}),
    ("POST", "/api/accounts", {"administrator"}),
    ("PATCH", "/api/accounts/x", {"administrator"}),
    ("GET", "/accounts", {"administrator"}),
    ("POST", "/accounts", {"administrator"}),
    ("GET", "/accounts/x", {"administrator"}),
    ("POST", "/accounts/x", {"administrator"}),
    ("GET", "/password", set(ROLES)),
    ("GET", "/api/me", set(ROLES)),
    ("GET", "/", set(ROLES)),
)


async def test_doors_open_to_their_roles_alone(house: House) -> None:
    for role in ROLES:
        await house.person(f"x-{role.replace('_', '-')}", role)
    nobody = house.browser()
    for method, path, roles in DOORS:
        for role in ROLES:
            answer = await house.people[f"x-{role.replace('_', '-')}"].request(method, path, json={})
            assert (answer.status_code != 403) is (role in roles), (method, path, role, answer.status_code)
        assert (await nobody.request(method, path, json={})).status_code in (401, 303), (method, path)


async def test_a_foreign_page_cannot_decide_in_a_persons_name(house: House) -> None:
    head = await house.person("head", "office_head")
    on = review()
    path = "/api" + await house.put_up(on)
    answer = await head.post(path + "/decisions", json=decision(on), headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert (await head.get(path)).json()["status"] == "OFFICE_REVIEW"


async def test_a_changed_role_ends_every_session_at_once(house: House) -> None:
    head = await house.person("head", "office_head")
    second = await house.sign_in("head")
    path = f"/api/accounts/{await house.account_id('head')}"
    answer = await house.people["admin"].patch(path, json={"roles": ["viewer"]})
    assert (answer.status_code, answer.json()["roles"]) == (200, ["viewer"])
    for client in (head, second):
        assert (await client.get("/api/me")).status_code == 401
    assert (await (await house.sign_in("head")).get("/api/me")).json()["roles"] == ["viewer"]


async def test_a_locked_account_cannot_sign_in(house: House) -> None:
    await house.person("head", "office_head")
    path = f"/api/accounts/{await house.account_id('head')}"
    assert (await house.people["admin"].patch(path, json={"active": False})).json()["active"] is False
    answer = await house.browser().post("/api/sessions", json={"name": "head", "password": PASSWORD})
    assert rules_of(answer) == ["sign-in-failed"]


async def test_a_person_changes_the_own_password_and_signs_in_anew(house: House) -> None:
    head = await house.person("head", "office_head")
    form = {"current": "khong phai", "password": "mot cau khac dai", "page": "/password"}
    assert (await head.post("/password", data=form)).status_code == 401
    assert (await head.post("/password", data=form | {"current": PASSWORD, "password": "ngan"})).status_code == 422
    done = await head.post("/password", data=form | {"current": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert (await head.get("/api/me")).status_code == 401
    await house.sign_in("head", "mot cau khac dai")


async def test_signing_in_by_form_leads_back_and_never_elsewhere(house: House) -> None:
    await house.person("head", "office_head")
    for wanted, place in (
        ("/accounts", f"{ORIGIN}/accounts"),
        ("http://127.0.0.1:8004/events", "http://127.0.0.1:8004/events"),
        ("https://evil.example/", f"{ORIGIN}/"),
        ("//evil.example", f"{ORIGIN}/"),
    ):
        browser = house.browser()
        form = {"name": "head", "password": PASSWORD, "next": wanted, "page": "/sign-in"}
        answer = await browser.post("/sign-in", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert (await browser.delete("/api/sessions")).status_code == 204
        assert (await browser.get("/api/me")).status_code == 401
    wrong = await house.browser().post("/sign-in", data=form | {"password": "sai"})
    assert wrong.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in wrong.text
    assert "sai" not in wrong.text.split("<form")[-1]


async def test_wrong_passwords_pause_the_account_at_that_address_alone(house: House) -> None:
    await house.person("head", "office_head")
    here, there = house.browser("10.0.0.1"), house.browser("10.0.0.2")
    given = {"name": "head", "password": "sai roi"}
    answers = [(await here.post("/api/sessions", json=given)).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    right = await here.post("/api/sessions", json=given | {"password": PASSWORD})
    assert right.status_code == 429
    assert 1 <= int(right.headers["retry-after"]) <= 5
    assert (await there.post("/api/sessions", json=given | {"password": PASSWORD})).status_code == 204
    unknown = [(await here.post("/api/sessions", json=given | {"name": "ghost"})).status_code for _ in range(6)]
    assert unknown == answers


async def test_the_administrators_forms_open_and_change_accounts(house: House) -> None:
    admin = house.people["admin"]
    form = {"name": "head", "display_name": "Trưởng phòng", "password": PASSWORD, "unit": "", "page": "/accounts"}
    opened = await admin.post("/accounts", data=form | {"roles": "office_head", "command_id": "c1"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/accounts")
    taken = await admin.post("/accounts", data=form | {"command_id": "c2"})
    assert taken.status_code == 409
    assert "Trưởng phòng" in taken.text
    path = f"/accounts/{await house.account_id('head')}"
    change = {
        "display_name": "Phó phòng",
        "roles": ["office_head", "editor"],
        "active": "true",
        "password": "",
        "page": path,
    }
    assert (await admin.post(path, data=change)).status_code == 303
    await house.sign_in("head")
    assert (await admin.post(path, data={"display_name": "Phó phòng", "page": path})).status_code == 303
    (account,) = [one for one in (await admin.get("/api/accounts")).json()["items"] if one["name"] == "head"]
    assert (account["roles"], account["active"]) == ([], False)
    assert "password_hash" not in account
    last = await admin.patch(f"/api/accounts/{await house.account_id('admin')}", json={"roles": []})
    assert rules_of(last) == ["last-administrator"]


def test_the_verdicts_of_the_form_are_those_of_the_contract() -> None:
    assert {verdict.value for verdict in Verdict} == {"APPROVED", "RETURNED"}
