"""Rows of the outbox that are made ready: they travel when they are released, unless they were taken back."""

import asyncio

import pytest

from contracts.envelope import decode
from services.chassis.app import Service
from services.chassis.decision import Announcement
from services.chassis.relay import outbox
from services.chassis.unit import Unit
from tests.chassis.ledger import CAUSE, NOW, RecordingProducer, withdrawal

pytestmark = pytest.mark.live


async def test_what_is_ready_travels_when_it_is_released_and_not_when_it_was_taken_back(
    service: Service, producer: RecordingProducer
) -> None:
    async def make(unit: Unit) -> list[str]:
        plans = {"a": "1", "b": "2", "c": "1"}
        made = [unit.announce(Announcement(withdrawal(key), key, 1), ready={"until": plans[key]}) for key in plans]
        return [message.id for messages in made for message in messages]

    async def take_back(unit: Unit) -> None:
        assert list(await unit.get_many("outbox", ids[2:])) == ids[2:]
        unit.delete("outbox", ids[2])

    def sent() -> list[str]:
        return [key for key in "abc" if producer.values(service.topic("plans"), key.encode())]

    ids = await service.store.transact(CAUSE, NOW, make)
    await service.relay.drain()
    assert (sent(), await outbox.state(service)) == ([], {"rows": 0, "oldest_s": 0.0, "paused": False})
    await service.store.transact(CAUSE, NOW, take_back)
    assert await outbox.release(service.store, {"ready.until": {"$lte": "1"}}) == 1
    await service.relay.drain()
    assert sent() == ["a"]
    assert await outbox.release(service.store, {"ready.until": {"$lte": "1"}}) == 0
    assert await outbox.release(service.store, {}) == 1
    await service.relay.drain()
    assert sent() == ["a", "b"]


async def test_more_rows_than_a_page_are_released(
    service: Service, producer: RecordingProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PAGE_ROWS", 7)
    count = 70

    async def make(unit: Unit) -> None:
        for number in range(count):
            unit.announce(Announcement(withdrawal(f"p{number}"), f"p{number}", 1), ready={"until": "1"})

    await service.store.transact(CAUSE, NOW, make)
    assert await outbox.release(service.store, {"ready.until": {"$lte": "1"}}) == count
    await service.relay.drain()
    assert (await outbox.state(service))["rows"] == 0
    assert len(producer.sent) >= count


async def test_whenever_the_relay_reads_the_rows_of_a_key_leave_in_their_order(
    service: Service, producer: RecordingProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PAGE_ROWS", 4)
    keys = [f"p{number}" for number in range(15)]

    async def make(unit: Unit) -> None:
        for number in range(1, 4):
            for key in keys:
                fact = Announcement(withdrawal(key, number), key, number, discriminator=f"{key}-{number}")
                unit.announce(fact, ready={"until": "1"})

    async def drain() -> None:
        while len(producer.sent) < 45:
            await service.relay.drain()
            await asyncio.sleep(0)

    await service.store.transact(CAUSE, NOW, make)
    released = asyncio.gather(*(outbox.release(service.store, {"ready.until": "1"}) for _ in range(2)))
    async with asyncio.timeout(20):
        await drain()
    assert sum(await released) == 45
    sent = [decode(value) for _, key, value in producer.sent if key != b"planning"]
    numbers = {key: [one.sequence for one in sent if one.subject == key] for key in keys}
    assert set(map(tuple, numbers.values())) == {(1, 2, 3)}
