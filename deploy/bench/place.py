"""Where benchmarks run: a Kafka and a MongoDB of their own, one monitoring process at a time; never a platform in use.

With KAFKA_BOOTSTRAP and MONGO_URL set these are used, under prefixes of their own, and left as they were but for those.
"""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import psutil  # type: ignore[import-untyped]  # comes with jgo; publishes no types
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr
from pymongo import MongoClient

from contracts.times import format_time
from deploy.bench.fixture import NOW
from deploy.local import topics
from deploy.local.platform import Platform
from deploy.local.processes import free_ports
from services.chassis.app import Service
from services.chassis.clock import create_clock
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.app import DEFINITION, open_reference
from services.monitoring.decisions import Sight
from services.monitoring.rebuild.spill import Line
from services.monitoring.reference import References, counted
from services.monitoring.settings import Settings

ROOT = Path(__file__).parents[2]
IN_FLIGHT = 5_000


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


@dataclass
class Place:
    """One Kafka, one MongoDB, and names of its own in both."""

    kafka_bootstrap: str
    mongo_url: str
    folder: Path
    name: str = field(default_factory=lambda: f"bench{uuid.uuid4().hex[:6]}")

    def fresh(self) -> "Place":
        """The same servers under other names: topics and databases that nobody has written to."""
        place = Place(self.kafka_bootstrap, self.mongo_url, self.folder)
        topics.ensure(self.kafka_bootstrap, prefix=place.topic_prefix)
        place.step(NOW)
        return place

    @property
    def topic_prefix(self) -> str:
        """Before each topic's name."""
        return f"{self.name}-"

    @property
    def database(self) -> str:
        """The database of monitoring here."""
        return f"{self.name}_monitoring"

    @property
    def clock(self) -> Path:
        """The file of the step clock."""
        return self.folder / f"{self.name}.clock"

    def step(self, now: datetime) -> None:
        """Set the domain time."""
        new = self.clock.with_suffix(".new")
        new.write_text(format_time(now))
        os.replace(new, self.clock)

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of monitoring is told."""
        own = {
            "ENVIRONMENT": "test",
            "KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "MONGO_URL": self.mongo_url,
            "MONGO_PREFIX": f"{self.name}_",
            "TOPIC_PREFIX": self.topic_prefix,
            "CLOCK_FILE": str(self.clock),
            "LOG_LEVEL": "WARNING",
        }
        return {**os.environ, **own, **more}

    def service(self) -> Service:
        """The parts of monitoring in this process."""
        settings = Settings(
            environment="test",
            kafka_bootstrap=self.kafka_bootstrap,
            mongo_url=SecretStr(self.mongo_url),
            mongo_prefix=f"{self.name}_",
            topic_prefix=self.topic_prefix,
            clock_file=self.clock,
        )
        return Service(DEFINITION, settings, create_clock(self.clock))

    def forget(self) -> None:
        """Drop the databases; topics stay until their Kafka goes."""
        with MongoClient[dict[str, Any]](self.mongo_url) as client:
            for name in client.list_database_names():
                if name.startswith(f"{self.name}_"):
                    client.drop_database(name)
        asyncio.run(_forget_topics(self.kafka_bootstrap, self.topic_prefix))


async def _forget_topics(bootstrap: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([name for name in await admin.list_topics() if prefix in name])
    finally:
        await admin.close()


@contextlib.contextmanager
def servers() -> Iterator[Place]:
    """A Kafka and a MongoDB for the time being."""
    folder = Path(tempfile.mkdtemp(prefix="publicity-bench-"))
    kafka, mongo = os.environ.get("KAFKA_BOOTSTRAP", ""), os.environ.get("MONGO_URL", "")
    try:
        if kafka and mongo:
            yield Place(kafka, mongo, folder)
            return
        with Platform(folder) as own:
            yield Place(own.kafka_bootstrap, own.mongo_url, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def prepared(place: Place) -> AsyncIterator[tuple[Service, Sight]]:
    """Monitoring's parts with the shipped reference data stored and announced on Kafka, and the sight they give."""
    service = place.service()
    try:
        await service.store.prepare()
        await open_reference(service)
        rows = await service.store.raw("outbox").find({"st": 0}, sort=[("o", 1)]).to_list(None)
        await send(place, [Line(row["topic"], row["key"], row["value"]) for row in rows])
        await service.store.raw("outbox").update_many({"st": 0}, {"$set": {"st": 1}})
        docs = await service.store.find("reference", {})
        assert isinstance(service.settings, Settings)
        reference = References(service.settings.reference()).made(docs)
        now = to_stamp(service.clock.now())
        yield service, Sight(await counted(service.store), reference, now, now)
    finally:
        await service.positions.close()
        service.store.client.close()


@contextlib.asynccontextmanager
async def producer(place: Place) -> AsyncIterator[AIOKafkaProducer]:
    """A producer, connected."""
    made = AIOKafkaProducer(
        bootstrap_servers=place.kafka_bootstrap, acks="all", enable_idempotence=True, linger_ms=20,
        compression_type="zstd", max_batch_size=1 << 19,
    )  # fmt: skip
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def send(place: Place, lines: Iterable[Line]) -> int:
    """Write records to Kafka in their order; return how many."""
    count, sending = 0, list[Any]()
    async with producer(place) as made:
        for line in lines:
            sending.append(await made.send(place.topic_prefix + line.topic, line.value, key=line.key))
            count += 1
            if len(sending) >= IN_FLIGHT:
                await asyncio.gather(*sending)
                sending.clear()
        await asyncio.gather(*sending)
    return count


class Room(NamedTuple):
    """A process of monitoring and its address."""

    url: str
    process: "subprocess.Popen[bytes]"


@contextlib.asynccontextmanager
async def room(place: Place, **more: str) -> AsyncIterator[Room]:
    """Monitoring as a process of its own, ready."""
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    urls = json.dumps(dict.fromkeys(("planning", "approval", "publishing", "monitoring", "reporting"), url))
    log = (place.folder / f"{place.name}.log").open("ab")
    told = place.environment(PORT=str(port), ROOM_URLS=urls, **more)
    process = subprocess.Popen(
        [sys.executable, "-m", "services.monitoring"], cwd=ROOT, env=told, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        await _ready(url, process, Path(log.name))
        yield Room(url, process)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        log.close()


async def _ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    async with httpx2.AsyncClient(timeout=5) as client:
        while not await _is_ready(client, url):
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"monitoring does not become ready: {log.read_text()[-2000:]}")
            await asyncio.sleep(0.1)


async def _is_ready(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        answer = await client.get(f"{url}/health/ready")
    except httpx2.TransportError:
        return False
    return answer.status_code == 200 and answer.json().get("kafka", {}).get("lag") is not None


def watched(command: list[str], environment: dict[str, str]) -> tuple[float, list[int], str]:
    """Run a process to its end: seconds, resident bytes each 0.2 s, what it wrote; raises on another code than 0.

    Units:   the bytes are those of the process and of all that it started.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    seen, sizes = psutil.Process(process.pid), list[int]()
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            sizes.append(sum(int(one.memory_info().rss) for one in (seen, *seen.children(recursive=True))))
        time.sleep(0.2)
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}: {output[-1000:]}")
    return time.monotonic() - began, sizes, output
