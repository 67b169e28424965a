"""A page that stands open shows what happens elsewhere by itself; how soon is printed, and never judged here (-s)."""

import statistics
import time
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import person
from tests.live.system import System

pytestmark = [pytest.mark.live, pytest.mark.browser]
NOW = datetime.fromisoformat("2026-11-20T17:00:00+07:00")
EVENTS = 10
# asked at each frame; Playwright's own expectations look again only after 100, 350, 850 and 1,850 ms
SHOWS = "title => document.querySelector('main').textContent.includes(title)"


def test_an_open_page_shows_each_new_event_without_being_asked(system: System, chromium: Browser) -> None:
    system.step(NOW)
    token, page = system.token("/sis"), person(chromium, system.urls, "operator").open("monitoring")
    page.evaluate("window.standsOpen = true")
    delays = []
    for n in range(EVENTS):
        system.step(NOW + timedelta(minutes=n))  # the feed has the latest on top
        title = f"Hội thảo chuyên đề số {n}"
        ended = NOW - timedelta(hours=n + 1)
        data = {"event_id": f"L-{n}", "title": title, "unit": "K_CK", "started_at": ended, "ended_at": ended}
        system.rooms.post_event(token, "held", about=("/sis", f"live-{n}"), data=data)
        began = time.perf_counter()
        page.wait_for_function(SHOWS, arg=title)
        delays.append((time.perf_counter() - began) * 1000)
    print(f"\nshown after its 202: median {statistics.median(delays):.0f} ms, slowest {max(delays):.0f} ms")
    assert page.evaluate("window.standsOpen"), "the page was loaded anew"
