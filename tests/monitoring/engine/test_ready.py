"""A miss is made ready while its grace runs: released once all evidence is in, taken back by whatever changes it."""

import asyncio
import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.envelope import Message, decode, event_key, obligation_id
from contracts.times import format_time
from services.chassis.relay import outbox
from services.chassis.unit import READY, WAITING, Cause, Unit
from services.monitoring import handlers, misses, storage
from services.monitoring.reference import add_version, counted
from tests.monitoring.algebra.builders import calendar
from tests.monitoring.engine.builders import (
    ENDED,
    NOW,
    SOURCE,
    cancelled,
    classified,
    held,
    merged,
    published,
    withdrawn,
)
from tests.monitoring.engine.conftest import Engine
from tests.monitoring.engine.test_judging import DUE, KEY, OPERATOR, WEBSITE

GRACE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
E_BOARD = obligation_id(KEY, "E_BOARD", "POST")


async def ready(engine: Engine) -> dict[str, Message]:
    """What is ready, by obligation."""
    found = [decode(row["value"]) for row in await engine.store.raw("outbox").find({"st": READY}).to_list(None)]
    by_obligation = {one.data.obligation_id: one for one in found}  # type: ignore[attr-defined]
    assert len(by_obligation) == len(found)
    return by_obligation


async def release(engine: Engine, confirmed: datetime | None = None) -> int:
    """What the deadline loop does once evidence is in up to an instant (default: now)."""
    at, count = engine.clock.at, await counted(engine.store)
    return await outbox.release(engine.store, storage.ready_misses(at, format_time(confirmed or at), count=count))


async def sent(engine: Engine) -> list[Message]:
    """What the relay sends now."""
    rows = engine.store.raw("outbox")
    found = await rows.find({"st": WAITING}, sort=[("o", 1)]).to_list(None)
    await rows.update_many({"st": WAITING}, {"$set": {"st": 1}})
    return [decode(row["value"]) for row in found]


def brief(messages: list[Message]) -> list[tuple[str, str]]:
    return [(one.name, one.data.requirement) for one in messages]  # type: ignore[attr-defined]


async def until_in_grace(engine: Engine) -> None:
    """An event of which nothing was published, in the grace after its due date."""
    await engine.deliver(held("E-1"))
    engine.clock.at = DUE + SECOND
    await engine.tick()
    await sent(engine)


async def kept_of(engine: Engine, obligation: str) -> dict[str, Any]:
    doc = await engine.store.get("events", KEY)
    assert doc
    kept: dict[str, Any] = doc["kept"].get(obligation, misses.NEVER_ANNOUNCED)
    return kept


async def test_a_miss_travels_as_soon_as_its_evidence_is_in_and_the_document_tells_of_it_after(engine: Engine) -> None:
    await until_in_grace(engine)
    assert (await ready(engine)).keys() == {WEBSITE, E_BOARD}
    assert await sent(engine) == []
    engine.clock.at = DUE + GRACE
    assert await release(engine, DUE + GRACE - SECOND) == 0
    assert await release(engine) == 2
    assert await release(engine) == 0
    told = await sent(engine)
    assert sorted(one.sequence or 0 for one in told) == [5, 6], "behind what was said of the turn"
    assert {(one.name, one.data.detected_at, one.recordedtime) for one in told} == {  # type: ignore[attr-defined]
        ("deadline-missed", DUE + GRACE, DUE + GRACE)
    }
    assert {one["overdue"] for one in await engine.obligations()} == {"UNCONFIRMED"}
    await engine.tick(format_time(engine.clock.at))
    assert await sent(engine) == []
    assert {(one["overdue"], one["next_at"]) for one in await engine.obligations()} == {("", None)}
    stamp = format_time(DUE + GRACE)
    told_of = {"n": 1, "due_at": format_time(DUE), "detected_at": stamp, "withdrawn_at": None, "reason": None}
    assert (await kept_of(engine, WEBSITE))["misses"] == [told_of]
    assert (await engine.store.get("events", KEY) or {})["sequence"] == 6


