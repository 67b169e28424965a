"""Rows of the outbox that are made ready: they travel when they are released, unless they were taken back."""

import pytest

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


async def test_more_rows_than_are_read_at_once_are_released(
    service: Service, producer: RecordingProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "READ_ROWS", 30)
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
