"""Planning on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.chassis.app import Service
from services.planning.app import DEFINITION
from services.planning.settings import Settings
from tests.clock import StoppedClock
from tests.databases import SHARED_PREFIX, make_empty
from tests.planning.builders import NOW


@pytest.fixture(scope="module")
def settings(mongo_url: str) -> Settings:
    """The settings of a test."""
    return Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX)


@pytest.fixture
def clock() -> StoppedClock:
    """Domain time as the test sets it."""
    return StoppedClock(NOW)


@pytest.fixture
async def service(settings: Settings, clock: StoppedClock) -> AsyncIterator[Service]:
    """The parts of planning on an empty database."""
    made = Service(DEFINITION, settings, clock)
    await make_empty(made)
    yield made
    made.store.client.close()
