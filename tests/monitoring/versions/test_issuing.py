"""Issuing versions: one transaction, once per key, judged at once by the sweep, refused with where, and by whom."""

import asyncio
from typing import Any

import httpx2
import pytest

from contracts.envelope import decode
from services.monitoring.versions import shapes
from services.monitoring.versions.refusals import REFUSALS
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import ROLES, House
from tests.monitoring.reading.story import at, event, key

pytestmark = pytest.mark.live
WORKED: dict[str, Any] = {
    "days": [{"date": "2026-11-24", "is_off": False}],
    "reason": "Trường không nghỉ ngày 24/11.",
}
RULE = {"days": 3, "unit": "WORKING", "roll": "NONE", "grace_s": 60}
POLICY: dict[str, Any] = {"requirements": {"WEBSITE": RULE}, "reason": "Tính ngày làm việc"}


async def announced(house: House, name: str) -> list[Any]:
    rows = await house.store.find("outbox", {}, sort=[("o", 1)])
    return [message for message in (decode(row["value"]) for row in rows) if message.name == name]


async def dues(house: House) -> dict[str, str]:
    await house.sweep()
    return {doc["requirement"]: doc["due_at"] for doc in await house.store.find("obligations", {"event": key("E1")})}


def rules_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(error["rule"], error["pointer"]) for error in answer.json()["errors"]]


@pytest.fixture
async def held(house: House) -> House:
    """A room that knows an event of Saturday 21/11: due at the end of the 25th, as the 24th is a day off."""
    await house.hear(say.held("E1", at=at(21, 18), **event(21)))
    assert await dues(house) == dict.fromkeys(("WEBSITE", "E_BOARD"), "2026-11-25T17:00:00.000000Z")
    return house


async def test_a_day_worked_again_dates_what_is_open_anew_once(held: House) -> None:
    operator = await held.person("operator")
    first = await operator.post("/api/calendars", json=WORKED, headers={"Idempotency-Key": "k1"})
    assert first.status_code == 201, first.text
    shapes.Issued.model_validate(first.json())
    assert first.json()["version"] == "vn-2026.2"
    again = await operator.post("/api/calendars", json=WORKED, headers={"Idempotency-Key": "k1"})
    assert again.json() == first.json()
    assert await dues(held) == dict.fromkeys(("WEBSITE", "E_BOARD"), "2026-11-24T17:00:00.000000Z")
    (_, told) = await announced(held, "calendar-issued")
    assert (told.subject, told.data.by, told.data.reason) == ("vn-2026.2", "id-operator", WORKED["reason"])
    assert rules_of(await operator.post("/api/calendars", json=WORKED)) == [("nothing-changes", "")]


async def test_a_policy_dates_the_requirements_that_it_names_alone(held: House) -> None:
    head = await held.person("office_head")
    answer = await head.post("/api/policies", json=POLICY)
    assert (answer.status_code, answer.json()["version"]) == (201, "3n.2")
    found = await dues(held)
    assert found == {"WEBSITE": "2026-11-26T17:00:00.000000Z", "E_BOARD": "2026-11-25T17:00:00.000000Z"}
    listed = (await head.get("/api/policies")).json()
    shapes.PolicyList.model_validate(listed)
    assert [one["version"] for one in listed["items"]] == ["3n.2", "3n.1"]
    assert listed["ruling"]["WEBSITE"] == {"rule": RULE, "version": "3n.2"}
    assert listed["ruling"]["E_BOARD"]["version"] == "3n.1"


async def test_versions_of_one_instant_stand_in_the_order_in_which_they_were_issued(held: House) -> None:
    operator = await held.person("operator")
    await operator.post("/api/policies", json=POLICY)
    await operator.post("/api/calendars", json=WORKED)
    calendar = (await operator.get("/api/calendars")).json()
    shapes.CalendarList.model_validate(calendar)
    assert [one["version"] for one in calendar["items"]] == ["vn-2026.2", "vn-2026.1"]
    assert calendar["covered_until"] == "2026-12-31"
    policy = (await operator.get("/api/policies")).json()["items"][0]
    assert policy["issued_at"] < calendar["items"][0]["issued_at"]


async def test_what_is_past_due_or_was_published_stays_as_it_was(held: House) -> None:
    await held.hear(say.published(key("E1"), "VI_WEB", at(22)))
    operator = await held.person("operator")
    await operator.post("/api/calendars", json=WORKED)
    found = await dues(held)
    assert found == {"WEBSITE": "2026-11-25T17:00:00.000000Z", "E_BOARD": "2026-11-24T17:00:00.000000Z"}
    held.clock.at = at(26)
    late = {"days": [{"date": "2026-11-25", "is_off": True, "name": "Nghỉ"}], "reason": "muộn"}
    assert (await operator.post("/api/calendars", json=late)).status_code == 201
    assert await dues(held) == found


