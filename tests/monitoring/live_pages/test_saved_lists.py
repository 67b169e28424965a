"""Saved lists: each person's own, under a name, with limits that say what to do."""

import re

import httpx2
import pytest

from services.monitoring.screens import saved
from tests.monitoring.reading.house import House

pytestmark = pytest.mark.live


async def save(client: httpx2.AsyncClient, name: str, query: str = "?state=MISSED&unit=PTT") -> httpx2.Response:
    return await client.post(
        "/obligations/saved", data={"name": name, "query": query, "page": "/obligations?state=MISSED"}
    )


async def listed(client: httpx2.AsyncClient) -> list[tuple[str, str]]:
    text = (await client.get("/obligations")).text
    found = re.search(r'<nav class="saved".*?</nav>', text, re.DOTALL)
    links = re.findall(r'<a href="(/obligations[^"]*)"[^>]*>([^<]+)</a>', found[0]) if found else []
    return [(href.replace("&amp;", "&"), name) for href, name in links]


async def test_a_list_is_saved_opened_and_removed(house: House) -> None:
    viewer, other = await house.person("viewer"), await house.person("auditor")
    answer = await save(viewer, "Quá hạn của phòng")
    assert (answer.status_code, answer.headers["location"]) == (303, "/obligations?state=MISSED&unit=PTT")
    ((address, name),) = await listed(viewer)
    assert (address, name) == ("/obligations?state=MISSED&unit=PTT", "Quá hạn của phòng")
    assert (await viewer.get(address)).status_code == 200
    assert await listed(other) == [], "of one person, nobody else's"
    gone = await viewer.post("/obligations/saved/removal", data={"name": name})
    assert gone.status_code == 303
    assert await listed(viewer) == []
    again = await viewer.post("/obligations/saved/removal", data={"name": name})
    assert again.status_code == 404


async def test_what_cannot_be_saved_is_refused_with_what_to_do(house: House) -> None:
    viewer = await house.person("viewer")
    await save(viewer, "Một")
    for name, query, status, words in (
        ("MỘT", "?state=OPEN", 409, "Bạn đã có bộ lọc tên này."),
        ("Hai", "?state=", 409, "Danh sách chưa lọc gì."),
        ("", "?state=OPEN", 422, 'id="errors"'),
        ("x" * 61, "?state=OPEN", 422, 'id="errors"'),
        ("Ba", "?state=DONE", 422, 'id="errors"'),
        ("Ba", "?unheard=of", 409, "Danh sách chưa lọc gì."),
    ):
        answer = await save(viewer, name, query)
        assert answer.status_code == status, (name, query)
        assert words in answer.text, (name, query)
    for number in range(saved.MOST - 1):
        assert (await save(viewer, f"Số {number}")).status_code == 303
    full = await save(viewer, "Thêm")
    assert full.status_code == 409
    assert "Bạn đã lưu 20 bộ lọc, nhiều nhất có thể." in full.text


async def test_the_same_command_saves_once(house: House) -> None:
    viewer = await house.person("viewer")
    for _ in range(2):
        data = {"name": "Một", "query": "?state=OPEN", "command_id": "c-1"}
        assert (await viewer.post("/obligations/saved", data=data)).status_code == 303
    assert len(await listed(viewer)) == 1


async def test_a_name_is_only_text(house: House) -> None:
    viewer = await house.person("viewer")
    await save(viewer, "<b>đậm</b>")
    text = (await viewer.get("/obligations")).text
    assert "<b>đậm" not in text
    assert "&lt;b&gt;đậm&lt;/b&gt;" in text
