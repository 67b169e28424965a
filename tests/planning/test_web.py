"""The doors of planning as a browser and a program see them: the API, the forms of a plan's parts, the pages."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.chassis.app import Service
from services.chassis.decision import Actor
from services.chassis.unit import Cause, Unit
from services.chassis.web.identity import open_session
from services.planning import decisions, storage
from services.planning.app import create_app
from services.planning.decisions import DRAFTERS
from services.planning.school_years import dates_of
from services.planning.settings import Settings
from tests.clock import StoppedClock
from tests.marked import unmarked
from tests.planning.builders import NOW, YEAR, channel, content, data, focal, group, returned, routine
from tests.planning.conftest import opened

pytestmark = pytest.mark.live
ORIGIN = "http://127.0.0.1:8001"
ROLES = ("viewer", "contributor", "editor", "office_head", "rectorate", "operator", "auditor", "administrator")


class House:
    """The application on a database of its own, and a browser for each person."""

    def __init__(self, settings: Settings, service: Service) -> None:
        self.app = create_app(settings, service.clock)
        self.service: Service = self.app.state.service
        self.clients: list[httpx2.AsyncClient] = []

    async def person(self, *roles: str, name: str = "") -> httpx2.AsyncClient:
        actor = Actor(name or "-".join(roles), name or "Người dùng", frozenset(roles), "PTT")
        token = await open_session(self.service, actor, datetime.now(UTC))
        return self.browser(cookie=f"publicity_session={token}")

    def browser(self, **headers: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.app)
        client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN, **headers})
        self.clients.append(client)
        return client


@pytest.fixture
async def house(settings: Settings, service: Service) -> AsyncIterator[House]:
    async with opened(House(settings, service)) as made:
        yield made


def errors_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return [(error["rule"], error["pointer"]) for error in answer.json()["errors"]]


async def drafted(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/api/plans", json={"school_year": YEAR, "content": data(**fields)})
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_a_plan_goes_its_way_through_the_api(house: House) -> None:
    editor = await house.person("editor")
    made = await drafted(editor)
    path = f"/api/plans/{made['plan_id']}"
    other = {"content": data(title="Khác"), "base_hash": made["content_hash"]}
    edited = await editor.put(path, json=other, headers={"Idempotency-Key": "k1"})
    assert edited.status_code == 200
    assert (await editor.put(path, json=other, headers={"Idempotency-Key": "k1"})).json() == edited.json()
    sent = await editor.post(f"{path}/submission", headers={"Idempotency-Key": "k2"})
    assert (sent.status_code, sent.json()["status"], sent.json()["revision"]) == (202, "SUBMITTED", 1)
    assert sent.json()["content_hash"] == edited.json()["content_hash"]
    assert errors_of(await editor.put(path, json=other | {"base_hash": sent.json()["content_hash"]})) == [
        ("plan-under-review", "")
    ]
    back = await editor.post(f"{path}/withdrawal", json={"reason": "Sửa lại"})
    assert (back.status_code, back.json()["status"]) == (200, "WITHDRAWN")
    whole = (await editor.get(path)).json()
    assert (whole["content"]["title"], len(whole["bases_cited"]), len(whole["submissions"])) == ("Khác", 4, 1)
    (row,) = (await editor.get("/api/plans")).json()["items"]
    assert (row["plan_id"], row["plan_due_at"]) == (made["plan_id"], "2026-09-05T17:00:00.000000Z")


async def test_a_submission_names_every_rule_that_says_no(house: House) -> None:
    editor = await house.person("editor")
    poor = {
        "bases": data()["bases"][:2],
        "channel_plans": [channel("E_BOARD", routine(recurrence="x"))],
        "contributor_groups": [],
    }
    made = await drafted(editor, **poor)
    answer = await editor.post(f"/api/plans/{made['plan_id']}/submission")
    assert answer.status_code == 422
    rules = [rule for rule, _ in errors_of(answer)]
    assert {"R01", "R02", "R03", "R04"} <= set(rules)
    assert all(error["detail"] and error["fix"] for error in answer.json()["errors"])
    english = await editor.post(f"/api/plans/{made['plan_id']}/submission?lang=en")
    assert english.json()["errors"][0]["detail"] == "The basis “Office work plan” is missing."


async def test_too_early_names_r05_and_from_when(house: House, clock: StoppedClock) -> None:
    editor = await house.person("editor")
    clock.at = dates_of(YEAR, {}).plan_opens_at - timedelta(days=1)
    made = await drafted(editor)
    answer = await editor.post(f"/api/plans/{made['plan_id']}/submission")
    assert errors_of(answer) == [("R05", "/school_year")]
    assert "01/07/2026" in answer.json()["errors"][0]["fix"]


def of(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A plan to be drafted: with these items on one channel, or with other fields."""
    given = {"channel_plans": [channel("VI_WEB", *items)]} if items else {}
    return {"school_year": YEAR, "content": data(**given)} | fields


