"""Planning: plans are drafted, checked against R01 to R05, and submitted for approval.

The composition root; it must hold no rule.
"""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.chassis.app import Definition, Service
from services.chassis.app import create_app as create_chassis_app
from services.chassis.clock import Clock
from services.chassis.settings import load
from services.planning import handlers, storage, web, web_api, web_parts
from services.planning.act_names import ACT_NAMES
from services.planning.commands import Desk
from services.planning.feed import addresses, web_feed
from services.planning.kept import web_kept
from services.planning.moving import web_move
from services.planning.settings import Settings


def create_routers(service: Service) -> Sequence[APIRouter]:
    """The doors of the room."""
    assert isinstance(service.settings, Settings)
    desk, reference = Desk(service, service.settings.given_dates()), service.settings.reference()
    return (
        web.create_router(service, desk, reference),
        web_kept.create_router(service),
        web_parts.create_router(service, desk, reference),
        web_move.create_router(service, desk),
        web_feed.create_router(service, desk),
        web_api.create_router(service, desk, reference),
    )


async def waiting(service: Service) -> int:
    """The plans that wait for their drafter."""
    return await storage.count_returned(service.store)


DEFINITION = Definition(
    name="planning",
    folder=Path(__file__).parent,
    acts=ACT_NAMES,
    collections=(*storage.COLLECTIONS, web_kept.KEPT, addresses.ADDRESSES),
    routers=create_routers,
    handlers=handlers.create_router,
    waiting=waiting,
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The web application of planning."""
    return create_chassis_app(DEFINITION, settings or load(Settings), clock)
