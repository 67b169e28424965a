"""Every act on events and obligations is in monitoring's log of acts, once; what is refused is not."""

from datetime import timedelta
from typing import Any

import pytest

from tests.monitoring.reading.house import House
from tests.monitoring.reading.story import at
from tests.monitoring.reading.test_acts import E1, E2, WEBSITE, two  # noqa: F401 - a room that knows two events
from tests.told import details, told

pytestmark = pytest.mark.live
EVENT, DUTY = f"/api/events/{E1}", f"/api/obligations/{WEBSITE}"
# method, address, body, the act, what it is about, its details
ACTS: tuple[tuple[str, str, dict[str, Any], str, str, dict[str, str]], ...] = (
    ("POST", f"{EVENT}/classification", {"tier": "MAJOR"}, "event-classified", E1, {"tier": "MAJOR"}),
    ("POST", f"{EVENT}/classification", {"plan_item_id": None}, "event-classified", E1, {"plan_item_id": ""}),
    ("POST", f"{DUTY}/waiver", {}, "obligation-waived", WEBSITE, {}),
    ("DELETE", f"{DUTY}/waiver", {}, "waiver-revoked", WEBSITE, {}),
    ("POST", f"{DUTY}/cause", {"cause": "CHANNEL_FAILURE"}, "cause-set", WEBSITE, {"cause": "CHANNEL_FAILURE"}),
    ("POST", f"/api/events/{E2}/merge", {"into": E1}, "event-merged", E2, {"into": E1}),
    ("POST", f"/api/events/{E2}/merge", {"into": None}, "event-merged", E2, {"into": ""}),
)


async def test_every_act_is_told_once_and_what_is_refused_is_not(two: House) -> None:  # noqa: F811
    two.clock.at = at(25)
    head = await two.person("office_head")
    for number, (method, path, body, *_) in enumerate(ACTS):
        two.clock.at += timedelta(minutes=1)
        key = {"Idempotency-Key": f"k{number}"}
        for _ in range(2):
            answer = await head.request(method, path, json=body | {"reason": f"Lý do {number}"}, headers=key)
            assert answer.status_code in (200, 201), answer.text
        refused = await head.request(method, path, json=body)
        assert refused.status_code in (409, 422), "no reason, or done already"
    assert await told(two.store) == [
        ("id-office_head", act, about, f"Lý do {number}") for number, (*_, act, about, _) in enumerate(ACTS)
    ]
    assert await details(two.store) == [act[-1] for act in ACTS]


async def test_a_list_that_somebody_saves_for_himself_is_no_act(two: House) -> None:  # noqa: F811
    head = await two.person("office_head")
    form = {"name": "Của tôi", "query": "?state=OPEN", "page": "/obligations"}
    assert (await head.post("/obligations/saved", data=form)).status_code == 303
    assert await told(two.store) == []
