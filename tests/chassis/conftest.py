"""The tiny service of `ledger` on a database of its own, without Kafka."""

import uuid
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.chassis.app import Service
from services.chassis.settings import Settings
from tests.chassis.ledger import DEFINITION, RecordingProducer, SetClock


@pytest.fixture
def settings(mongo_url: str) -> Settings:
    """The settings of one test: names of its own in MongoDB and in Kafka."""
    name = f"t{uuid.uuid4().hex[:8]}"
    return Settings(
        environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=f"{name}_", topic_prefix=f"{name}-"
    )


@pytest.fixture
def clock() -> SetClock:
    """Domain time as the test sets it."""
    return SetClock()


@pytest.fixture
async def service(settings: Settings, clock: SetClock) -> AsyncIterator[Service]:
    """The parts of the tiny service on an empty database."""
    made = Service(DEFINITION, settings, clock)
    await made.store.prepare()
    yield made
    await made.store.client.drop_database(made.store.database.name)
    made.store.client.close()


@pytest.fixture
def producer(service: Service) -> RecordingProducer:
    """A producer that writes down what the relay sends."""
    made = RecordingProducer()
    service.producer = made  # type: ignore[assignment]
    return made
