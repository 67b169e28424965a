"""The rows behind every figure: obligations as they were told, with each way of counting; events; pure.

Never a due date of its own: the three due dates are monitoring's, and only compared with.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.codes import State
from services.reporting.occasions import Occasion
from services.reporting.projections import CORRECTED, PUBLISHED, WITHDRAWN, Fact, latest, waiver_in_force

FactsOf = Mapping[str, Sequence[Fact]]
# Source: A5, R20 (the highest revision rules, at a tie withdrawn over corrected over published)
ORDER = {PUBLISHED: 0, CORRECTED: 1, WITHDRAWN: 2}


class Row(NamedTuple):
    """An obligation as of an instant.

    Shape:   strict and working are its states under plain calendar days and under working days, "" without a date;
             removed is WAIVED or CLASSIFIED when a person took it away, removed_at when, reason why; month "" unknown.
    """

    obligation_id: str
    event: str
    title: str
    requirement: str
    phase: str
    state: str
    strict: str
    working: str
    due_at: str | None
    strict_due_at: str | None
    working_due_at: str | None
    discharged_at: str | None
    cause: str | None
    tier: str
    topic_area: str
    unit: str
    month: str
    planned: bool
    removed: str
    removed_at: str | None
    reason: str


class EventRow(NamedTuple):
    """An event that has ended and was not cancelled; held is False while nobody has said that it took place.

    Units:   hours from its end: until we were told, until first news; None = never.
    """

    event: str
    title: str
    ended_at: str
    held: bool
    planned: bool
    notice_hours: float | None
    publish_hours: float | None


class _Removal(NamedTuple):
    by: str = ""
    at: str | None = None
    reason: str = ""


def obligation_rows(told: FactsOf, events: Mapping[str, Occasion], school_year: str, *, as_of: str) -> tuple[Row, ...]:
    """The obligations of a school year as of an instant, by their ids; each is taken as it was last told.

    Source: R11, R12, R13, R20, A3
    """
    found = ((key, latest(facts), facts) for key, facts in sorted(told.items()))
    mine = ((key, last, facts) for key, last, facts in found if last and last["school_year"] == school_year)
    return tuple(_row(key, last, facts, occasion=events.get(last["event"]), as_of=as_of) for key, last, facts in mine)


def _row(key: str, last: Fact, facts: Sequence[Fact], *, occasion: Occasion | None, as_of: str) -> Row:
    by, at, reason = removal = _removal(last, facts, occasion)
    is_dated = last["due_at"] is not None
    same = ("event", "title", "requirement", "phase", "due_at", "strict_due_at", "working_due_at", "tier", "unit")
    return Row(
        obligation_id=key,
        state=state_at(last, as_of),
        strict=_strict(last, removal, as_of) if is_dated else "",
        working=retaken(last, last["working_due_at"], by, as_of=as_of) if is_dated else "",
        discharged_at=last.get("discharged_at"),
        cause=last.get("cause"),
        topic_area=last.get("topic_area") or "",
        month=occasion.day.isoformat()[:7] if occasion else "",
        planned=last["planned"],
        removed=by,
        removed_at=at,
        reason=reason,
        **{name: last[name] for name in same},
    )


def state_at(last: Fact, as_of: str) -> str:
    """The state as told; what is told OPEN and is due by then reads MISSED, as monitoring itself reads it.

    Source: R20 (MISSED: now >= due_at, nothing yet)
    """
    is_missed = last["state"] == State.OPEN and last["due_at"] is not None and last["due_at"] <= as_of
    return State.MISSED.value if is_missed else str(last["state"])


def retaken(last: Fact, due_at: str | None, removed: str, *, as_of: str) -> str:
    """The state taken again under another due date; "" without one. Source: A3, R20 (states: the first that applies)"""
    if due_at is None:
        return ""
    if last["state"] == State.VOID:
        return State.VOID.value
    if last.get("discharged_at", "~") < due_at:
        return State.ON_TIME.value
    if removed == State.WAIVED:
        return State.WAIVED.value
    if "discharged_at" in last:
        return State.LATE.value
    return State.MISSED.value if due_at <= as_of else State.OPEN.value


def _strict(last: Fact, removal: _Removal, as_of: str) -> str:
    """The strict state: what a person took away at or after the due date, not on time before, is a miss. Source: A3"""
    due_at = last["strict_due_at"]
    state = retaken(last, due_at, removal.by, as_of=as_of)
    is_taken_away = state in (State.WAIVED, State.VOID) and (removal.at or "") >= due_at
    return State.MISSED.value if is_taken_away and last.get("discharged_at", "~") >= due_at else state


def _removal(last: Fact, facts: Sequence[Fact], occasion: Occasion | None) -> _Removal:
    """Who took the obligation away; without the waiver's own message, missed_at alone tells that it came after due."""
    waiver = waiver_in_force(facts)
    if waiver is not None and last.get("discharged_at", "~") >= waiver["issued_at"]:
        return _Removal(State.WAIVED.value, waiver["issued_at"], waiver["reason"])
    if last["state"] == State.VOID:
        return _classified_away(last, facts, occasion)
    return _Removal(State.WAIVED.value, last.get("missed_at")) if last["state"] == State.WAIVED else _Removal()


