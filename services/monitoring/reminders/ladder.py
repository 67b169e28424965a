"""The ladder of reminders as data: whom each step reaches and when, and the rows that an announcement asks for; pure.

Never a mail: a row is the intent, and what becomes of it is decided when its time comes.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import uuid5

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.envelope import NAMESPACE
from contracts.monitoring import DeadlineApproaching, DeadlineMissed
from contracts.times import format_time
from services.monitoring.algebra.instants import LOCAL_OFFSET, Stamp, to_stamp

HOUR = timedelta(hours=1)
# Units: hours. A step further from its due date than a month helps nobody.
FURTHEST_H = 720
Told = DeadlineApproaching | DeadlineMissed


class Role(StrEnum):
    """Whom a step reaches; each has a mailbox, never a person."""

    UNIT = "unit"
    OFFICE = "office"
    OFFICE_HEAD = "office_head"
    RECTORATE = "rectorate"


class RowState(StrEnum):
    """What became of a reminder: it waits, is in a mail on its way, was sent, failed, or was no longer needed."""

    WAITING = "WAITING"
    SENDING = "SENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    MOOT = "MOOT"


class Step(BaseModel):
    """One step. Units: at_h is hours from the due date, below zero before it. Source: R08"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,30}$")]
    at_h: Annotated[int, Field(ge=-FURTHEST_H, le=FURTHEST_H)]
    to: Role
    channel: Literal["mail"]
    send: Literal["at-once", "morning"]

    @property
    def is_before(self) -> bool:
        """Whether it comes before the due date, with DeadlineApproaching; else it comes with DeadlineMissed."""
        return self.at_h < 0


class Ladder(BaseModel):
    """The steps in the order of their time.

    Units:   late_by_most_h is hours after its time until which a step that became known late is still sent: a rebuild
             and a sender that reports last year's events write to nobody.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(pattern="^[a-z0-9.-]{1,40}$")]
    note: str = ""
    late_by_most_h: Annotated[int, Field(ge=1, le=FURTHEST_H)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        names = [step.step for step in self.steps]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the step {twice[0]} stands twice: give each a name of its own")
        hours = [step.at_h for step in self.steps]
        if hours != sorted(hours):
            raise ValueError("the steps are not in the order of their at_h: put the earliest first")
        return self

    @property
    def roles(self) -> frozenset[Role]:
        """Whom the steps reach."""
        return frozenset(step.to for step in self.steps)


def morning(at: datetime, hour: int) -> datetime:
    """Return the first time, at or after this one, that it is that hour at the school. Source: facts of the place"""
    local = at + LOCAL_OFFSET
    first = datetime.combine(local.date(), time(hour), tzinfo=local.tzinfo)
    return (first if first >= local else first + timedelta(days=1)) - LOCAL_OFFSET


def send_at(step: Step, due_at: datetime, now: datetime, *, hour: int) -> datetime:
    """Return when a step is sent: at its time, or with the mails of the morning after; now when that is past.

    What would come in the morning after the due date although it is to come before is sent at once.    Source: R08
    """
    at = max(due_at + step.at_h * HOUR, now)
    later = morning(at, hour) if step.send == "morning" else at
    return at if step.is_before and later >= due_at else later


def rows_after(told: Told, ladder: Ladder, now: datetime, *, hour: int) -> Iterable[dict[str, Any]]:
    """Return the reminders that an announcement asks for, one for each step; the same again when it is said again.

    A step whose time is long past when the announcement is made is left out.    Source: R08
    """
    is_before = isinstance(told, DeadlineApproaching)
    for step in (step for step in ladder.steps if step.is_before == is_before):
        if told.due_at + (step.at_h + ladder.late_by_most_h) * HOUR < now:
            continue
        due_at = to_stamp(told.due_at)
        yield {
            "_id": row_id(told.obligation_id, due_at, step.step),
            "obligation_id": told.obligation_id,
            "event": told.event,
            "due_at": due_at,
            "step": step.step,
            "to": step.to.value,
            "ladder": ladder.version,
            "at": format_time(send_at(step, told.due_at, now, hour=hour)),
            "round": 1,
            "state": RowState.WAITING.value,
            "mail": None,
            "reason": "",
            "tried_at": None,
            "sent_at": None,
        }


def row_id(obligation_id: str, due_at: Stamp, step: str) -> str:
    """Return the id of a reminder: one for each obligation, due date and step. Source: R08"""
    return str(uuid5(NAMESPACE, f"{obligation_id}\n{due_at}\n{step}"))


def again(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any] | None:
    """Return a row that waits again because what made it needless no longer holds; None for any other.

    What was sent is never sent again for the same due date.    Source: R08
    """
    if row["state"] != RowState.MOOT:
        return None
    return row | {"at": wanted["at"], "round": row["round"] + 1, "state": wanted["state"], "mail": None, "reason": ""}


def needless(row: dict[str, Any], obligation: dict[str, Any] | None) -> str:
    """Return why nobody is to be reminded any more, an empty text while somebody is.

    Shape:   obligation is the stored one as of now.        Source: R08, R20
    """
    if obligation is None:
        return "MERGED"
    if obligation["due_at"] != row["due_at"]:
        return "MOVED"
    return "" if obligation["state"] in ("OPEN", "MISSED") else str(obligation["state"])
