"""E6: from an EventHeld posted at the intake to its obligations in the read API, at a steady pace, beside a flood."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import httpx2

from contracts.times import format_time
from deploy.bench.fixture import NOW, SOURCE
from deploy.bench.place import Place, room, say
from deploy.bench.results import Result, judged, quantile
from services.chassis.app import Service
from services.chassis.decision import Actor
from services.monitoring.sources import NewToken, issue_token

PACES, SECONDS, WATCHED, LOOK_S, GIVE_UP_S = (10, 100), 15, 10, 0.005, 30.0
# Source: promises: 100 times its quota from one source does not slow the others
QUOTA, QUOTA_TIMES = 60, 100
FLOODS = "/bench/floods"
JSON_EVENT = {"content-type": "application/cloudevents+json"}
T = TypeVar("T")


def run(place: Place, messages: int) -> list[Result]:
    """Post at each pace; messages plays no part."""
    return asyncio.run(_run(place.fresh()))


async def _run(place: Place) -> list[Result]:
    results = []
    async with (
        room(place) as served,
        await _client(place, served.url, SOURCE) as client,
        await _client(place, served.url, FLOODS, QUOTA) as flooding,
    ):
        await _one(client)
        for pace in PACES:
            results.append(_result(f"at {pace}/s", *await _at(client, pace)))
        flood = asyncio.create_task(_flood(flooding))
        times, failed = await _at(client, PACES[0])
        told = ", ".join(f"{count} x {status}" for status, count in sorted((await flood).items()))
        measure = f"at {PACES[0]}/s beside {QUOTA_TIMES}x the quota of another"
        results.append(_result(measure, times, failed, beside=f"; the other was answered {told}"))
    await asyncio.to_thread(place.forget)
    return results


def _result(measure: str, times: list[float], failed: int, *, beside: str = "") -> Result:
    p50, p99 = (quantile(times, share) * 1000 for share in (0.5, 0.99))
    found, is_met = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms", p50 <= 40 and p99 <= 120 and not failed
    note = f"{len(times)} events followed, asked for every {LOOK_S * 1000:.0f} ms or each tenth of the time waited"
    note += f"; {failed} posts failed{beside}"
    say(f"  {measure}: {found}; {note}")
    return Result("E6", f"EventHeld -> read API {measure}", "p50 <= 40, p99 <= 120 ms", found, judged(is_met), note)


async def _flood(client: httpx2.AsyncClient) -> Counter[int]:
    """Post so many times the quota as long as a pace is measured; how often each status was answered."""

    async def post(_: int) -> httpx2.Response:
        return await client.post("/api/events", json=_event(uuid.uuid4().hex, FLOODS), headers=JSON_EVENT)

    running = await _paced(QUOTA * QUOTA_TIMES / 60, post)
    return Counter(answer.status_code for answer in await asyncio.gather(*running))


async def _paced(pace: float, begin: Callable[[int], Coroutine[Any, Any, T]]) -> list[asyncio.Task[T]]:
    """Begin so many things a second, each with its number, whether or not those before have ended."""
    began, running = time.perf_counter(), list[asyncio.Task[T]]()
    for number in range(int(pace * SECONDS)):
        await asyncio.sleep(max(0.0, began + number / pace - time.perf_counter()))
        running.append(asyncio.create_task(begin(number)))
    return running


async def _client(place: Place, url: str, source: str, quota: int | None = None) -> httpx2.AsyncClient:
    """One source system's client, with a token of its own."""
    headers = {"Authorization": f"Bearer {await _token(place.service(), source, quota)}"}
    return httpx2.AsyncClient(
        base_url=url, headers=headers, limits=httpx2.Limits(max_connections=None), timeout=GIVE_UP_S
    )


async def _token(service: Service, source: str, quota: int | None) -> str:
    asked = {"source": source, "scopes": ["events:write", "read"]}
    given = NewToken.from_data(asked | ({"quota_per_minute": quota} if quota else {}))
    by = Actor("bench", "", frozenset())
    made = await issue_token(service.store, given, by=by, command_id=str(uuid.uuid4()), now=service.clock.now())
    service.store.client.close()
    return str(made["token"])


async def _at(client: httpx2.AsyncClient, pace: int) -> tuple[list[float], int]:
    """Post at a pace and follow WATCHED of them a second, so that looking is not what is measured; how many failed."""
    every = max(1, pace // WATCHED)
    running = await _paced(pace, lambda number: _one(client, watch=number % every == 0))
    done = await asyncio.gather(*running, return_exceptions=True)
    return [one for one in done if isinstance(one, float)], sum(isinstance(one, BaseException) for one in done)


async def _one(client: httpx2.AsyncClient, *, watch: bool = True) -> float | None:
    """Seconds from before the post to an answer that has the obligations; None for one that is not followed."""
    event, began = _event(uuid.uuid4().hex, SOURCE), time.perf_counter()
    answer = await client.post("/api/events", json=event, headers=JSON_EVENT)
    answer.raise_for_status()
    key = answer.json()["receipts"][0]["event_key"]
    while watch:
        found = await client.get(f"/api/events/{key}")
        if found.status_code == 200 and found.json()["obligations"]:
            return time.perf_counter() - began
        waited = time.perf_counter() - began
        if waited > GIVE_UP_S:
            raise TimeoutError(f"no obligations of {key} in {GIVE_UP_S:.0f} s")
        await asyncio.sleep(max(LOOK_S, waited / 10))  # looking is work too, and must not become most of it
    return None


def _event(event_id: str, source: str) -> dict[str, Any]:
    data: dict[str, Any] = {"event_id": event_id, "title": "Hội thảo", "unit": "K_CK"}
    data |= {name: format_time(NOW - timedelta(hours=1)) for name in ("started_at", "ended_at")}
    kind = "vn.edu.hcmute.publicity.event-held.v1"
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "time": format_time(NOW),
        "data": data,
    }
