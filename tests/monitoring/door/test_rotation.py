"""Tokens are replaced without a gap: the new one once, the old one for a while; quotas and counts by source."""

import re
from datetime import timedelta
from typing import Any

import pytest

from contracts.times import format_time
from tests.monitoring.door.house import NOW, House, message, post, rules

pytestmark = pytest.mark.live
GIVEN = {"source": "/sis", "scopes": ["events:write"], "quota_per_minute": 900}


async def issued(house: House, **changes: Any) -> dict[str, Any]:
    """A token as it is answered to who issues it."""
    answer = await (await house.person("operator")).post("/api/tokens", json=GIVEN | changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_the_old_token_goes_on_for_the_overlap_and_then_ends(house: House) -> None:
    operator, old = await house.person("operator"), await issued(house)
    address = f"/api/tokens/{old['token_id']}/rotation"
    answer = await operator.post(address, json={"overlap_h": 2}, headers={"Idempotency-Key": "k"})
    new = answer.json()
    assert (answer.status_code, new["source"], new["scopes"]) == (201, "/sis", ["events:write"])
    assert new["token"] not in ("", None, old["token"])
    again = await operator.post(address, json={"overlap_h": 2}, headers={"Idempotency-Key": "k"})
    assert again.json() == new | {"token": None}
    both = [house.client(authorization=f"Bearer {one['token']}") for one in (old, new)]
    assert [(await post(one, message())).status_code for one in both] == [202, 202]
    house.clock.at += timedelta(hours=2)
    assert [(await post(one, message())).status_code for one in both] == [401, 202]
    rows = {row["token_id"]: row for row in (await operator.get("/api/tokens")).json()["items"]}
    assert rows[old["token_id"]]["ends_at"] == format_time(NOW + timedelta(hours=2))
    assert (rows[new["token_id"]]["quota_per_minute"], rows[new["token_id"]]["ends_at"]) == (900, None)


@pytest.mark.parametrize("overlap_h", [-1, 721, 1.5, "x", None])
async def test_the_overlap_is_a_number_of_hours_within_a_month(house: House, overlap_h: Any) -> None:
    old = await issued(house)
    answer = await (await house.person("operator")).post(
        f"/api/tokens/{old['token_id']}/rotation", json={"overlap_h": overlap_h}
    )
    assert answer.status_code == 422


async def test_only_a_token_that_goes_on_can_be_replaced_and_a_replaced_one_can_be_revoked(house: House) -> None:
    operator, old = await house.person("operator"), await issued(house)
    address = f"/api/tokens/{old['token_id']}"
    assert (await operator.post("/api/tokens/none/rotation", json={})).status_code == 404
    assert (await operator.post(f"{address}/rotation", json={})).status_code == 201
    answer = await operator.post(f"{address}/rotation", json={})
    assert (answer.status_code, rules(answer)) == (409, [("token-ended", "")])
    assert (await operator.delete(address)).status_code == 204
    assert (await post(house.client(authorization=f"Bearer {old['token']}"), message())).status_code == 401
    assert (await operator.post(f"{address}/rotation", json={})).status_code == 409


async def test_the_page_replaces_a_token_and_shows_the_new_one_once(house: House) -> None:
    operator, old = await house.person("operator"), await issued(house)
    shown = (await operator.get(f"/sources?rotate={old['token_id']}")).text
    assert "Đổi khóa của /sis" in shown
    form = {"overlap_h": "168", "command_id": "c-1", "page": "/sources"}
    made = (await operator.post(f"/sources/{old['token_id']}/rotation", data=form)).text
    (token,) = re.findall(r"ptt_[\w-]+", made)
    assert (await post(house.client(authorization=f"Bearer {token}"), message())).status_code == 202
    assert token not in (await operator.post(f"/sources/{old['token_id']}/rotation", data=form)).text
    listed = (await operator.get("/sources")).text
    assert "đang được thay" in listed
    assert "28/11/2026" in listed
    assert listed.count("Đổi khóa…") == 1
    assert "Đổi khóa của" not in (await operator.get("/sources?rotate=none")).text
    assert (
        await (await house.person("editor")).post(f"/sources/{old['token_id']}/rotation", data=form)
    ).status_code == 403


async def test_a_token_from_before_tokens_could_be_replaced_goes_on(house: House) -> None:
    made = await issued(house)
    await house.store.raw("tokens").update_one(
        {"_id": made["token_id"]},
        {"$unset": {"ends_at": "", "quota_per_minute": ""}, "$set": {"schema_version": 1}},
    )
    assert (await post(house.client(authorization=f"Bearer {made['token']}"), message())).status_code == 202
    assert "còn hiệu lực" in (await (await house.person("operator")).get("/sources")).text


async def test_what_became_of_a_sources_messages_is_counted(house: House) -> None:
    made = await issued(house, source="/counted", quota_per_minute=4)
    sis = house.client(authorization=f"Bearer {made['token']}")
    for id, changes in (("1", {}), ("1", {}), ("1", {"title": "Khác"}), ("2", {"title": " "}), ("3", {})):
        await post(sis, message(id, source="/counted", **changes))
    assert (await post(sis, message("4", source="/counted"))).status_code == 429
    operator = await house.person("operator")
    counts = (await operator.get("/api/tokens")).json()["counts"]
    assert counts == {"/counted": {"ACCEPTED": 2, "DUPLICATE": 1, "QUARANTINED": 1, "REFUSED": 1, "OVER_QUOTA": 1}}
    shown = (await operator.get("/sources")).text
    assert "Đã nghe từ mỗi nguồn" in shown
    cells = re.findall(r'data-label="(?:Nhận|Trùng|Cách ly|Từ chối|Quá hạn mức)">(\d+)', shown)
    assert cells == ["2", "1", "1", "1", "1"]
