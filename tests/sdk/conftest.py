"""The door as strangers reach it: a real server on a socket, on a database of its own."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from pydantic import SecretStr

from services.monitoring.settings import Settings
from tests.databases import SHARED_PREFIX
from tests.monitoring.door.house import House


@pytest.fixture(scope="module")
async def opened(mongo_url: str) -> AsyncIterator[House]:
    """The application of a module's tests."""
    made = House(Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX))
    yield made
    await made.close()


@pytest.fixture
async def house(opened: House) -> AsyncIterator[House]:
    """The application on an empty database."""
    await opened.open()
    yield opened
    await opened.leave()


@pytest.fixture
async def port(house: House) -> AsyncIterator[int]:
    """The port on which the application listens."""
    server = uvicorn.Server(uvicorn.Config(house.app, port=0, lifespan="off", log_level="error"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running
