"""The doors of the reading half of monitoring, and the strip under its pages' header; it must never judge."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter

from services.chassis.web.i18n import N_
from services.chassis.web.strip import UNKNOWN, Strip, StripItem, strip
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.commands import Desk
from services.monitoring.pages import web_pages
from services.monitoring.pages.loading import MISSED
from services.monitoring.reading import queries, web_acts, web_api
from services.monitoring.reminders import storage as reminders
from services.monitoring.reminders import web as web_reminders
from services.monitoring.screens import web_saved, web_wall
from services.monitoring.screens.live_parts import live_parts
from services.monitoring.supervision import web_directives, web_plan_duties, web_proposals
from services.monitoring.supervision.directive_queries import DIRECTIVES
from services.monitoring.supervision.proposal_queries import APART

if TYPE_CHECKING:
    from services.chassis.app import Service

COLLECTIONS = (web_saved.SAVED_LISTS, DIRECTIVES, APART, *reminders.COLLECTIONS)
__all__ = ["COLLECTIONS", "live_parts", "reading_routers", "strip_of", "waiting"]


def reading_routers(service: "Service", desk: Desk) -> Sequence[APIRouter]:
    """The read API, the acts and the pages; after the routers that take plainer addresses, as /events/new."""
    return (
        web_api.create_router(service),
        web_acts.create_router(service, desk),
        web_wall.create_router(service),
        web_saved.create_router(service),
        web_directives.create_router(service),
        web_proposals.create_router(service, desk),
        web_plan_duties.create_router(service),
        web_reminders.create_router(service),
        web_pages.create_router(service),
    )


async def waiting(service: "Service") -> int:
    """What was missed and is owed still."""
    return await queries.count_state(service.store, MISSED, to_stamp(service.clock.now()))


async def strip_of(service: "Service") -> Strip:
    """The room's strip, with the calendar in force; Kafka is not asked."""
    calendar = await queries.last_calendar(service.store)
    version, is_provisional = calendar or (UNKNOWN, False)
    name = N_("Lịch nghỉ tạm") if is_provisional else N_("Lịch nghỉ")
    return strip(service, StripItem(name, version, is_late=calendar is None))
