"""As known on a day: what the answers were then, and the present for what lies ahead."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.monitoring.algebra.facts import to_doc
from services.monitoring.algebra.groups import touches
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.reading import shapes
from services.monitoring.versions import knowing
from services.monitoring.versions.knowing import Lens, as_known
from tests.monitoring.algebra import builders as b
from tests.monitoring.algebra.histories import History
from tests.monitoring.algebra.test_properties import written
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import House
from tests.monitoring.reading.story import at, event, key, live, milestone

SEEDS = st.integers(min_value=1_000, max_value=1_000_000)
FAR = "9999-01-01T00:00:00.000000Z"


def docs_of(history: History) -> dict[str, dict[str, Any]]:
    """The history's events as they are stored."""
    reference, found = b.reference_of(history.messages), b.facts_of(history.messages)
    keys = {*found, *reference.milestones, *(key for facts in found.values() for key in touches(facts, reference))}
    return {
        one: {
            "_id": one,
            "facts": [to_doc(fact) for fact in found.get(one, ())],
            "touches": sorted(touches(found.get(one, ()), reference)),
            "kept": {},
        }
        for one in keys
    }


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS)
def test_what_is_known_in_a_far_future_is_what_is_known_now(seed: int) -> None:
    history = History(seed)
    reference, docs, now = b.reference_of(history.messages), docs_of(history), to_stamp(history.now)
    everything = knowing.judged(docs, Lens(reference, now))
    assert written(everything) == written(b.assessed(*history.messages, now=history.now, shipped=False))
    last = max(fact["recorded"] for doc in docs.values() for fact in [*doc["facts"], {"recorded": now}])
    recorded = [one.recorded for one in reference.versions.ordered]
    plans = [one.recorded for plan in reference.plans.values() for one in plan]
    if max([last, *recorded, *plans]) <= now:
        assert written(knowing.judged(docs, as_known(reference, FAR, now))) == written(everything)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, hours=st.integers(min_value=-200, max_value=200))
def test_what_was_known_is_what_the_messages_received_by_then_say(seed: int, hours: int) -> None:
    history = History(seed)
    instant = history.instant() + timedelta(hours=hours)
    then = to_stamp(instant)
    told = [one for one in history.messages if one.recordedtime <= instant or one in b.SHIPPED]
    lens = as_known(b.reference_of(history.messages), then, FAR)
    found = knowing.judged(docs_of(history), lens)
    expected = b.assessed(*told, now=instant, shipped=False)
    heard = {root: one for root, one in found.items() if root in expected}
    assert written(heard) == written(expected)
    assert all(not one.obligations for root, one in found.items() if root not in expected)


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        ("2026-06-30", datetime(2026, 6, 30, 16, 59, 59, 999999, tzinfo=UTC)),
        ("30/06/2026", datetime(2026, 6, 30, 16, 59, 59, 999999, tzinfo=UTC)),
        ("2026-06-30T12:00:00+07:00", datetime(2026, 6, 30, 5, tzinfo=UTC)),
    ],
)
def test_a_day_means_its_end_at_the_school(said: str, instant: datetime) -> None:
    assert knowing.read_known_on(said) == instant


@pytest.mark.parametrize("said", ["", "2026-06", "31/06/2026", "2026-06-31", "yesterday", 7, "2026-06-30T12:00:00"])
def test_what_is_no_day_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="time"):
        knowing.read_known_on(said)


async def compliance(client: httpx2.AsyncClient, **asked: str) -> dict[str, Any]:
    answer = await client.get("/api/compliance", params={"school_year": "2026-2027", **asked})
    assert answer.status_code == 200, answer.text
    shapes.Compliance.model_validate(answer.json())
    found: dict[str, Any] = answer.json()
    return found


async def whole(client: httpx2.AsyncClient, event_key: str, **asked: str) -> dict[str, Any]:
    answer = await client.get(f"/api/events/{event_key}", params=asked)
    assert answer.status_code == 200, answer.text
    shapes.EventAnswer.model_validate(answer.json())
    found: dict[str, Any] = answer.json()
    return found


def less(found: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in names}


