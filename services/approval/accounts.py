"""Accounts and roles: who may be opened, changed or closed, and by which rule not; pure, and never a password in clear.

Source: 0.3, A9, A22 (roles are held by several; who decides what stands in `decisions`)
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from contracts.fields import Code, Flag, Id, Record, Revision, Title
from contracts.times import Instant
from services.approval.refusals import refuse
from services.chassis.decision import Actor, Decision, Refusal

# Longer than a machine guesses, short enough for a sentence.
PASSWORD_CHARACTERS = 10
# The login name of the account that a database without accounts is given.
FIRST = "admin"
LoginName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Password = Annotated[str, Field(min_length=1, max_length=200)]


class Role(StrEnum):
    """What an account may do; a person may hold several. Their names are the chassis'."""

    ADMINISTRATOR = "administrator"
    RECTORATE = "rectorate"
    OFFICE_HEAD = "office_head"
    EDITOR = "editor"
    CONTRIBUTOR = "contributor"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    VIEWER = "viewer"


class NewAccount(Record):
    """What an administrator says of a new account."""

    name: LoginName
    display_name: Title
    password: Password = Field(repr=False)
    roles: tuple[Code, ...] = ()
    unit: Code | None = None


class AccountChange(Record):
    """What is to be different; what is left out stays."""

    display_name: Title | None = None
    roles: tuple[Code, ...] | None = None
    unit: Code | None = None
    active: Flag | None = None
    password: Password | None = Field(None, repr=False)


class Deed(Record):
    """One line of an account's history: who changed what, when; never a password."""

    at: Instant
    by: Id
    fields: tuple[Code, ...]
    roles: tuple[Code, ...]


class Account(Record):
    """A person's account; `revision` counts its changes, and a session of an older revision is no session."""

    account_id: Id
    name: LoginName
    display_name: Title
    roles: tuple[Role, ...] = ()
    unit: Code | None = None
    active: Flag = True
    password_hash: str = Field(repr=False)
    revision: Revision = 1
    history: tuple[Deed, ...] = ()

    def actor(self) -> Actor:
        """The account as the one who gives a command; without roles once it is closed."""
        roles = frozenset(role.value for role in self.roles) if self.active else frozenset()
        return Actor(self.account_id, self.display_name, roles, self.unit or "")

    def shown(self) -> dict[str, Any]:
        """What an administrator reads of it."""
        data = {"unit": None} | self.to_data()
        return {name: value for name, value in data.items() if name not in ("password_hash", "history")}


def check_password(password: str, name: str) -> tuple[Refusal, ...]:
    """Say what is wrong with a new password: too short, or the login name in it."""
    is_weak = len(password) < PASSWORD_CHARACTERS or (len(name) >= 4 and name in password.casefold())
    return (refuse("password-weak", length=PASSWORD_CHARACTERS),) if is_weak else ()


def check_roles(roles: tuple[str, ...]) -> tuple[Refusal, ...]:
    """Say which roles do not exist."""
    known = [role.value for role in Role]
    unknown = [role for role in roles if role not in known]
    return (refuse("roles-unknown", roles=", ".join(unknown), known=", ".join(known)),) if unknown else ()


def open_account(
    holder: Account | None, given: NewAccount, *, account_id: str, password_hash: str, by: tuple[str, datetime]
) -> Decision[Account]:
    """Open an account under a login name that nobody holds.

    Shape:   holder is the account that has the name already; by is (account id, when).
    """
    taken = (refuse("name-taken", name=given.name),) if holder else ()
    refusals = (*taken, *check_roles(given.roles), *check_password(given.password, given.name))
    if refusals:
        return Decision(refusals=refusals)
    deed = Deed(at=by[1], by=by[0], fields=("opened",), roles=given.roles)
    said = {"name": given.name, "display_name": given.display_name, "unit": given.unit, "roles": _in_order(given.roles)}
    return Decision(Account(account_id=account_id, password_hash=password_hash, history=(deed,), **said))


def change_account(
    account: Account, change: AccountChange, *, password_hash: str, others: int, by: tuple[str, datetime]
) -> Decision[Account]:
    """Change an account; the school is never left without an administrator.

    Shape:   others counts the other active administrators; password_hash is used when the change has a password.
    """
    weak = check_password(change.password, account.name) if change.password else ()
    refusals = (*check_roles(change.roles or ()), *weak)
    if refusals:
        return Decision(refusals=refusals)
    values: dict[str, Any] = {
        "display_name": change.display_name,
        "roles": None if change.roles is None else _in_order(change.roles),
        "unit": change.unit,
        "active": change.active,
        "password_hash": password_hash if change.password else None,
    }
    changed = {name: value for name, value in values.items() if value is not None and value != getattr(account, name)}
    if not changed:
        return Decision(account)
    after = account.model_copy(update=changed | {"revision": account.revision + 1})
    if others == 0 and _administers(account) and not _administers(after):
        return Decision(refusals=(refuse("last-administrator"),))
    deed = Deed(at=by[1], by=by[0], fields=tuple(sorted(changed)), roles=tuple(role.value for role in after.roles))
    return Decision(after.model_copy(update={"history": (*account.history, deed)}))


def _administers(account: Account) -> bool:
    return account.active and Role.ADMINISTRATOR in account.roles


def _in_order(roles: tuple[str, ...]) -> tuple[Role, ...]:
    return tuple(role for role in Role if role.value in roles)


def pause_s(failures: int, tries: int) -> int:
    """How many seconds a sign-in waits after so many wrong passwords: none at first, then doubling to 15 minutes."""
    return 0 if failures < tries else min(2 ** min(failures - tries + 2, 12), 900)
