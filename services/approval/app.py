"""Approval: plans are reviewed and approved by the people their route asks for; accounts and sign-in live here.

The composition root; it must hold no rule.
"""

import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.approval import handlers, sessions, storage, web, web_accounts, web_sessions
from services.approval.act_names import ACT_NAMES
from services.approval.commands import Desk
from services.approval.links import keeping, web_links, web_sending
from services.approval.settings import Settings
from services.chassis.app import Definition, Service
from services.chassis.app import create_app as create_chassis_app
from services.chassis.clock import Clock
from services.chassis.settings import load
from services.chassis.web.identity import prepare_sessions


def create_routers(service: Service) -> Sequence[APIRouter]:
    """The doors of the room."""
    assert isinstance(service.settings, Settings)
    desk, reference = Desk(service), service.settings.reference()
    return (
        web.create_router(service, desk, reference),
        web_sessions.create_router(service),
        web_accounts.create_router(service, desk),
        web_links.create_router(service, desk, reference),
        web_sending.create_router(service),
    )


async def open_first_account(service: Service) -> None:
    """Give a database without accounts its administrator; a password made up here is printed once, not logged."""
    assert isinstance(service.settings, Settings)
    await prepare_sessions(service)
    given = service.settings.admin_password.get_secret_value()
    password = given or secrets.token_urlsafe(12)
    if await Desk(service).open_first_account(password) and not given:
        sys.stderr.write(f"first account: admin, password: {password} (printed once; change it after signing in)\n")
        sys.stderr.flush()


async def backlog(service: Service) -> dict[str, int]:
    """Sessions that still have to be ended."""
    return {"revocations": await service.store.raw("revocations").count_documents({})}


async def waiting(service: Service) -> int:
    """The plans that wait for a decision, whoever has to give it."""
    return await storage.count_waiting(service.store)


DEFINITION = Definition(
    name="approval",
    folder=Path(__file__).parent,
    acts=ACT_NAMES,
    collections=(*storage.COLLECTIONS, keeping.LINKS),
    routers=create_routers,
    handlers=handlers.create_router,
    tasks=(sessions.keep_revoking,),
    on_start=open_first_account,
    backlog=backlog,
    waiting=waiting,
)


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The web application of approval."""
    return create_chassis_app(DEFINITION, settings or load(Settings), clock)
