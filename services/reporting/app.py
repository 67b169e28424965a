"""Reporting: the year is folded from all other rooms' messages, counted, and frozen once; improvements are proposed.

The composition root; it must hold no rule.
"""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.chassis.app import Definition, Service
from services.chassis.app import create_app as create_chassis_app
from services.chassis.clock import Clock
from services.chassis.settings import load
from services.reporting import handlers, storage, web, web_api
from services.reporting.act_names import ACT_NAMES
from services.reporting.commands import Desk
from services.reporting.decisions import is_ready
from services.reporting.documents.press import Press
from services.reporting.reading import Reading
from services.reporting.school_years import dates_of
from services.reporting.settings import Settings


def create_routers(service: Service) -> Sequence[APIRouter]:
    """The doors of the room."""
    assert isinstance(service.settings, Settings)
    reading = Reading(service, service.settings.given_dates())
    reference = service.settings.reference()
    desk = Desk(service, reading, {unit.code for unit in reference.units})
    press = Press(reference, service.settings.letterheads())
    pages = web.create_router(service, desk, reading, reference=reference, press=press)
    return pages, web_api.create_router(desk, reading)


async def waiting(service: Service) -> int:
    """The years whose report may be issued and is not."""
    assert isinstance(service.settings, Settings)
    given, now = service.settings.given_dates(), service.clock.now()
    ready = [year for year in await storage.school_years(service.store) if is_ready(dates_of(year, given), now)]
    reports = [await storage.report(service.store, year) for year in ready]
    return sum(report.issued is None for report in reports)


DEFINITION = Definition(
    name="reporting",
    folder=Path(__file__).parent,
    acts=ACT_NAMES,
    collections=storage.COLLECTIONS,
    routers=create_routers,
    handlers=handlers.create_router,
    waiting=waiting,
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The web application of reporting."""
    return create_chassis_app(DEFINITION, settings or load(Settings), clock)
