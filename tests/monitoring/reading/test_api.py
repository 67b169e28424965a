"""The read API as programs see it: shapes, filters on the state as it is now, pages without a gap, who may read."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from contracts.canonical import digest
from contracts.monitoring import ObligationAssessed
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.algebra.obligations import ASSESSED, state_at, to_assessed
from services.monitoring.reading import shapes
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import House
from tests.monitoring.reading.story import at, key, live, milestone

pytestmark = pytest.mark.live


async def stored(house: House) -> list[dict[str, Any]]:
    """All obligations as they are stored, in the order in which they are listed."""
    docs = await house.store.find("obligations", {})
    return sorted(docs, key=lambda doc: (doc["due_at"] is None, doc["due_at"] or "", doc["_id"]))


async def listed(client: httpx2.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    """All pages of a list, each of which must hold what it may hold at most but the last."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await client.get("/api/obligations", params={**asked, **after})
        assert answer.status_code == 200, answer.text
        page = shapes.ObligationPage.model_validate(answer.json())
        found += answer.json()["items"]
        if page.next is None:
            return found
        assert len(page.items) == asked.get("limit", 50)
        after = {"after": page.next}


def rules_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return [(error["rule"], error["pointer"]) for error in answer.json()["errors"]]


async def test_items_are_obligation_assessed_as_of_now(lived: House) -> None:
    client = await lived.system()
    now = to_stamp(lived.clock.at)
    items = await listed(client, limit=200)
    docs = await stored(lived)
    assert [item["obligation_id"] for item in items] == [doc["_id"] for doc in docs]
    for item, doc in zip(items, docs, strict=True):
        assert ObligationAssessed.from_data(item) == to_assessed(state_at(doc, now))
        assert item.keys() >= set(ASSESSED)
        assert item["explanation"].keys() == {"vi", "en"}
    assert items[-1]["due_at"] is None
    assert items[-1]["due_gap"] == {"reason": "NO_CALENDAR", "on": "2027-01-03"}


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_are_complete_and_repeat_nothing(lived: House, limit: int) -> None:
    client = await lived.system()
    ids = [doc["_id"] for doc in await stored(lived)]
    assert [item["obligation_id"] for item in await listed(client, limit=limit)] == ids
    for state in ("OPEN", "MISSED", "ON_TIME", "LATE", "VOID", "WAIVED"):
        wanted = [item["obligation_id"] for item in await listed(client, limit=200) if item["state"] == state]
        assert [item["obligation_id"] for item in await listed(client, limit=limit, state=state)] == wanted


async def test_state_is_asked_as_it_is_now_though_nothing_was_judged_since(lived: House) -> None:
    client = await lived.system()

    async def keys(state: str) -> set[str]:
        return {item["event"] for item in await listed(client, state=state, school_year="2026-2027")}

    assert key("SOON") in await keys("OPEN")
    assert key("SOON") not in await keys("MISSED")
    lived.clock.at = at(24, 0, 0)  # the due date itself: exclusive
    assert key("SOON") in await keys("MISSED")
    assert key("SOON") not in await keys("OPEN")
    event = (await client.get(f"/api/events/{key('SOON')}")).json()
    assert {one["state"] for one in event["obligations"]} == {"MISSED"}
    assert all(one["missed_at"] == one["due_at"] and one["cause"] for one in event["obligations"])


async def test_every_filter_narrows_and_filters_combine(lived: House) -> None:
    client = await lived.system()
    docs = await stored(lived)

    async def count(**asked: str) -> int:
        return len(await listed(client, **asked))

    assert await count(requirement="E_BOARD") == sum(doc["requirement"] == "E_BOARD" for doc in docs)
    assert await count(topic_area="HOP_TAC") == 2 == await count(unit="QHQT", school_year="2026-2027")
    assert await count(unit="QHQT", state="MISSED") == 0
    assert await count(school_year="2025-2026") == 0
    assert await count(event=key("GOOD"), state="ON_TIME", requirement="WEBSITE") == 1
    assert await count(event="nobody") == 0
    due = to_stamp(at(15))
    assert await count(due_before=due) == sum((doc["due_at"] or "~") < due for doc in docs)
    assert await count(due_before=docs[0]["due_at"]) == 0, "exclusive"


