"""The log of acts as people and programs read it: the newest first, by act, person and time, and whole as a file."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from contracts.times import format_time
from services.chassis.app import Service, create_app
from services.chassis.audit.acts import Act
from services.chassis.audit.chain import parse_head
from services.chassis.audit.reading import Asked, waiting
from services.chassis.audit.verifying import read_lines, verify
from services.chassis.decision import Actor
from services.chassis.settings import Settings
from services.chassis.unit import Unit
from services.chassis.web import identity
from tests.chassis.audit.deeds import chain_all, do_many
from tests.chassis.ledger import DEFINITION, NOW, SetClock
from tests.chassis.web_room import ORIGIN, browser

pytestmark = pytest.mark.live
READERS = ("office_head", "operator", "auditor")
OTHERS = ("administrator", "rectorate", "editor", "contributor", "viewer")


@pytest.fixture
async def app(settings: Settings, service: Service) -> AsyncIterator[FastAPI]:
    """The tiny service with its doors, on the database of `service`."""
    made = create_app(DEFINITION, settings, SetClock())
    made.state.service.started = True
    yield made
    await made.state.service.sessions.drop()
    made.state.service.store.client.close()


async def person(app: FastAPI, *roles: str, accept: str = "text/html") -> httpx2.AsyncClient:
    token = await identity.open_session(app.state.service, Actor("a-9", "Soi", frozenset(roles)), datetime.now(UTC))
    return browser(app, cookie=f"publicity_session={token}", origin=ORIGIN, accept=accept)


async def act(service: Service, key: str, *, name: str = "plan-edited", by: str = "a-1", minutes: int = 0) -> None:
    """Leave one act."""

    async def work(unit: Unit) -> None:
        pass

    told = Act(Actor(by, "Người nào đó", frozenset({"editor"})), name, f"s-{key}", f"vì <{key}>")
    await service.store.command(key, NOW + timedelta(minutes=minutes), work, act=told)


async def items(client: httpx2.AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/api/audit{query}")
    assert answer.status_code == 200, answer.text
    return [entry["row"]["id"] for entry in answer.json()["items"]]


@pytest.mark.parametrize("path", ["/audit", "/api/audit", "/api/audit/export"])
async def test_office_heads_operators_and_auditors_read_the_log_and_nobody_else(app: FastAPI, path: str) -> None:
    for role in READERS:
        assert (await (await person(app, role)).get(path)).status_code == 200, role
    for role in OTHERS:
        assert (await (await person(app, role)).get(path)).status_code == 403, role
    assert (await browser(app, accept="application/json").get(path)).status_code == 401


async def test_the_log_is_asked_by_act_person_and_time(app: FastAPI, service: Service) -> None:
    await act(service, "k1")
    await act(service, "k2", name="plan-withdrawn", minutes=5)
    await act(service, "k3", by="a-2", minutes=10)
    await chain_all(service)
    client = await person(app, "auditor", accept="application/json")
    assert await items(client) == ["k3", "k2", "k1"]
    assert await items(client, "?act=plan-edited") == ["k3", "k1"]
    assert await items(client, "?actor=a-1") == ["k2", "k1"]
    assert await items(client, "?actor=a-1&act=plan-edited") == ["k1"]
    assert await items(client, "?since=2026-11-23T10:47:07%2B07:00") == ["k3", "k2"]
    assert await items(client, "?until=23/11/2026 10:47") == ["k1"]
    assert (await client.get("/api/audit?since=tomorrow")).status_code == 422
    assert (await client.get("/api/audit?after=x~1")).status_code == 422


async def test_pages_of_the_log_lack_and_repeat_nothing(app: FastAPI, service: Service) -> None:
    for number in range(7):
        await act(service, f"k{number}", minutes=number // 3)
    await chain_all(service)
    client, found, after = await person(app, "auditor", accept="application/json"), [], ""
    while after is not None:
        answer = (await client.get("/api/audit", params={"limit": 2} | ({"after": after} if after else {}))).json()
        found += [entry["row"]["id"] for entry in answer["items"]]
        after = answer["next"]
    assert found == [f"k{number}" for number in reversed(range(7))]


async def test_the_answer_says_what_the_check_found_and_what_waits(app: FastAPI, service: Service) -> None:
    client = await person(app, "operator", accept="application/json")
    await act(service, "k1")
    before = (await client.get("/api/audit")).json()
    assert (before["items"], before["check"]["count"], before["check"]["waiting"]) == ([], None, 1)
    await chain_all(service)
    await app.state.service.audit.look()
    check = (await client.get("/api/audit")).json()["check"]
    assert (check["count"], check["faults"], check["waiting"]) == (1, [], 0)
    assert parse_head(check["head"]).n == 1


async def test_the_export_is_verified_elsewhere_against_the_head_it_came_with(app: FastAPI, service: Service) -> None:
    await do_many(service, 230)
    await chain_all(service)
    answer = await (await person(app, "auditor")).get("/api/audit/export")
    head = parse_head(answer.headers["x-audit-head"])
    lines = answer.text.splitlines()
    checked = verify(read_lines(lines), [head])
    assert (checked.count, checked.faults, checked.head) == (230, (), head)
    assert 'filename="audit-planning-230.ndjson"' in answer.headers["content-disposition"]
    assert verify(read_lines(lines[:-1]), [head]).faults != ()


async def shown(app: FastAPI, query: str = "", **headers: str) -> Any:
    return await (await person(app, "office_head")).get(f"/audit{query}", headers=headers)


async def test_the_page_shows_entries_their_check_and_no_name(app: FastAPI, service: Service) -> None:
    await act(service, "k1")
    await chain_all(service)
    await app.state.service.audit.look()
    text = (await shown(app)).text
    for words in ("1 mục, nguyên vẹn, đến 10:42:07", "s-k1", "vì &lt;k1&gt;", "/audit?actor=a-1", "Biên tập viên"):
        assert words in text
    assert "Người nào đó" not in text
    english = (await shown(app, "?lang=en")).text
    assert "1 entries, intact, as of 10:42:07" in english


async def test_the_page_says_that_the_chain_was_broken_and_where(app: FastAPI, service: Service) -> None:
    for key in ("k1", "k2", "k3"):
        await act(service, key)
    await chain_all(service)
    await service.store.raw("acts").delete_one({"n": 2})
    text = (await shown(app, "?check=whole")).text
    assert "Chuỗi không còn nguyên vẹn" in text
    assert "Thiếu mục 2." in text


async def test_the_page_keeps_a_wrong_time_and_says_what_is_wrong(app: FastAPI, service: Service) -> None:
    await act(service, "k1")
    await chain_all(service)
    answer = await shown(app, "?since=hôm+qua&actor=a-1")
    assert answer.status_code == 422
    assert 'value="hôm qua"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "s-k1" in answer.text


async def test_empty_pages_say_what_will_be_there(app: FastAPI, service: Service) -> None:
    assert "Chưa ai làm gì ở phòng này" in (await shown(app)).text
    await act(service, "k1")
    await chain_all(service)
    assert "Không có mục nào như vậy" in (await shown(app, "?actor=nobody")).text


async def test_the_next_page_keeps_the_filter(app: FastAPI, service: Service) -> None:
    await do_many(service, 60)
    await chain_all(service)
    text = (await shown(app, "?act=plan-drafted&actor=a-1")).text
    assert "/audit?act=plan-drafted&amp;actor=a-1&amp;after=2026-11-23T03%3A42%3A07.000000Z~11" in text


@pytest.mark.parametrize("asked", [{}, {"act": "plan-edited"}, {"actor": "a-1"}, {"actor": "a-1", "after": "cursor"}])
async def test_a_page_of_the_log_examines_little_more_than_it_shows(service: Service, asked: dict[str, str]) -> None:
    for number in range(120):
        await act(service, f"k{number:03}", by=f"a-{number % 2}", minutes=number)
    await chain_all(service)
    after = f"{format_time(NOW + timedelta(minutes=60))}~61" if asked.get("after") else ""
    where = Asked.model_validate(asked | {"after": after}).where()
    find = {"find": "acts", "filter": where, "sort": {"row.at": -1, "n": -1}, "limit": 11}
    told = await service.store.database.command({"explain": find, "verbosity": "executionStats"})
    assert told["executionStats"]["totalDocsExamined"] <= 3 * 11


async def test_what_waits_is_counted_without_reading_the_log(service: Service) -> None:
    await do_many(service, 40)
    await chain_all(service)
    await act(service, "later")
    profiled = service.store.database
    await profiled.command({"profile": 2})
    assert await waiting(service.store) == 1
    await profiled.command({"profile": 0})
    seen = await profiled["system.profile"].find_one({"command.aggregate": "acts"})
    assert seen is not None
    assert seen["docsExamined"] <= 2
