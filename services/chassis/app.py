"""The composition root of a service: everything is built here, in one place, from settings and a clock."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker, KafkaRouter
from faststream.middlewares import AckPolicy

from contracts.envelope import SOURCE_PREFIX
from services.chassis import operations
from services.chassis.audit import chaining, doors
from services.chassis.broker import GRACEFUL_S, create_broker, kafka_options, start_patiently
from services.chassis.clock import Clock, create_clock
from services.chassis.relay import outbox
from services.chassis.settings import ROOMS, Settings
from services.chassis.store import Store, create_client
from services.chassis.telemetry import Metrics, configure_logs, log
from services.chassis.unit import Collection
from services.chassis.watermark import Heartbeats, Positions
from services.chassis.web import install_web, live
from services.chassis.web.live import Live, LivePart
from services.chassis.web.strip import Strip
from services.chassis.web.waiting import Waiting

Task = Callable[["Service"], Awaitable[None]]


@dataclass(frozen=True)
class Definition:
    """What makes a service this one: its name, step, collections, doors and background tasks."""

    name: str
    folder: Path
    collections: tuple[Collection, ...]
    routers: Callable[["Service"], Sequence[APIRouter]]
    handlers: Callable[["Service"], KafkaRouter] | None = None
    tasks: tuple[Task, ...] = ()
    on_start: Task | None = None
    backlog: Callable[["Service"], Awaitable[dict[str, int]]] | None = None
    live: Callable[["Service"], Sequence[LivePart]] | None = None
    strip: Callable[["Service"], Awaitable[Strip]] | None = None
    waiting: Callable[["Service"], Awaitable[int]] | None = None
    acts: Mapping[str, str] = field(default_factory=dict)  # what people do here, by its name in the log of acts


class Service:
    """The parts of one running service, handed to its routers, handlers and tasks."""

    def __init__(self, definition: Definition, settings: Settings, clock: Clock) -> None:
        self.definition, self.settings, self.clock = definition, settings, clock
        self.name = definition.name
        self.step = list(ROOMS).index(definition.name) + 1
        self.source = f"{SOURCE_PREFIX}/{self.name}"
        self.instance = str(uuid.uuid4())  # this process, among others of the same service
        self.client_name = f"publicity {self.instance}"
        client = create_client(settings.mongo_url.get_secret_value(), name=self.client_name)
        database = f"{settings.mongo_prefix}{self.name}"
        self.store = Store(client, database, source=self.source, collections=definition.collections)
        self.sessions = client.get_database(f"{settings.mongo_prefix}identity").get_collection("sessions")
        self.metrics = Metrics(self.name)
        self.broker: KafkaBroker = create_broker(settings, self.name)
        self.topics: tuple[str, ...] = ()
        self.producer: AIOKafkaProducer | None = None  # the relay's; made when Kafka answers
        self.positions, self.heartbeats, self.relay = Positions(self), Heartbeats(self), outbox.Relay(self)
        self.audit = chaining.Watch(self)
        self.progressed_at = time.monotonic()
        self.halted: dict[str, str] = {}  # topics whose reading stands still, and the kind of error that stopped it
        self.started = False
        self.broken = ""
        self.kafka_started = asyncio.Event()
        self.closing = asyncio.Event()  # the process is about to end: open streams end first
        self.live: Live | None = None
        self.waiting = Waiting(self)

    def topic(self, name: str) -> str:
        """The topic's name in this installation."""
        return f"{self.settings.topic_prefix}{name}"

    def group(self, topic: str) -> str:
        """The consumer group of this service for one topic."""
        return f"{self.settings.topic_prefix}publicity-{self.name}-{topic}"

    def ended(self, running: asyncio.Task[None]) -> None:
        """Note that the tasks of the service ended by a bug: it is no longer live, and has to be started again."""
        if not running.cancelled() and (error := running.exception()):
            self.broken = type(error).__name__
            log(__name__).critical("the service is broken", kind=self.broken, exc_info=error)

    def kafka_options(self) -> dict[str, Any]:
        """How any aiokafka client of this service connects."""
        return kafka_options(self.settings, self.name)