async def test_news_in_time_that_comes_in_the_grace_takes_the_miss_back(engine: Engine) -> None:
    await until_in_grace(engine)
    await engine.deliver(published(KEY, "VI_WEB", DUE - SECOND))
    assert (await ready(engine)).keys() == {E_BOARD}
    engine.clock.at = DUE + GRACE
    await release(engine)
    await engine.tick(format_time(engine.clock.at))
    assert brief(await sent(engine)) == [("obligation-assessed", "WEBSITE"), ("deadline-missed", "E_BOARD")]


async def test_what_is_said_of_the_event_meanwhile_stands_before_the_miss(engine: Engine) -> None:
    await until_in_grace(engine)
    await engine.desk.waive("w", OPERATOR, WEBSITE, reason="đã thống nhất")
    await engine.deliver(published(KEY, "E_BOARD", DUE + SECOND))
    engine.clock.at = DUE + GRACE
    await release(engine)
    told = await sent(engine)
    assert [one.sequence for one in told] == [5, 6, 7, 8, 9], "no number is left out or used twice"
    assert [one.name for one in told[:3]] == ["obligation-waived", "obligation-assessed", "obligation-assessed"]
    assert sorted(brief(told[3:])) == [("deadline-missed", "E_BOARD"), ("deadline-missed", "WEBSITE")]


async def test_an_act_after_the_release_is_counted_behind_it(engine: Engine) -> None:
    await until_in_grace(engine)
    engine.clock.at = DUE + GRACE
    await release(engine)
    await engine.desk.waive("w", OPERATOR, WEBSITE, reason="đã thống nhất")
    told = await sent(engine)
    assert [one.sequence for one in told] == [5, 6, 7, 8]
    assert [one.name for one in told] == [
        "deadline-missed",
        "deadline-missed",
        "obligation-waived",
        "obligation-assessed",
    ]


async def test_evidence_that_comes_after_the_release_withdraws_it(engine: Engine) -> None:
    await until_in_grace(engine)
    engine.clock.at = DUE + GRACE
    await release(engine)
    await engine.deliver(published(KEY, "VI_WEB", DUE - SECOND))
    told = [one for one in await sent(engine) if one.data.obligation_id == WEBSITE]  # type: ignore[attr-defined]
    assert [one.name for one in told] == ["deadline-missed", "obligation-assessed", "deadline-miss-withdrawn"]
    assert [miss["reason"] for miss in (await kept_of(engine, WEBSITE))["misses"]] == ["EVIDENCE"]


async def test_what_was_judged_under_other_reference_data_waits_until_it_is_judged_again(engine: Engine) -> None:
    await until_in_grace(engine)
    day_off = calendar("c-2", DUE - timedelta(days=2), ("2026-01-01", "2027-12-31"), days_off=["2026-11-23"])
    await engine.transact(lambda unit: add_version(unit, day_off))
    engine.clock.at = DUE + GRACE
    assert await release(engine) == 0
    await engine.sweep()
    assert await ready(engine) == {}
    assert [one.name for one in await sent(engine)] == ["obligation-assessed"] * 2
    assert {one["state"] for one in await engine.obligations()} == {"OPEN"}


async def test_a_miss_whose_evidence_was_long_in_coming_says_when_it_was_truly_found(engine: Engine) -> None:
    await until_in_grace(engine)
    engine.clock.at = late = DUE + timedelta(hours=5)
    assert await release(engine) == 0
    await engine.tick(format_time(late))
    told = await sent(engine)
    assert [(one.name, one.data.detected_at) for one in told] == [("deadline-missed", late)] * 2  # type: ignore[attr-defined]
    assert await ready(engine) == {}


