"""Planning on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

import httpx2
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


class Rooms(Protocol):
    """The room served in this process, and who looks at it."""

    service: Service
    clients: list[httpx2.AsyncClient]


R = TypeVar("R", bound=Rooms)


@asynccontextmanager
async def opened(made: R) -> AsyncIterator[R]:
    """Open the room, and close it with all that its readers opened."""
    made.service.started = True
    yield made
    for client in made.clients:
        await client.aclose()
    made.service.store.client.close()
