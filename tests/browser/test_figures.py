"""How heavy the pages are that people open most; the figures are printed, time is never judged here (run with -s)."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Full, person
from tests.browser.filled import EDITOR, HEAD, LAST_YEAR

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.soak]
MOST_REQUESTS, MOST_BYTES = 20, 400_000  # a first visit with an empty cache, fonts and all
MEASURES = """() => new Promise((done) => {
  const [page] = performance.getEntriesByType('navigation');
  const parts = performance.getEntriesByType('resource').filter((one) => !one.name.includes('/live'));
  new PerformanceObserver((list) => done({
    requests: 1 + parts.length,
    bytes: [page, ...parts].reduce((sum, one) => sum + one.transferSize, 0),
    html: page.transferSize,
    ready: page.domContentLoadedEventEnd,
    painted: list.getEntries().at(-1).startTime,
  })).observe({type: 'largest-contentful-paint', buffered: true});
})"""


def test_the_pages_that_people_open_most_are_light(full: Full, chromium: Browser) -> None:
    event = f"/events/{full.filled.events['due']}"
    pages = [
        ("monitoring", "/", HEAD, "home"),
        ("monitoring", event, HEAD, "event"),
        ("reporting", f"/reports/{LAST_YEAR}", HEAD, "report"),
        ("publishing", "/", EDITOR, "desk"),
    ]
    print()
    for room, path, who, name in pages:
        somebody = person(chromium, full.urls, who)
        cookies = somebody.context.cookies()
        somebody.context.close()
        with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
            context.add_cookies(cookies)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(full.urls[room] + path)
            found = page.evaluate(MEASURES)
        weight = f"{found['bytes'] / 1000:.0f} kB ({found['html'] / 1000:.0f} kB HTML)"
        times = f"DOMContentLoaded {found['ready']:.0f} ms, largest paint {found['painted']:.0f} ms"
        print(f"{name}: {found['requests']} requests, {weight}, {times}")
        assert found["requests"] <= MOST_REQUESTS
        assert found["bytes"] <= MOST_BYTES