async def test_any_key_of_an_event_finds_its_obligations(lived: House) -> None:
    client = await lived.system()
    for one, other in ((key("LINK"), milestone("le-20-11")), (key("SAME"), key("TWIN"))):
        found = [item["obligation_id"] for item in await listed(client, event=one)]
        assert found
        assert found == [item["obligation_id"] for item in await listed(client, event=other)]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("state=DONE", "/state"),
        ("requirement=RADIO", "/requirement"),
        ("school_year=2026", "/school_year"),
        ("school_year=2026-2028", "/school_year"),
        ("due_before=2026-11-20", "/due_before"),
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=many", "/limit"),
        ("after=%C3%A9", "/after"),
        ("after=W10", "/after"),
        ("after=bnVsbA", "/after"),
        ("after=" + "A" * 600, "/after"),
    ],
)
async def test_a_bad_filter_is_refused_with_its_place(lived: House, query: str, pointer: str) -> None:
    answer = await (await lived.system()).get(f"/api/obligations?{query}")
    assert answer.status_code == 422
    assert [place for _, place in rules_of(answer)] == [pointer]


async def test_an_event_is_told_whole(lived: House) -> None:
    answer = await (await lived.system()).get(f"/api/events/{key('MISS')}")
    found = shapes.EventAnswer.model_validate(answer.json())
    assert (found.event_key, found.status, found.into) == (key("MISS"), "HELD", None)
    assert [fact["kind"] for fact in found.facts] == ["held", "submitted", "published"]
    by_code = {one["requirement"]: one for one in answer.json()["obligations"]}
    assert by_code.keys() == {"WEBSITE", "E_BOARD"}
    late, missed = by_code["WEBSITE"], by_code["E_BOARD"]
    assert (late["state"], late["publications"][0]["content_id"], late["n"]) == ("LATE", "late", 1)
    assert (missed["state"], missed["cause"], missed["misses"][0]["withdrawn_at"]) == ("MISSED", "APPROVAL_DELAY", None)
    assert late.keys() >= {*ASSESSED, "explanation", "void_reason", "waiver", "publications", "misses", "n"}
    assert {(one.requirement, one.n) for one in found.history} == {("WEBSITE", 1), ("E_BOARD", 1)}


async def test_a_miss_that_was_taken_back_stays_in_the_history(house: House) -> None:
    await live(house)
    await house.hear(say.published(key("MISS"), "E_BOARD", at(11), content_id="found"))
    answer = (await (await house.system()).get(f"/api/events/{key('MISS')}")).json()
    (past,) = [one for one in answer["history"] if one["requirement"] == "E_BOARD"]
    assert (past["n"], past["reason"]) == (1, "EVIDENCE")
    assert past["withdrawn_at"] is not None


async def test_what_is_known_decides_between_404_and_200(lived: House) -> None:
    client = await lived.system()
    unknown = await client.get("/api/events/nobody")
    assert unknown.status_code == 404
    assert rules_of(unknown) == [("event-unknown", "")]
    only_cancelled = shapes.EventAnswer.model_validate((await client.get(f"/api/events/{key('GONE')}")).json())
    assert (only_cancelled.status, only_cancelled.obligations) == ("CANCELLED", [])
    void = (await client.get(f"/api/events/{key('VOID')}")).json()
    assert {(one["state"], one["void_reason"]) for one in void["obligations"]} == {("VOID", "CANCELLED")}