def create_app(definition: Definition, settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The web application of a service; its lifespan runs the broker, the relay and the tasks."""
    configure_logs(definition.name, settings.log_level)
    service = Service(definition, settings, clock or create_clock(settings.clock_file))
    if definition.handlers:
        service.broker.include_router(definition.handlers(service))
        service.topics = _subscribed(service)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log(__name__).info("starting", settings=settings.printable())
        running = asyncio.create_task(_start(service))
        running.add_done_callback(service.ended)
        try:
            yield
        finally:
            await _stop(service, running)

    app = FastAPI(title=f"publicity {definition.name}", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.service = service
    web = install_web(app, service, definition.folder / "templates", definition.folder / "locale")
    app.include_router(operations.create_router(service))
    if definition.live:
        service.live = Live(service, web, definition.live(service))
        app.include_router(live.create_router(service.live))
    for router in (doors.create_router(service), *definition.routers(service)):
        app.router.routes.extend(router.routes)  # as they stand: to include a router builds each of its routes again
    return app


def _subscribed(service: Service) -> tuple[str, ...]:
    """The topics that the handlers read; refuses a subscriber with a setting that loses messages."""
    topics: list[str] = []
    for subscriber in service.broker.subscribers:
        names = list(subscriber.topic_names)  # type: ignore[attr-defined]
        given = subscriber._connection_args  # type: ignore[attr-defined]
        is_lasting = subscriber.ack_policy is AckPolicy.NACK_ON_ERROR and not given["enable_auto_commit"]
        group = subscriber.group_id  # type: ignore[attr-defined]
        if not (group and is_lasting and given["auto_offset_reset"] == "earliest"):
            raise RuntimeError(f"the subscriber of {names} needs a group, 'earliest', and NACK_ON_ERROR on its router")
        topics += [name.removeprefix(service.settings.topic_prefix) for name in names]
    return tuple(topics)


async def _start(service: Service) -> None:
    """Wait for MongoDB, then serve pages; wait for Kafka, then move messages; tasks are restarted when they fail."""
    await _until_it_works("store", service.store.prepare)
    if service.definition.on_start:
        await _until_it_works("on_start", lambda: service.definition.on_start(service))  # type: ignore[misc]
    service.started = True
    async with asyncio.TaskGroup() as group:
        group.create_task(start_patiently(service))
        group.create_task(_forever("audit", service.audit.run))
        group.create_task(_forever("relay", service.relay.run, after=service.kafka_started))
        group.create_task(_forever("heartbeats", service.heartbeats.run, after=service.kafka_started))
        if service.live:
            group.create_task(_forever("watch", service.live.watch))
            group.create_task(_forever("live", service.live.send))
        for task in service.definition.tasks:
            group.create_task(_forever(task.__name__, lambda task=task: task(service)))  # type: ignore[misc]


async def _until_it_works(name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await work()
        except Exception as error:
            log(__name__).warning("not yet", what=name, kind=type(error).__name__, detail=str(error)[:200])
        await asyncio.sleep(1)


async def _forever(name: str, run: Callable[[], Awaitable[None]], *, after: asyncio.Event | None = None) -> None:
    """Run a task for the life of the service; after a failure again, with growing pauses."""
    delay = 0.2
    if after:
        await after.wait()
    while True:
        begun = time.monotonic()
        try:
            await run()
        except Exception as error:
            level = log(__name__).warning if isinstance(error, (KafkaError, OSError)) else log(__name__).error
            level("task failed, starting it again", task=name, kind=type(error).__name__, detail=str(error)[:200])
        delay = 0.2 if time.monotonic() - begun > 10 else min(delay * 2, 5)
        await asyncio.sleep(delay)


async def _stop(service: Service, running: asyncio.Task[None]) -> None:
    """Stop reading, end the tasks, send what waits, give the lease back, leave."""
    if service.kafka_started.is_set():
        with contextlib.suppress(Exception):
            await asyncio.wait_for(service.broker.stop(), GRACEFUL_S + 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    with contextlib.suppress(Exception):
        if service.kafka_started.is_set():
            await service.relay.close()
        else:
            await service.broker.stop()
    await service.positions.close()
    service.store.client.close()
