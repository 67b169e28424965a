"""Decisions, accounts, roles and sign-ins are in approval's log of acts, with no name and no password."""

import pytest

from services.approval.accounts import AccountChange
from services.approval.commands import Desk
from services.chassis.app import Service
from services.chassis.decision import Refused
from tests.approval.builders import banner, review
from tests.approval.test_commands import ADMIN, decide, open_person, put_up
from tests.approval.test_web import ADMIN_PASSWORD, PASSWORD, House, house, rules_of  # noqa: F401 - the application
from tests.told import details, told

pytestmark = pytest.mark.live


async def test_decisions_and_accounts_are_told(service: Service) -> None:
    desk = Desk(service)
    head, rector = await open_person(desk, "head", "office_head"), await open_person(desk, "rector", "rectorate")
    on = await put_up(service, review(banner()))
    await decide(desk, on, head)
    with pytest.raises(Refused):
        await decide(desk, on, head, key="again")
    await decide(desk, on, rector, verdict="RETURNED")
    for _ in range(2):
        change = AccountChange(roles=("viewer", "auditor"), active=False, password="mot cau khac han")
        await desk.change_account("c", ADMIN, head.account_id, change=change)
    assert await told(service.store) == [
        ("admin", "account-opened", head.account_id, ""),
        ("admin", "account-opened", rector.account_id, ""),
        (head.account_id, "plan-approved", on.plan_id, "Sửa"),
        (rector.account_id, "plan-returned", on.plan_id, "Sửa"),
        ("admin", "account-changed", head.account_id, ""),
    ]
    _, _, approved, _, changed = await details(service.store)
    assert approved == {"content_hash": on.content_hash}
    assert changed == {"roles": "auditor viewer", "active": "false", "password": "changed"}


async def test_sign_ins_and_what_failed_are_told_without_what_was_typed(house: House) -> None:  # noqa: F811
    account_id = await house.account_id("admin")
    store = house.service.store
    await store.raw("acts").delete_many({})
    browser = house.browser()
    for name, password in (("admin", ADMIN_PASSWORD), ("admin", "mat khau sai"), ("khong-ai", PASSWORD)):
        await browser.post("/api/sessions", json={"name": name, "password": password})
    assert await told(store) == [
        (account_id, "signed-in", account_id, ""),
        ("", "sign-in-failed", account_id, ""),
        ("", "sign-in-failed", "", ""),
    ]
    kept = str(await store.find("acts", {}))
    assert not [text for text in ("khong-ai", "mat khau sai", PASSWORD, ADMIN_PASSWORD) if text in kept]


async def test_the_first_account_is_told_as_the_systems_own_deed(house: House) -> None:  # noqa: F811
    first, *_ = await told(house.service.store)
    assert first[:2] == ("/publicity/approval", "account-opened")


async def test_a_wrong_password_at_its_change_is_told(house: House) -> None:  # noqa: F811
    form = {"current": "mat khau sai", "password": "mot cau moi tinh"}
    assert (await house.people["admin"].post("/password", data=form)).status_code >= 400
    assert (await told(house.service.store))[-1][1] == "sign-in-failed"
