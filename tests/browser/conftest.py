"""A real Chromium before a real running system; a page that logs an error or overflows its width fails its test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from deploy.demo.walk import BEGIN
from tests.browser.filled import Filled, fill
from tests.live.conftest import system  # noqa: F401 - the running system
from tests.live.system import PASSWORD, System
from tests.shared import shared

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass(frozen=True)
class Full:
    """A running system with something in every room: its addresses, and the names of what stands there."""

    urls: dict[str, str]
    filled: Filled


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Full]:
    """One such system for all tests that look at pages; what they change they may not rely on."""
    folder = (
        tmp_path_factory.mktemp("full") if worker_id == "master" else tmp_path_factory.getbasetemp().parent / "full"
    )
    with shared(folder, lambda: _full(request, folder)) as found:
        yield found


@contextmanager
def _full(request: pytest.FixtureRequest, folder: Path) -> Iterator[Full]:
    platform = request.getfixturevalue("platform")
    running = System(platform.kafka_bootstrap, platform.mongo_url, folder)
    try:
        running.start(BEGIN)
        yield Full(running.urls, fill(running))
    finally:
        running.stop()


@dataclass
class Person:
    """Somebody with a browser of their own, signed in."""

    urls: dict[str, str]
    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)

    def open(self, room: str, path: str = "/") -> Page:
        """Open a page of a room and see that it is well."""
        answer = self.page.goto(self.urls[room] + path)
        assert answer is not None
        assert answer.status == 200, f"{room}{path}: {answer.status}"
        self.is_well()
        return self.page

    def is_well(self) -> None:
        """No error in the console, and nothing wider than the window."""
        assert self.errors == []
        wide = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the window"


def person(browser: Browser, urls: dict[str, str], name: str, **options: Any) -> Person:
    """Sign somebody in by the form, as people do."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
    made = Person(urls, context, context.new_page())
    made.page.on("console", lambda said: made.errors.append(said.text) if said.type == "error" else None)
    made.page.on("pageerror", lambda error: made.errors.append(str(error)))
    made.page.goto(urls["approval"] + "/sign-in")
    made.page.get_by_label("Tên đăng nhập").fill(name)
    made.page.get_by_label("Mật khẩu").fill(PASSWORD)
    made.page.locator("main button[type=submit]").click()
    made.page.wait_for_load_state()
    made.is_well()
    return made
