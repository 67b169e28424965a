"""How long monitoring's pages take on a full database, for one reader: `python -m deploy.bench.pages [events]`.

Reads MONGO_URL; makes a database of its own there and drops it at the end. It must never touch another one.
"""

import asyncio
import os
import re
import statistics
import sys
import time
import uuid
from collections.abc import Mapping

import httpx2
from pydantic import SecretStr

from contracts.envelope import event_key
from deploy.bench.years import SOURCE, fill
from services.chassis.app import Service
from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.web import identity
from services.monitoring.app import create_app, open_reference
from services.monitoring.settings import Settings

EVENTS, REPEATS, DEEP = 50_000, 200, 40
READER = Actor("bench", "Bench", frozenset({"viewer"}))


async def main() -> None:
    """Fill, ask, print a table, drop."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    url = os.environ.get("MONGO_URL", "mongodb://127.0.0.1:27017/?directConnection=true")
    prefix = f"bench{uuid.uuid4().hex[:8]}_"
    app = create_app(Settings(environment="test", log_level="WARNING", mongo_url=SecretStr(url), mongo_prefix=prefix))
    service: Service = app.state.service
    try:
        await service.store.prepare()
        await open_reference(service)
        service.started = True
        began = time.monotonic()
        owed = await fill(service, events)
        print(f"{events} events, {owed} obligations stored in {time.monotonic() - began:.0f} s")
        token = await identity.open_session(service, READER, wall_now())
        origin = service.settings.room_urls["monitoring"]
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=origin) as client:
            client.cookies.set(identity.cookie_name(service.settings), token)
            await _measure(client, await _addresses(client, events))
    finally:
        for database in (service.store.database.name, service.sessions.database.name):
            await service.store.client.drop_database(database)


async def _addresses(client: httpx2.AsyncClient, events: int) -> Mapping[str, str]:
    """The pages by name; a deep page is walked to, as a reader would."""
    deep = "/obligations?state="
    for _ in range(DEEP):
        found = re.search(r'rel="next" href="([^"]+)"', (await client.get(deep)).text)
        deep = found[1].replace("&amp;", "&") if found else deep
    return {
        "home": "/",
        "wall": "/wall",
        "list, all": "/obligations?state=",
        "list, missed": "/obligations?state=MISSED",
        "list, one unit": "/obligations?state=&unit=PTT",
        "list, three filters": "/obligations?state=MISSED&unit=PTT&requirement=WEBSITE",
        f"list, page {DEEP}": deep,
        "list, API": "/api/obligations?limit=50",
        "event": f"/events/{event_key(SOURCE, f'SK-{events // 2:06d}')}",
        "events": "/events",
        "search, common word": "/events?q=hoi+thao&school_year=",
        "search, two words": "/events?q=robot+chung+ket&school_year=",
        "search, begun word": "/events?q=tri+tue+nh&school_year=",
        "search, rare": "/events?q=robot+lan+96&school_year=",
        "search, nothing": "/events?q=khong+co+gi&school_year=",
        "search, code": "/events?q=SK-000123&school_year=",
        "figures": "/compliance",
    }


async def _measure(client: httpx2.AsyncClient, addresses: Mapping[str, str]) -> None:
    print(
        f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores;"
        " own ms is the processor time of room and reader, without the database"
    )
    print(f"{'page':22} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'own ms':>8} {'KB':>6}")
    for name, address in addresses.items():
        await client.get(address)
        times, size, worked = [], 0, time.process_time()
        for _ in range(REPEATS):
            began = time.perf_counter()
            answer = await client.get(address)
            times.append((time.perf_counter() - began) * 1000)
            size = len(answer.content)
            assert answer.status_code == 200, (address, answer.status_code)
        own = (time.process_time() - worked) * 1000 / REPEATS
        p99 = statistics.quantiles(times, n=100, method="inclusive")[98]
        print(
            f"{name:22} {statistics.median(times):8.1f} {p99:8.1f} {max(times):8.1f} {own:8.1f} {size / 1024:6.0f}",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(main())
