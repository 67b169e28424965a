"""Every page in both sizes, themes and languages, with and without JavaScript: whole, and after axe's rules."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urldefrag

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import eyes
from tests.browser.conftest import Full
from tests.browser.filled import NAMES, own_words
from tests.browser.places import ADMIN, ROOMS, FormAgain, Place, forms_again, places
from tests.live.system import ADMIN_PASSWORD, PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.soak]
Cookies = dict[str, dict[str, str]]
# axe looks at Vietnamese pages at a desktop's size and at English ones at a phone's: so each size has both themes.
LOOKS = [("vi", "light"), ("en", "dark")]
if os.environ.get("LOOKS") == "all":  # what only both together could break, and twice the time
    LOOKS += [("vi", "dark"), ("en", "light")]
NO_BUTTON = "form:not(:has(button[type=submit])):not(:has(button:not([type]))):not([role=search])"


@pytest.fixture(scope="module")
def cookies(full: Full, chromium: Browser) -> Cookies:
    """The session of everybody who opens a page, by their name."""
    found: Cookies = {}
    for who in {place.who for place in places(full.filled)} - {""}:
        with chromium.new_context() as context:
            url = full.urls["approval"]
            given = {"name": who, "password": ADMIN_PASSWORD if who == ADMIN else PASSWORD}
            answer = context.request.post(f"{url}/api/sessions", data=given, headers={"Origin": url})
            assert answer.ok, answer.text()
            found[who] = {one["name"]: one["value"] for one in context.cookies()}
    return found


@dataclass
class Viewer:
    """One browser window that looks at pages in one language and theme, as whoever the page is for."""

    urls: dict[str, str]
    context: BrowserContext
    cookies: Cookies
    language: str = "vi"
    theme: str = "light"
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.console, self.page = eyes.Console(self.context), self.context.new_page()

    def become(self, who: str) -> None:
        """Sign in as somebody, or as nobody."""
        self.context.clear_cookies()
        own = {"lang": self.language, "theme": self.theme, **(self.cookies[who] if who else {})}
        self.context.add_cookies([{"name": n, "value": v, "url": "http://127.0.0.1"} for n, v in own.items()])

    def open(self, place: Place | FormAgain) -> Page:
        """Open a page at the size of a desktop."""
        self.become(place.who)
        self.size("desktop")
        answer = self.page.goto(self.urls[place.room] + place.path)
        status = answer.status if answer else 0
        if isinstance(place, Place) and status != place.status:
            self.faults.append(f"{place.name}: {status}")
        return self.page

    def size(self, name: str) -> None:
        """Make the window so large."""
        width, height = eyes.SIZES[name]
        self.page.set_viewport_size({"width": width, "height": height})

    def note(self, name: str, found: list[str]) -> None:
        """Keep what was found wrong."""
        self.faults += [f"{name} [{self.language} {self.theme}] {fault}" for fault in found]

    def look(self, name: str, *, again: str = "", but: tuple[str, ...] = ()) -> None:
        """Look at the open page in every way; `again` is the address of a page that answers 4xx, `but` axe's rules."""
        headings = self.page.locator("h1").count()
        self.note(name, [] if headings == 1 else [f"{headings} headings of the first level"])
        self.note(name, eyes.too_wide(self.page) + eyes.seen_though_hidden(self.page))
        if self.language == "vi":
            self.note(name, eyes.broken_rules(self.page, but=but))
        self.size("phone")
        self.note(name, eyes.too_wide(self.page))
        if self.language == "en":
            self.note(name, eyes.broken_rules(self.page, but=but))
            self.note(name, eyes.vietnamese(self.page, NAMES, own_words()))
        self.note(name, self.console.take(again))

    def is_content(self) -> None:
        """Nothing wrong was found since the last time."""
        found, self.faults = self.faults, []
        assert not found, "\n".join(found)


@pytest.fixture(scope="module", params=LOOKS, ids="-".join)
def viewer(request: pytest.FixtureRequest, full: Full, chromium: Browser, cookies: Cookies) -> Iterator[Viewer]:
    language, theme = request.param
    with chromium.new_context() as context:
        yield Viewer(full.urls, context, cookies, language, theme)


@pytest.mark.parametrize("half", [0, 1])  # of the pages: no test is so long that two processes end far apart
@pytest.mark.parametrize("room", ROOMS)
def test_every_page_of_the_room_is_whole(room: str, half: int, viewer: Viewer, full: Full) -> None:
    for place in [place for place in places(full.filled) if place.room == room][half::2]:
        viewer.open(place)
        viewer.look(place.name, again=place.path if place.status >= 400 else "", but=place.but)
    viewer.is_content()


def test_a_refused_form_comes_again_and_says_what_is_wrong(viewer: Viewer, full: Full) -> None:
    for place in forms_again(full.filled):
        page = viewer.open(place)
        form = page.locator(f"main form[action$='{place.action}']").first
        form.evaluate("form => { form.noValidate = true; form.closest('details')?.setAttribute('open', ''); }")
        with page.expect_navigation():
            form.locator("button[type=submit], button:not([type])").first.click()
        expect(page.locator("#errors")).to_be_focused()
        viewer.look(f"{place.room}{place.path} again", again=place.action)
    viewer.is_content()


@pytest.mark.parametrize("room", ROOMS)
def test_the_room_works_without_javascript(room: str, full: Full, chromium: Browser, cookies: Cookies) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        plain, seen = Viewer(full.urls, context, cookies), set()
        for place in places(full.filled):
            if place.room != room:
                continue
            page = plain.open(place)
            forms = page.locator(NO_BUTTON)
            plain.note(place.name, [f"no button: {form.evaluate('f => f.action')}" for form in forms.all()])
            for href in links(page):
                if (place.who, href) not in seen and any(href.startswith(url) for url in full.urls.values()):
                    seen.add((place.who, href))
                    status = context.request.get(href).status
                    plain.note(place.name, [f"{status} {href}"] if status >= 400 else [])
    plain.is_content()


def links(page: Page) -> list[str]:
    """Where the page leads; its frame leads to the rooms, which are places of their own."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('main a[href]')].map((a) => new URL(a.getAttribute('href'), location).href)"
    )
    return [urldefrag(href).url for href in found]
