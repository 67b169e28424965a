"""Several cells published at once: what is offered, each item's own answer, repeats, and the same by the API."""

import re
from typing import Any

import pytest

from contracts.events import EventHeld
from services.chassis.decision import derived
from services.publishing.forms import NewBatchItem
from tests.publishing.builders import EDITOR, EVENT, HEAD, NOW, OTHER_EVENT, assessed, reported
from tests.publishing.house import House

pytestmark = pytest.mark.live
BOARD: dict[str, Any] = {"requirement": "E_BOARD", "channels": ["E_BOARD"]}
PRESS: dict[str, Any] = {"requirement": "MASS_MEDIA", "channels": ["PRESS", "SOCIAL"]}


async def furnished(house: House) -> tuple[str, str]:
    """The ids of two pieces that wait, for the site and the board, and for the site and the press."""
    await house.hear(
        reported(EventHeld, id="e-1"),
        assessed(1),
        assessed(2, obligation_id="ob-2", **BOARD),
        assessed(3, obligation_id="ob-3", event=OTHER_EVENT, title="Hiến máu"),
        assessed(4, obligation_id="ob-4", event=OTHER_EVENT, title="Hiến máu", **PRESS),
    )
    return await house.sent(event=EVENT), await house.sent(event=OTHER_EVENT)


async def test_all_that_is_ready_is_offered_and_what_this_system_shows_is_ticked(house: House) -> None:
    first, second = await furnished(house)
    editor = await house.person(EDITOR)
    assert "Đăng 2 mục sẵn sàng" in (await editor.get("/")).text
    text = (await editor.get("/batch")).text
    ticks = {key: bool(on) for key, on in re.findall(r'name="item" value="([^"]+)"( checked)?', text)}
    assert ticks == {f"{first}:VI_WEB:ob-1": True, f"{first}:E_BOARD:ob-2": False, f"{second}:VI_WEB:ob-3": True}
    assert f"/contents/{second}/record?channel=PRESS" in text, "what needs a proof has a page of its own"
    chosen = (await editor.get("/batch?cell=ob-2")).text
    assert re.findall(r'name="item" value="([^"]+)" checked', chosen) == [f"{first}:E_BOARD:ob-2"]


async def test_one_that_is_refused_stops_no_other_and_a_repeat_changes_nothing(house: House) -> None:
    first, second = await furnished(house)
    editor = await house.person(EDITOR)
    items = [f"{first}:E_BOARD:ob-2", f"{first}:VI_WEB:ob-1", f"{second}:VI_WEB:ob-3"]
    form = {"item": items, "command_id": "c-1", f"at-{first}-E_BOARD": ""}
    answers = [await editor.post("/batch", data=form) for _ in range(2)]
    address = "/batch/c-1?cell=ob-2&cell=ob-1&cell=ob-3"
    assert [(a.status_code, a.headers["location"]) for a in answers] == [(303, address)] * 2
    text = (await editor.get(address)).text
    assert "Đã đăng 2/3 mục" in text
    assert "Chưa có thời điểm kênh này hiện bài." in text
    assert 'href="/batch?cell=ob-2"' in text, "what was refused can be done again"
    assert len(await house.service.store.find("news", {})) == 2
    assert len(await house.service.store.find("acts", {"row.act": "content-published"})) == 2
    again = form | {"item": items[0], "command_id": "c-2", f"at-{first}-E_BOARD": "24/11/2026 09:30"}
    done = await editor.post("/batch", data=again)
    assert "Đã đăng 1/1 mục" in (await editor.get(done.headers["location"])).text
    assert (await (await house.person(HEAD)).get("/batch/c-1")).status_code == 404, "each sees what he ordered"


async def test_a_run_that_was_cut_off_is_taken_up_without_a_second_effect(house: House) -> None:
    first, second = await furnished(house)
    editor = await house.person(EDITOR)
    own = derived("c-1", f"{first}\nVI_WEB")
    done = await editor.post(
        f"/api/contents/{first}/publications", json={"channel": "VI_WEB"}, headers={"Idempotency-Key": own}
    )
    assert done.status_code == 201
    form = {"item": [f"{first}:VI_WEB:ob-1", f"{second}:VI_WEB:ob-3"], "command_id": "c-1"}
    answer = await editor.post("/batch", data=form)
    assert "Đã đăng 2/2 mục" in (await editor.get(answer.headers["location"])).text


FORMS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("nothing ticked", {}, "Chưa chọn mục nào để đăng."),
    ("a tick that is none", {"item": "x"}, "Chưa chọn mục nào để đăng."),
    ("a channel that is none", {"item": "x:MOON:y"}, "Không nằm trong danh sách cho phép."),
    ("a day that is none", {"item": "x:E_BOARD:y", "at-x-E_BOARD": "31/11/2026 10:00"}, "Không phải ngày giờ"),
)


@pytest.mark.parametrize(("form", "word"), [row[1:] for row in FORMS], ids=[row[0] for row in FORMS])
async def test_a_form_that_cannot_be_read_does_nothing(house: House, form: dict[str, Any], word: str) -> None:
    answer = await (await house.person(EDITOR)).post("/batch", data=form | {"page": "/batch"})
    assert (answer.status_code, word in answer.text) == (422, True)


async def test_a_program_orders_several_by_the_same_commands(house: House) -> None:
    first, _ = await furnished(house)
    editor = await house.person(EDITOR)
    given = {"items": [{"content_id": first, "channel": "VI_WEB"}, {"content_id": "none", "channel": "VI_WEB"}]}
    answers = [await editor.post("/api/publications", json=given, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    shown, refused = answers[0].json()["items"]
    assert answers[1].json() == answers[0].json()
    assert (shown["revision"], shown["published_at"]) == (2, "2026-11-24T03:00:00.000000Z")
    assert [error["rule"] for error in refused["errors"]] == ["content-unknown"]
    assert (await editor.post("/api/publications", json={"items": []})).status_code == 422


def test_an_item_is_one_publication_as_its_own_form_gives_it() -> None:
    item = NewBatchItem(content_id="x", channel="E_BOARD", published_at=NOW)  # type: ignore[arg-type]
    assert item.order(is_built_in=False).recorded
