"""A directive's life: issued, acknowledged, closed; who may take which step, and the message of it; pure.

Never a step that the table does not have. What is stored is folded from the messages alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from contracts.fields import Id, Note, OptionalNote, Record
from contracts.monitoring import DirectiveAcknowledged, DirectiveClosed, DirectiveIssued, Scope
from services.chassis.decision import Actor, Announcement, Decision, Refusal
from services.chassis.web import TypedInstant
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.refusals import refuse

Doc = dict[str, Any]
Where = dict[str, Any]

# Who gives directives. Source: 4.0 (PTT supervises), 4.2 "chỉ đạo cụ thể theo từng thời điểm"
ISSUERS = ("office_head", "rectorate", "operator")
# Who reads all of them; everybody else reads what is addressed to him. Source: 4.0, A1 (contributors never supervise)
READERS = (*ISSUERS, "editor", "auditor")


class DirectiveState(StrEnum):
    """Where a directive stands."""

    ISSUED = "ISSUED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CLOSED = "CLOSED"


class Step(StrEnum):
    """What moves a directive."""

    ISSUE = "ISSUE"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    CLOSE = "CLOSE"


# What may happen, and where it leads; a pair that is not here does not happen. Source: 4.2, R17
TRANSITIONS: dict[tuple[DirectiveState | None, Step], DirectiveState] = {
    (None, Step.ISSUE): DirectiveState.ISSUED,
    (DirectiveState.ISSUED, Step.ACKNOWLEDGE): DirectiveState.ACKNOWLEDGED,
    (
        DirectiveState.ACKNOWLEDGED,
        Step.ACKNOWLEDGE,
    ): DirectiveState.ACKNOWLEDGED,  # by another of the unit or role it is addressed to
    (DirectiveState.ISSUED, Step.CLOSE): DirectiveState.CLOSED,
    (DirectiveState.ACKNOWLEDGED, Step.CLOSE): DirectiveState.CLOSED,
}
OPEN = (DirectiveState.ISSUED, DirectiveState.ACKNOWLEDGED)


class Issuing(Record):
    """What is told of a new directive.

    Shape:   to is an account id, a unit's code or a role; due_at has an offset, or is local as dd/MM/yyyy HH:mm.
    """

    scope: Scope
    to: Id
    text: Note
    due_at: TypedInstant


class Acknowledging(Record):
    """What an addressee says when he has read it."""

    note: OptionalNote | None = None


class Closing(Record):
    """Why a directive is done with."""

    note: Note


@dataclass(frozen=True, slots=True)
class Known:
    """What a directive may name. Shape: event is what the event counts as, None when it is unknown or not asked for."""

    units: frozenset[str]
    topic_areas: frozenset[str]
    has_addressee: bool
    event: str | None = None


def issue(given: Issuing, directive_id: str, *, known: Known, by: Actor, now: datetime) -> Decision[Doc]:
    """Return a new directive and its message, or why it cannot be given. Source: 4.2, R17"""
    refusals = tuple(_faults(given, known, now))
    if refusals:
        return Decision(refusals=refusals)
    scope = given.scope.model_copy(update={"event": known.event})
    data = DirectiveIssued(
        directive_id=directive_id, scope=scope, to=given.to, text=given.text, due_at=given.due_at, by=by.account_id
    )
    return _done(None, data, now)


def _faults(given: Issuing, known: Known, now: datetime) -> "list[Refusal]":
    scope, found = given.scope, list[Refusal]()
    if not scope.to_data():
        found.append(refuse("scope-empty", "/scope/event"))
    if scope.event is not None and known.event is None:
        found.append(refuse("event-unknown", "/scope/event"))
    if scope.topic_area is not None and scope.topic_area not in known.topic_areas:
        found.append(refuse("topic-area-unknown", "/scope/topic_area", code=scope.topic_area))
    if scope.unit is not None and scope.unit not in known.units:
        found.append(refuse("unit-unknown", "/scope/unit", code=scope.unit))
    if not known.has_addressee:
        found.append(refuse("addressee-unknown", "/to"))
    if given.due_at <= now:
        found.append(refuse("due-is-past", "/due_at"))
    return found


def acknowledge(doc: Doc, *, note: str | None, by: Actor, now: datetime) -> Decision[Doc]:
    """Return the directive as its addressee has read it; each person says so once. Source: 4.2, R17"""
    if not is_addressed_to(doc, by):
        return _refused("not-addressed")
    if (DirectiveState(doc["state"]), Step.ACKNOWLEDGE) not in TRANSITIONS:
        return _refused("directive-closed")
    if by.account_id in doc["acknowledged_by"]:
        return _refused("already-acknowledged")
    data = DirectiveAcknowledged(directive_id=doc["_id"], by=by.account_id, note=note or None)
    return _done(doc, data, now)


def close(doc: Doc, *, note: str, by: Actor, now: datetime) -> Decision[Doc]:
    """Return the directive as done with: by who gives directives, not by whom this one binds. Source: 4.2, R17"""
    if (DirectiveState(doc["state"]), Step.CLOSE) not in TRANSITIONS:
        return _refused("directive-closed")
    if not may_close(doc, by):
        return _refused("closed-by-addressee")
    return _done(doc, DirectiveClosed(directive_id=doc["_id"], by=by.account_id, note=note), now)


def _refused(rule: str) -> Decision[Doc]:
    return Decision(refusals=(refuse(rule),))


Said = DirectiveIssued | DirectiveAcknowledged | DirectiveClosed


def _done(doc: Doc | None, data: Said, now: datetime) -> Decision[Doc]:
    after = fold(doc, data, to_stamp(now))
    return Decision(after, (Announcement(data, data.directive_id, after["sequence"], now),))


def fold(doc: Doc | None, data: Said, at: Stamp) -> Doc:
    """Return the directive after a message about it. Source: 4.2, R20 (each step with who and when)"""
    if isinstance(data, DirectiveIssued):
        return {
            "_id": data.directive_id,
            **data.to_data(),
            "issued_at": at,
            "state": DirectiveState.ISSUED.value,
            "sequence": 1,
            "acknowledged_by": [],
            "closed_at": None,
            "history": [_line(Step.ISSUE, data.by, at, None)],
        }
    assert doc is not None
    step = Step.CLOSE if isinstance(data, DirectiveClosed) else Step.ACKNOWLEDGE
    after = doc | {
        "state": TRANSITIONS[DirectiveState(doc["state"]), step].value,
        "sequence": doc["sequence"] + 1,
        "history": [*doc["history"], _line(step, data.by, at, data.note)],
    }
    if step is Step.CLOSE:
        return after | {"closed_at": at}
    return after | {"acknowledged_by": [*doc["acknowledged_by"], data.by]}


def _line(step: Step, by: str, at: Stamp, note: str | None) -> Doc:
    return {"step": step.value, "by": by, "at": at, "note": note}


def addresses_of(actor: Actor) -> tuple[str, ...]:
    """Return all that a person is addressed by: himself, his unit, his roles. Source: 4.2"""
    return tuple(filter(None, (actor.account_id, actor.unit, *sorted(actor.roles))))


def is_addressed_to(doc: Mapping[str, Any], actor: Actor) -> bool:
    """Say whether a directive binds a person. Source: 4.2"""
    return doc["to"] in addresses_of(actor)


def may_read(doc: Mapping[str, Any], actor: Actor) -> bool:
    """Say whether a person may see a directive. Source: 4.0, A1"""
    return actor.has(*READERS) or is_addressed_to(doc, actor)


def may_acknowledge(doc: Mapping[str, Any], actor: Actor) -> bool:
    """Say whether a person's word that he has read it is still out. Source: 4.2"""
    is_new = actor.account_id not in doc["acknowledged_by"] and doc["state"] != DirectiveState.CLOSED
    return is_new and is_addressed_to(doc, actor)


