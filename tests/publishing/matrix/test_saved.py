"""The desk's filters: in the address, and kept under a name by the person."""

import pytest

from services.publishing.matrix import saved
from tests.publishing.builders import AUDITOR, EDITOR, OTHER_EVENT, assessed
from tests.publishing.house import House

pytestmark = pytest.mark.live
FILTER = {"unit": "FIT", "requirement": "WEBSITE"}


async def test_a_filter_is_in_the_address_and_is_kept_under_a_name(house: House) -> None:
    await house.hear(assessed(1), assessed(2, obligation_id="ob-2", event=OTHER_EVENT, title="Hiến máu", unit="CTSV"))
    editor = await house.person(EDITOR)
    text = (await editor.get("/?unit=FIT&requirement=WEBSITE")).text
    assert "Hội thảo khoa học sinh viên" in text
    assert "Hiến máu" not in text
    assert 'href="/?unit=FIT&amp;requirement=WEBSITE&amp;cell=ob-1"' in text, "a cell opens within the filter"
    answer = await editor.post("/filters", data=FILTER | {"name": "Khoa tôi"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?unit=FIT&requirement=WEBSITE")
    assert "Khoa tôi" in (await editor.get("/")).text
    assert "Khoa tôi" not in (await (await house.person(AUDITOR)).get("/")).text, "each has his own"
    taken = await editor.post("/filters", data=FILTER | {"name": "KHOA TOI", "page": "/?unit=FIT"})
    assert (taken.status_code, "Bạn đã có bộ lọc tên này." in taken.text) == (409, True)
    for status in (303, 404):
        assert (await editor.post("/filters/removal", data={"name": "Khoa tôi"})).status_code == status
    assert "Khoa tôi" not in (await editor.get("/")).text


def test_which_filters_cannot_be_kept() -> None:
    full = {"filters": [{"name": str(n)} for n in range(saved.MOST)]}
    rules = [
        saved.check_keeping(doc, "x", asked) for doc, asked in ((full, FILTER), (full, {}), ({"filters": []}, FILTER))
    ]
    assert [rule and rule.rule for rule in rules] == ["filters-full", "nothing-filtered", None]
