"""Where mail goes: the mailboxes of units and roles, as data of this installation; pure.

Never a person's name: a mailbox belongs to an office. Accounts and their addresses stay in approval.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.monitoring.reminders.ladder import Ladder, Role

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


def checked_address(value: str) -> str:
    """Return the address; raises ValueError for what is more than a plain ASCII one. Source: contract, Data"""
    if not _ADDRESS.fullmatch(value):
        raise ValueError("is no plain address such as phong@truong.edu.vn, without a name and without blanks")
    return value


Address = Annotated[str, AfterValidator(checked_address)]


class Mailbox(BaseModel):
    """One mailbox and the language of its readers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Address
    language: Literal["vi", "en"] = "vi"


class Mailboxes(BaseModel):
    """The mailboxes of this installation.

    Shape:   roles are those of the ladder but for `unit`; units are mailboxes by the unit's code.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(pattern="^[A-Za-z0-9.-]{1,40}$")]
    note: str = ""
    roles: Mapping[Role, Mailbox]
    units: Mapping[str, Mailbox] = Field(default_factory=dict)

    def of(self, role: Role, unit: str | None) -> Mailbox:
        """The mailbox of a role; of a unit without one the office's, which knows whom to ask."""
        if role == Role.UNIT:
            return self.units.get(unit or "", self.roles[Role.OFFICE])
        return self.roles[role]


def faults_of(mailboxes: Mailboxes, ladder: Ladder, units: frozenset[str]) -> list[str]:
    """Return what mailboxes lack or have too much of for a ladder and the school's units. Source: R08"""
    needed = (ladder.roles - {Role.UNIT}) | {Role.OFFICE}
    faults = [f"roles/{role.value}: the ladder needs this mailbox" for role in sorted(needed - mailboxes.roles.keys())]
    if Role.UNIT in mailboxes.roles:
        faults.append("roles/unit: give the mailboxes of units by their codes under units")
    return faults + [f"units/{code}: no such unit" for code in sorted(mailboxes.units.keys() - units)]
