"""Planning on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from pydantic import SecretStr

from services.chassis.app import Service
from services.planning.app import DEFINITION
from services.planning.settings import Settings
from tests.planning.builders import NOW


class StoppedClock:
    """Domain time as the test sets it."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """The time that was set."""
        return self.at


@pytest.fixture(scope="module")
def settings(mongo_url: str) -> Settings:
    """The settings of a test: a database prefix of its own."""
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    return Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=prefix)


@pytest.fixture
def clock() -> StoppedClock:
    """Domain time as the test sets it."""
    return StoppedClock()


@pytest.fixture
async def service(settings: Settings, clock: StoppedClock) -> AsyncIterator[Service]:
    """The parts of planning on an empty database."""
    made = Service(DEFINITION, settings, clock)
    await made.store.prepare()
    for name in await made.store.database.list_collection_names():
        await made.store.database[name].delete_many({})
    await made.sessions.delete_many({})
    yield made
    await made.store.client.drop_database(made.store.database.name)
    made.store.client.close()