BACKWARDS = {"starts_at": "2026-11-20T04:00:00Z", "ends_at": "2026-11-20T03:00:00Z"}
ITEM = "/content/channel_plans/0/items/0"
BAD: tuple[tuple[str, Any, str], ...] = (
    ("no JSON", b"{", ""),
    ("no content", {"school_year": YEAR}, "/content"),
    ("a school year of two far years", of(school_year="2026-2028"), "/school_year"),
    ("a school year beyond reach", of(school_year="0000-0001"), "/school_year"),
    ("a title of blanks", of(content=data(title="  ")), "/content/title"),
    ("an unknown channel", of(content=data(channel_plans=[channel("FAX")])), "/content/channel_plans/0/channel"),
    ("a milestone that ends before it starts", of(focal(milestone=BACKWARDS)), f"{ITEM}/milestone"),
    ("a cost that is no number", of(routine(cost_minor=-1)), f"{ITEM}/cost_minor"),
)


@pytest.mark.parametrize("row", BAD, ids=[row[0] for row in BAD])
async def test_bad_input_is_refused_with_its_place_and_what_to_do(house: House, row: tuple[str, Any, str]) -> None:
    _, body, place = row
    editor = await house.person("editor")
    sent = (
        {"content": body, "headers": {"content-type": "application/json"}}
        if isinstance(body, bytes)
        else {"json": body}
    )
    answer = await editor.post("/api/plans", **sent)  # type: ignore[arg-type]
    assert answer.status_code in (400, 422)
    assert place in [pointer for _, pointer in errors_of(answer)]
    assert all(error["fix"] for error in answer.json()["errors"])
    assert await house.service.store.raw("plans").count_documents({}) == 0


async def test_only_the_office_drafts_and_whoever_is_signed_in_reads(house: House) -> None:
    made = await drafted(await house.person("editor"))
    path = f"/plans/{made['plan_id']}"
    for role in ROLES:
        person = await house.person(role)
        assert (await person.get(path)).status_code == 200
        answers = [
            await person.post("/api/plans", json={"school_year": YEAR, "content": data()}),
            await person.put(f"/api{path}", json={"content": data(title=role), "base_hash": "x"}),
            await person.post(f"/api{path}/submission"),
            await person.post(f"/api{path}/withdrawal", json={"reason": "x"}),
            await person.get(f"{path}/edit/bases"),
            await person.post(f"{path}/edit/title", data={"title": "x", "base_hash": "x"}),
        ]
        assert (403 in [answer.status_code for answer in answers]) is (role not in DRAFTERS), role
        if role not in DRAFTERS:
            assert {answer.status_code for answer in answers} == {403}
            assert 'class="primary"' not in (await person.get(path)).text
    assert (await house.browser().get(f"/api{path}")).status_code == 401


def hidden(page: httpx2.Response) -> dict[str, str]:
    """The base hash that the page's forms carry."""
    found = re.search(r'name="base_hash" value="([^"]*)"', page.text)
    assert found is not None, page.text[:500]
    return {"base_hash": html.unescape(found[1])}


async def put(client: httpx2.AsyncClient, path: str, part: str, **fields: Any) -> httpx2.Response:
    """Open the form of a part, fill it in and send it."""
    page = await client.get(f"{path}/edit/{part}")
    assert page.status_code == 200, page.text[:500]
    return await client.post(f"{path}/edit/{part}", data=hidden(page) | {"page": f"{path}/edit/{part}"} | fields)