KEYS = [key(one) for one in ("MISS", "GOOD", "SOON", "WAIT", "ASKS", "GONE", "VOID", "SAME", "TWIN", "LINK", "LAST")]


@pytest.mark.live
async def test_as_known_tomorrow_is_as_known_now(house: House) -> None:
    await live(house)
    client = await house.person("auditor")
    for by in ("requirement", "month", "topic_area"):
        now = await compliance(client, by=by)
        assert less(await compliance(client, by=by, known_on="2099-01-01"), "known_on") == now
    for one in [*KEYS, milestone("le-20-11")]:
        now = await whole(client, one)
        assert less(await whole(client, one, known_on="2099-01-01"), "known_on") == now, one


@pytest.mark.live
async def test_what_was_answered_then_is_answered_again_whatever_came_later(house: House) -> None:
    await live(house)
    then = to_stamp(house.clock.at)
    client = await house.person("auditor")
    operator = await house.person("operator")
    figures = await compliance(client, by="requirement")
    before = {one: await whole(client, one) for one in KEYS}
    house.clock.at += timedelta(minutes=10)
    later = house.clock.at
    for one in (key("MISS"), key("TWIN")):
        await house.hear(say.published(one, "E_BOARD", at(12), content_id="found"))
    await house.hear(
        say.held("GOOD", at=later, revision=2, **event(2, started_at=at(2, month=8), ended_at=at(2, 10, month=8))),
        say.held("NEW", at=later, **event(20)),
        say.merged(key("SOON"), key("GOOD"), at=later),
        say.approved("ke-hoach", 2, [say.focal("le-20-11", at(25), title="Dời")], at=later),
    )
    # the builders' recordedtime is the message's time: what is published is received when it is told
    body = {"days": [{"date": "2026-11-23", "is_off": True, "name": "Nghỉ bù"}], "reason": "Nghỉ bù"}
    assert (await operator.post("/api/calendars", json=body)).status_code == 201
    await house.sweep()
    assert (await compliance(client, by="requirement"))["digest"] != figures["digest"]
    for one in (one for one in KEYS if one not in (key("MISS"), key("TWIN"), key("SAME"))):
        assert less(await whole(client, one, known_on=then), "known_on") == before[one], one
    gone = await client.get(f"/api/events/{key('NEW')}", params={"known_on": then})
    assert gone.status_code == 404


@pytest.mark.live
async def test_figures_of_then_count_events_that_moved_to_another_year_since(house: House) -> None:
    house.clock.at = at(12)
    await house.hear(say.held("E1", at=at(11), **event(10)), say.held("E2", at=at(11), **event(10)))
    client = await house.person("viewer")
    before = await compliance(client)
    then = to_stamp(house.clock.at)
    house.clock.at = at(13)
    moved = event(10, started_at=at(2, month=6), ended_at=at(2, 10, month=6))
    await house.hear(say.held("E1", at=at(13), revision=2, **moved))
    assert (await compliance(client))["rows"] != before["rows"]
    again = await compliance(client, known_on=then)
    assert less(again, "known_on") == before
    assert again["known_on"] == then


@pytest.mark.live
async def test_the_page_of_an_event_shows_what_was_known_and_lets_nobody_act(house: House) -> None:
    await live(house)
    head = await house.person("office_head")
    text = (await head.get(f"/events/{key('MISS')}", params={"known_on": "13/11/2026"})).text
    assert "Như đã biết lúc 13/11/2026 23:59" in text
    assert "/classification" not in text
    assert "Về hiện tại" in text
    assert text.count("Trễ") == 0, "published on the 14th"
    assert "quá 9 ngày" not in text, "how long it is overdue is said of the present alone"
    now = (await head.get(f"/events/{key('MISS')}")).text
    assert "Xem như đã biết vào một ngày" in now
    assert "/classification" in now
    assert (await head.get(f"/events/{key('MISS')}", params={"known_on": "1/1/2026"})).status_code == 404
    assert (await head.get(f"/events/{key('MISS')}", params={"known_on": "gì"})).status_code == 422
    bad = await head.get("/api/compliance", params={"school_year": "2026-2027", "known_on": "31/06/2026"})
    assert [(one["rule"], one["pointer"]) for one in bad.json()["errors"]] == [("time", "/known_on")]
