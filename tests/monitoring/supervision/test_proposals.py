"""Merge proposals: which pairs, decided how, and by whom; the software only proposes."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.monitoring.supervision.proposals import MOST_OF_A_DAY, Pair, pair_id, pairs_of
from services.monitoring.supervision.web_proposals import KeptApart, Proposals
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import House
from tests.monitoring.reading.story import at, event, key

YEAR = "?school_year=2026-2027"
SAME = {"title": "Giao lưu Văn nghệ", **event(12)}
EVENING, NEXT = "2026-11-12T16:59:59.000000Z", "2026-11-12T17:00:00.000000Z"


def test_pairs_are_of_one_local_day_the_latest_first() -> None:
    """Same day, unit, folded title: a local day, which ends at 17:00 in UTC."""
    morning = "2026-11-12T01:00:00.000000Z"
    assert pairs_of([[(NEXT, "c"), (EVENING, "b"), (morning, "a")]]) == [Pair(morning, "a", "b")]
    two = [[(morning, "b"), (morning, "a")], [(NEXT, "d"), (NEXT, "e")]]
    assert pairs_of(two) == [Pair(NEXT, "d", "e"), Pair(morning, "a", "b")]
    assert pairs_of([[(morning, "a")], []]) == []
    assert pair_id("b", "a") == pair_id("a", "b")


def test_a_day_of_many_alike_is_bounded() -> None:
    day = [(NEXT, f"e{n:03}") for n in range(100)]
    assert len(pairs_of([day])) == MOST_OF_A_DAY * (MOST_OF_A_DAY - 1) // 2


@pytest.fixture
async def alike(house: House) -> House:
    """A and B are alike; C, D and E differ in unit, day and title."""
    await house.hear(
        say.held("A", at=at(12, 17), **SAME),
        say.held("B", at=at(12, 18), **SAME | {"title": "giao luu van nghe", "place": "Hội trường"}),
        say.held("C", at=at(12, 18), **SAME | {"unit": "QHQT"}),
        say.held("D", at=at(13, 18), **SAME | event(13)),
        say.held("E", at=at(12, 18), **SAME | {"title": "Giao lưu khác"}),
    )
    return house


async def proposed(client: httpx2.AsyncClient) -> list[set[str]]:
    answer = await client.get(f"/api/proposals{YEAR}")
    assert answer.status_code == 200, answer.text
    return [set(one.events) for one in Proposals.model_validate(answer.json()).items]


def rules_of(answer: httpx2.Response) -> list[str]:
    return [error["rule"] for error in answer.json()["errors"]]


@pytest.mark.live
async def test_what_is_said_to_be_two_is_proposed_no_more(alike: House) -> None:
    head, a, b = await alike.person("office_head"), key("A"), key("B")
    assert await proposed(head) == [{a, b}]
    given = {"events": [b, a], "reason": "Hai buổi khác nhau"}
    first = await head.post("/api/proposals/apart", json=given, headers={"Idempotency-Key": "k"})
    assert first.status_code == 201, first.text
    assert KeptApart.model_validate(first.json()).by == "id-office_head"
    again = await head.post("/api/proposals/apart", json=given, headers={"Idempotency-Key": "k"})
    assert again.json() == first.json()
    assert await proposed(head) == []
    assert rules_of(await head.post("/api/proposals/apart", json=given)) == ["already-apart"]
    text = (await head.get("/proposals")).text
    assert "Hai buổi khác nhau" in text
    assert "Office_Head" in text
    assert 'class="twins"' not in (await head.get(f"/events/{a}")).text


@pytest.mark.live
async def test_only_what_is_proposed_can_be_kept_apart(alike: House) -> None:
    head = await alike.person("office_head")
    for events, rule in (
        ([key("A"), key("C")], "not-proposed"),
        ([key("A"), key("D")], "not-proposed"),
        ([key("A"), key("E")], "not-proposed"),
        ([key("A"), "nobody"], "event-unknown"),
        ([key("A"), key("A")], "event-unknown"),
    ):
        assert rules_of(await head.post("/api/proposals/apart", json={"events": events, "reason": "x"})) == [rule]


@pytest.mark.live
async def test_a_merge_from_the_page_takes_the_pair_away_and_can_be_undone(alike: House) -> None:
    head, a, b = await alike.person("office_head"), key("A"), key("B")
    text = (await head.get("/proposals")).text
    assert text.index(a) < text.index(b)
    assert re.findall(r'name="into" value="([^"]+)" checked', text) == [a], "the one reported first is offered"
    assert "Hội trường" in text
    form = {"page": "/proposals", "one": a, "other": b, "into": b, "school_year": "2026-2027", "form": f"merge-{a}-{b}"}
    refused = await head.post("/proposals/merge", data=form | {"reason": ""})
    assert refused.status_code == 422
    assert f'name="into" value="{b}" checked' in refused.text
    done = await head.post("/proposals/merge", data=form | {"reason": "Cùng một buổi"})
    assert (done.status_code, done.headers["location"]) == (303, f"/proposals{YEAR}&merged={a}")
    assert f'href="/events/{a}#classify"' in (await head.get(done.headers["location"])).text
    assert (await head.get(f"/api/events/{a}")).json()["into"] == b
    assert await proposed(head) == []
    alike.clock.at += timedelta(minutes=1)
    await head.post(f"/api/events/{a}/merge", json={"into": None, "reason": "Nhầm"})
    assert await proposed(head) == [{a, b}]


@pytest.mark.live
async def test_today_counts_what_may_be_the_same_for_who_may_decide(alike: House) -> None:
    text = (await (await alike.person("editor")).get("/")).text
    assert "1 cặp sự kiện có thể trùng, chờ xem" in text
    assert 'href="/proposals"' not in (await (await alike.person("viewer")).get("/")).text
    head = await alike.person("office_head")
    form = {"one": key("A"), "other": key("B"), "reason": "Hai buổi", "page": "/proposals", "school_year": ""}
    assert (await head.post("/proposals/apart", data=form)).headers["location"] == "/proposals"
    assert "có thể trùng, chờ xem" not in (await head.get("/")).text


ACTORS = {"operator", "office_head", "editor", "administrator"}
DOORS: tuple[tuple[str, str], ...] = (
    ("GET", "/proposals"),
    ("POST", "/proposals/merge"),
    ("POST", "/proposals/apart"),
    ("GET", f"/api/proposals{YEAR}"),
    ("POST", "/api/proposals/apart"),
)


@pytest.mark.live
async def test_doors_open_to_their_roles_alone(house: House) -> None:
    await house.check_roles((method, path, set(ACTORS)) for method, path in DOORS)
    nobody, reader = house.browser(), await house.system("read")
    for method, path in DOORS:
        for client in (nobody, reader):
            assert (await client.request(method, path, json={})).status_code in (401, 303), (method, path)


@pytest.mark.live
async def test_pairs_are_found_by_the_index_without_reading_an_event(alike: House) -> None:
    steps: list[dict[str, Any]] = [
        {"$match": {"started_at": {"$gte": "2026", "$lt": "2027"}}},
        {
            "$group": {
                "_id": {"u": "$event.unit", "t": "$title_folded"},
                "e": {"$push": {"at": "$started_at", "key": "$_id"}},
            }
        },
    ]
    asked = {"aggregate": "events", "pipeline": steps, "cursor": {}, "hint": "twins"}
    told = str(await alike.store.database.command("explain", asked, verbosity="executionStats"))
    assert "'totalDocsExamined': 0" in told
    assert "'totalKeysExamined': 5" in told
