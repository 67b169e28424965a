"""What live pages cost a running room, and how soon they see a change: `python -m deploy.bench.live`.

Opens PAGES streams at ROOM, each of all parts of the first page and of the timeline of one of EVENTS events; then posts
causes of their obligations through the API, PER_S a second, and waits for the timelines that tell of each.
Signs in through approval (ROOM_SIGN_IN, ACCOUNT, PASSWORD), or, with MONGO_URL and MONGO_PREFIX, by a session that it
opens itself. ROOM_PID is the room's process on this machine. It must be pointed at a room that may be written to.
"""

import asyncio
import os
import statistics
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from pydantic import SecretStr

from services.chassis.app import Service
from services.chassis.clock import SystemClock, wall_now
from services.chassis.decision import Actor
from services.chassis.web import identity
from services.monitoring.app import DEFINITION
from services.monitoring.settings import Settings

ROOM = os.environ.get("ROOM", "http://127.0.0.1:8004")
PAGES, EVENTS, PER_S, POSTS, IDLE_S = 200, 10, 10, 100, 8.0
PARTS = "/live?on=counts&on=work&on=feed&on=year&on=topics"
WRITER = Actor("bench", "Bench", frozenset({"operator"}))


@dataclass
class Heard:
    """When each page saw the mark of each post. Units: seconds of this machine."""

    posted: dict[str, float] = field(default_factory=dict)
    delays_ms: list[float] = field(default_factory=list)
    events: int = 0

    def see(self, line: str, seen: set[str]) -> None:
        """Note the marks in a line of a stream that this page has not seen."""
        now = time.perf_counter()
        for mark, at in self.posted.items():
            if mark not in seen and mark in line:
                seen.add(mark)
                self.delays_ms.append((now - at) * 1000)


async def follow(client: httpx2.AsyncClient, event: str, heard: Heard, *, begun: asyncio.Event) -> None:
    """One open page: read its stream for ever."""
    seen: set[str] = set()
    async with client.stream("GET", f"{PARTS}&on=timeline:{event}", timeout=None) as answer:
        assert answer.status_code == 200, answer.status_code
        begun.set()
        async for line in answer.aiter_lines():
            heard.events += line.startswith("event: ")
            heard.see(line, seen)


async def main() -> None:
    """Measure, print."""
    cookies = await signed_in()
    pid = int(os.environ["ROOM_PID"])
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(base_url=ROOM, headers={"Origin": ROOM}, cookies=cookies, limits=limits) as client:
        owed = (await client.get("/api/obligations", params={"state": "MISSED", "limit": 200})).json()["items"]
        by_event = list({one["event"]: one["obligation_id"] for one in owed}.items())[:EVENTS]
        assert by_event, "the room has no missed obligation whose cause could be told"
        heard, pages = Heard(), list[asyncio.Task[None]]()
        try:
            before = resident_kb(pid)
            await open_pages(client, [event for event, _ in by_event], heard, pages=pages)
            await asyncio.sleep(IDLE_S)
            grown = resident_kb(pid) - before
            cores, load = os.cpu_count(), os.getloadavg()[0]
            print(f"load of the machine {load:.1f} on {cores} cores; {PAGES} pages open")
            print(f"memory of the room: {before / 1024:.0f} MB before, {grown / PAGES:.0f} KB more per page")
            worked = processor_s(pid)
            await post(client, [obligation_id for _, obligation_id in by_event], heard)
            await asyncio.sleep(3)
            print(f"the room worked {(processor_s(pid) - worked) * 1000 / POSTS:.0f} ms of processor time per change")
            tell(heard, POSTS * PAGES // len(by_event))
        finally:
            for page in pages:
                page.cancel()
            await asyncio.gather(*pages, return_exceptions=True)


async def open_pages(
    client: httpx2.AsyncClient, events: list[str], heard: Heard, *, pages: list[asyncio.Task[None]]
) -> None:
    """Open all streams, one after the other."""
    for number in range(PAGES):
        begun = asyncio.Event()
        pages.append(asyncio.create_task(follow(client, events[number % len(events)], heard, begun=begun)))
        await begun.wait()


async def post(client: httpx2.AsyncClient, owed: list[str], heard: Heard) -> None:
    """Tell PER_S causes a second; each answer says that the change is stored."""
    begun = time.perf_counter()
    for number in range(POSTS):
        await asyncio.sleep(max(0.0, begun + number / PER_S - time.perf_counter()))
        mark = uuid.uuid4().hex
        address = f"/api/obligations/{owed[number % len(owed)]}/cause"
        answer = await client.post(address, json={"cause": "NO_SUBMISSION", "reason": mark})
        assert answer.status_code == 201, answer.text
        heard.posted[mark] = time.perf_counter()


def tell(heard: Heard, expected: int) -> None:
    """Print what was seen, and whether anything was not."""
    seen = len(heard.delays_ms)
    if len(heard.delays_ms) < 2:
        print("no page saw a change")
        return
    cuts = statistics.quantiles(heard.delays_ms, n=100, method="inclusive")
    print(f"push, from the answer of the post to the line at the page: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms")
    print(f"seen {seen} of {expected} marks; {heard.events} events received by {PAGES} pages")


def resident_kb(pid: int) -> int:
    """The resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def processor_s(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def signed_in() -> dict[str, str]:
    """The cookie of an operator."""
    if "MONGO_URL" not in os.environ:
        return await _through_approval()
    prefix = os.environ.get("MONGO_PREFIX", "publicity_")
    settings = Settings(environment="test", mongo_url=SecretStr(os.environ["MONGO_URL"]), mongo_prefix=prefix)
    service = Service(DEFINITION, settings, SystemClock())
    token = await identity.open_session(service, WRITER, wall_now())
    service.store.client.close()
    return {identity.cookie_name(settings): token}


async def _through_approval() -> dict[str, str]:
    given = {"name": os.environ.get("ACCOUNT", "van-hanh"), "password": os.environ["PASSWORD"]}
    place = os.environ.get("ROOM_SIGN_IN", "http://127.0.0.1:8002")
    async with httpx2.AsyncClient(base_url=place, headers={"Origin": place}) as client:
        answer = await client.post("/api/sessions", json=given)
        assert answer.status_code == 204, answer.status_code
        return dict(client.cookies)


if __name__ == "__main__":
    asyncio.run(main())
