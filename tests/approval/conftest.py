"""Approval on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

from collections.abc import AsyncIterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr

from services.approval import sessions
from services.approval.app import DEFINITION
from services.approval.settings import Settings
from services.chassis.app import Service
from tests.approval.builders import NOW
from tests.clock import StoppedClock
from tests.databases import SHARED_PREFIX, make_empty


@pytest.fixture(autouse=True)
def least_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed as in earnest, at the least cost that Argon2 takes; the live tests sign in at the full one."""
    monkeypatch.setattr(sessions, "_HASHER", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))


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
