"""The door of monitoring: what comes from outside, from systems and from people, is checked, kept and announced.

It must never hold a rule of the intake: those are `intake`'s.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter

from services.monitoring.door import checking, desk_events, posting, quarantine_web, receipts, sources_web
from services.monitoring.door.gate import Gate
from services.monitoring.door.mending import web as mending_web
from services.monitoring.door.requests import Requests
from services.monitoring.door.tallies import TALLIES, Tallies
from services.monitoring.sources import TOKENS

if TYPE_CHECKING:
    from services.chassis.app import Service

COLLECTIONS = (*receipts.COLLECTIONS, TOKENS, TALLIES)


def door_routers(service: "Service") -> Sequence[APIRouter]:
    """All doors of the intake. They go before pages that take any event key."""
    gate, tallies = Gate(service), Tallies(service.store)
    requests = Requests(service, tallies)
    return (
        posting.create_router(service, gate, requests),
        checking.create_router(service, gate, requests),
        quarantine_web.create_router(service, gate),
        mending_web.create_router(service, gate),
        desk_events.create_router(service, gate),
        sources_web.create_router(service, tallies),
    )
