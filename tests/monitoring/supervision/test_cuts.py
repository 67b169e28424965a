"""Supervision cut by topic area, channel, unit, tier and month: each number opens the list that it counts."""

import re

import httpx2
import pytest

from services.monitoring.algebra.instants import to_stamp
from services.monitoring.reading.board import recent_days
from services.monitoring.reading.figures import Cut
from services.monitoring.reading.filters import NO_TOPIC, ObligationFilter
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import NOW, House
from tests.monitoring.reading.story import at, event

pytestmark = pytest.mark.live
COUNT = re.compile(r'<td class="number"><a href="([^"]+)">(\d+)</a></td>')
ROW = re.compile(r'<th scope="row"><a (?:data-open )?href="([^"]+)">')


async def rows_behind(client: httpx2.AsyncClient, address: str) -> int:
    """How many rows the list has, page by page."""
    found = 0
    while address:
        answer = await client.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200, (address, answer.text[:300])
        found += answer.text.count("<tr data-row>")
        following = re.search(r'rel="next" href="([^"]+)"', answer.text)
        address = following[1] if following else ""
    return found


@pytest.mark.parametrize("by", list(Cut))
async def test_each_number_opens_the_list_that_it_counts(lived: House, by: Cut) -> None:
    """R16: giám sát thường xuyên theo từng mảng chủ đề; also by channel, unit, tier and month."""
    viewer = await lived.person("viewer")
    text = (await viewer.get(f"/compliance?by={by}&school_year=2026-2027")).text
    counts = COUNT.findall(text)
    assert counts
    for address, count in counts:
        assert await rows_behind(viewer, address) == int(count), address
    for address in ROW.findall(text):
        assert await rows_behind(viewer, address) > 0, address


async def test_what_has_no_topic_area_has_a_list_of_its_own(house: House) -> None:
    await house.hear(
        say.held("NONE", at=at(10, 18), **event(10, topic_area=None)),
        say.held("SOME", at=at(10, 18), **event(10)),
    )
    viewer = await house.person("viewer")
    text = (await viewer.get("/compliance?by=topic_area&school_year=2026-2027")).text
    (count,) = {count for address, count in COUNT.findall(text) if f"topic_area={NO_TOPIC}&" in address}
    assert count == "2", "WEBSITE and E_BOARD of the one event without a topic area"
    assert await rows_behind(viewer, f"/obligations?topic_area={NO_TOPIC}") == 2
    assert '<option value="-" selected>' in (await viewer.get(f"/obligations?topic_area={NO_TOPIC}")).text


def test_thirty_days_are_whole_local_days_that_are_over() -> None:
    first, last = recent_days(to_stamp(NOW))
    assert (f"{first:%d/%m}", f"{last:%d/%m}") == ("24/10", "22/11")


async def test_the_ends_of_the_calendar_are_no_error(house: House) -> None:
    head = await house.person("office_head")
    for path in ("/obligations?due_from=0001-01-01", "/obligations?due_from=9999-12-31&due_to=9999-12-31"):
        assert (await head.get(path)).status_code == 200, path
    for path in ("/proposals", "/plan-duties", "/api/proposals", "/api/plan-duties"):
        for school_year in ("0000-0001", "9998-9999"):
            answer = await head.get(path, params={"school_year": school_year})
            assert answer.status_code == 200, (path, school_year)


def test_a_list_from_a_day_leaves_out_what_has_no_date() -> None:
    asked = ObligationFilter(due_from="2026-11-01T17:00:00.000001Z", due_before="2026-11-09")
    assert asked.steps(to_stamp(NOW)) == [
        {"due_at": {"$gt": "", "$lt": "2026-11-09", "$gte": "2026-11-01T17:00:00.000001Z"}}
    ]
