"""Monitoring's engine on a database of its own, without Kafka and without doors."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.envelope import Message, decode
from contracts.times import format_time
from services.chassis.app import Definition, Service
from services.chassis.unit import READY, Cause, Unit
from services.monitoring import handlers, storage
from services.monitoring.commands import Desk
from services.monitoring.judging import Judge
from services.monitoring.reference import References, issue_shipped
from services.monitoring.settings import Settings
from tests.clock import StoppedClock
from tests.databases import SHARED_PREFIX, make_empty
from tests.monitoring.engine.builders import NOW


class Engine:
    """The engine's parts, and how a test feeds and reads them."""

    def __init__(self, service: Service) -> None:
        self.service, self.store = service, service.store
        assert isinstance(service.settings, Settings)
        self.judge = Judge(References(service.settings.reference()))
        self.desk = Desk(service, self.judge)
        self.clock: StoppedClock = service.clock  # type: ignore[assignment]

    async def transact(self, work: Any) -> Any:
        """One unit of work at the clock's time."""
        return await self.store.transact(Cause("/test", "test"), self.clock.at, work)

    async def deliver(self, *messages: Message) -> None:
        """One batch, as the subscribers hand it on: plans by themselves."""

        approved = [one for one in messages if one.topic == "approvals"]
        others = [one for one in messages if one.topic != "approvals"]
        await self.transact(lambda unit: handlers.approve(self.judge, unit, approved))
        await self.transact(lambda unit: handlers.learn(self.judge, unit, others))

    async def sweep(self) -> None:
        """Judge again until nothing is behind."""

        async def work(unit: Unit) -> bool:
            count, _ = await self.judge.references.read(unit)
            keys = await storage.events_behind(unit, count, limit=200)
            await self.judge.judge_again(unit, keys)
            return bool(keys)

        while await self.transact(work):
            pass

    async def tick(self, confirmed: str | None = None, *, near: str | None = None) -> None:
        """What the deadline loop does at the clock's time, misses and near due dates confirmed up to an instant."""
        due = storage.looked_for(format_time(self.clock.at), confirmed, near)
        while keys := await storage.events_to_look_at(self.store, due, limit=200):

            async def work(unit: Unit, keys: Sequence[str] = keys) -> None:
                await self.judge.judge_again(unit, keys, confirmed=confirmed, near=near)

            await self.transact(work)

    async def obligations(self, event: str | None = None) -> list[dict[str, Any]]:
        """What is stored as owed, in the order of the ids."""
        where = {"event": event} if event else {}
        docs = await self.store.find("obligations", where, sort=[("_id", 1)])
        return [{k: v for k, v in doc.items() if k not in ("v", "o", "schema_version")} for doc in docs]

    async def said(self, name: str = "") -> list[Message]:
        """What was announced, in order; what is ready only is not."""
        rows = await self.store.find("outbox", {"st": {"$ne": READY}}, sort=[("o", 1)])
        return [one for one in (decode(row["value"]) for row in rows) if name in ("", one.name)]


@pytest.fixture
async def engine(mongo_url: str) -> AsyncIterator[Engine]:
    """An empty engine with the shipped calendar and policy."""
    settings = Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX)
    definition = Definition("monitoring", Path(__file__).parent, storage.COLLECTIONS, lambda _: ())
    service = Service(definition, settings, StoppedClock(NOW))
    await make_empty(service)
    made = Engine(service)
    await made.transact(issue_shipped)
    yield made
    service.store.client.close()
