"""Supervision by topic area: what was due lately and in the whole year, each row a list."""

import re

import pytest

from tests.monitoring.reading.house import House

pytestmark = pytest.mark.live


async def test_topic_areas_are_shown_for_thirty_days_and_for_the_year(lived: House) -> None:
    viewer = await lived.person("viewer")
    answer = await viewer.get("/topics")
    assert (answer.status_code, answer.headers["location"]) == (303, "/compliance?by=topic_area")
    text = (await viewer.get(answer.headers["location"])).text
    recent = re.search(r'aria-labelledby="recent".*?</section>', text, re.DOTALL)
    assert recent is not None
    assert "/obligations?topic_area=DAO_TAO&amp;school_year=2026-2027" in recent[0]
    assert "/obligations?topic_area=HOP_TAC&amp;school_year=2026-2027" in recent[0]
    assert "100,0 %" in recent[0], "the one event of HOP_TAC was on time on both channels"
    assert text.count("data-open") >= 2
    assert 'id="recent"' not in (await viewer.get("/compliance?by=unit")).text
