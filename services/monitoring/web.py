"""The doors of the reading half of monitoring, and the strip under its pages' header; it must never judge."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter

from services.chassis.clock import wall_now
from services.chassis.settings import ROOMS
from services.chassis.web.i18n import N_
from services.chassis.web.pages import ROOM_NAMES, Strip, StripItem
from services.monitoring.commands import Desk
from services.monitoring.pages import web_pages
from services.monitoring.reading import queries, web_acts, web_api

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.chassis.watermark import Beat

# Source: the shell: data older than this say so
STALE_AFTER = timedelta(seconds=60)


def reading_routers(service: "Service", desk: Desk) -> Sequence[APIRouter]:
    """The read API, the acts and the pages; after the routers that take plainer addresses, as /events/new."""
    return (web_api.create_router(service), web_acts.create_router(service, desk), web_pages.create_router(service))


async def strip(service: "Service") -> Strip:
    """How fresh the data are, by the heartbeats that this process heard; Kafka is not asked."""
    beats, wall = service.heartbeats.last, wall_now()
    own = beats.get(service.name)
    calendar = await queries.last_calendar(service.store)
    items = [_room(name, beats.get(name), wall) for name in ROOMS]
    items.append(StripItem(N_("Lịch nghỉ"), calendar[0] if calendar else N_("không rõ"), is_late=calendar is None))
    as_of = own.drained_at if own else None
    return Strip(as_of, is_stale=own is not None and wall - own.heard_at > STALE_AFTER, items=tuple(items))


def _room(name: str, beat: "Beat | None", wall: datetime) -> StripItem:
    if beat is None:
        return StripItem(ROOM_NAMES[name], N_("không rõ"), is_late=True)
    is_late = wall - beat.heard_at > STALE_AFTER
    return StripItem(ROOM_NAMES[name], N_("im lặng") if is_late else N_("hoạt động"), is_late)