async def test_a_merged_key_names_into_and_a_linked_one_does_not(lived: House) -> None:
    client = await lived.system()
    merged = (await client.get(f"/api/events/{key('SAME')}")).json()
    root = (await client.get(f"/api/events/{key('TWIN')}")).json()
    assert (merged["into"], merged["event_key"]) == (key("TWIN"), key("SAME"))
    assert root["into"] is None
    assert {name: value for name, value in merged.items() if name not in ("into", "event_key")} == {
        name: value for name, value in root.items() if name not in ("into", "event_key")
    }
    linked = (await client.get(f"/api/events/{key('LINK')}")).json()
    planned = (await client.get(f"/api/events/{milestone('le-20-11')}")).json()
    assert (linked["into"], planned["into"]) == (None, None)
    assert linked["event"] == planned["event"]
    assert [fact["kind"] for fact in planned["facts"]] == ["scheduled", "held"]
    assert {one["phase"] for one in planned["obligations"]} == {"PRE", "POST"}


async def test_compliance_is_counted_from_every_obligation_of_the_year(lived: House) -> None:
    client = await lived.system()
    now = to_stamp(lived.clock.at)
    docs = [state_at(doc, now) for doc in await stored(lived)]
    answer = (await client.get("/api/compliance", params={"school_year": "2026-2027"})).json()
    found = shapes.Compliance.model_validate(answer)
    (row,) = found.rows
    counts = {state: sum(doc["state"] == state for doc in docs) for state in row.counts}
    assert row.counts == counts
    due = counts["ON_TIME"] + counts["LATE"] + counts["MISSED"]
    assert (row.on_time.numerator, row.on_time.denominator) == (counts["ON_TIME"], due)
    names = ("obligation_id", "state", "due_at", "content_id", "discharged_at")
    assert found.digest == digest(sorted([doc[name] for name in names] for doc in docs))
    assert answer["as_of"] == now
    assert (found.undated, found.unconfirmed) == (2, 1)


@pytest.mark.parametrize("by", ["requirement", "topic_area", "unit", "tier", "month"])
async def test_the_rows_of_a_cut_add_up_to_the_year(lived: House, by: str) -> None:
    client = await lived.system()
    asked = {"school_year": "2026-2027"}
    whole = (await client.get("/api/compliance", params=asked)).json()
    cut = (await client.get("/api/compliance", params=asked | {"by": by})).json()
    assert cut["digest"] == whole["digest"]
    for name in ("on_time", "strict", "working_day", "fault_adjusted"):
        for part in ("numerator", "denominator"):
            assert sum(row[name][part] for row in cut["rows"]) == whole["rows"][0][name][part]
    keys = [row["key"] for row in cut["rows"]]
    assert len(keys) == len(set(keys)) > 1


async def test_compliance_asks_for_a_year_and_knows_its_cuts(lived: House) -> None:
    client = await lived.system()
    assert rules_of(await client.get("/api/compliance")) == [("missing", "/school_year")]
    bad = await client.get("/api/compliance", params={"school_year": "2026-2027", "by": "colour"})
    assert [place for _, place in rules_of(bad)] == ["/by"]
    empty = (await client.get("/api/compliance", params={"school_year": "2040-2041"})).json()
    assert empty["rows"][0]["on_time"] == {"numerator": 0, "denominator": 0}
    assert empty["digest"] == digest([])


async def test_reading_needs_a_session_or_a_token_that_may_read(lived: House) -> None:
    addresses = ("/api/obligations", f"/api/events/{key('MISS')}", "/api/compliance?school_year=2026-2027")
    nobody, person = lived.browser(), await lived.person("viewer")
    reads, writes = await lived.system("read"), await lived.system("events:write")
    for address in addresses:
        refused = await nobody.get(address)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer realm="publicity"')
        assert (await person.get(address)).status_code == 200
        assert (await reads.get(address)).status_code == 200
        assert rules_of(await writes.get(address)) == [("scope-missing", "")]
    lived.clock.at += timedelta(days=1)
    assert (await reads.get(addresses[0])).status_code == 200
