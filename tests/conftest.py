"""What all tests share: the platform of the run, and the address of its MongoDB."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from tests.databases import STEM
from tests.platform import embedded  # noqa: F401 - the fixture `platform`


@pytest.fixture(scope="session")
def mongo_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A real MongoDB replica set: the one that TEST_MONGO_URL names, else the platform's; left as it was found."""
    given = os.environ.get("TEST_MONGO_URL")
    url = given or str(request.getfixturevalue("platform").mongo_url)
    yield url
    with MongoClient[dict[str, Any]](url) as client:
        for name in client.list_database_names():
            if name.startswith(STEM):
                client.drop_database(name)
