"""Publishing on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import pytest
from pydantic import SecretStr
from pymongo import MongoClient

from services.chassis.app import Service
from services.publishing.app import DEFINITION
from services.publishing.commands import Desk
from services.publishing.settings import Settings
from tests.publishing.builders import NOW
from tests.publishing.house import House


class StoppedClock:
    """Domain time as the test sets it."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """The time that was set."""
        return self.at


@pytest.fixture(scope="module")
def settings(mongo_url: str) -> Iterator[Settings]:
    """The settings of a test: a database prefix of its own, forgotten when the module is done."""
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    yield Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=prefix)
    with MongoClient[dict[str, Any]](mongo_url) as client:
        for name in ("publishing", "identity"):
            client.drop_database(f"{prefix}{name}")


@pytest.fixture
def clock() -> StoppedClock:
    """Domain time, standing at NOW."""
    return StoppedClock()


@pytest.fixture
async def service(settings: Settings, clock: StoppedClock) -> AsyncIterator[Service]:
    """The parts of publishing on an empty database."""
    made = Service(DEFINITION, settings, clock)
    await made.store.prepare()
    for name in await made.store.database.list_collection_names():
        await made.store.database[name].delete_many({})
    await made.sessions.delete_many({})
    yield made
    made.store.client.close()


@pytest.fixture
def desk(service: Service) -> Desk:
    """The commands of publishing."""
    return Desk(service)


@pytest.fixture
async def house(settings: Settings, service: Service) -> AsyncIterator[House]:
    """The application, ready to be asked."""
    made = House(settings, service)
    yield made
    await made.close()
