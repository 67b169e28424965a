"""Monitoring's room with people in it, on a database of its own; facts are learnt as the engine learns them."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from contracts.envelope import Message
from services.chassis.app import Service
from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.unit import Cause, Unit
from services.chassis.web import identity
from services.monitoring import handlers
from services.monitoring.app import create_app, open_reference
from services.monitoring.judging import judge_of
from services.monitoring.settings import Settings
from services.monitoring.sources import NewToken, issue_token
from services.monitoring.storage import events_behind
from tests.clock import StoppedClock
from tests.databases import make_empty

ORIGIN = "http://127.0.0.1:8004"
ROLES = ("viewer", "contributor", "editor", "office_head", "rectorate", "operator", "auditor", "administrator")
# Monday, 10:42:07 at the school.
NOW = datetime(2026, 11, 23, 3, 42, 7, tzinfo=UTC)


class House:
    """The application and a browser for each person."""

    def __init__(self, settings: Settings) -> None:
        self.clock = StoppedClock(NOW)
        self.app = create_app(settings, self.clock)
        self.service: Service = self.app.state.service
        self.store = self.service.store
        self.browsers: list[httpx2.AsyncClient] = []

    async def open(self) -> None:
        """Begin with nothing but what is shipped."""
        await make_empty(self.service)
        await open_reference(self.service)
        self.service.started = True

    async def close(self) -> None:
        """Send everybody home."""
        for browser in self.browsers:
            await browser.aclose()
        self.store.client.close()

    def browser(self, **headers: str) -> httpx2.AsyncClient:
        """Somebody who is not signed in."""
        transport = httpx2.ASGITransport(app=self.app)
        client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN, **headers})
        self.browsers.append(client)
        return client

    async def check_roles(self, doors: Iterable[tuple[str, str, set[str]]]) -> None:
        """Knock at each door as somebody of every role: it opens to its own roles alone."""
        people = {role: await self.person(role) for role in ROLES}
        for method, path, roles in doors:
            for role, client in people.items():
                answer = await client.request(method, path, json={} if method != "GET" else None)
                assert (answer.status_code != 403) is (role in roles), (method, path, role, answer.status_code)

    async def person(self, *roles: str, name: str = "") -> httpx2.AsyncClient:
        """Somebody who is signed in with these roles."""
        actor = Actor(f"id-{name or roles[0]}", name or roles[0].title(), frozenset(roles), "PTT")
        token = await identity.open_session(self.service, actor, wall_now())
        client = self.browser()
        client.cookies.set(identity.cookie_name(self.service.settings), token)
        return client

    async def system(self, *scopes: str) -> httpx2.AsyncClient:
        """A source system with a token."""
        given = NewToken.model_validate({"source": "/sis", "scopes": scopes or ("read",)})
        made = await issue_token(
            self.store, given, by=Actor("op", "", frozenset()), command_id=str(uuid.uuid4()), now=self.clock.at
        )
        return self.browser(Authorization=f"Bearer {made['token']}")

    async def hear(self, *messages: Message) -> None:
        """Learn what messages say, one by one, at the clock's time."""
        judge = judge_of(self.service)
        for message in messages:

            async def work(unit: Unit, message: Message = message) -> None:
                if message.topic == "approvals":
                    await handlers.approve(judge, unit, [message])
                else:
                    await handlers.learn(judge, unit, [message])

            await self.transact(work)
        await self.sweep()

    async def hear_at_once(self, messages: Iterable[Message]) -> None:
        """Learn many facts in one unit of work."""
        told = list(messages)
        await self.transact(lambda unit: handlers.learn(judge_of(self.service), unit, told))

    async def sweep(self) -> None:
        """Judge again what is behind the reference data."""
        judge = judge_of(self.service)

        async def work(unit: Unit) -> bool:
            count, _ = await judge.references.read(unit)
            keys = await events_behind(unit, count, limit=200)
            await judge.judge_again(unit, keys)
            return bool(keys)

        while await self.transact(work):
            pass

    async def announce_misses(self, *events: str) -> None:
        """Judge events with all evidence in, so that their misses are announced."""
        judge = judge_of(self.service)

        async def work(unit: Unit) -> None:
            until = self.clock.at + timedelta(days=1)
            await judge.judge_again(unit, events, confirmed=until.isoformat(timespec="microseconds")[:-6] + "Z")

        await self.transact(work)

    async def transact(self, work: Any) -> Any:
        """One unit of work at the clock's time."""
        return await self.store.transact(Cause("/test", "test"), self.clock.at, work)
