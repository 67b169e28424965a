"""Replicas that judge at the same time end where one alone would have."""

import asyncio
import random

from contracts.envelope import Message, event_key
from services.chassis.unit import Cause, Unit
from services.monitoring import handlers
from services.monitoring.judging import Judge
from services.monitoring.reference import References
from tests.monitoring.engine.builders import NOW, SOURCE, held, merged, published, withdrawn
from tests.monitoring.engine.conftest import Engine


async def at_once(engine: Engine, batches: list[list[Message]]) -> None:
    """Each batch in a transaction of its own, all at the same time, half of them by another replica."""
    other = Judge(References(engine.service.settings.reference()))  # type: ignore[attr-defined]

    async def one(n: int, batch: list[Message]) -> None:
        async def work(unit: Unit) -> None:
            await handlers.learn(other if n % 2 else engine.judge, unit, batch)

        await engine.store.transact(Cause("/test", f"race-{n}"), NOW, work)

    await asyncio.gather(*[one(n, batch) for n, batch in enumerate(batches)])


async def test_facts_of_several_keys_of_one_event_that_come_at_once_are_judged_together(engine: Engine) -> None:
    root, *rest = [event_key(SOURCE, f"E-{n}") for n in range(5)]
    await engine.deliver(*[held(f"E-{n}") for n in range(5)], *[merged(key, root) for key in rest])
    await engine.deliver(published(rest[0], "VI_WEB", NOW, content_id="first"))
    await at_once(
        engine,
        [
            [withdrawn(rest[0], "VI_WEB", NOW, content_id="first")],
            *[[published(key, "VI_WEB", NOW.replace(hour=10 + n), content_id=f"c-{n}")] for n, key in enumerate(rest)],
        ],
    )
    found = {one["requirement"]: one["content_id"] for one in await engine.obligations(root)}
    assert found == {"WEBSITE": "c-0", "E_BOARD": None}


async def test_the_same_messages_to_both_at_once_are_announced_once(engine: Engine) -> None:
    messages = [held(f"E-{n}") for n in range(6)]
    for seed in range(4):
        batches = [random.Random(seed * 10 + n).sample(messages, len(messages)) for n in range(4)]
        await at_once(engine, batches)
    said = await engine.said("obligation-assessed")
    assert len(said) == 12
    assert sorted((one.subject, one.sequence) for one in said) == sorted(
        (event_key(SOURCE, f"E-{n}"), k) for n in range(6) for k in (1, 2)
    )
