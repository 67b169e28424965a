"""What a rule returns: the new state, what to announce, or why not. Pure; it must never do I/O or read a clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from uuid import uuid5

from contracts.envelope import NAMESPACE
from contracts.fields import Record

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: a signed-in person, or the service itself."""

    account_id: str
    name: str
    roles: frozenset[str]
    unit: str = ""

    def has(self, *roles: str) -> bool:
        """Whether the actor holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Announcement:
    """A fact to be announced; the unit of work makes the message of it.

    Shape:   sequence is the version of the aggregate that `subject` names.
    Units:   time is when the fact happened, recorded when we learned it (default of both: the unit's `now`).
    """

    data: Record
    subject: str
    sequence: int
    time: datetime | None = None
    discriminator: str | None = None
    source: str | None = None
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that says no: its code, where, why, and what to do.

    Shape:   detail and fix are Vietnamese msgids with %(name)s places, filled from params at the edge.
    """

    rule: str
    detail: str
    pointer: str = ""
    fix: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision(Generic[S]):
    """The outcome of one pure decision; with refusals, nothing else of it counts."""

    state: S | None = None
    announcements: tuple[Announcement, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Refused(Exception):
    """A command was refused by its rules; the unit of work leaves no trace of it."""

    def __init__(self, *refusals: Refusal, status: int = 422) -> None:
        super().__init__("; ".join(refusal.rule for refusal in refusals))
        self.refusals = refusals
        self.status = status


class CommandIdUsed(Exception):
    """Something else was done under the command's id: the answer would be that of the other."""


def accept(decision: Decision[S]) -> Decision[S]:
    """Return the decision, or raise Refused with all its refusals."""
    if decision.refusals:
        raise Refused(*decision.refusals)
    return decision


def scoped(command_id: str, actor: Actor) -> str:
    """The command's id as this person's, fit to be a message's cause: nobody is answered with another person's act."""
    return derived(actor.account_id, command_id)


def derived(command_id: str, kind: str) -> str:
    """The id of the one new thing of a kind that a command makes: the same again when the command is repeated."""
    return str(uuid5(NAMESPACE, f"{command_id}\n{kind}"))
