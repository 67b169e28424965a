"""Tries of a password are counted before they are judged: each once, also those that come at the same moment."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.approval import storage
from tests.approval.test_web import House
from tests.approval.test_web import house as house  # the fixture  # noqa: PLC0414

pytestmark = pytest.mark.live
NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
KEEP = timedelta(hours=1)
PAUSES = [0, 0, 0, 0, 0, 0, 0, 8, 16]


async def count(house: House, key: str, *, at: datetime = NOW) -> int:
    return await storage.count_try(house.service.store, key, now=at, keep=KEEP, pauses_s=PAUSES)


@pytest.mark.parametrize("turn", range(20))
async def test_first_tries_at_the_same_moment_wait_for_nothing_and_all_count(house: House, turn: int) -> None:
    moments = [NOW - timedelta(milliseconds=n) for n in range(6)]
    assert await asyncio.gather(*(count(house, f"k{turn}", at=at) for at in moments)) == [0] * 6
    doc = await house.service.store.raw("sign_ins").find_one({"_id": f"k{turn}"})
    assert doc is not None
    assert doc["tries"] == 6


async def test_after_too_many_each_waits_longer(house: House) -> None:
    assert [await count(house, "k") for _ in range(7)] == [0] * 7
    assert await count(house, "k") == 9, "8 seconds, and the one that has begun"
    assert await count(house, "k", at=NOW + timedelta(seconds=8)) == 0
    assert await count(house, "k", at=NOW + timedelta(seconds=9)) == 16
