"""Monitoring: from all messages it says, for every event and channel, whether the procedure was kept.

The composition root; it must hold no rule.
"""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaRouter

from services.chassis.app import Definition, Service
from services.chassis.app import create_app as create_chassis_app
from services.chassis.clock import Clock
from services.chassis.settings import load
from services.chassis.unit import Cause, Unit
from services.monitoring import door, handlers, inboxes, storage, web
from services.monitoring.act_names import ACT_NAMES
from services.monitoring.commands import Desk
from services.monitoring.deadlines import judge_again, watch_deadlines
from services.monitoring.imports import waiting, web_imports
from services.monitoring.judging import judge_of
from services.monitoring.reference import counted, issue_shipped
from services.monitoring.reminders.sending import mail_backlog, send_reminders
from services.monitoring.settings import Settings
from services.monitoring.versions.doors import version_routers


def create_routers(service: Service) -> Sequence[APIRouter]:
    """The doors of the room: the intake for strangers, and the pages and the API for readers."""
    judge = judge_of(service)
    doors = (*door.door_routers(service), web_imports.create_router(service))
    reading = web.reading_routers(service, Desk(service, judge))
    return (*doors, *version_routers(service, judge), *reading)


def create_handlers(service: Service) -> KafkaRouter:
    """The subscribers: our own topics, and the inboxes of strangers."""
    router = handlers.create_router(service, judge_of(service))
    inboxes.include(router, service)
    return router


async def open_reference(service: Service) -> None:
    """Issue what the software is shipped with, once, and read the reference data."""

    async def read(unit: Unit) -> None:
        await judge_of(service).references.read(unit)

    for work in (issue_shipped, read):
        await service.store.transact(Cause(service.source, "shipped"), service.clock.now(), work)


async def backlog(service: Service) -> dict[str, int]:
    """What waits to be judged again, for the deadline loop, and to be mailed."""
    found = await storage.backlog(service.store, service.clock.now(), await counted(service.store))
    return found | await mail_backlog(service)


DEFINITION = Definition(
    name="monitoring",
    folder=Path(__file__).parent,
    acts=ACT_NAMES,
    collections=(*storage.COLLECTIONS, *door.COLLECTIONS, *waiting.COLLECTIONS, *web.COLLECTIONS),
    routers=create_routers,
    handlers=create_handlers,
    tasks=(watch_deadlines, judge_again, send_reminders),
    on_start=open_reference,
    backlog=backlog,
    live=web.live_parts,
    strip=web.strip_of,
    waiting=web.waiting,
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The web application of monitoring."""
    app = create_chassis_app(DEFINITION, settings or load(Settings), clock)
    app.state.web.body_limits |= dict.fromkeys(web_imports.UPLOADS, web_imports.BODY_BYTES)
    return app
