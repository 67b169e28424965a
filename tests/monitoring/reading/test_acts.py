"""Acts by API and by form: one path, once per key, who may, and what a refused form keeps."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from contracts.envelope import decode, obligation_id
from services.monitoring.reading import shapes
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import ORIGIN, ROLES, House
from tests.monitoring.reading.story import at, event, key

pytestmark = pytest.mark.live
E1, E2 = key("E1"), key("E2")
WEBSITE = obligation_id(E1, "WEBSITE", "POST")
DONE: dict[str, Any] = {"reason": "Trùng nội dung đã đăng."}


@pytest.fixture
async def two(house: House) -> House:
    """A room that knows two events held on the 20th."""
    await house.hear(say.held("E1", at=at(20, 18), **event(20)), say.held("E2", at=at(20, 18), **event(20)))
    return house


async def announced(house: House, name: str) -> list[Any]:
    rows = await house.store.find("outbox", {}, sort=[("o", 1)])
    return [message.data for message in (decode(row["value"]) for row in rows) if message.name == name]


async def duty(client: httpx2.AsyncClient, requirement: str = "WEBSITE", event_key: str = E1) -> dict[str, Any]:
    answer = (await client.get(f"/api/events/{event_key}")).json()
    return next(one for one in answer["obligations"] if one["requirement"] == requirement)


def rules_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(error["rule"], error["pointer"]) for error in answer.json()["errors"]]


async def test_a_waiver_is_given_once_seen_at_once_and_taken_back(two: House) -> None:
    head = await two.person("office_head")
    path = f"/api/obligations/{WEBSITE}/waiver"
    first = await head.post(path, json=DONE, headers={"Idempotency-Key": "k1"})
    assert first.status_code == 201, first.text
    shapes.Done.model_validate(first.json())
    assert (await head.post(path, json=DONE, headers={"Idempotency-Key": "k1"})).json() == first.json()
    seen = await duty(head)
    assert (seen["state"], seen["waiver"]["by"], seen["waiver"]["reason"]) == (
        "WAIVED",
        "id-office_head",
        DONE["reason"],
    )
    assert len(await announced(two, "obligation-waived")) == 1
    assert rules_of(await head.post(path, json=DONE)) == [("already-waived", "")]
    two.clock.at += timedelta(minutes=1)
    back = await head.request("DELETE", path, json={"reason": "Miễn nhầm"})
    assert back.status_code == 200, back.text
    assert (await duty(head))["state"] == "OPEN"
    assert (await head.request("DELETE", path, json={"reason": "Lần nữa"})).status_code == 409


async def test_a_classification_opens_what_the_tier_asks_for(two: House) -> None:
    editor = await two.person("editor")
    path = f"/api/events/{E1}/classification"
    assert (await editor.post(path, json={"tier": "MAJOR", "reason": "Hoạt động lớn"})).status_code == 201
    assert (await duty(editor, "MASS_MEDIA"))["tier"] == "MAJOR"
    assert rules_of(await editor.post(path, json={"reason": "gì"})) == [("nothing-classified", "")]
    assert rules_of(await editor.post(path, json={"tier": "HUGE", "reason": "x"})) == [("enum", "/tier")]
    assert rules_of(await editor.post(path, json={"tier": "MAJOR"})) == [("missing", "/reason")]
    unknown = await editor.post("/api/events/nobody/classification", json={"tier": "MAJOR", "reason": "x"})
    assert (unknown.status_code, rules_of(unknown)) == (404, [("event-unknown", "")])
    two.clock.at += timedelta(minutes=1)
    assert (await editor.post(path, json={"plan_item_id": None, "reason": "Gỡ"})).status_code == 201
    (first, detached) = await announced(two, "event-classified")
    assert (first.has("plan_item_id"), detached.has("plan_item_id")) == (False, True)


async def test_a_merge_and_its_undoing(two: House) -> None:
    operator = await two.person("operator")
    path = f"/api/events/{E2}/merge"
    assert (await operator.post(path, json={"into": E1, "reason": "Cùng một sự kiện"})).status_code == 201
    assert (await operator.get(f"/api/events/{E2}")).json()["into"] == E1
    ring = await operator.post(f"/api/events/{E1}/merge", json={"into": E2, "reason": "x"})
    assert (ring.status_code, rules_of(ring)) == (409, [("merge-closes-ring", "/into")])
    assert rules_of(await operator.post(path, json={"into": E2, "reason": "x"})) == [("merge-with-itself", "/into")]
    two.clock.at += timedelta(minutes=1)
    assert (await operator.post(path, json={"into": None, "reason": "Nhầm"})).status_code == 201
    assert (await operator.get(f"/api/events/{E2}")).json()["into"] is None


async def test_a_cause_outweighs_what_the_facts_say(two: House) -> None:
    operator = await two.person("operator")
    two.clock.at = at(25)
    assert (await duty(operator))["cause"] == "NO_SUBMISSION"
    given = {"cause": "CHANNEL_FAILURE", "reason": "Máy chủ hỏng cả tuần"}
    assert (await operator.post(f"/api/obligations/{WEBSITE}/cause", json=given)).status_code == 201
    assert (await duty(operator))["cause"] == "CHANNEL_FAILURE"
    shown = (await operator.get(f"/events/{E1}")).text
    assert "Máy chủ hỏng cả tuần" in shown
    assert "Operator nêu nguyên nhân này lúc 25/11/2026 09:00." in shown


# Source: acts: operator, office_head, editor, administrator; waivers: office_head, rectorate, operator
ACTORS, WAIVERS = {"operator", "office_head", "editor", "administrator"}, {"office_head", "rectorate", "operator"}
DOORS = (
    ("POST", "/api/events/x/classification", ACTORS),
    ("POST", "/api/events/x/merge", ACTORS),
    ("POST", "/api/obligations/x/cause", ACTORS),
    ("POST", "/api/obligations/x/waiver", WAIVERS),
    ("DELETE", "/api/obligations/x/waiver", WAIVERS),
    ("POST", "/events/x/classification", ACTORS),
    ("POST", "/events/x/merge", ACTORS),
    ("POST", "/events/x/answer", ACTORS),
    ("POST", "/obligations/x/cause", ACTORS),
    ("POST", "/obligations/x/waiver", WAIVERS),
    ("POST", "/obligations/x/waiver/revocation", WAIVERS),
    ("GET", "/", set(ROLES)),
    ("GET", "/events", set(ROLES)),
    ("GET", "/events/x", set(ROLES)),
    ("GET", "/obligations", set(ROLES)),
    ("GET", "/compliance", set(ROLES)),
    ("GET", "/api/obligations", set(ROLES)),
)


async def test_doors_open_to_their_roles_alone(house: House) -> None:
    await house.check_roles(DOORS)
    nobody, reader = house.browser(), await house.system("read")
    for method, path, _ in DOORS:
        assert (await nobody.request(method, path)).status_code in (401, 303), (method, path)
        if method != "GET":
            assert (await reader.request(method, path, json={})).status_code in (401, 303), "a token acts for nobody"


async def test_a_foreign_page_cannot_act_in_a_persons_name(two: House) -> None:
    head = await two.person("office_head")
    answer = await head.post(f"/api/obligations/{WEBSITE}/waiver", json=DONE, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert (await duty(head))["state"] == "OPEN"


async def test_forms_do_what_the_api_does_and_lead_back_to_the_event(two: House) -> None:
    head = await two.person("office_head")
    page = {"page": f"/events/{E1}"}
    acts = (
        (f"/events/{E1}/classification", {"tier": "MAJOR", "topic_area": "", "plan_item_id": "", "reason": "Lớn"}),
        (f"/obligations/{WEBSITE}/waiver", {"reason": "Không cần"}),
        (f"/obligations/{WEBSITE}/waiver/revocation", {"reason": "Cần lại"}),
        (f"/obligations/{WEBSITE}/cause", {"cause": "APPROVAL_DELAY", "reason": "Duyệt lâu"}),
        (f"/events/{E1}/classification", {"detach": "true", "tier": "", "reason": "Gỡ"}),
    )
    for number, (path, form) in enumerate(acts):
        two.clock.at += timedelta(minutes=1)
        answer = await head.post(path, data=page | form | {"command_id": f"c{number}"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/events/{E1}"), (path, answer.text)
    told = (await head.get(f"/api/events/{E1}")).json()
    kinds = [fact["kind"] for fact in told["facts"]]
    assert sorted(kinds) == ["cause-set", "classified", "classified", "held", "waived", "waiver-revoked"]
    assert {one["requirement"] for one in told["obligations"]} == {"WEBSITE", "E_BOARD", "MASS_MEDIA"}


@pytest.mark.parametrize(("held", "status"), [("true", "HELD"), ("false", "CANCELLED")])
async def test_one_click_answers_whether_an_event_was_held(house: House, held: str, status: str) -> None:
    await house.hear(say.scheduled("E3", at=at(5), **event(18)))
    operator, path = await house.person("operator"), f"/events/{key('E3')}/answer"
    form = {"held": held, "reason": "" if held == "true" else "Mưa bão", "page": "/", "command_id": "a1"}
    answer = await operator.post(path, data=form | {"back": "today"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/#asked")
    assert (await operator.post(path, data=form)).headers["location"] == f"/events/{key('E3')}", "once, answered again"
    told = (await operator.get(f"/api/events/{key('E3')}")).json()
    assert (told["event"]["status"], len(told["facts"])) == (status, 2)
    assert path not in (await operator.get("/")).text


async def test_an_answer_that_came_too_late_is_refused_on_the_page(two: House) -> None:
    operator = await two.person("operator")
    form = {"held": "false", "reason": "Trùng lịch", "page": "/", "form": f"answer-{E1}"}
    refused = await operator.post(f"/events/{E1}/answer", data=form)
    assert refused.status_code == 409
    assert 'id="errors"' in refused.text


async def test_a_merge_form_takes_the_address_of_a_page_and_never_undoes_by_a_blank(two: House) -> None:
    head = await two.person("office_head")
    path, page = f"/events/{E2}/merge", {"page": f"/events/{E2}", "form": "merge", "reason": "Cùng một"}
    blank = await head.post(path, data=page | {"into": ""})
    assert blank.status_code == 422
    assert 'id="into" name="into" aria-invalid="true"' in blank.text
    merged = await head.post(path, data=page | {"into": f"{ORIGIN}/events/{E1}?lang=en"})
    assert (merged.status_code, merged.headers["location"]) == (303, f"/events/{E2}")
    shown = (await head.get(f"/events/{E2}")).text
    assert "Mã này đã được gộp vào sự kiện khác" in shown
    two.clock.at += timedelta(minutes=1)
    undone = await head.post(path, data=page | {"undo": "true", "into": ""})
    assert undone.status_code == 303
    assert "Mã này đã được gộp" not in (await head.get(f"/events/{E2}")).text


async def test_a_refused_form_comes_back_open_with_what_was_typed_and_only_that_one(two: House) -> None:
    head = await two.person("office_head")
    form = {"page": f"/events/{E1}", "form": f"cause-{WEBSITE}", "cause": "NONE", "reason": "Chờ <xác minh>"}
    refused = await head.post(f"/obligations/{WEBSITE}/cause", data=form)
    assert refused.status_code == 422
    assert refused.text.count("Chờ &lt;xác minh&gt;</textarea>") == 1
    assert refused.text.count("<details open>") == 1
    blank = await head.post(f"/obligations/{WEBSITE}/waiver", data=form | {"form": f"waive-{WEBSITE}", "reason": " "})
    assert blank.status_code == 422
    assert blank.text.count('name="reason" rows="2" maxlength="4000" required aria-invalid="true"') == 1
    assert 'href="#reason"' in blank.text
    assert 'id="reason"' in blank.text


async def test_who_may_not_act_sees_no_forms(two: House) -> None:
    for role, waives, acts in (("viewer", 0, 0), ("rectorate", 2, 0), ("editor", 0, 2), ("operator", 2, 2)):
        shown = (await (await two.person(role)).get(f"/events/{E1}")).text
        assert shown.count('/waiver"') == waives, role
        assert shown.count('/cause"') == acts, role
        assert ("/classification" in shown) is bool(acts), role
