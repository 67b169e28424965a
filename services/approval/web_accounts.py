"""The doors of account administration: accounts, roles, units, and a person's own password.

It must never judge: the rules are in `accounts`.
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from contracts.fields import Record
from services.approval import accounts, sessions, storage
from services.approval.accounts import AccountChange, NewAccount, Password, Role
from services.approval.commands import Desk
from services.approval.refusals import refuse, refused
from services.approval.web_sessions import address_of, see_other
from services.chassis.decision import Actor
from services.chassis.web import command_id, form_data, page, parsed, translate
from services.chassis.web.i18n import N_
from services.chassis.web.identity import ROLE_NAMES, require, signed_in

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
Administrator = Annotated[Actor, Depends(require("administrator"))]
Anybody = Annotated[Actor, Depends(signed_in)]


class NewPassword(Record):
    """A person's own new password, with the one in use."""

    current: Password
    password: Password


FIELD_NAMES = {
    "opened": N_("mở tài khoản"),
    "display_name": N_("tên hiển thị"),
    "roles": N_("vai trò"),
    "unit": N_("đơn vị"),
    "active": N_("mở, khóa"),
    "password_hash": N_("mật khẩu"),
}


def roles(request: Request) -> list[tuple[str, str]]:
    """The roles with their names in the reader's language, for a form."""
    return [(role.value, translate(request, ROLE_NAMES[role])) for role in Role]


def create_router(service: "Service", desk: Desk) -> APIRouter:
    """The doors of accounts, pages and API."""
    router, store = APIRouter(), service.store

    async def found(account_id: str) -> accounts.Account:
        account = await storage.account(store, account_id)
        if account is None:
            raise refused(refuse("account-unknown"))
        return account

    @router.get("/accounts", include_in_schema=False)
    async def show_all(request: Request, actor: Administrator) -> Response:
        return await page(request, "accounts.html", accounts=await storage.accounts(store), roles=roles(request))

    @router.post("/accounts", include_in_schema=False)
    async def open_by_form(request: Request, actor: Administrator) -> Response:
        form = await form_data(request)
        await desk.open_account(command_id(request), actor, parsed(NewAccount, form | {"roles": form.get("roles", [])}))
        return see_other(request, "/accounts")

    @router.get("/accounts/{account_id}", include_in_schema=False)
    async def show(request: Request, account_id: str, actor: Administrator) -> Response:
        account = await found(account_id)
        names = await storage.names_of(store, {deed.by for deed in account.history})
        held = [role.value for role in account.roles]
        return await page(
            request, "account.html", account=account, names=names, held=held, fields=FIELD_NAMES, roles=roles(request)
        )

    @router.post("/accounts/{account_id}", include_in_schema=False)
    async def change_by_form(request: Request, account_id: str, actor: Administrator) -> Response:
        form = await form_data(request)
        boxes = {"roles": form.get("roles", []), "active": "active" in form}  # an empty box sends nothing
        change = parsed(AccountChange, form | boxes)
        await desk.change_account(command_id(request), actor, account_id, change=change)
        return see_other(request, "/accounts")

    @router.get("/password", include_in_schema=False)
    async def show_password(request: Request, actor: Anybody) -> Response:
        return await page(request, "password.html")

    @router.post("/password", include_in_schema=False)
    async def change_password(request: Request, actor: Anybody) -> Response:
        given = parsed(NewPassword, await form_data(request))
        account = await found(actor.account_id)
        await sessions.confirm(service, account.name, given.current, address=address_of(request))
        change = AccountChange(password=given.password)
        await desk.change_account(command_id(request), actor, actor.account_id, change=change)
        return see_other(request, "/sign-in")

    @router.post("/api/accounts", status_code=201)
    async def open_account(request: Request, given: NewAccount, actor: Administrator) -> Json:
        return await desk.open_account(command_id(request), actor, given)

    @router.get("/api/accounts")
    async def all_accounts(actor: Administrator) -> Json:
        return {"items": [account.shown() for account in await storage.accounts(store)]}

    @router.patch("/api/accounts/{account_id}")
    async def change_account(request: Request, account_id: str, given: AccountChange, *, actor: Administrator) -> Json:
        await desk.change_account(command_id(request), actor, account_id, change=given)
        return (await found(account_id)).shown()

    return router
