"""The wall screen: figures for whoever walks by, no control, and nothing old that looks new."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.chassis.clock import wall_now
from services.chassis.watermark import Beat
from tests.monitoring.engine import builders as say
from tests.monitoring.live_pages.watching import Reader
from tests.monitoring.reading.house import NOW, House
from tests.monitoring.reading.story import at, key

pytestmark = pytest.mark.live


@pytest.mark.parametrize("spoken", ["vi", "en"])
async def test_the_wall_shows_counts_what_is_due_channels_and_rooms(lived: House, spoken: str) -> None:
    viewer = await lived.person("viewer")
    await viewer.get("/")
    text = (await viewer.get("/wall", params={"lang": spoken})).text
    said = {
        "vi": ("Quá hạn", "lâu nhất", "Cần đăng trước nhất", "10:42"),
        "en": ("Missed", "longest", "first", "10:42"),
    }
    for words in (*said[spoken], "Tọa đàm hòa bình", "Website"):
        assert words in text
    for control in ("<nav", "<form", "<button", "<a ", "<input"):
        assert control not in text
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in text
    assert " style=" not in text


async def test_the_wall_follows_what_happens(lived: House) -> None:
    reader = await Reader(lived, "wall").begin()
    assert "<strong>5</strong>" in reader.shown["wall"]
    await lived.hear(say.published(key("MISS"), "E_BOARD", at(23, 9), content_id="at-last"))
    await reader.until("wall", "<strong>4</strong>")


async def test_old_data_cover_the_counts(lived: House) -> None:
    viewer, last = await lived.person("viewer"), lived.service.heartbeats.last
    assert "wall-counts" in (await viewer.get("/wall")).text
    last["monitoring"] = replace(last["monitoring"], heard_at=wall_now() - timedelta(minutes=4))
    text = (await viewer.get("/wall")).text
    assert "wall-counts" not in text
    assert "Dữ liệu cũ, 10:42" in text.replace("</svg> ", "")
    last.clear()
    assert "wall-counts" not in (await viewer.get("/wall")).text
    last["monitoring"] = Beat(NOW, wall_now())


async def test_the_wall_is_for_who_is_signed_in(lived: House) -> None:
    answer = await lived.browser().get("/wall", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["location"]
