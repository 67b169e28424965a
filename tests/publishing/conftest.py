"""Publishing on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.chassis.app import Service
from services.publishing.app import DEFINITION
from services.publishing.commands import Desk
from services.publishing.settings import Settings
from tests.clock import StoppedClock
from tests.databases import SHARED_PREFIX, make_empty
from tests.publishing.builders import NOW
from tests.publishing.house import House


@pytest.fixture(scope="module")
def settings(mongo_url: str) -> Settings:
    """The settings of a test."""
    return Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX)


@pytest.fixture
def clock() -> StoppedClock:
    """Domain time, standing at NOW."""
    return StoppedClock(NOW)


@pytest.fixture
async def service(settings: Settings, clock: StoppedClock) -> AsyncIterator[Service]:
    """The parts of publishing on an empty database."""
    made = Service(DEFINITION, settings, clock)
    await make_empty(made)
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
