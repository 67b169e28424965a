"""What waits in the five rooms, as the bar on top counts it: the own counted, the others' heard, none made up."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.envelope import decode
from services.chassis.app import Service
from services.chassis.clock import wall_now
from services.chassis.watermark import Beat
from services.chassis.web.waiting import COUNTED, Count, Waiting
from tests.chassis.ledger import DEFINITION, NOW, RecordingProducer


def heard(waiting: int | None = 7, *, ago_s: float = 0) -> Beat:
    """A heartbeat that came so many seconds ago."""
    return Beat(NOW, wall_now() - timedelta(seconds=ago_s), waiting)


class Room:
    """A room that has as much work waiting as the test says, and counts how often it was asked."""

    def __init__(self, waits: int | None, **heard: Beat) -> None:
        self.waits, self.asked = waits, 0
        service: Any = SimpleNamespace(
            name="approval",
            definition=SimpleNamespace(waiting=None if waits is None else self.count),
            heartbeats=SimpleNamespace(last=heard),
        )
        self.waiting = Waiting(service)

    async def count(self, _: Service) -> int:
        self.asked += 1
        return self.waits or 0


async def test_the_own_work_is_counted_and_the_others_is_heard() -> None:
    counts = await Room(2, publishing=heard(), monitoring=heard()).waiting.counts()
    assert counts == {
        "approval": Count("2", "chờ duyệt", is_missed=False),
        "publishing": Count("7", "sắp đến hạn đăng", is_missed=False),
        "monitoring": Count("7", "quá hạn", is_missed=True),
    }


async def test_what_was_said_too_long_ago_or_never_is_not_shown() -> None:
    assert await Room(None, publishing=heard(ago_s=61), monitoring=heard(None)).waiting.counts() == {}


async def test_nothing_waiting_is_no_number() -> None:
    assert await Room(0, publishing=heard(0)).waiting.counts() == {}


async def test_a_room_is_counted_itself_and_not_believed_from_an_earlier_beat() -> None:
    assert (await Room(1, approval=heard()).waiting.counts())["approval"].shown == "1"


@pytest.mark.parametrize(("waits", "shown"), [(COUNTED - 1, "99"), (COUNTED, "99+"), (5_000, "99+")])
async def test_beyond_a_hundred_the_number_is_not_counted_on(waits: int, shown: str) -> None:
    assert (await Room(waits).waiting.counts())["approval"].shown == shown


async def test_a_page_counts_anew_and_a_beat_does_not() -> None:
    room = Room(1)
    assert (await room.waiting.counted(), await room.waiting.counted(), room.asked) == (1, 1, 1)
    room.waits = 2
    assert (await room.waiting.counts())["approval"].shown == "2"
    assert room.asked == 2


@pytest.mark.live
async def test_a_beat_says_how_much_waits(service: Service, producer: RecordingProducer) -> None:
    async def three(_: Service) -> int:
        return 3

    service.definition = replace(DEFINITION, waiting=three)
    await service.relay.drain()
    (value,) = producer.values(service.topic("heartbeats"))
    assert decode(value).data.to_data()["waiting"] == 3