async def test_a_whole_plan_is_made_by_forms_and_submitted(house: House) -> None:
    editor = await house.person("editor")
    begun = await editor.post("/plans", data={"school_year": YEAR, "title": "Kế hoạch"})
    assert begun.status_code == 303
    path = begun.headers["location"]
    for basis in data()["bases"]:
        assert (await put(editor, path, "bases", **basis)).status_code == 303
    for name in ("E_BOARD", "VI_WEB"):
        assert (await put(editor, path, "channels", channel=name, aims="Kịp thời")).status_code == 303
        assert (await put(editor, path, "groups", channel=name, members="ctv-1\nctv-2")).status_code == 303
    shared = {"title": "Tin tuần", "topic_area": "DAO_TAO"}
    routine_fields = shared | {"channel": "E_BOARD", "kind": "ROUTINE", "tier": "ROUTINE"}
    assert (await put(editor, path, "items", recurrence="FREQ=WEEKLY;BYDAY=MO", **routine_fields)).status_code == 303
    made = {"starts_at": "20/11/2026 07:30", "ends_at": "20/11/2026 24:00", "cost_minor": "12.000.000"}
    focal_fields = routine_fields | {"channel": "VI_WEB", "kind": "FOCAL", "tier": "FOCAL", "title": "Lễ 20/11"}
    sent = await put(editor, path, "items", **focal_fields, **made, requirements=["WEBSITE:PRE", "WEBSITE:POST"])
    assert sent.status_code == 303, sent.text
    page = await editor.get(path)
    assert "12.000.000" in page.text
    content_hash = re.search(r'name="content_hash" value="([^"]*)"', page.text)
    assert content_hash is not None
    submitted = await editor.post(f"{path}/submission", data={"content_hash": content_hash[1]})
    assert submitted.status_code == 303
    whole = (await editor.get(f"/api{path}")).json()
    assert whole["status"] == "SUBMITTED"
    item = whole["content"]["channel_plans"][1]["items"][0]
    assert item["milestone"] == {"starts_at": "2026-11-20T00:30:00.000000Z", "ends_at": "2026-11-20T17:00:00.000000Z"}
    assert item["requirements"] == [{"code": "WEBSITE", "channels": [], "phases": ["PRE", "POST"]}]
    assert item["cost_minor"] == 12_000_000


async def test_a_refused_form_comes_back_with_what_was_typed_and_why(house: House) -> None:
    editor = await house.person("editor")
    made = await drafted(editor)
    path = f"/plans/{made['plan_id']}"
    fields = {"channel": "VI_WEB", "kind": "FOCAL", "title": "Ngày hội", "topic_area": "DAO_TAO", "tier": "MAJOR"}
    back = await put(editor, path, "items", **fields, starts_at="31/02/2027 08:00", requirements=["EN_WEB:POST"])
    assert back.status_code == 422
    assert "Ngày hội" in back.text
    assert "31/02/2027 08:00" in back.text
    assert 'aria-invalid="true"' in back.text
    assert re.search(r'value="EN_WEB:POST" checked', back.text)
    order = await put(editor, path, "items", **fields, starts_at="20/11/2026 10:00", ends_at="20/11/2026 09:00")
    assert (order.status_code, "Mốc kết thúc trước khi bắt đầu" in order.text) == (422, True)
    weekly = await put(editor, path, "items", **(fields | {"kind": "ROUTINE"}), recurrence="FREQ=DAILY;BYHOUR=1,2")
    assert (weekly.status_code, "RFC 5545" in weekly.text) == (422, True)
    assert (await editor.get(f"/api{path}")).json()["content_hash"] == made["content_hash"]


async def test_parts_are_changed_and_dropped_by_their_keys(house: House) -> None:
    editor = await house.person("editor")
    path = f"/plans/{(await drafted(editor))['plan_id']}"
    assert (await put(editor, path, "bases?key=1", kind="QUALITY_OBJECTIVE", reference="MTCL mới")).status_code == 303
    for part, key in (("items", "20-11"), ("groups", "group-VI_WEB"), ("bases", "0"), ("channels", "E_BOARD")):
        page = await editor.get(path)
        answer = await editor.post(f"{path}/edit/{part}/removal?key={key}", data=hidden(page))
        assert answer.status_code == 303, answer.text
    left = (await editor.get(f"/api{path}")).json()["content"]
    assert left["bases"][0]["reference"] == "MTCL mới"
    assert [(one["channel"], len(one.get("items", []))) for one in left["channel_plans"]] == [("VI_WEB", 0)]
    assert left.get("contributor_groups", []) == []


