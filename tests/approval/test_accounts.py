"""Accounts: who may be opened and changed, what ends a session, and how long a wrong password has to wait."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.approval.accounts import (
    Account,
    AccountChange,
    NewAccount,
    Role,
    change_account,
    check_password,
    open_account,
    pause_s,
)
from services.approval.storage import from_doc, to_doc
from services.chassis.web.identity import ROLE_NAMES

NOW = datetime(2026, 8, 20, 2, 0, tzinfo=UTC)
BY = ("quan-tri", NOW)


def given(**fields: Any) -> NewAccount:
    values = {"name": "truong-phong", "display_name": "Trưởng phòng", "password": "mot cau kha dai"}
    return NewAccount.from_data(values | {"roles": ["office_head"], "unit": "PTT"} | fields)


def opened(**fields: Any) -> Account:
    account = open_account(None, given(**fields), account_id="a1", password_hash="h1", by=BY).state
    assert account is not None
    return account


def change(account: Account, others: int = 1, **fields: Any) -> Any:
    return change_account(account, AccountChange.from_data(fields), password_hash="h2", others=others, by=BY)


def test_an_account_is_opened_with_its_roles_and_without_its_password() -> None:
    account = opened(roles=["rectorate", "office_head"])
    assert account.roles == (Role.RECTORATE, Role.OFFICE_HEAD)
    assert account.actor().roles == {"office_head", "rectorate"}
    assert "mot cau" not in str(to_doc(account))
    assert "password_hash" not in account.shown()
    assert from_doc(Account, to_doc(account)) == account


def test_the_roles_are_those_that_doors_ask_for() -> None:
    assert {role.value for role in Role} == set(ROLE_NAMES)


def test_a_password_is_not_in_what_is_printed() -> None:
    assert "mot cau" not in repr(given())
    assert "h1" not in repr(opened())


def test_a_name_is_held_once_and_roles_must_exist() -> None:
    decision = open_account(opened(), given(roles=["dean"]), account_id="a2", password_hash="h", by=BY)
    assert [refusal.rule for refusal in decision.refusals] == ["name-taken", "roles-unknown"]


@pytest.mark.parametrize("name", ["", "Hoa", "có dấu", "a b", "-a", "x" * 65, "a/b"])
def test_a_login_name_is_plain(name: str) -> None:
    with pytest.raises(ValidationError):
        given(name=name)


@pytest.mark.parametrize(
    "fields",
    [{"roles": ["editor"]}, {"active": False}, {"password": "x" * 12}, {"unit": "BGH"}, {"display_name": "Khác"}],
    ids=str,
)
def test_every_change_ends_the_sessions_before_it(fields: dict[str, Any]) -> None:
    after = change(opened(), **fields).state
    assert after.revision == 2
    assert after.history[-1].by == "quan-tri"


def test_a_change_to_what_is_already_so_changes_nothing() -> None:
    account = opened()
    assert change(account, roles=["office_head"], active=True).state == account


def test_a_closed_account_has_no_roles() -> None:
    assert change(opened(), active=False).state.actor().roles == frozenset()


@pytest.mark.parametrize("fields", [{"roles": ["viewer"]}, {"roles": []}, {"active": False}], ids=str)
def test_the_last_administrator_stays(fields: dict[str, Any]) -> None:
    account = opened(roles=["administrator"])
    assert [refusal.rule for refusal in change(account, others=0, **fields).refusals] == ["last-administrator"]
    assert change(account, others=1, **fields).state is not None
    assert change(account, others=0, unit="BGH").state is not None


@pytest.mark.parametrize(("password", "ok"), [("ngan", False), ("truong-phong-2026", False), ("mot cau kha dai", True)])
def test_a_password_is_long_and_not_the_name(password: str, ok: bool) -> None:
    assert (check_password(password, "truong-phong") == ()) is ok


def test_wrong_passwords_wait_longer_and_longer() -> None:
    assert [pause_s(failures, 5) for failures in range(8)] == [0, 0, 0, 0, 0, 4, 8, 16]
    assert pause_s(10_000, 5) == 900