async def test_what_turns_after_its_grace_is_ready_at_once_and_says_when_it_was_found(engine: Engine) -> None:
    await engine.deliver(held("E-1"))
    engine.clock.at = found = DUE + timedelta(hours=5)

    async def look(unit: Unit) -> None:
        await engine.judge.judge_again(unit, [KEY], confirmed=format_time(found))

    await engine.transact(look)
    assert (await ready(engine)).keys() == {WEBSITE, E_BOARD}
    engine.clock.at = found + SECOND
    assert await release(engine, found - SECOND) == 0, "what came in since may not be in the documents"
    assert await release(engine) == 2
    told = [one for one in await sent(engine) if one.name == "deadline-missed"]
    assert [one.data.detected_at for one in told] == [found] * 2  # type: ignore[attr-defined]


async def test_what_is_judged_again_between_its_grace_and_its_evidence_is_ready_again(engine: Engine) -> None:
    await until_in_grace(engine)
    engine.clock.at = again = DUE + GRACE + 5 * SECOND
    await engine.deliver(published(KEY, "VI_WEB", DUE + SECOND))
    assert (await ready(engine)).keys() == {WEBSITE, E_BOARD}
    assert await release(engine, again - SECOND) == 0
    engine.clock.at += SECOND
    assert await release(engine) == 2
    told = [one for one in await sent(engine) if one.name == "deadline-missed"]
    assert [one.data.detected_at for one in told] == [again] * 2  # type: ignore[attr-defined]


async def test_what_is_first_seen_after_its_grace_waits_for_the_deadline_loop(engine: Engine) -> None:
    engine.clock.at = DUE + GRACE + SECOND
    await engine.deliver(held("E-1"))
    assert await ready(engine) == {}
    await engine.tick(format_time(engine.clock.at))
    assert [one.name for one in await sent(engine)][-2:] == ["deadline-missed"] * 2


async def test_news_and_release_at_once_never_leave_both_a_miss_and_its_evidence(engine: Engine) -> None:
    keys = [event_key(SOURCE, f"E-{n}") for n in range(12)]
    await engine.deliver(*[held(f"E-{n}") for n in range(12)])
    engine.clock.at = DUE + SECOND
    await engine.tick()
    await sent(engine)
    engine.clock.at = DUE + GRACE

    async def learn(key: str) -> None:
        async def work(unit: Unit) -> None:
            await handlers.learn(engine.judge, unit, [published(key, "VI_WEB", DUE - SECOND)])

        await engine.store.transact(Cause("/test", key), engine.clock.at, work)

    await asyncio.gather(*map(learn, keys[:6]), release(engine), *map(learn, keys[6:]))
    told = await sent(engine)
    await engine.tick(format_time(engine.clock.at))
    told += await sent(engine)
    assert_told_as_kept(told, await engine.store.find("events", {}), await engine.obligations())
    websites = {one["obligation_id"] for one in await engine.obligations() if one["requirement"] == "WEBSITE"}
    standing = {one.data.obligation_id for one in told if one.name == "deadline-missed"} - {  # type: ignore[attr-defined]
        one.data.obligation_id
        for one in told
        if one.name == "deadline-miss-withdrawn"  # type: ignore[attr-defined]
    }
    assert len(standing) == 12
    assert not standing & websites


async def test_a_miss_is_not_made_ready_beside_news_that_nobody_saw(engine: Engine) -> None:
    await until_in_grace(engine)
    await engine.store.raw("outbox").delete_many({"st": READY})  # as an earlier release left it
    news = [[published(KEY, channel, DUE - SECOND) for channel in ("VI_WEB", "E_BOARD")]]

    async def work(unit: Unit) -> None:
        await engine.judge.judge_again(unit, [KEY])
        while news:
            await engine.deliver(*news.pop())

    await engine.transact(work)
    assert await ready(engine) == {}


