"""The cell beside the matrix: what can be done from it, and where one is afterwards."""

import pytest

from contracts.events import EventHeld
from tests.publishing.builders import AUDITOR, EDITOR, EVENT, assessed, reported
from tests.publishing.house import House

pytestmark = pytest.mark.live


async def test_what_is_published_beside_the_matrix_is_published_by_the_one_command(house: House) -> None:
    await house.hear(reported(EventHeld, id="e-1"), assessed(1))
    content_id = await house.sent(event=EVENT)
    editor, cell = await house.person(EDITOR), "/?only=soon&cell=ob-1"
    assert 'data-act="d"' in (await editor.get(cell)).text
    assert 'data-act="d"' not in (await (await house.person(AUDITOR)).get(cell)).text, "who may not is not asked"
    form = {"channel": "VI_WEB", "command_id": "c-1", "desk": "only=soon&cell=ob-1"}
    for _ in range(2):
        answer = await editor.post(f"/contents/{content_id}/publications", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, cell)
    acts = await house.service.store.find("acts", {"row.act": "content-published"})
    (entry,) = [
        e for e in (await editor.get(f"/api/contents/{content_id}")).json()["history"] if e["deed"] == "PUBLISHED"
    ]
    assert [act["row"]["id"] for act in acts] == [entry["key"]], "the key beside the try is the one in the log of acts"
    text = (await editor.get(cell)).text
    assert "đang hiện" in text.lower()
    assert f"/contents/{content_id}/withdraw?channel=VI_WEB" in text


async def test_an_unknown_outcome_is_its_own_state_and_offers_what_a_person_can_say(house: House) -> None:
    await house.hear(assessed(1, requirement="E_BOARD", channels=["E_BOARD"]))
    content_id = await house.sent(event=EVENT)
    editor = await house.person(EDITOR)
    failure = {"channel": "E_BOARD", "outcome": "UNKNOWN", "detail": "hết giờ chờ"}
    assert (await editor.post(f"/api/contents/{content_id}/failures", json=failure)).status_code == 201
    text = (await editor.get("/?cell=ob-1")).text
    assert "Chưa rõ kênh đã nhận bài hay chưa" in text
    assert "hết giờ chờ" in text
    recording = f"/contents/{content_id}/record?channel=E_BOARD"
    denying = f"/contents/{content_id}/failure?channel=E_BOARD&amp;outcome=REFUSED"
    assert recording in text
    assert denying in text
    assert '<option value="E_BOARD" selected>' in (await editor.get(recording)).text
    assert 'value="REFUSED" checked' in (await editor.get(denying.replace("&amp;", "&"))).text
