"""What a reader waits for in a browser: `ACCOUNT=... PASSWORD=... python -m deploy.bench.paint [repeats]`.

Opens the main pages of running rooms (ROOM_URLS, as the services take it) in Chromium (CHROMIUM), its cache empty, at a
desktop's and a phone's size, and prints medians; only reads. It must never judge: a machine's times are its own.

Columns: first byte, DOM ready, largest paint (LCP), time to interactive (the end of the last task over 50 ms that began
after the first paint, else DOM ready), layout shift (CLS), requests, transferred kB.
"""

import asyncio
import json
import os
import statistics
import sys
from collections.abc import Mapping
from typing import Any

from playwright.async_api import Browser, BrowserContext, async_playwright

from services.chassis.settings import ROOMS

REPEATS, SETTLE_MS = 5, 1_500
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
PAGES = (
    ("planning", "/"),
    ("approval", "/"),
    ("publishing", "/"),
    ("publishing", "/news"),
    ("publishing", "/board?still=true"),
    ("monitoring", "/"),
    ("monitoring", "/obligations"),
    ("monitoring", "/events"),
    ("monitoring", "/compliance"),
    ("monitoring", "/wall"),
    ("reporting", "/"),
)
WATCH = """
  window.seen = {lcp: 0, cls: 0, last: 0, painted: 0};
  const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({type, buffered: true});
  watch('largest-contentful-paint', (one) => { window.seen.lcp = one.startTime; });
  watch('paint', (one) => { if (one.name === 'first-contentful-paint') window.seen.painted = one.startTime; });
  watch('layout-shift', (one) => { if (!one.hadRecentInput) window.seen.cls += one.value; });
  watch('longtask', (one) => { window.seen.last = Math.max(window.seen.last, one.startTime + one.duration); });
"""
TELL = """() => {
  const [page] = performance.getEntriesByType('navigation');
  const parts = performance.getEntriesByType('resource').filter((one) => !one.name.includes('/live'));
  const ready = page.domContentLoadedEventEnd;
  return {
    first: page.responseStart, ready, lcp: window.seen.lcp, cls: window.seen.cls, requests: 1 + parts.length,
    interactive: window.seen.last > window.seen.painted ? Math.max(window.seen.last, ready) : ready,
    kb: [page, ...parts].reduce((sum, one) => sum + one.transferSize, 0) / 1000,
  };
}"""
COLUMNS = ("first", "ready", "lcp", "interactive", "cls", "requests", "kb")
Figures = Mapping[str, float]


def urls() -> dict[str, str]:
    """The addresses of the rooms."""
    given = json.loads(os.environ.get("ROOM_URLS", "{}"))
    return {room: given.get(room, f"http://127.0.0.1:{port}").rstrip("/") for room, port in ROOMS.items()}


async def main() -> None:
    """Sign in, open every page in both sizes, print a table."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS
    async with async_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        cookies = await _signed_in(browser)
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; ms but for CLS, requests, kB")
        print(f"{'page':32} {'size':8}" + "".join(f"{name:>12}" for name in COLUMNS))
        for room, address in PAGES:
            for size in SIZES:
                found = [await _opened(browser, cookies, room + address, size=size) for _ in range(repeats)]
                row = {name: statistics.median(one[name] for one in found) for name in COLUMNS}
                shown = "".join(f"{row[name]:12.3f}" if name == "cls" else f"{row[name]:12.0f}" for name in COLUMNS)
                print(f"{room + address:32} {size:8}{shown}", flush=True)
        await browser.close()


async def _signed_in(browser: Browser) -> list[Any]:
    async with await browser.new_context() as context:
        own = urls()["approval"]
        given = {"name": os.environ["ACCOUNT"], "password": os.environ["PASSWORD"]}
        answer = await context.request.post(f"{own}/api/sessions", data=given, headers={"Origin": own})
        assert answer.ok, answer.status
        return list(await context.cookies())


async def _opened(browser: Browser, cookies: list[Any], place: str, *, size: str) -> Figures:
    """The figures of one visit with an empty cache."""
    width, height = SIZES[size]
    room, _, path = place.partition("/")
    context: BrowserContext = await browser.new_context(viewport={"width": width, "height": height})
    try:
        await context.add_cookies(cookies)
        await context.add_init_script(WATCH)
        page = await context.new_page()
        answer = await page.goto(f"{urls()[room]}/{path}")
        assert answer is not None
        assert answer.ok, (place, answer.status)
        await page.wait_for_timeout(SETTLE_MS)
        return dict(await page.evaluate(TELL))
    finally:
        await context.close()


if __name__ == "__main__":
    asyncio.run(main())
