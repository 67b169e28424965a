"""E5: what one monitoring process takes from Kafka for good, with its relay on; the documents are then made again."""

import asyncio
import sys
import time
from typing import Any

from pymongo import MongoClient

from deploy.bench.fixture import Told
from deploy.bench.peers.task import TOPICS
from deploy.bench.place import Place, prepared, room, say, send, watched
from deploy.bench.replay import log_of
from deploy.bench.results import Result, judged
from services.chassis.app import Service

PROMISED = 4_000.0
LOOK_S = 0.25


def run(place: Place, messages: int) -> list[Result]:
    """Write the log, start the room, wait until it has read all and everything that it said is on Kafka."""
    place = place.fresh()
    told = Told()
    seconds = asyncio.run(_run(place, messages, told))
    rate = messages / seconds
    _, _, output = watched([sys.executable, "-m", "services.monitoring", "rebuild", "--check"], place.environment())
    same = output.strip().splitlines()[-2]
    note = f"{seconds:.1f} s; log sha256 {told.sha256[:16]}...; a rebuild from the topics: {same}"
    place.forget()
    return [
        Result(
            "E5", f"live path, {messages:,} messages", ">= 4,000/s", f"{rate:,.0f}/s", judged(rate >= PROMISED), note
        )
    ]


async def _run(place: Place, messages: int, told: Told) -> float:
    async with prepared(place) as (service, _):
        await send(place, log_of(messages, told))
        ends = await service.positions.ends(TOPICS)
        async with room(place):
            began = time.monotonic()
            while not await service.positions.reached(ends):
                await asyncio.sleep(LOOK_S)
                await _tell(service, messages, began)
            while await _waiting(place):
                await asyncio.sleep(LOOK_S)
            return time.monotonic() - began


_told_at = [0.0]


async def _tell(service: Service, messages: int, began: float) -> None:
    now = time.monotonic()
    if now - _told_at[0] < 10:
        return
    _told_at[0] = now
    lag = sum((await service.positions.lag(TOPICS)).values())
    say(f"  {messages - lag:,} of {messages:,} read, {(messages - lag) / (now - began):,.0f}/s")


async def _waiting(place: Place) -> bool:
    def ask() -> bool:
        with MongoClient[dict[str, Any]](place.mongo_url) as client:
            return client[place.database]["outbox"].find_one({"st": 0}) is not None

    return await asyncio.to_thread(ask)
