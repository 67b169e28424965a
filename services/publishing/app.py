"""Publishing: contributors send material, the office shows it on channels or records where it is shown.

The composition root; it must hold no rule.
"""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI

from contracts.times import format_time
from services.chassis.app import Definition, Service
from services.chassis.app import create_app as create_chassis_app
from services.chassis.clock import Clock
from services.chassis.settings import load
from services.publishing import handlers, storage
from services.publishing.act_names import ACT_NAMES
from services.publishing.commands import Desk
from services.publishing.matrix import web_batch, web_desk, web_saved
from services.publishing.settings import Settings
from services.publishing.views import SOON
from services.publishing.web import acts, api, contents, plan, public, submit

# What may carry a file: far over what is taken, so that a photo that is too heavy is refused with the texts kept.
UPLOADS = ("/submit", "/contents/", "/api/photos/", "/api/evidence")
UPLOAD_BYTES = 40 * 1024 * 1024


def create_routers(service: Service) -> Sequence[APIRouter]:
    """The doors of the room."""
    assert isinstance(service.settings, Settings)
    commands, reference = Desk(service), service.settings.reference()
    return (
        web_desk.create_router(service, commands, reference),
        web_batch.create_router(service, commands, reference),
        web_saved.create_router(service),
        contents.create_router(service, reference),
        submit.create_router(service, commands, reference),
        acts.create_router(service, commands, reference),
        plan.create_router(service, commands, reference),
        public.create_router(service),
        api.create_router(service, commands),
    )


async def waiting(service: Service) -> int:
    """What is due to be published within a day; what was missed is counted by monitoring."""
    now = service.clock.now()
    return await storage.work_count(service.store, {"$gt": format_time(now), "$lt": format_time(now + SOON)})


DEFINITION = Definition(
    name="publishing",
    folder=Path(__file__).parent,
    acts=ACT_NAMES,
    collections=storage.COLLECTIONS,
    routers=create_routers,
    handlers=handlers.create_router,
    waiting=waiting,
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The web application of publishing."""
    app = create_chassis_app(DEFINITION, settings or load(Settings), clock)
    app.state.web.body_limits |= dict.fromkeys(UPLOADS, UPLOAD_BYTES)
    return app