def _classified_away(last: Fact, facts: Sequence[Fact], occasion: Occasion | None) -> _Removal:
    """The classification that a VOID obligation fell to. The reason of VOID does not travel, so it is read: the event
    is neither cancelled nor merged away, and the last classification naming a tier or plan item, issued before the
    obligation was first told VOID, took it away.
    """
    if occasion is None or occasion.is_cancelled or occasion.event != last["event"]:
        return _Removal()
    told = sorted((fact for fact in facts if "state" in fact), key=lambda fact: (fact["sequence"], fact["time"]))
    first = len(told) - 1
    while first and told[first - 1]["state"] == State.VOID:
        first -= 1
    before = [one for one in occasion.classified if one["issued_at"] <= told[first]["recorded"]]
    return _Removal("CLASSIFIED", before[-1]["issued_at"], before[-1]["reason"]) if before else _Removal()


def event_rows(events: Iterable[Occasion], publications: FactsOf, planned: Mapping[str, bool]) -> tuple[EventRow, ...]:
    """Events with how late we were told of each and how long its first news took; news before an event is not counted.

    Source: R20, A14 (notice), 3.4, A20 (during the event is after its start)
    """
    rows = []
    for one in sorted(events, key=lambda event: (event.ended_at, event.event)):
        facts = [fact for key in {one.event, *one.members} for fact in publications.get(key, ())]
        after = [fact["published_at"] for fact in standing(facts) if fact["published_at"] >= one.started_at]
        notice = hours_between(one.noticed["ended_at"], one.noticed["recorded"]) if one.noticed else None
        told = (one.event, one.title, one.ended_at, one.is_held, planned.get(one.event, False), notice)
        rows.append(EventRow(*told, hours_between(one.ended_at, min(after)) if after else None))
    return tuple(rows)


def standing(facts: Iterable[Fact]) -> list[Fact]:
    """The publications that stand: of each content and channel the ruling revision, unless it is withdrawn.

    Source: A5, R20
    """
    ordered = sorted(
        (fact for fact in facts if fact["kind"] in ORDER),
        key=lambda fact: (fact["revision"], ORDER[fact["kind"]], fact["time"], fact["id"]),
    )
    ruling = {(fact["content_id"], fact["channel"]): fact for fact in ordered}
    return [fact for fact in ruling.values() if fact["kind"] != WITHDRAWN]


def hours_between(start: str, end: str) -> float:
    """The hours from one instant to another, to a tenth; 0 when the second is not later. Source: A14"""
    return round(seconds_between(start, end) / 3600, 1)


def seconds_between(start: str, end: str) -> float:
    """The seconds from one instant to another; 0 when the second is not later. Source: A14"""
    return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
