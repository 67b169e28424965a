"""The versions of calendar and policy in a room of its own, without Kafka."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.monitoring.settings import Settings
from tests.databases import SHARED_PREFIX
from tests.monitoring.reading.house import House


@pytest.fixture
async def house(mongo_url: str) -> AsyncIterator[House]:
    """An empty room with what is shipped."""
    made = House(Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX))
    await made.open()
    yield made
    await made.close()
