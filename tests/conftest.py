"""What all tests share: the platform of the run, and the address of its MongoDB."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from pymongo import MongoClient

from tests.databases import STEM
from tests.platform import database, embedded  # noqa: F401 - the fixture `platform`

# a slow machine is no fault
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
# a fault that is logged beside a test is not drawn with all its variables in colours: that takes seconds each time
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


@pytest.fixture(scope="session")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MongoDB replica set: the one that TEST_MONGO_URL names, left as it was found, else one of our own."""
    given = os.environ.get("TEST_MONGO_URL")
    if not given:
        with database(tmp_path_factory.mktemp("database")) as url:
            yield url
        return
    yield given
    with MongoClient[dict[str, Any]](given) as client:
        for name in client.list_database_names():
            if name.startswith(STEM):
                client.drop_database(name)
