"""What the wall screen needs, asked for together; it must never decide, nor show."""

import asyncio
from typing import TYPE_CHECKING

from services.chassis.web.strip import strip
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.pages import loading
from services.monitoring.screens.wall import ROWS, WallView, wall_view

if TYPE_CHECKING:
    from services.chassis.app import Service


async def wall(service: "Service", spoken: str) -> WallView:
    """All of the wall screen."""
    words = await loading.words_in(service, spoken)
    now = to_stamp(service.clock.now())
    counts, due, year = await asyncio.gather(
        loading.tally(service.store, now),
        loading.first_due(service.store, now, ROWS),
        loading.year(service, words),
    )
    return wall_view(counts, due, year=year, strip=strip(service), at=(now, words))
