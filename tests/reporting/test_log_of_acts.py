"""Every command of reporting is in its log of acts, once; what is refused is not."""

import pytest

from tests.reporting.builders import YEAR
from tests.reporting.conftest import House
from tests.reporting.test_web import API, WHOLE, head_of
from tests.told import details, told

pytestmark = pytest.mark.live


async def test_every_command_is_told(house: House) -> None:
    head = await head_of(house)
    given = {"text": "Nhắc sớm hơn", "gap": {"figure": "on_time"}}
    made = await head.post(f"{API}/proposals", json=given, headers={"Idempotency-Key": "p"})
    assert made.status_code == 201, made.text
    for _ in range(2):
        assert (await head.post(f"{API}/issue", json={}, headers={"Idempotency-Key": "i"})).status_code == 201
    assert (await head.post(f"{API}/issue", json={})).status_code == 409
    assert await told(house.service.store) == [
        ("acc-office_head", "improvement-proposed", made.json()["proposal_id"], ""),
        ("acc-office_head", "report-issued", YEAR, ""),
    ]
    assert await details(house.service.store) == [{"school_year": YEAR}, {"digest": WHOLE.digest}]
