"""Which obligations a new version of calendar or policy would move, before it is issued; pure.

Never a count of its own: due dates come from `algebra.due`, under the versions with and without the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.codes import State
from services.monitoring.algebra.due import Due, Versions, due_after
from services.monitoring.algebra.explain import Explanation, explain_after
from services.monitoring.algebra.instants import Stamp, end_day, is_local_midnight

Doc = Mapping[str, Any]
Json = dict[str, Any]
# How many of the moved are told one by one; the rest is counted.
MOST = 50
# What is looked at of a stored obligation.
FIELDS = (
    "event",
    "title",
    "unit",
    "requirement",
    "phase",
    "state",
    "started_at",
    "ended_at",
    "due_at",
    "discharged_at",
)


def may_move(now: Stamp) -> tuple[Json, ...]:
    """Return the questions for what a version issued now can move: owed after an event, and not settled before.

    Shape:   one for what has no date, one for what is not due yet; each has an index.
    Source:  the obligation, Algebra (neither discharged nor past the due date, or without one)
    """
    open_ones = [{"state": {"$in": [State.OPEN.value, State.WAIVED.value]}}, {"discharged_at": {"$gt": now}}]
    asked: Json = {"phase": "POST", "state": {"$ne": State.VOID.value}, "$or": open_ones}
    return ({"due_at": None} | asked, {"due_at": {"$gt": now}} | asked)


@dataclass(frozen=True, slots=True)
class Move:
    """One obligation that gets another due date; None is without a date."""

    obligation_id: str
    event: str
    title: str
    unit: str
    requirement: str
    state: str
    due_before: Stamp | None
    due_after: Stamp | None
    why_before: Explanation
    why_after: Explanation


@dataclass(slots=True)
class Moves:
    """What moves, counted one by one; the first MOST are kept in the order in which they come.

    Shape:   missed_at_once are those whose new due date is past already and that nothing discharges.
    """

    before: Versions
    after: Versions
    now: Stamp
    examined: int = 0
    earlier: int = 0
    later: int = 0
    dated: int = 0
    undated: int = 0
    missed_at_once: int = 0
    rows: list[Move] = field(default_factory=list)

    @property
    def moved(self) -> int:
        """How many get another due date."""
        return self.earlier + self.later + self.dated + self.undated

    def look(self, doc: Doc) -> None:
        """Count one obligation. Source: A3 (re-dating by a new version is visible)"""
        self.examined += 1
        was, becomes = (_due(doc, versions) for versions in (self.before, self.after))
        if was.due_at == becomes.due_at:
            return
        self._count(was.due_at, becomes.due_at)
        is_past = becomes.due_at is not None and becomes.due_at <= self.now
        self.missed_at_once += is_past and doc["discharged_at"] is None and doc["state"] == State.OPEN
        if len(self.rows) < MOST:
            self.rows.append(_move(doc, was, becomes))

    def _count(self, was: Stamp | None, becomes: Stamp | None) -> None:
        if was is None:
            self.dated += 1
        elif becomes is None:
            self.undated += 1
        elif becomes < was:
            self.earlier += 1
        else:
            self.later += 1


def _due(doc: Doc, versions: Versions) -> Due:
    ended_on = end_day(doc["started_at"], doc["ended_at"])
    return due_after(ended_on, doc["requirement"], versions, discharged_at=doc["discharged_at"])


def _move(doc: Doc, was: Due, becomes: Due) -> Move:
    at_midnight = is_local_midnight(doc["ended_at"]) and doc["ended_at"] > doc["started_at"]
    return Move(
        obligation_id=doc["_id"],
        event=doc["event"],
        title=doc["title"],
        unit=doc["unit"],
        requirement=doc["requirement"],
        state=doc["state"],
        due_before=was.due_at,
        due_after=becomes.due_at,
        why_before=explain_after(was, at_midnight=at_midnight),
        why_after=explain_after(becomes, at_midnight=at_midnight),
    )