@pytest.mark.parametrize("path", ["edit/none", "edit/items?key=none", "revisions/9", "edit/bases?key=44"])
async def test_what_is_not_there_is_not_found(house: House, path: str) -> None:
    editor = await house.person("editor")
    made = await drafted(editor)
    assert (await editor.get(f"/plans/{made['plan_id']}/{path}")).status_code == 404
    assert (await editor.get(f"/plans/none/{path}")).status_code == 404
    dropped = await editor.post(
        f"/plans/{made['plan_id']}/edit/none/removal?key=tin-tuan", data={"base_hash": made["content_hash"]}
    )
    assert dropped.status_code == 404


async def test_of_two_browsers_the_second_is_told_that_the_draft_moved_on(house: House) -> None:
    one, other = await house.person("editor"), await house.person("office_head")
    path = f"/plans/{(await drafted(one))['plan_id']}"
    seen = hidden(await other.get(f"{path}/edit/bases"))
    assert (await put(one, path, "channels", channel="PRESS", aims="x")).status_code == 303
    basis = {"kind": "OFFICE_WORK_PLAN", "reference": "Mới"}
    late = await other.post(f"{path}/edit/bases", data=seen | basis | {"page": f"{path}/edit/bases"})
    assert (late.status_code, "đã được người khác sửa" in late.text) == (409, True)


async def test_a_withdrawal_needs_a_reason_that_can_be_read(house: House) -> None:
    editor = await house.person("editor")
    path = f"/plans/{(await drafted(editor))['plan_id']}"
    await editor.post(f"/api{path}/submission")
    for reason in ("", "  ", "\u202edảo", "x" * 5000):
        answer = await editor.post(f"{path}/withdrawal", data={"reason": reason, "page": path})
        assert answer.status_code == 422, (reason, answer.text[:300])
    assert (await editor.post(f"{path}/withdrawal", data={"reason": "Sửa"})).status_code == 303


async def test_the_pages_show_revisions_returns_proposals_and_duties(house: House, clock: StoppedClock) -> None:
    editor = await house.person("editor")
    made = await drafted(editor)
    plan_id = made["plan_id"]
    await editor.post(f"/api/plans/{plan_id}/submission")
    answer = returned(note="Thiếu nhóm báo chí").model_copy(update={"plan_id": plan_id})

    async def learn(unit: Unit) -> None:
        plan = await storage.load(unit, plan_id)
        assert plan is not None
        after = decisions.learn(plan, answer, NOW)
        assert after is not None
        unit.put("plans", storage.to_doc(after))
        unit.put("proposals", {"_id": "p-1", "proposal_id": "p-1", "school_year": "2025-2026", "text": "Báo sớm hơn",
                               "gap": {"figure": "on_time", "value": 0.91}, "by": "a"})  # fmt: skip

    await house.service.store.transact(Cause("/publicity/approval", "r"), NOW, learn)
    page = (await editor.get(f"/plans/{plan_id}")).text
    assert "Thiếu nhóm báo chí" in page
    assert "Báo sớm hơn" in page
    assert '<span class="count">1<span class="hidden"> bị trả lại</span></span>' in page
    await editor.put(
        f"/api/plans/{plan_id}", json={"content": data(title="Bản hai"), "base_hash": made["content_hash"]}
    )
    old = (await editor.get(f"/plans/{plan_id}/revisions/1")).text
    assert content().title in old
    assert f'title="{made["content_hash"]}"' in old, "the digest is that of the revision, not of the draft"
    assert "/edit/" not in old
    clock.at = NOW + timedelta(days=700)
    duties = (await editor.get("/")).text
    assert [year in duties for year in ("2026-2027", "2027-2028", "2028-2029")] == [True, True, True]


async def test_every_page_stands_in_both_languages(house: House) -> None:
    editor = await house.person("editor")
    unknown = [channel("VI_WEB", routine(topic_area="LA_MA", lead_unit="LA_MA"), focal())]
    path = f"/plans/{(await drafted(editor, channel_plans=unknown, contributor_groups=[group('VI_WEB')]))['plan_id']}"
    forms = [f"{path}/edit/{part}" for part in ("bases", "channels", "items", "groups", "items?key=20-11")]
    for where in ("/", path, *forms):
        assert "Kế hoạch" in (await editor.get(where)).text, where
        english = await editor.get(f"{where}{'&' if '?' in where else '?'}lang=en")
        assert (english.status_code, 'lang="en"' in english.text) == (200, True), where
        assert unmarked(english.text, "Người dùng") == [], where
