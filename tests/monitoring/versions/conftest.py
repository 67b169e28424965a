"""The versions of calendar and policy in a room of its own, without Kafka."""

import uuid
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.monitoring.settings import Settings
from tests.monitoring.reading.house import House


@pytest.fixture
async def house(mongo_url: str) -> AsyncIterator[House]:
    """An empty room with what is shipped."""
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    made = House(Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=prefix))
    await made.open()
    yield made
    await made.close()
