"""Approval on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.approval.app import DEFINITION
from services.approval.settings import Settings
from services.chassis.app import Service
from tests.approval.builders import NOW
from tests.clock import StoppedClock
from tests.databases import SHARED_PREFIX, make_empty


@pytest.fixture(scope="module")
def settings(mongo_url: str) -> Settings:
    """The settings of a test."""
    return Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX)


@pytest.fixture
async def service(settings: Settings) -> AsyncIterator[Service]:
    """The parts of approval on an empty database."""
    made = Service(DEFINITION, settings, StoppedClock(NOW))
    await make_empty(made)
    yield made
    made.store.client.close()
