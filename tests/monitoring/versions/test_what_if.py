"""A past year under other rules: the record where the rules are the same, the other figures where they are not."""

from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import Message
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.algebra.plans import Reference
from services.monitoring.versions import knowing, shapes, what_if
from services.monitoring.versions.knowing import Lens
from services.monitoring.versions.what_if import Comparison
from tests.monitoring.algebra import builders as b
from tests.monitoring.algebra.histories import History
from tests.monitoring.algebra.test_properties import written
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import House
from tests.monitoring.reading.story import at, event, key, live
from tests.monitoring.versions.test_known_on import docs_of

SEEDS = st.integers(min_value=1_000, max_value=1_000_000)
VERSIONS = ("calendar-issued", "policy-issued")


def under(history: History, policy: str | None, calendar: str | None) -> dict[str, Any]:
    """What the history's events owe under other versions."""
    reference = b.reference_of(history.messages)
    versions, refusals = what_if.hypothetical(reference.versions, policy, calendar)
    assert (refusals, versions is not None) == ((), True)
    plans = [revision for plan in reference.plans.values() for revision in plan]
    return knowing.judged(docs_of(history), Lens(Reference(plans, versions or ()), to_stamp(history.now)))


def judged(messages: list[Message], history: History) -> dict[str, Any]:
    return b.assessed(*messages, now=history.now, shipped=False)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_under_the_ruling_versions_it_is_the_record(seed: int) -> None:
    history = History(seed)
    assert written(under(history, None, None)) == written(judged(history.messages, history))
    history.messages = [*b.SHIPPED, *(one for one in history.messages if one.name not in VERSIONS)]
    assert written(under(history, "3n.1", "vn-2026.1")) == written(judged(history.messages, history))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_a_named_version_rules_as_if_it_had_been_the_only_one(seed: int) -> None:
    history = History(seed)
    others = [one for one in history.messages if one.name not in VERSIONS]
    issued = [
        b.policy("p1", history.instant(), days=1),
        b.policy("p2", history.instant(), days=9, unit="WORKING"),
        b.calendar("c1", history.instant(), ("2025-09-01", "2026-12-31"), days_off=["2026-11-23"]),
    ]
    history.messages = [*b.SHIPPED, *issued, *others]
    early = [b.policy("p1", "2025-01-01 08:00", days=1), b.SHIPPED[1]]
    c1 = b.calendar("c1", "2025-01-01 08:00", ("2025-09-01", "2026-12-31"), days_off=["2026-11-23"])
    alone = judged([*early, c1, b.SHIPPED[0], *others], history)
    assert written(under(history, "p1", "c1")) == written(alone)


def test_what_nobody_issued_is_refused() -> None:
    versions = b.reference_of(b.SHIPPED).versions
    made, refusals = what_if.hypothetical(versions, "p9", "c9")
    assert made is None
    assert [(one.rule, one.pointer) for one in refusals] == [
        ("version-unknown", "/calendar"),
        ("version-unknown", "/policy"),
    ]


def test_of_many_that_differ_the_first_are_told_and_all_are_counted() -> None:
    messages = [b.held(f"e{n}", ended_at="2026-11-21 16:00") for n in range(60)]
    found = Comparison("2026-2027", b.stamp("2026-11-22 08:00"))
    real = b.assessed(*messages, now="2026-11-22 08:00")
    other = b.assessed(*messages, b.policy("p2", "2026-01-01 08:00", days=9), now="2026-11-22 08:00")
    for root, one in real.items():
        found.look(one.obligations, other[root].obligations)
    assert (found.events, found.obligations, found.differing, len(found.rows)) == (60, 120, 120, what_if.MOST)
    found.look(real[b.key("e1")].obligations, ())
    assert found.differing == 122


async def asked(client: httpx2.AsyncClient, **params: str) -> dict[str, Any]:
    answer = await client.get("/api/what-if", params={"school_year": "2026-2027", **params})
    assert answer.status_code == 200, answer.text
    shapes.WhatIf.model_validate(answer.json())
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.live
async def test_real_figures_are_the_records_and_the_strict_ones_are_the_strict_rate(house: House) -> None:
    await live(house)
    client = await house.system("read")
    before = await house.store.find("obligations", {}, sort=[("_id", 1)])
    (row,) = (await client.get("/api/compliance", params={"school_year": "2026-2027"})).json()["rows"]
    same = await asked(client)
    assert (same["real"], same["other"], same["differing"], same["rows"]) == (row, row, 0, [])
    assert sum(one["real"]["on_time"]["denominator"] for one in same["by_requirement"]) == row["on_time"]["denominator"]
    strict = await asked(client, policy="strict")
    assert strict["real"] == row
    assert strict["other"]["on_time"] == row["strict"]
    assert strict["policy"] == "strict"
    working = await asked(client, policy="working")
    assert working["other"]["on_time"] == row["working_day"]
    assert working["differing"] == len(working["rows"]) > 0
    assert await house.store.find("obligations", {}, sort=[("_id", 1)]) == before


@pytest.mark.live
async def test_a_calendar_tried_on_a_year_changes_the_figures_but_not_the_record(house: House) -> None:
    await house.hear(say.held("E1", at=at(14), **event(13)), say.published(key("E1"), "VI_WEB", at(17), content_id="c"))
    operator = await house.person("operator")
    body = {"days": [{"date": "2026-11-16", "is_off": True, "name": "Nghỉ"}], "reason": "x"}
    assert (await operator.post("/api/calendars", json=body)).status_code == 201
    await house.sweep()
    found = await asked(operator, calendar="vn-2026.2")
    assert (found["real"]["counts"]["LATE"], found["other"]["counts"]["ON_TIME"]) == (1, 1)
    states = [(row["state"], row["other_state"]) for row in found["rows"] if row["requirement"] == "WEBSITE"]
    assert states == [("LATE", "ON_TIME")]
    assert "16/11 là ngày nghỉ (Nghỉ)" in next(iter(found["rows"]))["other_why"]["vi"]


@pytest.mark.live
async def test_the_page_says_how_many_were_counted(house: House) -> None:
    await live(house)
    viewer = await house.person("viewer")
    text = (await viewer.get("/what-if")).text
    assert "Chưa chọn gì để thử" in text
    text = (await viewer.get("/what-if?school_year=2026-2027&policy=working&calendar=")).text
    events = len(await house.store.find("events", {"school_year": "2026-2027"}))
    assert f"Đã tính {events} sự kiện" in text
    assert "Nghĩa vụ khác đi" in text
    viewer.cookies.set("lang", "en")
    assert "obligations differ" in (await viewer.get("/what-if?policy=strict")).text
    wrong = await viewer.get("/api/what-if", params={"school_year": "2026-2027", "policy": "none.1"})
    assert [(one["rule"], one["pointer"]) for one in wrong.json()["errors"]] == [("version-unknown", "/policy")]
    assert (await house.browser().get("/api/what-if?school_year=2026-2027")).status_code == 401
