"""The deadline loop: who releases what is ready, when documents are told, and what a second process judges."""

from datetime import datetime

from contracts.envelope import event_key
from contracts.times import format_time
from services.chassis.unit import READY, WAITING
from services.monitoring import storage
from services.monitoring.deadlines import AGAIN_S, LOOK_S, Deadlines
from tests.monitoring.engine.builders import SOURCE, held
from tests.monitoring.engine.conftest import Engine
from tests.monitoring.engine.test_ready import DUE, GRACE, SECOND, sent, until_in_grace


def loop(engine: Engine, *, confirmed: datetime, is_second: bool = False, give_way_s: float = 60) -> Deadlines:
    """The loop of a process to which all evidence up to an instant is known; the second of two, or alone."""
    made = Deadlines(engine.service, engine.judge, give_way_s=give_way_s)
    made.confirmation.until = confirmed
    engine.service.relay.lease.is_elsewhere = is_second
    return made


async def rows(engine: Engine, state: int) -> int:
    return await engine.store.raw("outbox").count_documents({"st": state})


async def overdue(engine: Engine) -> list[str]:
    return [one["overdue"] for one in await engine.obligations()]


async def in_grace(engine: Engine) -> None:
    """Two misses are ready, and it is the end of their grace."""
    await until_in_grace(engine)
    engine.clock.at = DUE + GRACE


async def test_documents_are_told_when_their_misses_have_left(engine: Engine) -> None:
    await in_grace(engine)
    deadlines = loop(engine, confirmed=DUE + GRACE)
    assert await deadlines.look() == LOOK_S
    assert (await rows(engine, READY), await rows(engine, WAITING)) == (0, 2)
    assert await overdue(engine) == ["UNCONFIRMED"] * 2
    await sent(engine)
    assert await deadlines.look() == 0
    assert await overdue(engine) == ["", ""]
    assert await rows(engine, WAITING) == 0, "nothing is said twice"


async def test_documents_do_not_wait_longer_than_they_may_for_misses_that_do_not_leave(engine: Engine) -> None:
    await in_grace(engine)
    await loop(engine, confirmed=DUE + GRACE, give_way_s=0).look()
    assert await overdue(engine) == ["", ""]
    assert await rows(engine, WAITING) == 2


async def test_what_is_not_confirmed_is_looked_at_again_soon(engine: Engine) -> None:
    await in_grace(engine)
    assert await loop(engine, confirmed=DUE + GRACE - SECOND).look() == AGAIN_S
    assert await rows(engine, READY) == 2


async def test_a_second_process_leaves_what_is_ready_to_the_one_that_sends(engine: Engine) -> None:
    await in_grace(engine)
    deadlines = loop(engine, confirmed=DUE + GRACE, is_second=True)
    engine.clock.at = DUE + GRACE + SECOND
    assert await deadlines.look() == LOOK_S
    assert await rows(engine, READY) == 2
    assert await overdue(engine) == ["UNCONFIRMED"] * 2


async def test_a_second_process_releases_what_the_one_that_sends_has_left_too_long(engine: Engine) -> None:
    await in_grace(engine)
    deadlines = loop(engine, confirmed=DUE + GRACE, is_second=True)
    engine.clock.at = DUE + GRACE + 2 * SECOND
    await deadlines.look()
    assert (await rows(engine, READY), await rows(engine, WAITING)) == (0, 2)


async def test_a_second_process_judges_the_later_half_and_what_is_left_in_the_end(engine: Engine) -> None:
    await engine.deliver(*[held(f"E-{n}") for n in range(4)])
    engine.clock.at = DUE + SECOND
    deadlines = loop(engine, confirmed=DUE, is_second=True)
    missed = []
    while await deadlines.look() == 0:
        missed.append(len({one["event"] for one in await engine.obligations() if one["state"] == "MISSED"}))
    assert missed == [2, 3, 4]


async def test_what_another_process_judged_meanwhile_is_not_looked_at_again(engine: Engine) -> None:
    first, second, other = keys = [event_key(SOURCE, f"E-{n}") for n in range(3)]
    await engine.deliver(*[held(f"E-{n}") for n in range(3)])
    engine.clock.at = DUE + SECOND
    due = storage.looked_for(format_time(engine.clock.at), None)
    assert sorted(await storage.events_to_look_at(engine.store, due)) == sorted(keys)
    await engine.transact(lambda unit: engine.judge.judge_again(unit, [first]))
    assert await storage.events_to_look_at(engine.store, due, among=[first, second]) == [second]
    assert other not in await storage.events_to_look_at(engine.store, due, among=[first])