def may_close(doc: Mapping[str, Any], actor: Actor) -> bool:
    """Say whether a person may close it: whom it binds does not, unless he gave it himself. Source: 4.0, 4.2, R17"""
    is_own = doc["by"] == actor.account_id
    return actor.has(*ISSUERS) and doc["state"] != DirectiveState.CLOSED and (is_own or not is_addressed_to(doc, actor))


def is_overdue(doc: Mapping[str, Any], now: Stamp) -> bool:
    """Say whether it should have been closed by now. Source: R17 (by when)"""
    return bool(doc["state"] != DirectiveState.CLOSED and doc["due_at"] <= now)


class Asked(StrEnum):
    """Which directives are asked for, by how they stand."""

    OPEN = "OPEN"
    ISSUED = "ISSUED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    OVERDUE = "OVERDUE"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class DirectiveFilter:
    """Which directives are asked for; None asks for all. Shape: event are all keys that count as one event."""

    state: Asked | None = None
    to: str | None = None
    event: tuple[str, ...] = ()
    topic_area: str | None = None
    unit: str | None = None
    channel: str | None = None

    def about_event(self, *keys: str) -> "DirectiveFilter":
        """Return the same question about one event. Source: fine print, Links and merges"""
        return replace(self, event=keys)

    def where(self, reader: Actor, now: Stamp) -> Where:
        """Return the question to the database, of what the reader may see. Source: 4.0, A1"""
        scope = {name: getattr(self, name) for name in ("topic_area", "unit", "channel")}
        found: list[Where] = [{f"scope.{name}": value} for name, value in scope.items() if value is not None]
        found += [{"scope.event": {"$in": list(self.event)}}] if self.event else []
        found += [{"to": self.to}] if self.to is not None else []
        found += [] if reader.has(*READERS) else [{"to": {"$in": list(addresses_of(reader))}}]
        found += [_in_state(self.state, now)] if self.state is not None else []
        return {"$and": found} if found else {}


def _in_state(state: Asked, now: Stamp) -> Where:
    still_open = {"state": {"$in": [one.value for one in OPEN]}}
    if state is Asked.OPEN:
        return still_open
    return still_open | {"due_at": {"$lte": now}} if state is Asked.OVERDUE else {"state": state.value}


def waiting_for(actor: Actor, now: Stamp) -> tuple[Where, ...]:
    """Return the questions whose answers wait for a person: not yet read or overdue, and overdue of his own giving.

    Source: 4.2, R17, R20
    """
    still_open = {"state": {"$in": [one.value for one in OPEN]}}
    mine = still_open | {"to": {"$in": list(addresses_of(actor))}}
    unread: Where = {"$or": [{"acknowledged_by": {"$ne": actor.account_id}}, {"due_at": {"$lte": now}}]}
    given = still_open | {"by": actor.account_id, "due_at": {"$lte": now}}
    return mine | unread, given
