"""The search: what is meant most likely first, Vietnamese words with and without their marks, in any order."""

import re
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from services.monitoring.folding import fold, words_of
from services.monitoring.settings import Settings
from tests.databases import own_prefix
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import House
from tests.monitoring.reading.story import event, key

pytestmark = pytest.mark.live
TITLES = {
    "T1": "Lễ kỷ niệm Ngày Nhà giáo Việt Nam 20/11",
    "T2": "Đêm nhạc “Hòa bình”",
    "T3": "Hoà nhạc đầu xuân",
    "T4": "Nhạc hòa tấu",
    "T5": "Đại hội Đoàn trường",
    "T6": "Ðường chạy (viết bằng chữ eth)",
    "T7": "Thúy và Thuý: quy tắc đặt dấu, quý III",
    "T8": "Nghiệm thu đề tài thường niên",
    "T9": "Hòa nhạc",
    "T10": "Ngày hội STEM_2026 (AI)",
}


async def found(house: House, words: str) -> list[str]:
    """The titles that the list of events shows for the words."""
    viewer = await house.person("viewer")
    answer = await viewer.get("/events", params={"q": words, "school_year": ""})
    assert answer.status_code == 200
    keys = re.findall(r'<a data-open href="/events/([^"]+)"', answer.text)
    by_key = {key(name): name for name in TITLES}
    return [by_key[one] for one in keys]


@pytest.fixture(scope="module")
async def titled(mongo_url: str) -> AsyncIterator[House]:
    """Events with these titles, one a day, for tests that only read."""
    made = House(Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=own_prefix()))
    await made.open()
    await made.hear_at_once(
        say.held(name, title=title, **event(1 + number)) for number, (name, title) in enumerate(TITLES.items())
    )
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("hoa nhac", ["T9", "T3", "T4", "T2"]),  # the very title, then what begins so, then what holds the words
        ("HÒA NHẠC", ["T9", "T3", "T4", "T2"]),
        ("hoà  nhạc", ["T9", "T3", "T4", "T2"]),
        ("hòa", ["T9", "T3", "T4", "T2"]),
        ("binh hoa", ["T2"]),
        ("dem nh", ["T2"]),
        ("đoàn", ["T5"]),
        ("doan truong", ["T5"]),
        ("đường", ["T6"]),
        ("thuy quý", ["T7"]),
        ("quy tac dat dau", ["T7"]),
        ("20/11", ["T1"]),
        ("stem 2026", ["T10"]),
        ("nghiem thu de tai thuong nien", ["T8"]),
        ("nghiêm", ["T8"]),
        ("T6", ["T6"]),  # the sender's own code
        (".*(", []),
        ("nhạc rock", []),
    ],
)
async def test_words_find_the_events_that_are_meant(titled: House, words: str, names: list[str]) -> None:
    assert await found(titled, words) == names


async def test_a_key_finds_its_event_whatever_the_year(titled: House) -> None:
    viewer = await titled.person("viewer")
    text = (await viewer.get("/events", params={"q": key("T1"), "school_year": "2019-2020"})).text
    assert TITLES["T1"] in text


async def test_the_search_of_every_page_leads_to_the_list(titled: House) -> None:
    text = (await (await titled.person("viewer")).get("/")).text
    assert re.search(r'<form role="search"[^>]* action="[^"]*/events">', text)


def test_words_are_split_and_folded() -> None:
    assert words_of("“Hòa bình” – STEM_2026, hoà") == ["hoa", "binh", "stem", "2026"]
    assert fold("ĐƯỜNG Ðường đường") == "duong duong duong"
    assert words_of(" …/ ") == []
