"""Reporting on a database of its own, without Kafka; what needs Kafka stands in tests/live."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from pydantic import SecretStr

from contracts.envelope import Message
from services.chassis.app import Service
from services.chassis.clock import wall_now
from services.chassis.consume import consume
from services.chassis.decision import Actor
from services.chassis.web.identity import open_session
from services.reporting.app import create_app
from services.reporting.handlers import apply
from services.reporting.settings import Settings
from tests.clock import StoppedClock
from tests.databases import SHARED_PREFIX, make_empty
from tests.reporting.builders import NOW, record_of

ORIGIN = "http://127.0.0.1:8005"


class House:
    """The application on a database of its own, a browser for each person, and messages delivered to it."""

    def __init__(self, settings: Settings) -> None:
        self.clock = StoppedClock(NOW)
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
def settings(mongo_url: str) -> Settings:
    """The settings of a test."""
    return Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX)


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    """Reporting on an empty database."""
    made = House(settings)
    await make_empty(made.service)
    made.service.started = True
    yield made
    for client in made.people.values():
        await client.aclose()
    made.service.store.client.close()
