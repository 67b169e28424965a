"""Every command of planning is in its log of acts, once; what is refused is not."""

import pytest

from services.chassis.app import Service
from services.chassis.decision import Refused
from services.planning.commands import Desk
from tests.planning.builders import EDITOR, HEAD, YEAR, content
from tests.told import told

pytestmark = pytest.mark.live


async def test_every_command_is_told(service: Service) -> None:
    desk = Desk(service, {})
    made = await desk.draft("k1", EDITOR, school_year=YEAR, content=content())
    plan = made["plan_id"]
    other = content(title="Khác")
    edited = await desk.edit("k2", HEAD, plan, base_hash=made["content_hash"], change=lambda _: other)
    for _ in range(2):
        await desk.submit("k3", EDITOR, plan, seen_hash=edited["content_hash"])
    with pytest.raises(Refused):
        await desk.submit("k4", EDITOR, plan, seen_hash="sha256:other")
    await desk.withdraw("k5", HEAD, plan, reason="Sửa lại")
    assert await told(service.store) == [
        (EDITOR.account_id, "plan-drafted", plan, ""),
        (HEAD.account_id, "plan-edited", plan, ""),
        (EDITOR.account_id, "plan-submitted", plan, ""),
        (HEAD.account_id, "plan-withdrawn", plan, "Sửa lại"),
    ]
