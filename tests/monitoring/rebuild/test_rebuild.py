"""Documents made again from the topics are the same, and nothing is announced again; what is lost comes back."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from contracts.envelope import event_key, obligation_id
from services.chassis.unit import Cause, Unit
from services.chassis.watermark import Offsets
from services.monitoring.acts import Classification, GivenCause, Merge
from services.monitoring.rebuild import running, spill, swapping
from services.monitoring.rebuild.spill import Line
from services.monitoring.rebuild.staging import Staging
from services.monitoring.reference import Moving
from tests.monitoring.engine.builders import (
    NOW,
    SOURCE,
    approved,
    cancelled,
    focal,
    held,
    published,
    scheduled,
    submitted,
    withdrawn,
)
from tests.monitoring.engine.conftest import Engine
from tests.monitoring.engine.test_judging import OPERATOR
from tests.monitoring.rebuild.conftest import Broken, Rebuilt

DUE = datetime(2026, 11, 23, 17, tzinfo=UTC)
KEYS = [event_key(SOURCE, f"E-{n}") for n in range(12)]


async def year(rebuilt: Rebuilt) -> None:
    """Some of everything: plans, milestones, merges, acts of people, misses announced and withdrawn."""
    engine, deliver = rebuilt.engine, rebuilt.topics.deliver
    await deliver(approved("P-1", 1, [focal("M-1", NOW + timedelta(days=2)), focal("M-2", NOW)], at=NOW))
    await deliver(*[held(f"E-{n}") for n in range(9)], held("E-8", title="Đổi tên", revision=2))
    await deliver(scheduled("E-9"), cancelled("E-9"), held("E-10", plan_item_id="M-2"), scheduled("E-11"))
    await deliver(published(KEYS[0], "VI_WEB", NOW), submitted(KEYS[1], NOW), published(KEYS[2], "VI_WEB", NOW))
    await deliver(withdrawn(KEYS[2], "VI_WEB", NOW + timedelta(hours=1)))
    await engine.desk.classify("a", OPERATOR, KEYS[3], given=Classification.from_data({"tier": "MAJOR", "reason": "x"}))
    await engine.desk.merge("b", OPERATOR, KEYS[4], given=Merge(into=KEYS[5], reason="trùng"))
    await engine.desk.waive("c", OPERATOR, obligation_id(KEYS[6], "WEBSITE", "POST"), reason="x")
    await rebuilt.settle()
    engine.clock.at = DUE - timedelta(hours=2)
    await engine.tick(near="2026-11-23T15:00:00.000000Z")
    engine.clock.at = DUE + timedelta(hours=1)
    await engine.tick("2026-11-23T18:00:00.000000Z")
    await rebuilt.topics.relay()
    given = GivenCause.from_data({"cause": "NO_SUBMISSION", "reason": "x"})
    await engine.desk.set_cause("d", OPERATOR, obligation_id(KEYS[7], "WEBSITE", "POST"), given=given)
    await deliver(published(KEYS[1], "VI_WEB", NOW), approved("P-1", 2, [focal("M-1", NOW)], at=NOW))
    await rebuilt.settle()


async def said_by(engine: Engine) -> list[tuple[str, str, int | None]]:
    return [(one.id, one.name, one.sequence) for one in await engine.said()]


async def test_what_is_made_again_is_the_same_and_check_leaves_no_trace(rebuilt: Rebuilt) -> None:
    await year(rebuilt)
    before = await rebuilt.documents()
    outcome = await rebuilt.run(check=True)
    assert outcome.comparison.words == []
    assert outcome.comparison.live.digests == outcome.comparison.staged.digests
    assert outcome.comparison.live.documents > 30
    assert await rebuilt.engine.said("deadline-approaching")
    assert (await rebuilt.documents(), await rebuilt.names()) == (before, [])


async def test_it_takes_the_place_and_announces_nothing(rebuilt: Rebuilt) -> None:
    await year(rebuilt)
    before, said = await rebuilt.documents(), await said_by(rebuilt.engine)
    outcome = await rebuilt.run()
    assert (outcome.comparison.words, outcome.behind, outcome.lacking) == ([], 0, 0)
    await rebuilt.settle()
    assert (await rebuilt.documents(), await said_by(rebuilt.engine)) == (before, said)
    assert await rebuilt.names() == []


async def test_several_processes_make_the_same_of_many_parts(rebuilt: Rebuilt, monkeypatch: pytest.MonkeyPatch) -> None:
    await year(rebuilt)
    before, said = await rebuilt.documents(), await said_by(rebuilt.engine)
    monkeypatch.setattr(spill, "RECORDS_IN_BUCKET", 8)
    parts: list[int] = []
    monkeypatch.setattr(running, "hands_for", lambda count: parts.append(count) or 3)
    outcome = await rebuilt.run()
    assert parts[0] > 3
    assert (outcome.comparison.words, outcome.behind, outcome.unreadable) == ([], 0, 0)
    await rebuilt.settle()
    assert (await rebuilt.documents(), await said_by(rebuilt.engine)) == (before, said)


async def test_the_indexes_come_along(rebuilt: Rebuilt) -> None:
    await year(rebuilt)
    before = await rebuilt.engine.store.raw("obligations").index_information()
    await rebuilt.run()
    assert await rebuilt.engine.store.raw("obligations").index_information() == before


async def test_lost_documents_come_back_and_counting_goes_on(rebuilt: Rebuilt) -> None:
    await year(rebuilt)
    before, said = await rebuilt.documents(), await said_by(rebuilt.engine)
    for name in ("events", "obligations", "reference", "years", "sequences"):
        await rebuilt.engine.store.raw(name).delete_many({})
    outcome = await rebuilt.run()
    assert outcome.comparison.count > 30
    await rebuilt.settle()
    assert (await rebuilt.documents(), await said_by(rebuilt.engine)) == (before, said)
    await rebuilt.topics.deliver(published(KEYS[8], "VI_WEB", DUE + timedelta(minutes=5)))
    new = (await rebuilt.engine.said())[len(said) :]
    assert [one.name for one in new] == ["obligation-assessed"]
    assert new[0].sequence == max(one.sequence or 0 for one in await rebuilt.engine.said() if one.subject == KEYS[8])


async def test_check_names_what_differs(rebuilt: Rebuilt) -> None:
    await year(rebuilt)
    owed = rebuilt.engine.store.raw("obligations")
    await owed.update_one({"_id": obligation_id(KEYS[0], "WEBSITE", "POST")}, {"$set": {"content_id": "other"}})
    await owed.delete_one({"_id": obligation_id(KEYS[3], "MASS_MEDIA", "POST")})
    outcome = await rebuilt.run(check=True)
    assert sorted(words.partition(": ")[2] for words in outcome.comparison.words) == [
        "content_id",
        "is missing in the documents",
    ]
    assert outcome.comparison.live.digests != outcome.comparison.staged.digests


async def test_what_was_never_announced_is_announced_once_by_the_service(rebuilt: Rebuilt) -> None:
    await year(rebuilt)
    lines = rebuilt.topics.lines["compliance"]
    of_event = [place for place, line in enumerate(lines) if line.key.decode() == KEYS[0]]
    last = max(place for place in of_event if b"obligation-assessed" in lines[place].value)
    lines.pop(last)
    outcome = await rebuilt.run()
    assert outcome.behind == 1
    before = await said_by(rebuilt.engine)
    await rebuilt.settle()
    new = (await said_by(rebuilt.engine))[len(before) :]
    assert [name for _, name, _ in new] == ["obligation-assessed"]
    await rebuilt.settle()
    assert len(await said_by(rebuilt.engine)) == len(before) + 1


async def test_the_service_goes_on_meanwhile(rebuilt: Rebuilt) -> None:
    await year(rebuilt)
    deliver, last = rebuilt.topics.deliver, held("E-21")

    async def unread() -> None:
        rebuilt.topics.put(last)

    rebuilt.topics.meanwhile = [
        _nothing,
        lambda: deliver(held("E-20"), published(KEYS[5], "VI_WEB", DUE + timedelta(minutes=3))),
        lambda: deliver(
            approved("P-2", 1, [focal("M-9", NOW + timedelta(days=20))], at=NOW),
            held("E-10", plan_item_id="M-1", revision=3),
        ),
        unread,
    ]
    outcome = await rebuilt.run()
    assert outcome.held_s is not None
    await rebuilt.settle()
    await rebuilt.engine.deliver(last)
    await rebuilt.settle()
    assert len(await rebuilt.engine.obligations(event_key(SOURCE, "E-21"))) == 2
    count = len(await said_by(rebuilt.engine))
    outcome = await rebuilt.run(check=True)
    assert outcome.comparison.words == []
    await rebuilt.settle()
    assert len(await said_by(rebuilt.engine)) == count


async def _nothing() -> None:
    pass


async def test_what_kafka_has_and_the_service_has_not_read_is_announced_by_the_service(rebuilt: Rebuilt) -> None:
    await rebuilt.topics.deliver(held("E-0"))
    unread = published(KEYS[0], "VI_WEB", NOW)
    rebuilt.topics.put(unread)
    outcome = await rebuilt.run()
    assert outcome.behind == 1
    await rebuilt.settle()
    await rebuilt.engine.deliver(unread)
    said = await rebuilt.engine.said("obligation-assessed")
    assert [one.sequence for one in said] == [1, 2, 3]
    assert said[2].data.state == "ON_TIME"  # type: ignore[attr-defined]


async def test_broken_off_it_goes_on(rebuilt: Rebuilt, monkeypatch: pytest.MonkeyPatch) -> None:
    await year(rebuilt)
    before, said = await rebuilt.documents(), await said_by(rebuilt.engine)
    await break_off(rebuilt, monkeypatch)
    assert await rebuilt.names() != []
    await rebuilt.run()
    await rebuilt.settle()
    assert (await rebuilt.documents(), await said_by(rebuilt.engine)) == (before, said)


async def test_what_another_release_began_is_begun_anew(rebuilt: Rebuilt, monkeypatch: pytest.MonkeyPatch) -> None:
    await year(rebuilt)
    before = await rebuilt.documents()
    await break_off(rebuilt, monkeypatch)
    notes = Staging(rebuilt.engine.service).raw("rebuild")
    begun = await notes.find_one({}) or {}
    await notes.delete_many({})
    await notes.insert_one(begun | {"_id": "another way", "done": [0]})  # all that there is, were it the same way
    outcome = await rebuilt.run()
    assert (outcome.comparison.words, await rebuilt.documents()) == ([], before)


async def break_off(rebuilt: Rebuilt, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rebuilt.topics.read

    async def breaks(begin: Offsets, ends: Offsets, topics: Iterable[str] = ()) -> AsyncIterator[list[Line]]:
        async for lines in whole(begin, ends):
            yield lines
        raise Broken

    monkeypatch.setattr(rebuilt.topics, "read", breaks)
    with pytest.raises(Broken):
        await rebuilt.run()
    monkeypatch.undo()


async def test_while_held_nobody_judges_and_whoever_did_is_waited_for(engine: Engine) -> None:
    await engine.deliver(held("E-0"))
    begun, may_end, order = asyncio.Event(), asyncio.Event(), list[str]()

    async def slowly(unit: Unit) -> None:
        await engine.judge.references.read(unit)
        begun.set()
        await may_end.wait()
        await engine.judge.judge_again(unit, [KEYS[0]])
        order.append("judged")

    async def hold() -> None:
        async with swapping.held(engine.store):
            order.append("held")
            with pytest.raises(Moving):
                await engine.store._once(Cause("/test", "x"), NOW, engine.judge.references.read)

    judging = asyncio.create_task(engine.store.transact(Cause("/test", "slow"), NOW, slowly))
    await begun.wait()
    holding = asyncio.create_task(hold())
    await asyncio.sleep(0.3)
    assert order == []
    may_end.set()
    await asyncio.gather(judging, holding)
    assert order == ["judged", "held"]
    await engine.deliver(held("E-1"))


async def test_a_mark_that_was_left_behind_is_over_by_itself(engine: Engine) -> None:
    await swapping._mark(engine.store, 0.4)
    await engine.deliver(held("E-0"))
    assert len(await engine.obligations()) == 2
