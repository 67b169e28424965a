"""What a page looks like when there is nothing, no right, no such thing, a fault or no news, in every look."""

import itertools
from collections.abc import Iterator
from datetime import timedelta

import pytest
from _pytest.mark import ParameterSet
from fastapi import FastAPI
from playwright.sync_api import Browser, Page

from services.chassis.clock import wall_now
from services.chassis.watermark import Beat
from tests.browser import eyes
from tests.browser.small import served
from tests.chassis.web_room import NOW, create_room

pytestmark = pytest.mark.browser
Look = tuple[str, str, str]
LOOKS: list[Look] = list(itertools.product(("vi", "en"), ("light", "dark"), eyes.SIZES))
# Each page, and how it answers; the room's own data are two minutes old, and other rooms are silent or not known.
STATES = {
    "/": 200,
    "/states": 200,
    "/nowhere": 404,
    "/denied": 403,
    "/break": 500,
    "/away": 503,
}


def _marked(look: Look) -> ParameterSet:
    """The look by its name; those between the first and the last, which show each kind once, take longer."""
    marks = () if look in (LOOKS[0], LOOKS[-1]) else (pytest.mark.soak,)
    return pytest.param(*look, id="-".join(look), marks=marks)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The tiny room, which was heard two minutes ago."""
    app = create_room(tmp_path_factory.mktemp("room"))
    _hear(app)
    with served(app) as found:
        yield found


def _hear(app: FastAPI) -> None:
    """The room itself and approval have been silent for two minutes, planning has never been heard."""
    old = Beat(NOW, wall_now() - timedelta(minutes=2), 3)
    new = Beat(NOW, wall_now() + timedelta(hours=1), 12)
    app.state.service.heartbeats.last.update({"planning": old, "approval": old, "publishing": new, "monitoring": new})


@pytest.mark.parametrize(("language", "theme", "size"), [*map(_marked, LOOKS)])
def test_every_state_is_whole(address: str, chromium: Browser, *, language: str, theme: str, size: str) -> None:
    width, height = eyes.SIZES[size]
    found: list[str] = []
    with chromium.new_context(viewport={"width": width, "height": height}) as context:
        own = {"lang": language, "theme": theme}
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in own.items()])
        page = context.new_page()
        for path, status in STATES.items():
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == status, path
            found += [f"{path} {fault}" for fault in _faults(page, is_english=language == "en" and status >= 400)]
    assert found == []


def _faults(page: Page, *, is_english: bool) -> list[str]:
    """What is wrong with the page; the words of the answers to trouble are the chassis' own, and translated."""
    words = eyes.vietnamese(page, (), ()) if is_english else []
    return [*eyes.too_wide(page), *eyes.seen_though_hidden(page), *eyes.broken_rules(page), *words]


def test_old_data_and_silent_rooms_say_so_and_have_no_number(address: str, chromium: Browser) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/states")
        strip, counts = page.locator(".strip").inner_text(), page.locator("nav.rooms .count").all_inner_texts()
    assert "Dữ liệu cũ, 10:42:07" in " ".join(strip.split())
    assert ("im lặng" in strip, "không rõ" in strip) == (True, True)
    assert [text.split()[0] for text in counts] == ["12", "12"], "what is old is no number"
