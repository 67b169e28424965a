"""The door of files on a database of its own, beside the door of systems and people."""

import dataclasses
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.monitoring.imports import waiting, web_imports
from services.monitoring.settings import Settings
from tests.databases import SHARED_PREFIX
from tests.monitoring.door.house import DEFINITION, House

WITH_FILES = dataclasses.replace(
    DEFINITION,
    collections=(*DEFINITION.collections, *waiting.COLLECTIONS),
    routers=lambda service: (*DEFINITION.routers(service), web_imports.create_router(service)),
)


@pytest.fixture(scope="module")
async def opened(mongo_url: str) -> AsyncIterator[House]:
    """The application of a module's tests."""
    settings = Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX)
    made = House(settings, definition=WITH_FILES)
    made.app.state.web.body_limits |= dict.fromkeys(web_imports.UPLOADS, web_imports.BODY_BYTES)
    yield made
    await made.close()


@pytest.fixture
async def house(opened: House) -> AsyncIterator[House]:
    """The application on an empty database."""
    await opened.open()
    yield opened
    await opened.leave()
