"""Reports at the desk, the quarantine and tokens are in monitoring's log of acts, once; what is refused is not."""

import json

import pytest

from tests.monitoring.door.house import House, Record, message
from tests.monitoring.door.test_quarantine import BROKEN, act, one_set_aside
from tests.monitoring.door.test_tokens import GIVEN
from tests.told import details, told

pytestmark = pytest.mark.live
REPORT = {
    "kind": "held",
    "title": "Hội thảo",
    "unit": "PTT",
    "started_at": "20/11/2026 08:00",
    "ended_at": "20/11/2026 11:00",
}


async def test_a_report_at_the_desk_is_told(house: House) -> None:
    operator = await house.person("operator")
    for _ in range(2):
        answer = await operator.post("/api/desk/events", json=REPORT, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201, answer.text
    ((actor, name, subject, _),) = await told(house.store)
    assert (actor, name) == ("operator", "event-recorded")
    assert subject == answer.json()["message_id"]


async def test_what_is_done_about_messages_set_aside_is_told(house: House) -> None:
    operator = await house.person("operator")
    item = await one_set_aside(house)
    mended = json.dumps(message("q-1", source="/library"))
    assert (await act(operator, item, "replay", body=mended)).status_code == 200
    await house.receive(Record(BROKEN.replace(b"q-1", b"q-2"), offset=1))
    (waiting,) = await house.docs("quarantine", status="OPEN")
    other = waiting["_id"]
    assert (await act(operator, other, "discard")).status_code == 422
    assert (await act(operator, other, "discard", reason="Thư rác")).status_code == 200
    assert (await act(operator, other, "discard", reason="Lần nữa")).status_code == 409
    assert await told(house.store) == [
        ("operator", "message-replayed", item, ""),
        ("operator", "message-discarded", other, "Thư rác"),
    ]


async def test_tokens_are_told_and_never_shown(house: House) -> None:
    admin = await house.person("administrator")
    for _ in range(2):
        answer = await admin.post("/api/tokens", json=GIVEN, headers={"Idempotency-Key": "k"})
        made = answer.json() if answer.json()["token"] else made  # noqa: F821 - the first answer holds the token
    for _ in range(2):
        await admin.delete(f"/api/tokens/{made['token_id']}")
    assert (await admin.delete("/api/tokens/none")).status_code == 404
    assert await told(house.store) == [
        ("administrator", "token-issued", made["token_id"], ""),
        ("administrator", "token-revoked", made["token_id"], ""),
    ]
    issued, _ = await details(house.store)
    assert issued["source"] == GIVEN["source"]
    assert made["token"] not in str(await house.docs("acts"))
