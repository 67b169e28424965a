"""What a version would move, told before it is issued, is what it moves: on random histories, and in a room."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import Message
from services.monitoring.algebra import calendars
from services.monitoring.algebra.due import Versions
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.versions import moves, shapes
from services.monitoring.versions.moves import Moves
from tests.monitoring.algebra import builders as b
from tests.monitoring.algebra.histories import History
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import ROLES, House
from tests.monitoring.reading.story import at, event, key, live

SEEDS = st.integers(min_value=1_000, max_value=1_000_000)
Docs = dict[str, dict[str, Any]]


def docs_of(*messages: Message, now: Any) -> Docs:
    """What is owed, by id, as it is stored."""
    found = b.assessed(*messages, now=now, shipped=False)
    return {
        doc["obligation_id"]: {"_id": doc["obligation_id"], **doc} for one in found.values() for doc in one.obligations
    }


def can_move(doc: dict[str, Any], now: str) -> bool:
    """The question to the database, as a predicate."""
    is_unsettled = doc["due_at"] is None or doc["due_at"] > now
    is_open = doc["state"] in ("OPEN", "WAIVED") or (doc["discharged_at"] or "") > now
    return doc["phase"] == "POST" and doc["state"] != "VOID" and is_unsettled and is_open


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, by_policy=st.booleans())
def test_the_preview_names_what_the_version_moves_and_nothing_else(seed: int, by_policy: bool) -> None:
    history = History(seed)
    last = [one.data.issued_at for one in history.messages if one.name in ("calendar-issued", "policy-issued")]
    at_instant = max([history.now, *(one + timedelta(microseconds=1) for one in last)])
    dice = history.dice
    if by_policy:
        new = b.policy("p9", at_instant, days=dice.choice([0, 1, 2, 5]), unit=dice.choice(["WORKING", "CALENDAR"]))
    else:
        off = [(history.day + timedelta(days=n)).date().isoformat() for n in range(1, 7)]
        new = b.calendar("c9", at_instant, ("2026-01-01", "2027-12-31"), days_off=dice.sample(off, 2))
    now = to_stamp(at_instant)
    before, after = (docs_of(*messages, now=at_instant) for messages in (history.messages, [*history.messages, new]))
    versions = b.reference_of(history.messages).versions
    found = Moves(versions, Versions((*versions.ordered, calendars.from_message(new))), now)
    for doc in before.values():
        if can_move(doc, now):
            found.look(doc)
    told = {move.obligation_id: (move.due_before, move.due_after, move.why_after) for move in found.rows}
    happened = {
        one: (doc["due_at"], after[one]["due_at"], after[one]["explanation"])
        for one, doc in before.items()
        if doc["state"] != "VOID" and doc["due_at"] != after[one]["due_at"]
    }
    assert told == happened
    missed = sum(doc["state"] == "OPEN" and after[one]["state"] == "MISSED" for one, doc in before.items())
    assert (found.moved, found.missed_at_once) == (len(happened), missed)


CALENDAR = {"days": [{"date": "2026-11-23", "is_off": True, "name": "Nghỉ bù"}], "reason": "Nghỉ bù"}
POLICY = {
    "requirements": {"WEBSITE": {"days": 1, "unit": "CALENDAR", "roll": "NONE", "grace_s": 60}},
    "reason": "Thử một ngày",
}


async def stored(house: House) -> Docs:
    await house.sweep()
    return {doc["_id"]: doc for doc in await house.store.find("obligations", {})}


@pytest.mark.live
@pytest.mark.parametrize(("path", "body"), [("/api/calendars", CALENDAR), ("/api/policies", POLICY)])
async def test_what_was_told_is_what_the_sweep_makes(house: House, path: str, body: dict[str, Any]) -> None:
    await live(house)
    operator = await house.person("operator")
    before, said = await stored(house), (await operator.post(f"{path}/preview", json=body)).json()
    shapes.Preview.model_validate(said)
    assert await stored(house) == before, "a preview has no effect"
    assert said["moved"] == len(said["rows"]) > 0
    assert said["rest"] == 0
    assert (await operator.post(path, json=body)).status_code == 201
    after = await stored(house)
    told = {row["obligation_id"]: (row["due_before"], row["due_after"], row["why_after"]) for row in said["rows"]}
    happened = {
        one: (doc["due_at"], after[one]["due_at"], after[one]["explanation"])
        for one, doc in before.items()
        if doc["state"] != "VOID" and doc["due_at"] != after[one]["due_at"]
    }
    assert told == happened


@pytest.mark.live
async def test_a_preview_tells_the_days_and_what_would_be_missed_at_once(house: House) -> None:
    await house.hear(say.held("E1", at=at(21, 18), **event(21)))
    operator = await house.person("operator")
    said = (await operator.post("/api/calendars/preview", json=CALENDAR)).json()
    assert said["change"] == {"days": [{"date": "2026-11-23", "before": None, "after": "Nghỉ bù"}], "newly_covered": 0}
    assert (said["version"], said["examined"], said["moved"]) == ("vn-2026.2", 2, 0)
    said = (await operator.post("/api/policies/preview", json=POLICY)).json()
    assert (said["moved"], said["earlier"], said["missed_at_once"]) == (1, 1, 1)
    (row,) = said["rows"]
    assert (row["event"], row["due_after"]) == (key("E1"), "2026-11-22T17:00:00.000000Z")
    assert "+1 ngày" in row["why_after"]["vi"]


@pytest.mark.live
async def test_of_many_the_first_are_told_and_the_rest_is_counted(house: House) -> None:
    await house.hear_at_once(say.held(f"E{n}", at=at(21, 18), **event(21)) for n in range(30))
    said = (
        await (await house.person("operator")).post(
            "/api/policies/preview",
            json=POLICY | {"requirements": dict.fromkeys(("WEBSITE", "E_BOARD"), POLICY["requirements"]["WEBSITE"])},
        )
    ).json()
    assert (said["moved"], len(said["rows"]), said["rest"]) == (60, moves.MOST, 10)


@pytest.mark.live
async def test_a_preview_is_refused_as_the_act_would_be_and_for_the_same_people(house: House) -> None:
    for role in ROLES:
        answer = await (await house.person(role)).post("/api/calendars/preview", json={"reason": "x"})
        assert answer.status_code == (422 if role in ("operator", "office_head") else 403), role
