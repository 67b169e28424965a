"""The engine with its topics at hand as lists; tests/live/test_rebuild.py has them on a real Kafka."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from contracts.envelope import Message, encode
from services.chassis.watermark import Offsets
from services.monitoring.rebuild.comparing.comparison import comparable
from services.monitoring.rebuild.journal import TOPICS, Journal
from services.monitoring.rebuild.progress import Progress
from services.monitoring.rebuild.running import Outcome, Rebuild
from services.monitoring.rebuild.spill import Line
from tests.monitoring.engine.conftest import Engine
from tests.monitoring.engine.conftest import engine as engine  # the fixture  # noqa: PLC0414

LATE = "2099-01-01T00:00:00.000000Z"


class Lists(Journal):
    """The topics as lists of one partition each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.lines: dict[str, list[Line]] = {topic: [] for topic in TOPICS}
        self.meanwhile: list[Callable[[], Awaitable[None]]] = []  # one is done each time that the ends are asked for

    def put(self, *messages: Message) -> None:
        """What other services sent."""
        for one in messages:
            self.lines[one.topic].append(Line(one.topic, (one.subject or "").encode(), encode(one)))

    async def deliver(self, *messages: Message) -> None:
        """What other services sent, and the live service read."""
        self.put(*messages)
        await self._engine.deliver(*messages)
        await self.relay()

    async def relay(self) -> None:
        """What the live service announced travels."""
        rows = self._engine.store.raw("outbox")
        for row in await rows.find({"st": 0}, sort=[("o", 1)]).to_list(None):
            self.lines[row["topic"]].append(Line(row["topic"], row["key"], row["value"]))
        await rows.update_many({"st": 0}, {"$set": {"st": 1}})

    async def ends(self) -> Offsets:
        """Where the lists end."""
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        name = self._engine.service.topic
        return {TopicPartition(name(topic), 0): len(lines) for topic, lines in self.lines.items()}

    async def read(self, begin: Offsets, ends: Offsets, topics: Iterable[str] = TOPICS) -> AsyncIterator[list[Line]]:
        """The lines between, in small portions."""
        for topic in topics:
            tp = TopicPartition(self._engine.service.topic(topic), 0)
            lines = self.lines[topic][begin.get(tp, 0) : ends[tp]]
            for place in range(0, len(lines), 3):
                yield lines[place : place + 3]


class Broken(OSError):
    """The rebuild is broken off here."""


class Rebuilt:
    """The engine, its topics, and rebuilds of it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.topics, self.folder = engine, Lists(engine), folder

    async def run(self, *, check: bool = False) -> Outcome:
        """One rebuild."""
        service = self.engine.service
        made = Rebuild(service, self.folder, check=check, progress=Progress(quiet=True), topics=self.topics)
        return await made.run()

    async def documents(self) -> dict[str, Any]:
        """All documents, without what says only how often they were written."""
        found = {}
        for name in ("events", "obligations", "reference", "years", "sequences"):
            docs = await self.engine.store.find(name, {}, sort=[("_id", 1)])
            found[name] = [_bare(name, doc) for doc in docs if doc["_id"] != "head"]
        return found

    async def names(self) -> list[str]:
        """The collections of the database that stand beside the live ones."""
        names = await self.engine.store.database.list_collection_names()
        return [name for name in names if name.startswith("rebuilt_")]

    async def settle(self) -> None:
        """What the live service does by itself."""
        await self.engine.sweep()
        await self.engine.tick()
        await self.topics.relay()


def _bare(name: str, doc: dict[str, Any]) -> dict[str, Any]:
    return comparable(name, doc, LATE) if name == "obligations" else {k: v for k, v in doc.items() if k not in _MARKS}


_MARKS = ("v", "o", "schema_version", "judged_under")


@pytest.fixture
async def rebuilt(engine: Engine, tmp_path: Path) -> Rebuilt:
    """An engine whose shipped reference data have travelled."""
    made = Rebuilt(engine, tmp_path)
    await made.topics.relay()
    return made
