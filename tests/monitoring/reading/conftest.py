"""The reading half of monitoring on a database of its own, without Kafka."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.monitoring.settings import Settings
from tests.databases import SHARED_PREFIX, own_prefix
from tests.monitoring.reading.house import NOW, House
from tests.monitoring.reading.story import live


async def _opened(mongo_url: str, prefix: str = SHARED_PREFIX) -> House:
    made = House(Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=prefix))
    await made.open()
    return made


@pytest.fixture
async def house(mongo_url: str) -> AsyncIterator[House]:
    """An empty room with what is shipped."""
    made = await _opened(mongo_url)
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def _month(mongo_url: str) -> AsyncIterator[House]:
    made = await _opened(mongo_url, own_prefix())
    await live(made)
    yield made
    await made.close()


@pytest.fixture
def lived(_month: House) -> House:
    """A room after the story's November, for tests that only read; the clock stands at its end."""
    _month.clock.at = NOW
    return _month
