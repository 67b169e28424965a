"""Misses that are ready, or have just left, while the documents are made again: each is announced once all the same."""

from contracts.envelope import event_key
from tests.monitoring.engine.builders import SOURCE, held, published
from tests.monitoring.engine.test_judging import DUE
from tests.monitoring.engine.test_ready import GRACE, SECOND, assert_told_as_kept, ready, release
from tests.monitoring.rebuild.conftest import Rebuilt

KEYS = [event_key(SOURCE, f"E-{n}") for n in range(6)]


async def until_in_grace(rebuilt: Rebuilt) -> None:
    await rebuilt.topics.deliver(*[held(f"E-{n}") for n in range(6)])
    rebuilt.engine.clock.at = DUE + SECOND
    await rebuilt.engine.tick()
    await rebuilt.topics.relay()


async def until_left(rebuilt: Rebuilt) -> None:
    """What was ready has been sent, and the documents do not tell of it yet."""
    await until_in_grace(rebuilt)
    rebuilt.engine.clock.at = DUE + GRACE
    await release(rebuilt.engine)
    await rebuilt.topics.relay()


async def to_the_end(rebuilt: Rebuilt) -> None:
    """News of some in time, then all that the deadline loop does; what was said must be what is kept."""
    engine = rebuilt.engine
    await rebuilt.topics.deliver(*[published(key, "VI_WEB", DUE - SECOND) for key in KEYS[:2]])
    engine.clock.at = DUE + GRACE
    await release(engine)
    await rebuilt.topics.relay()
    await engine.tick("2026-11-23T17:01:00.000000Z")
    await rebuilt.topics.relay()
    assert await ready(engine) == {}
    assert_told_as_kept(await engine.said(), await engine.store.find("events", {}), await engine.obligations())


async def test_what_is_ready_is_so_for_the_new_documents_too(rebuilt: Rebuilt) -> None:
    await until_in_grace(rebuilt)
    before = await rebuilt.documents()
    outcome = await rebuilt.run()
    assert (outcome.comparison.words, outcome.behind) == ([], 0)
    assert await rebuilt.documents() == before
    assert len(await ready(rebuilt.engine)) == 12
    await to_the_end(rebuilt)
    assert len(await rebuilt.engine.said("deadline-missed")) == 10


async def test_what_has_left_but_is_not_told_of_yet_is_not_announced_again(rebuilt: Rebuilt) -> None:
    await until_left(rebuilt)
    await rebuilt.run()
    await to_the_end(rebuilt)
    assert len(await rebuilt.engine.said("deadline-missed")) == 12
    assert len(await rebuilt.engine.said("deadline-miss-withdrawn")) == 2


async def test_what_is_released_while_the_documents_are_exchanged_is_not_announced_again(rebuilt: Rebuilt) -> None:
    released: list[int] = []

    async def when_held() -> None:
        head = await rebuilt.engine.store.get("reference", "head") or {}
        if head.get("moving_until"):
            released.append(await release(rebuilt.engine))

    await until_in_grace(rebuilt)
    rebuilt.engine.clock.at = DUE + GRACE
    rebuilt.topics.meanwhile = [when_held] * 20
    await rebuilt.run()
    assert sum(released) == 12
    await to_the_end(rebuilt)
    assert len(await rebuilt.engine.said("deadline-missed")) == 12


async def test_documents_that_were_lost_know_of_what_has_left(rebuilt: Rebuilt) -> None:
    await until_left(rebuilt)
    for name in ("events", "obligations"):
        await rebuilt.engine.store.raw(name).delete_many({})
    await rebuilt.run()
    await to_the_end(rebuilt)
    assert len(await rebuilt.engine.said("deadline-missed")) == 12
