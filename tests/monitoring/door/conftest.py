"""The door of monitoring on a database of its own, without Kafka and without the engine behind it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from services.monitoring.settings import Settings
from tests.databases import SHARED_PREFIX
from tests.monitoring.door.house import House


@pytest.fixture(scope="module")
def settings(mongo_url: str) -> Settings:
    """The settings of a test."""
    return Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX)


@pytest.fixture(scope="module")
async def houses() -> AsyncIterator[dict[str, House]]:
    """The applications of a module's tests by their settings: an application takes longer to build than a test."""
    made: dict[str, House] = {}
    yield made
    for house in made.values():
        await house.close()


@pytest.fixture
async def house(settings: Settings, houses: dict[str, House], request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """The door on an empty database; with other settings where a test is parametrised with them (indirect)."""
    changes: dict[str, Any] = getattr(request, "param", {})
    if str(changes) not in houses:
        houses[str(changes)] = House(settings.model_copy(update=changes))
    made = houses[str(changes)]
    await made.open()
    yield made
    await made.leave()