async def test_a_year_without_a_calendar_is_dated_when_one_is_issued(house: House) -> None:
    house.clock.at = at(31, month=12)
    await house.hear(
        say.held(
            "E1", at=house.clock.at, **event(30) | {"started_at": at(30, month=12), "ended_at": at(30, 10, month=12)}
        )
    )
    assert await dues(house) == dict.fromkeys(("WEBSITE", "E_BOARD"), None)
    operator = await house.person("operator")
    year = {
        "version": "vn-2027.1",
        "covers": ["2027-01-01", "2027-12-31"],
        "days_off": [{"date": "2027-01-01", "name": "Tết Dương lịch"}],
        "provisional": True,
        "reason": "Lịch tạm",
    }
    assert (await operator.post("/api/calendars", json=year)).status_code == 201
    assert await dues(house) == dict.fromkeys(("WEBSITE", "E_BOARD"), "2027-01-04T17:00:00.000000Z")
    assert (await operator.get("/api/calendars")).json()["covered_until"] == "2027-12-31"


# (body, rule, pointer, status)
BAD_POLICIES: tuple[tuple[dict[str, Any], str, str, int], ...] = (
    ({"requirements": {}, "reason": "x"}, "no-rule", "/requirements", 422),
    (
        {"requirements": {"WEBSITE": RULE | {"days": 61}}, "reason": "x"},
        "days-too-many",
        "/requirements/WEBSITE/days",
        422,
    ),
    (
        {"requirements": {"WEBSITE": RULE | {"grace_s": 86_401}}, "reason": "x"},
        "grace-too-long",
        "/requirements/WEBSITE/grace_s",
        422,
    ),
    ({"requirements": {"BANNER": RULE}, "reason": "x"}, "form-is-physical", "/requirements/BANNER", 422),
    (POLICY | {"version": "3n.1"}, "version-used", "/version", 409),
    (POLICY | {"version": "ba ngày"}, "version-format", "/version", 422),
    (POLICY | {"expected_last": "3n.0"}, "version-newer", "/expected_last", 409),
    (
        {"requirements": {"WEBSITE": RULE | {"unit": "CALENDAR", "roll": "NEXT_WORKING"}}, "reason": "x"},
        "nothing-changes",
        "",
        422,
    ),
    ({"requirements": {"WEBSITE": RULE | {"unit": "WEEKS"}}, "reason": "x"}, "enum", "/requirements/WEBSITE/unit", 422),
    (
        {"requirements": {"WEBSITE": RULE | {"days": -1}}, "reason": "x"},
        "greater-than-equal",
        "/requirements/WEBSITE/days",
        422,
    ),
    ({"requirements": {"WEBSITE": RULE}}, "missing", "/reason", 422),
)


async def test_a_policy_is_refused_with_where_and_why(house: House) -> None:
    operator = await house.person("operator")
    for body, rule, pointer, status in BAD_POLICIES:
        answer = await operator.post("/api/policies", json=body)
        assert (answer.status_code, rules_of(answer)) == (status, [(rule, pointer)]), body
        assert all(error["detail"] and error["fix"] for error in answer.json()["errors"])
    assert len(await announced(house, "policy-issued")) == 1


def test_every_refusal_says_what_to_do() -> None:
    assert all(detail and fix for _, detail, fix in REFUSALS.values())


async def test_a_calendar_is_refused_in_the_readers_language(house: House) -> None:
    operator = await house.person("operator")
    body = {"days": [{"date": "2026-11-23", "is_off": True}], "reason": "x"}
    answer = await operator.post("/api/calendars", json=body, headers={"Accept-Language": "en"})
    (error,) = answer.json()["errors"]
    assert (error["rule"], error["detail"]) == ("day-nameless", "The day off 23/11/2026 has no name yet.")
    newer = await operator.post("/api/calendars", json=WORKED | {"expected_last": "vn-2025.1"})
    assert (newer.status_code, rules_of(newer)) == (409, [("version-newer", "/expected_last")])


DOORS: tuple[tuple[str, str, set[str]], ...] = (
    ("GET", "/api/calendars", set(ROLES)),
    ("GET", "/api/policies", set(ROLES)),
    ("POST", "/api/calendars", {"operator", "office_head"}),
    ("POST", "/api/policies", {"operator", "office_head"}),
)


async def test_doors_open_to_their_roles_alone(house: House) -> None:
    await house.check_roles(DOORS)
    nobody, reader = house.browser(), await house.system("read")
    for method, path, _ in DOORS:
        assert (await nobody.request(method, path)).status_code == 401, (method, path)
        allowed = (await reader.request(method, path, json={} if method != "GET" else None)).status_code
        assert allowed == (200 if method == "GET" else 401), (method, path)


async def test_two_who_issue_at_once_do_not_both_win(held: House) -> None:
    one, other = await held.person("operator"), await held.person("office_head")
    answers = await asyncio.gather(*(client.post("/api/calendars", json=WORKED) for client in (one, other)))
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert len(await announced(held, "calendar-issued")) == 2
