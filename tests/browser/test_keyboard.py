"""A whole walk with the keyboard alone: in, through the rooms, to an event, an act with a reason, and out."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Full
from tests.browser.filled import HEAD, REPORTS, WAIVER_REASON
from tests.browser.places import ROOMS
from tests.live.system import PASSWORD

pytestmark = [pytest.mark.live, pytest.mark.browser]
MOST_STOPS = 250
STOP = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect();
  const style = (one, part) => getComputedStyle(one, part);
  const ringed = (...one) => style(...one).outlineStyle !== 'none' && parseFloat(style(...one).outlineWidth) >= 2;
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 12), 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  if (e === document.body) return null;
  if (!e.dataset.stop) e.dataset.stop = String(document.querySelectorAll('[data-stop]').length + 1);
  return {
    name: `${e.dataset.stop} ${e.outerHTML.slice(0, 120)}`,
    isRinged: ringed(e) || ringed(e.parentElement) || (style(e, '::after').content !== 'none' && ringed(e, '::after')),
    isSeen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
      && (e.contains(top) || (top && top.contains(e))),
  };
}"""
# Live parts are replaced while the walk goes on, so that what was reached is known by where it leads.
LEADS = (
    """(all) => all.filter((e) => e.checkVisibility({visibilityProperty: true})).map((e) => e.href || e.textContent)"""
)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
        yield context.new_page()


def stop(page: Page) -> str:
    """Where the focus is: it must be ringed, in the window and not under something else. Empty at the page's end."""
    found = page.evaluate(STOP)
    if found is None:
        return ""
    assert found["isRinged"], f"{page.url}: no ring around {found['name']}"
    assert found["isSeen"], f"{page.url}: the focus is not seen on {found['name']}"
    return str(found["name"])


def step_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press the key until the focus is on what is wanted, and look at every stop."""
    before = ""
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        now = stop(page)
        assert not now or now != before, f"{page.url}: the focus is caught on {now}"
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        before = now
    raise AssertionError(f"{page.url}: {selector} is not reached in {MOST_STOPS} stops")


def press(page: Page, *keys: str) -> None:
    """Press keys, the last of which leads to another page."""
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])


def sign_in(page: Page, full: Full) -> None:
    page.goto(full.urls["approval"] + "/sign-in")
    page.keyboard.press("Tab")
    assert "skip" in stop(page), "the first stop leads past the frame"
    step_to(page, "#name")
    page.keyboard.type(HEAD)
    step_to(page, "#password")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")


def test_everything_is_reached_with_the_keyboard_alone(full: Full, page: Page) -> None:
    sign_in(page, full)
    for number, room in enumerate(ROOMS, 1):
        press(page, "g", str(number))
        assert page.url.startswith(full.urls[room])
        expect(page.locator("nav.rooms a[aria-current=page]")).to_have_attribute(
            "href", re.compile(re.escape(page.url))
        )

    title = REPORTS["open"][1]
    page.keyboard.press("/")
    assert "search" in stop(page)
    page.keyboard.type(title)
    press(page, "Enter")
    page.keyboard.press("j")
    first = stop(page)
    assert title in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert stop(page) == first
    press(page, "Enter")
    expect(page.locator("h1")).to_contain_text(title)

    step_to(page, "details:has(form[action$='/waiver']) > summary")
    page.keyboard.press("Enter")
    step_to(page, "form[action$='/waiver'] :is(textarea, input[name=reason])")
    page.keyboard.type(WAIVER_REASON)
    step_to(page, "form[action$='/waiver'] button")
    press(page, "Enter")
    expect(page.locator(".duties")).to_contain_text(WAIVER_REASON)

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    step_to(page, "form[action$='/sign-out'] button", "Shift+Tab")
    press(page, "Enter")
    page.goto(full.urls["approval"] + "/accounts")
    assert page.url.startswith(full.urls["approval"] + "/sign-in")


@pytest.mark.parametrize("room", ROOMS)
def test_the_skip_link_leads_to_the_content_and_the_focus_is_never_caught(full: Full, page: Page, room: str) -> None:
    sign_in(page, full)
    page.goto(full.urls[room] + "/")
    page.keyboard.press("Tab")
    assert "skip" in stop(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.getElementById('main').contains(document.activeElement)")
    assert (
        inside or page.locator("main :is(a[href], button, input, select, textarea, summary, [tabindex])").count() == 0
    )
    page.reload()
    seen: set[str] = set()
    reached: set[str] = set()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        now = stop(page)
        if not now or now in seen:
            break
        seen.add(now)
        reached.update(page.locator(":focus").evaluate_all(LEADS))
    else:
        raise AssertionError(f"{page.url}: more than {MOST_STOPS} stops")
    wanted = page.locator("nav.rooms a, main a[href], main button").evaluate_all(LEADS)
    assert set(wanted) - reached == set()
