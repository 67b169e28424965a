"""E6: from an EventHeld posted at the intake to its obligations in the read API, at a steady pace."""

import asyncio
import time
import uuid
from datetime import timedelta
from typing import Any

import httpx2

from contracts.times import format_time
from deploy.bench.fixture import NOW, SOURCE
from deploy.bench.place import Place, room, say
from deploy.bench.results import Result, judged, quantile
from services.chassis.app import Service
from services.chassis.decision import Actor
from services.monitoring.sources import NewToken, issue_token

PACES, SECONDS, WATCHED, LOOK_S, GIVE_UP_S = (10, 100), 15, 10, 0.005, 30.0


def run(place: Place, messages: int) -> list[Result]:
    """Post at each pace; messages plays no part."""
    return asyncio.run(_run(place.fresh()))


async def _run(place: Place) -> list[Result]:
    results = []
    async with room(place) as url:
        token = await _token(place.service())
        limits = httpx2.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=30) as client:
            await _one(client)
            for pace in PACES:
                times, failed = await _at(client, pace)
                p50, p99 = (quantile(times, share) * 1000 for share in (0.5, 0.99))
                say(f"  {pace}/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(times)}")
                found, is_met = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms", p50 <= 40 and p99 <= 120 and not failed
                measure = f"EventHeld -> read API at {pace}/s"
                note = f"{len(times)} events followed, asked for every {LOOK_S * 1000:.0f} ms; {failed} posts failed"
                results.append(Result("E6", measure, "p50 <= 40, p99 <= 120 ms", found, judged(is_met), note))
    await asyncio.to_thread(place.forget)
    return results


async def _token(service: Service) -> str:
    given = NewToken.from_data({"source": SOURCE, "scopes": ["events:write", "read"]})
    by = Actor("bench", "", frozenset())
    made = await issue_token(service.store, given, by=by, command_id=str(uuid.uuid4()), now=service.clock.now())
    service.store.client.close()
    return str(made["token"])


async def _at(client: httpx2.AsyncClient, pace: int) -> tuple[list[float], int]:
    """Post at a pace and follow WATCHED of them a second, so that looking is not what is measured; how many failed."""
    began, running = time.perf_counter(), list[asyncio.Task[float | None]]()
    for number in range(pace * SECONDS):
        await asyncio.sleep(max(0.0, began + number / pace - time.perf_counter()))
        is_watched = number % max(1, pace // WATCHED) == 0
        running.append(asyncio.create_task(_one(client, watch=is_watched)))
    done = await asyncio.gather(*running, return_exceptions=True)
    return [one for one in done if isinstance(one, float)], sum(isinstance(one, BaseException) for one in done)


async def _one(client: httpx2.AsyncClient, *, watch: bool = True) -> float | None:
    """Seconds from before the post to an answer that has the obligations; None for one that is not followed."""
    event_id = uuid.uuid4().hex
    data: dict[str, Any] = {"event_id": event_id, "title": "Hội thảo", "unit": "K_CK"}
    data |= {name: format_time(NOW - timedelta(hours=1)) for name in ("started_at", "ended_at")}
    kind = "vn.edu.hcmute.publicity.event-held.v1"
    head = {"specversion": "1.0", "id": event_id, "source": SOURCE, "type": kind, "time": format_time(NOW)}
    began = time.perf_counter()
    headers = {"content-type": "application/cloudevents+json"}
    answer = await client.post("/api/events", json={**head, "data": data}, headers=headers)
    answer.raise_for_status()
    key = answer.json()["receipts"][0]["event_key"]
    while watch:
        found = await client.get(f"/api/events/{key}")
        if found.status_code == 200 and found.json()["obligations"]:
            return time.perf_counter() - began
        if time.perf_counter() - began > GIVE_UP_S:
            raise TimeoutError(f"no obligations of {key} in {GIVE_UP_S:.0f} s")
        await asyncio.sleep(LOOK_S)
    return None
