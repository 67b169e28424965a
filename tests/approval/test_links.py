"""A link of one use to a review: bound to one person, one revision and his password; nobody else decides on it."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.approval import decisions, storage
from services.approval.accounts import Account
from services.approval.links import standing
from services.approval.links.standing import LASTS, End
from services.approval.settings import Settings
from services.chassis.app import Service
from tests.approval.builders import DEPUTY, HEAD, NOW, PLAN, banner, content, decided, item, person, review
from tests.approval.test_web import ADMIN_PASSWORD, PASSWORD, House, opened, rules_of
from tests.marked import unmarked

OTHER = content(item("Khác"))


@pytest.fixture
async def house(settings: Settings, service: Service) -> AsyncIterator[House]:
    async with opened(settings, service) as made:
        yield made


def account(name: str = "hieu-truong", *roles: str, **fields: Any) -> Account:
    made = {"account_id": name, "name": name, "display_name": name, "password_hash": "x"}
    return Account.from_data(made | {"roles": roles or ("rectorate",)} | fields)


def test_a_link_is_made_only_for_whom_the_rules_let_decide() -> None:
    waiting = review(banner())
    for who, rule in (
        (account(), "stage-role"),
        (account("soan-thao", "office_head"), "four-eyes-drafter"),
        (account("truong-phong", "office_head", active=False), "stage-role"),
    ):
        assert [one.rule for one in standing.make(waiting, who, "l", by="b", now=NOW).refusals] == [rule]
    both = account("truong-phong", "office_head", "rectorate")
    passed = decided(waiting, HEAD)
    assert [one.rule for one in standing.make(passed, both, "l", by="b", now=NOW).refusals] == ["four-eyes-stage"]
    link = standing.make(passed, account(), "l", by="b", now=NOW).state
    assert link is not None
    assert (link.content_hash, link.expires_at - link.made_at) == (passed.content_hash, LASTS)


def test_a_link_is_good_for_one_revision_one_account_as_it_was_and_one_use() -> None:
    passed, rector = decided(review(banner()), HEAD), account()
    link = standing.make(passed, rector, "l", by="b", now=NOW).state
    assert link is not None
    newer = review(OTHER, before=passed, revision=2)
    said = {
        "": standing.bar(link, passed, rector, now=NOW + LASTS - timedelta(seconds=1)),
        "link-expired": standing.bar(link, passed, rector, now=NOW + LASTS),
        "link-outdated": standing.bar(link, newer, rector, now=NOW),
        "link-account": standing.bar(link, passed, rector.model_copy(update={"revision": 2}), now=NOW),
        "link-ended": standing.bar(standing.ended(link, End.USED, NOW), passed, rector, now=NOW),
    }
    assert {rule: found.rule if found else "" for rule, found in said.items()} == {rule: rule for rule in said}
    used = standing.ended(link, End.USED, NOW)
    assert standing.ended(used, End.REVOKED, NOW + LASTS) == used, "the first end counts"


def key_in(page: httpx2.Response) -> str:
    found = re.search(r"/link\?key=([\w-]{43})<", html.unescape(page.text))
    assert found is not None, page.text[:300]
    return f"/link?key={found[1]}"


async def sent(house: House) -> tuple[str, str]:
    """The path of a plan that waits for the Rectorate, and the link by which the office asks its reviewer."""
    head = await house.person("truong-phong", "office_head")
    await house.person("hieu-truong", "rectorate")
    passed = decided(review(banner()), person(await house.account_id("truong-phong"), "office_head"))
    path = await house.put_up(passed)
    rector = await house.account_id("hieu-truong")
    assert f'href="{path}/links"' in (await head.get(path)).text
    made = await head.post(f"{path}/links", data={"account_id": rector, "command_id": "make-1"})
    assert made.status_code == 200, made.text
    assert f'value="{rector}"' in made.text
    repeated = await head.post(f"{path}/links", data={"account_id": rector, "command_id": "make-1"})
    assert "đã hiện ở lần gửi trước" in repeated.text
    return path, key_in(made)


def said(page: httpx2.Response, **fields: str) -> dict[str, str]:
    given = {name: re.search(rf'name="{name}" value="([^"]*)"', page.text) for name in ("content_hash", "command_id")}
    typed = {name: html.unescape(found[1]) for name, found in given.items() if found}
    return typed | {"verdict": "APPROVED", "password": PASSWORD, "page": page.url.raw_path.decode()} | fields


async def status_of(house: House) -> str:
    found = await storage.review(house.service.store, PLAN)
    assert found is not None
    return found.status.value


@pytest.mark.live
async def test_a_reviewer_decides_once_on_a_link_with_his_password_and_no_session(house: House) -> None:
    path, link = await sent(house)
    phone = house.browser("10.0.0.1")
    page = await phone.get(link)
    assert (page.status_code, "<nav" in page.text, "hết hạn" in page.text) == (200, False, True)
    english = await house.browser().get(f"{link}&lang=en")
    assert unmarked(english.text, "Truong-Phong", "Hieu-Truong") == []
    wrong = await phone.post(link, data=said(page, password=ADMIN_PASSWORD))
    assert (wrong.status_code, "Mật khẩu không đúng" in wrong.text, ADMIN_PASSWORD in wrong.text) == (403, True, False)
    assert (await phone.post(link, data=said(page, verdict="RETURNED"))).status_code == 422, "a return needs a comment"
    assert await status_of(house) == "RECTORATE_REVIEW", "so far nothing is decided, and the link is good"
    form = said(page)
    first, second = await asyncio.gather(*(phone.post(link, data=form | {"command_id": f"c{n}"}) for n in (1, 2)))
    assert sorted((first.status_code, second.status_code)) == [303, 409], "of two at once one decides"
    assert await status_of(house) == "APPROVED"
    again = await phone.get(link)
    assert ("Đã ghi quyết định của bạn" in again.text, 'name="password"' in again.text) == (True, False)
    assert "đã dùng" in (await house.people["truong-phong"].get(f"{path}/links")).text
    found = await storage.review(house.service.store, PLAN)
    assert found is not None
    assert found.decisions[-1].decided_by == await house.account_id("hieu-truong")
    (act,) = await house.service.store.raw("acts").find({"row.act": "plan-approved"}).to_list(None)
    assert act["row"]["details"]["link"]
    assert link.partition("=")[2] not in str(await house.service.store.raw("links").find({}).to_list(None))


@pytest.mark.live
async def test_a_reviewer_edits_and_approves_on_a_link(house: House) -> None:
    _, link = await sent(house)
    phone, place = house.browser("10.0.0.2"), link.replace("/link?", "/link/edit?")
    page = await phone.get(place)
    assert (page.status_code, f'action="{place}"' in page.text, "/reviews/" in page.text) == (200, True, False)
    assert unmarked((await phone.get(f"{place}&lang=en")).text, "Truong-Phong", "Hieu-Truong") == []
    blank = await phone.post(place, data=said(page, title=" "))
    assert (blank.status_code, 'aria-invalid="true"' in blank.text) == (422, True)
    assert (await phone.post(place, data=said(page, title="Tên mới"))).status_code == 303
    found = await storage.review(house.service.store, PLAN)
    assert found is not None
    assert (found.content.title, found.revision, found.status.value) == ("Tên mới", 2, "OFFICE_REVIEW")


@pytest.mark.live
async def test_a_link_ends_by_the_office_by_who_got_it_wrongly_and_by_a_change_of_roles(house: House) -> None:
    path, link = await sent(house)
    head, phone = house.people["truong-phong"], house.browser("10.0.0.3")
    form, rector = said(await phone.get(link)), await house.account_id("hieu-truong")

    async def refused() -> list[str]:
        return rules_of(await phone.post(link, data=form, headers={"Accept": "application/json"}))

    assert (await phone.post(link.replace("/link?", "/link/disown?"))).status_code == 303
    assert await refused() == ["link-ended"]
    assert "sai người nhận" in (await head.get(f"{path}/links")).text
    link = key_in(await head.post(f"{path}/links", data={"account_id": rector}))
    page = await head.get(f"{path}/links")
    ending = re.search(rf'action="({path}/links/\w+/end)"', page.text)
    assert ending is not None
    assert (await head.post(ending[1])).status_code == 303
    assert await refused() == ["link-ended"]
    link = key_in(await head.post(f"{path}/links", data={"account_id": rector}))
    changed = {"roles": ["rectorate", "viewer"]}
    assert (await house.people["admin"].patch(f"/api/accounts/{rector}", json=changed)).status_code == 200
    assert await refused() == ["link-account"]
    assert "Liên kết không dùng được" in (await phone.get(link)).text
    assert await status_of(house) == "RECTORATE_REVIEW"


@pytest.mark.live
async def test_only_the_office_makes_links_and_none_for_who_may_not_decide(house: House) -> None:
    path, _ = await sent(house)
    head, rector = house.people["truong-phong"], house.people["hieu-truong"]
    for answer in (await rector.get(f"{path}/links"), await rector.post(f"{path}/links", data={"account_id": "x"})):
        assert answer.status_code == 403
    mine = {"account_id": await house.account_id("truong-phong")}
    barred = await head.post(f"{path}/links", data=mine, headers={"Accept": "application/json"})
    assert rules_of(barred) == ["stage-role"]
    nobody = house.browser("10.0.0.4")
    for place in ("/link", "/link?key=x", "/link/edit?key=x"):
        assert (await nobody.get(place)).status_code == 404
    assert (
        await nobody.post("/link?key=x", data={"verdict": "APPROVED", "content_hash": "", "password": "x"})
    ).status_code == 404
    assert decisions.bar(decided(review(banner()), HEAD), DEPUTY) is not None
