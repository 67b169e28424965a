"""Pages that follow what happens: the same parts as the page shows, sent soon, and nothing of what roles divide."""

import re
import time

import pytest

from services.chassis.decision import Actor
from tests.monitoring.engine import builders as say
from tests.monitoring.live_pages.watching import Reader
from tests.monitoring.reading.house import House
from tests.monitoring.reading.story import at, event, key

pytestmark = pytest.mark.live
TODAY = ("counts", "work", "desk", "feed", "year", "topics")
OF_EVENT = ("event", "duties", "timeline", "why")


def bare(html: str) -> str:
    """The HTML without the white space between its parts."""
    return re.sub(r"\s+", " ", html).strip()


def part_of(page: str, name: str) -> str:
    """What a page shows inside the part."""
    begin = page.index(f'sse-swap="{name}"')
    return page[page.index(">", begin) + 1 :]


@pytest.mark.parametrize("spoken", ["vi", "en"])
async def test_a_part_is_what_the_page_shows(lived: House, spoken: str) -> None:
    head, viewer = await lived.person("office_head"), await lived.person("viewer")
    one = key("MISS")
    await viewer.get("/")
    reader = await Reader(lived, *TODAY, *(f"{name}:{one}" for name in OF_EVENT), spoken=spoken).begin()
    pages = {
        "/": (head, ("counts", "desk", "feed", "year", "topics")),
        f"/events/{one}": (viewer, tuple(f"{name}-{one}" for name in OF_EVENT)),
        "/obligations": (viewer, ("counts",)),
    }
    for path, (client, parts) in pages.items():
        text = (await client.get(path, params={"lang": spoken})).text
        for name in parts:
            assert bare(part_of(text, name)).startswith(bare(reader.shown[name])), (path, name)


async def test_a_new_event_is_on_the_open_page_at_once(lived: House) -> None:
    reader = await Reader(lived, "counts", "work", "feed").begin()
    began = time.monotonic()
    await lived.hear(say.held("NEW", at=at(23, 10), title="Ngày hội đọc sách", **event(23)))
    learnt = time.monotonic()
    await reader.until("feed", "Ngày hội đọc sách")
    assert time.monotonic() - learnt < 2.0, f"1 s on a machine of its own; the fact itself took {learnt - began:.2f} s"


async def test_what_is_published_moves_the_event_s_page_and_no_other(lived: House) -> None:
    soon, other = key("SOON"), key("WAIT")
    reader = await Reader(lived, f"duties:{soon}", f"timeline:{soon}").begin()
    others = await Reader(lived, f"duties:{other}").begin()
    assert "chưa đăng" in reader.shown[f"duties-{soon}"]
    await lived.hear(say.published(soon, "VI_WEB", at(23, 9), content_id="soon"))
    assert "Đúng hạn" in await reader.until(f"duties-{soon}", "Đúng hạn")
    await reader.until(f"timeline-{soon}", "23/11/2026 09:00")
    with pytest.raises(TimeoutError):
        await others.next(0.7)


async def test_no_part_holds_what_a_role_may_do(lived: House) -> None:
    one = key("MISS")
    reader = await Reader(lived, "counts", "work", *(f"{name}:{one}" for name in OF_EVENT)).begin()
    for name, html in reader.shown.items():
        assert "<form" not in html, name
        assert "/answer" not in html, name
    live = lived.service.live
    assert live is not None
    viewer, operator = (Actor(role, role, frozenset({role})) for role in ("viewer", "operator"))
    assert live.allowed(["desk", "work"], viewer) == ("work",)
    assert live.allowed(["desk", "work"], operator) == ("desk", "work")
    desk = (await Reader(lived, "desk").begin()).shown["desk"]
    assert "/answer" in desk
    assert desk == (await Reader(lived, "desk").begin()).shown["desk"], "the same until something changes"


async def test_the_news_are_told_and_not_faster_than_they_can_be_read_out(lived: House) -> None:
    reader = await Reader(lived, "feed").begin()
    await lived.hear(say.held("N1", at=at(23, 10), title="Tin một", **event(22)))
    await reader.until("feed", "Tin một")
    began = time.monotonic()
    await lived.hear(say.held("N2", at=at(23, 10, 1), title="Tin hai", **event(22)))
    await reader.until("feed", "Tin hai")
    assert time.monotonic() - began > 0.5
    page = (await (await lived.person("viewer")).get("/")).text
    assert 'sse-swap="feed" aria-live="polite"' in page


async def test_pages_can_be_paused_and_work_without_scripts(lived: House) -> None:
    page = (await (await lived.person("viewer")).get("/")).text
    assert re.search(r"<button [^>]*data-pause aria-pressed=\"false\" hidden>", page), "a script shows it"
    assert "data-held hidden" in page
    assert page.count('id="live-') == len(set(re.findall(r'id="live-[a-z]+"', page)))
    assert "Tọa đàm hòa bình" in page


async def test_acts_stand_outside_of_what_is_replaced(lived: House) -> None:
    page = (await (await lived.person("office_head")).get(f"/events/{key('MISS')}")).text
    why = page.index('id="live-why"')
    assert page.index("/waiver", why) > page.index('id="duty-acts"', why)
    assert page.count('id="duty-acts"') == 1
    assert "/waiver" not in (await (await lived.person("viewer")).get(f"/events/{key('MISS')}")).text


async def test_an_event_that_nobody_reported_has_empty_parts(lived: House) -> None:
    reader = await Reader(lived, "event:nobody").begin()
    assert reader.shown["event-nobody"].replace("data:", "").strip() == ""
