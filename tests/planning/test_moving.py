"""A milestone is moved to another day: by a button, a key or a drag, all of which open one page with one field."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from contracts.planning import Milestone
from services.chassis.app import Service
from services.chassis.decision import Refused
from services.planning.moving.moved import milestone_of, move, on_day, with_time
from services.planning.settings import Settings
from tests.planning.builders import content, data, focal
from tests.planning.conftest import opened
from tests.planning.test_rooms import House, channel, drafted, routine

WEEK_LATER = "27/11/2026 07:30"


@pytest.fixture
async def house(settings: Settings, service: Service) -> AsyncIterator[House]:
    async with opened(House(settings, service)) as made:
        yield made


def lasting(starts_at: str, ends_at: str) -> Milestone:
    return Milestone.from_data({"starts_at": starts_at, "ends_at": ends_at})


def test_a_moved_milestone_lasts_as_long_and_nothing_else_changes() -> None:
    before = content()
    after = move("20-11", lasting("2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z").starts_at)(before)
    found = milestone_of(after, "20-11")
    assert found is not None
    assert found[2] == lasting("2026-12-01T00:00:00Z", "2026-12-01T03:30:00Z")
    moved = focal(milestone={"starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-01T03:30:00Z"})
    assert after == content(channel_plans=[channel("E_BOARD", routine()), channel("VI_WEB", moved)])


@pytest.mark.parametrize(
    ("item_id", "starts_at", "rule"),
    [
        ("tin-tuan", "2026-12-01T00:00:00Z", "part-unknown"),
        ("none", "2026-12-01T00:00:00Z", "part-unknown"),
        ("20-11", "9999-12-31T16:59:59Z", "moved-too-far"),
        ("20-11", "9999-12-31T23:59:59Z", "moved-too-far"),
    ],
)
def test_what_cannot_be_moved_is_refused_in_words(item_id: str, starts_at: str, rule: str) -> None:
    with pytest.raises(Refused) as told:
        move(item_id, lasting(starts_at, starts_at).starts_at)(content())
    assert [one.rule for one in told.value.refusals] == [rule]


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("27/11/2026", WEEK_LATER), (" 7/1/2027 ", "7/1/2027 07:30"), ("27/11/2026 09:00", "27/11/2026 09:00"), ("", "")],
)
def test_a_day_alone_keeps_the_time_of_day(typed: str, completed: str) -> None:
    milestone = lasting("2026-11-20T00:30:00Z", "2026-11-20T04:00:00Z")
    assert with_time(typed, milestone) == completed
    assert with_time(typed, None) == typed.strip()
    assert on_day("2026-11-27", milestone) == WEEK_LATER
    assert on_day("tomorrow", milestone) == "20/11/2026 07:30"


@pytest.mark.live
async def test_a_milestone_is_moved_by_a_button_a_key_or_a_drag(house: House) -> None:
    editor, viewer = await house.person("editor"), await house.person("viewer")
    path, base = await drafted(editor)
    page = (await editor.get(f"{path}?month=2026-11")).text
    place = f"{path}/move?key=20-11"
    assert f'data-key="m" href="{place}"' in page
    assert page.count("data-move") == page.count(f'data-move="{place}"') == 1, "what recurs has no day to move"
    assert 'data-day="2026-11-27"' in page
    assert "data-move" not in (await viewer.get(f"{path}?month=2026-11")).text
    assert f'value="{WEEK_LATER}"' in (await editor.get(f"{place}&to=2026-11-27")).text
    sent = await editor.post(place, data={"base_hash": base, "starts_at": "27/11/2026"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{path}?month=2026-11#calendar")
    plans = (await editor.get(f"/api{path}")).json()["content"]["channel_plans"]
    there = {"starts_at": "2026-11-27T00:30:00.000000Z", "ends_at": "2026-11-27T04:00:00.000000Z"}
    assert plans[1]["items"][0]["milestone"] == there
    assert (await viewer.get(place)).status_code == 403
    for missing in (f"{path}/move?key=tin-tuan", f"{path}/move?key=none", "/plans/none/move?key=20-11"):
        assert (await editor.get(missing)).status_code == 404
    await editor.post(f"/api{path}/submission")
    assert (await editor.get(place)).status_code == 409, "what waits for approval stays as it is"


@pytest.mark.live
@pytest.mark.parametrize(
    ("milestone", "said", "is_compared"),
    [
        ({"starts_at": "2026-11-23T00:30:00Z", "ends_at": "2026-11-23T04:00:00Z"}, "dời chính mốc này", True),
        ({"starts_at": "2026-11-20T00:30:00Z", "ends_at": "2026-11-20T05:00:00Z"}, "sửa phần khác", False),
        (None, "bỏ mốc của nó", False),
    ],
    ids=["moved as well", "something else", "gone"],
)
async def test_of_two_who_move_at_once_the_later_sees_both_days(
    house: House, milestone: dict[str, Any] | None, said: str, is_compared: bool
) -> None:
    editor, head = await house.person("editor"), await house.person("office_head")
    path, base = await drafted(editor)
    place = f"{path}/move?key=20-11"
    items = (focal(milestone=milestone),) if milestone else ()
    other = {"content": data(channel_plans=[channel("VI_WEB", *items)]), "base_hash": base}
    assert (await editor.put(f"/api{path}", json=other)).status_code == 200
    typed = {"base_hash": base, "was": "20/11/2026 07:30", "starts_at": WEEK_LATER, "page": place}
    late = await head.post(place, data=typed)
    if milestone is None:
        assert (late.status_code, said in late.text, WEEK_LATER in late.text) == (404, True, True)
        return
    assert (late.status_code, said in late.text, WEEK_LATER in late.text) == (409, True, True)
    assert ("Bản của bạn" in late.text) is is_compared
    newest = (await head.get(f"/api{path}")).json()["content_hash"]
    assert f'name="base_hash" value="{newest}"' in late.text
    assert (await head.post(place, data=typed | {"base_hash": newest})).status_code == 303


@pytest.mark.live
@pytest.mark.parametrize("typed", ["", "31/02/2027 08:00", "mai", "31/12/9999 23:59"])
async def test_a_day_that_is_none_comes_back_as_it_was_typed(house: House, typed: str) -> None:
    editor = await house.person("editor")
    path, base = await drafted(editor)
    place = f"{path}/move?key=20-11"
    back = await editor.post(place, data={"base_hash": base, "starts_at": typed, "page": f"{place}&lang=en"})
    assert (back.status_code, 'aria-invalid="true"' in back.text, f'value="{typed}"' in back.text) == (422, True, True)
