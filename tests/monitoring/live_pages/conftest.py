"""Monitoring's room with its live parts at work, on a database of its own, without Kafka."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.chassis.clock import wall_now
from services.chassis.watermark import Beat
from services.monitoring.settings import Settings
from tests.databases import SHARED_PREFIX
from tests.monitoring.reading.house import NOW, House
from tests.monitoring.reading.story import live


@pytest.fixture
async def house(mongo_url: str) -> AsyncIterator[House]:
    """An empty room that is watched."""
    made = House(Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX))
    await made.open()
    made.service.heartbeats.last["monitoring"] = Beat(NOW, wall_now())
    assert made.service.live is not None
    tasks = [asyncio.create_task(made.service.live.watch()), asyncio.create_task(made.service.live.send())]
    await asyncio.sleep(0.3)
    yield made
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await made.close()


@pytest.fixture
async def lived(house: House) -> House:
    """The watched room after the story's November."""
    await live(house)
    house.clock.at = NOW
    return house
