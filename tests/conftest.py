"""What all tests share: the platform of the run, and the address of its MongoDB."""

import os

import pytest

from tests.platform import embedded  # noqa: F401 - the fixture `platform`


@pytest.fixture(scope="session")
def mongo_url(request: pytest.FixtureRequest) -> str:
    """A real MongoDB replica set: the one that TEST_MONGO_URL names, else the platform's."""
    given = os.environ.get("TEST_MONGO_URL")
    return given or str(request.getfixturevalue("platform").mongo_url)