def assert_told_as_kept(told: list[Message], events: list[dict[str, Any]], owed: list[dict[str, Any]]) -> None:
    """Misses and withdrawals alternate, each id once, numbers grow, and the last word is what is kept and holds."""
    assert len({one.id for one in told}) == len(told)
    numbers: dict[str, list[int]] = defaultdict(list)
    words: dict[str, list[str]] = defaultdict(list)
    for one in told:
        if one.topic == "compliance":
            numbers[one.subject].append(one.sequence or 0)
        if one.name in ("deadline-missed", "deadline-miss-withdrawn"):
            words[one.data.obligation_id].append(one.name)  # type: ignore[attr-defined]
    assert all(found == sorted(set(found)) for found in numbers.values())
    for found in words.values():
        assert (
            found == ["deadline-missed", "deadline-miss-withdrawn"] * (len(found) // 2) + found[len(found) // 2 * 2 :]
        )
        assert found[0] == "deadline-missed"
    standing = {key for key, found in words.items() if found[-1] == "deadline-missed"}
    kept = {key for event in events for key, held in event["kept"].items() if held["announced"]}
    missed = {one["obligation_id"] for one in owed if one["missed_at"] is not None}
    assert standing == kept == missed


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_comes_in_whatever_order_what_is_ready_is_what_is_missed_and_not_told(
    engine: Engine, seed: int
) -> None:
    dice, told = random.Random(seed), list[Message]()
    keys = [event_key(SOURCE, f"E-{n}") for n in range(5)]
    engine.clock.at = NOW
    for _ in range(50):
        n, at = dice.randrange(5), engine.clock.at
        news = [
            held(f"E-{n}", revision=dice.randrange(1, 4), ended_at=ENDED + timedelta(days=dice.randrange(3))),
            published(keys[n], dice.choice(["VI_WEB", "E_BOARD"]), at - SECOND, content_id=f"c-{dice.randrange(3)}"),
            withdrawn(keys[n], "VI_WEB", at, content_id=f"c-{dice.randrange(3)}"),
            cancelled(f"E-{n}", revision=dice.randrange(1, 4)),
            classified(keys[n], at=at, tier=dice.choice(["ROUTINE", "MAJOR"])),
            merged(keys[n], dice.choice([*keys[n + 1 :], None]), at=at),
        ]
        match dice.randrange(6):
            case 0 | 1:
                await engine.deliver(*dice.sample(news, 2))
            case 2:
                await release(engine)
            case 3:
                told += await sent(engine)
            case 4:
                await engine.tick(dice.choice([None, format_time(at)]))
            case _:
                dates = [
                    one["due_at"]
                    for one in await engine.obligations()
                    if one["due_at"] and one["due_at"] > format_time(at)
                ]
                near = datetime.fromisoformat(min(dates)) if dates else at
                engine.clock.at = dice.choice([at + 25 * SECOND, at + 5 * SECOND, near + SECOND, near - SECOND])
        await assert_ready_is_owed(engine)
    engine.clock.at += timedelta(days=30)
    await engine.tick()
    await engine.tick(format_time(engine.clock.at))
    told += await sent(engine)
    assert await ready(engine) == {}
    assert_told_as_kept(told, await engine.store.find("events", {}), await engine.obligations())


async def assert_ready_is_owed(engine: Engine) -> None:
    """Of what is ready, each is the next word on a miss that stands in the documents and was not told."""
    owed = {one["obligation_id"]: one for one in await engine.obligations()}
    for key, message in (await ready(engine)).items():
        doc = await engine.store.get("events", message.subject)
        held_back = (doc or {"kept": {}})["kept"].get(key, misses.NEVER_ANNOUNCED)
        assert owed[key]["missed_at"] == format_time(message.data.due_at)  # type: ignore[attr-defined]
        assert (held_back["announced"], held_back["n"] + 1) == (False, message.data.n)  # type: ignore[attr-defined]
        assert message.sequence is not None
        assert message.sequence > (doc or {"sequence": 0})["sequence"]
