"""Reporting on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import httpx2
import pytest
from pydantic import SecretStr
from pymongo import MongoClient

from contracts.envelope import Message
from services.chassis.app import Service
from services.chassis.clock import wall_now
from services.chassis.consume import consume
from services.chassis.decision import Actor
from services.chassis.web.identity import open_session
from services.reporting.app import create_app
from services.reporting.handlers import apply
from services.reporting.settings import Settings
from tests.reporting.builders import NOW, record_of

ORIGIN = "http://127.0.0.1:8005"


class StoppedClock:
    """Domain time as the test sets it."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """The time that was set."""
        return self.at


class House:
    """The application on a database of its own, a browser for each person, and messages delivered to it."""

    def __init__(self, settings: Settings) -> None:
        self.clock = StoppedClock()
        self.app = create_app(settings, self.clock)
        self.service: Service = self.app.state.service
        self.people: dict[str, httpx2.AsyncClient] = {}

    def browser(self) -> httpx2.AsyncClient:
        """A browser of nobody."""
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})

    async def person(self, *roles: str) -> httpx2.AsyncClient:
        """The browser of somebody signed in with these roles."""
        name = "-".join(roles)
        if name not in self.people:
            self.people[name] = self.browser()
            token = await open_session(self.service, Actor(f"acc-{name}", name, frozenset(roles), "PTT"), wall_now())
            self.people[name].cookies.set("publicity_session", token)
        return self.people[name]

    async def deliver(self, *messages: Message) -> None:
        """Hand the messages over as Kafka would, a batch for each topic."""
        for topic in dict.fromkeys(message.topic for message in messages):
            records = [record_of(message, n) for n, message in enumerate(messages) if message.topic == topic]
            await consume(self.service, records, apply, seen=False)

    async def sent(self) -> list[dict[str, object]]:
        """The rows of the outbox."""
        return await self.service.store.raw("outbox").find({}, sort=[("o", 1)]).to_list(None)


@pytest.fixture(scope="module")
def settings(mongo_url: str) -> Iterator[Settings]:
    """The settings of a test module: databases of its own, dropped after it."""
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    yield Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=prefix)
    with MongoClient[dict[str, object]](mongo_url) as client:
        for name in ("reporting", "identity"):
            client.drop_database(f"{prefix}{name}")


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    """Reporting on an empty database."""
    made = House(settings)
    store = made.service.store
    await store.prepare()
    for name in await store.database.list_collection_names():
        await store.database[name].delete_many({})
    await made.service.sessions.delete_many({})
    made.service.started = True
    yield made
    for client in made.people.values():
        await client.aclose()
    store.client.close()
