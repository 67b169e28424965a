"""From facts to obligations: the documents that everything else is a view of.

Never I/O, a clock or chance: the same set of facts and the same `now` give the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.codes import Phase, State
from contracts.envelope import obligation_id
from contracts.monitoring import ObligationAssessed
from services.monitoring.algebra.causes import Owing, cause_of, first_notice, waiver_in_force
from services.monitoring.algebra.due import GRACE_S, Due, due_after
from services.monitoring.algebra.effective import Doc, Effective, take_together
from services.monitoring.algebra.explain import explain_after, explain_before
from services.monitoring.algebra.facts import Publication, WaiverChange
from services.monitoring.algebra.groups import FactsOf, roots
from services.monitoring.algebra.instants import Stamp, end_day, is_local_midnight, to_stamp
from services.monitoring.algebra.owed import Ended, Slot, Standing, given_up, has_history, owed, rule_of
from services.monitoring.algebra.plans import PLANNING, Reference
from services.monitoring.algebra.publications import Shown, discharging, shown

ASSESSED = tuple(ObligationAssessed.model_fields)


@dataclass(frozen=True, slots=True)
class Assessment:
    """An event and what it owes, as JSON documents; the obligations in the order of their ids."""

    event: Doc
    obligations: tuple[Doc, ...]


@dataclass(frozen=True, slots=True)
class _Dates:
    due_at: Stamp | None
    strict_due_at: Stamp | None
    working_due_at: Stamp | None
    rest: Doc


def assess(facts_of: FactsOf, reference: Reference, now: datetime | Stamp) -> dict[str, Assessment]:
    """Return the assessment of every event among the keys, by root key.

    Shape:   facts_of has all the keys of the groups that it touches (`groups.touches`), each with its set of facts;
             a key without facts of its own may be a milestone's. A key that is no root has no assessment.
    Source:  the obligation, Algebra
    """
    members: dict[str, list[str]] = {}
    for key, root in sorted(roots(facts_of, reference).items()):
        members.setdefault(root, []).append(key)
    stamp = to_stamp(now)
    return {root: _assess_one(root, keys, facts_of, (reference, stamp)) for root, keys in sorted(members.items())}


def _assess_one(root: str, keys: list[str], facts_of: FactsOf, at: tuple[Reference, Stamp]) -> Assessment:
    reference, now = at
    event = take_together(root, sorted(keys), facts_of=facts_of, reference=reference)
    return Assessment(event.doc, tuple(sorted(_obligations(event, now), key=lambda doc: doc["obligation_id"])))


def _obligations(event: Effective, now: Stamp) -> Iterator[Doc]:
    standing, history = event.standing, event.history
    if standing is None:
        return
    publications = shown(event.heard.publications, standing.report.started_at)
    asked = owed(history, standing, history.classified)
    cancelled = history.ruling.cancellation
    ended = None
    if cancelled is not None:
        ended = Ended("PLAN_CHANGED" if cancelled.origin_source == PLANNING else "CANCELLED", cancelled.time)
    for slot, channels in asked.items():
        yield _obligation(event, standing, (slot, channels, ended), publications, now)
    if has_history(history):
        for slot, (channels, gone) in given_up(history, asked).items():
            yield _obligation(event, standing, (slot, channels, ended or gone), publications, now)


def _obligation(
    event: Effective,
    standing: Standing,
    asked: tuple[Slot, tuple[str, ...], Ended | None],
    publications: list[Shown],
    now: Stamp,
) -> Doc:
    slot, channels, ended = asked
    found = discharging(slot, channels, publications)
    first = found[0] if found else None
    dates = _dates(slot, event, first.at if first else None)
    key = obligation_id(event.key, slot.requirement, slot.phase)
    waiver = waiver_in_force(event.heard.waivers.get(key, ()))
    state = _state(dates.due_at, ended, first.at if first else None, waiver)
    missed_at = _missed_at(state, dates.due_at, waiver)
    cause = cause_of(Owing(key, slot.phase, channels, dates.due_at), event.heard.towards_cause, _noticed(slot, event))
    doc = {
        "obligation_id": key,
        "event": event.key,
        "requirement": slot.requirement,
        "channels": list(channels),
        "phase": slot.phase,
        "state": state,
        "due_at": dates.due_at,
        "strict_due_at": dates.strict_due_at,
        "working_due_at": dates.working_due_at,
        "missed_at": missed_at,
        "discharged_at": first.at if first else None,
        "content_id": first.content_id if first else None,
        "cause": cause if missed_at is not None else None,
        "cause_if_missed": cause,
        "void_reason": ended.reason if ended else None,
        "voided_at": ended.at if ended else None,
        "waiver": {"by": waiver.by, "reason": waiver.reason, "issued_at": waiver.issued_at} if waiver else None,
        "publications": [_reference(fact) for fact in found],
        "opened_by": _opened_by(slot, standing, event.doc),
    }
    return state_at(doc | dates.rest | {name: event.doc[name] for name in _FROM_EVENT}, now)


_FROM_EVENT = ("tier", "topic_area", "unit", "school_year", "month", "title", "planned", "started_at", "ended_at")


def _dates(slot: Slot, event: Effective, discharged_at: Stamp | None) -> _Dates:
    started_at, ended_at = event.doc["started_at"], event.doc["ended_at"]
    if slot.phase == Phase.PRE:
        said: Doc = {"explanation": explain_before(started_at), "grace_s": GRACE_S, "due_gap": None}
        said |= {"policy_version": None, "calendar_version": None, "dated_by": event.doc["dated_by"]}
        return _Dates(started_at, started_at, started_at, said)
    ended_on = end_day(started_at, ended_at)
    due = due_after(ended_on, slot.requirement, event.history.reference.versions, discharged_at=discharged_at)
    at_midnight = is_local_midnight(ended_at) and ended_at > started_at
    rest: Doc = {
        "explanation": explain_after(due, at_midnight=at_midnight),
        "grace_s": due.rule.grace_s if due.rule else GRACE_S,
        "due_gap": _gap(due),
        "policy_version": due.policy_version,
        "calendar_version": due.calendar_version,
        "dated_by": event.doc["dated_by"],
    }
    return _Dates(due.due_at, due.strict_due_at, due.working_due_at, rest)


def _gap(due: Due) -> Doc | None:
    if due.gap is None:
        return None
    return {"reason": due.gap.reason, "on": due.gap.day.isoformat() if due.gap.day else None}


def _state(due_at: Stamp | None, ended: Ended | None, discharged_at: Stamp | None, waiver: WaiverChange | None) -> str:
    if ended is not None:
        return State.VOID.value
    if due_at is not None and discharged_at is not None and discharged_at < due_at:
        return State.ON_TIME.value
    if waiver is not None and (discharged_at is None or discharged_at >= waiver.issued_at):
        return State.WAIVED.value
    if due_at is not None and discharged_at is not None:
        return State.LATE.value
    return State.OPEN.value


def _missed_at(state: str, due_at: Stamp | None, waiver: WaiverChange | None) -> Stamp | None:
    if state == State.WAIVED and waiver is not None and due_at is not None:
        return due_at if waiver.issued_at >= due_at else None
    return due_at if state == State.LATE else None


def _noticed(slot: Slot, event: Effective) -> Stamp | None:
    item_id = event.doc["plan_item_id"]
    revisions = event.history.reference.revisions_of(item_id) if slot.phase == Phase.PRE else ()
    approvals = [revision.recorded for revision in revisions if item_id in revision.items]
    return first_notice(slot.phase, event.history.ruling.counted, approvals)


def _reference(fact: Publication) -> Doc:
    return {
        "content_id": fact.content_id,
        "revision": fact.revision,
        "channel": fact.channel,
        "published_at": fact.at,
        "title": fact.title,
        "url": fact.url,
        "evidence_sha256": fact.evidence_sha256,
        "recorded": fact.recorded_by_person,
    }


def _opened_by(slot: Slot, standing: Standing, event: Doc) -> Doc:
    names = ("tier", "tier_from", "plan_item_id", "plan_id", "plan_revision")
    return {"rule": rule_of(slot, standing.item)} | {name: event[name] for name in names}


def state_at(doc: Mapping[str, Any], now: datetime | Stamp) -> Doc:
    """Return an obligation's document as of `now`: what is OPEN at its due date is MISSED from then on.

    Source: the obligation, States (`now >= due_at`, nothing yet)
    """
    due_at = doc["due_at"]
    if doc["state"] == State.OPEN and due_at is not None and to_stamp(now) >= due_at:
        return {**doc, "state": State.MISSED.value, "missed_at": due_at, "cause": doc["cause_if_missed"]}
    return doc if isinstance(doc, dict) else dict(doc)


def to_assessed(doc: Mapping[str, Any]) -> ObligationAssessed:
    """Return the message's data that an obligation's document tells others. Source: contract, obligation-assessed"""
    return ObligationAssessed.model_validate({name: doc[name] for name in ASSESSED})


def vanished(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[Doc]:
    """Return the obligations that were announced and are no longer among an event's, as VOID with reason MERGED.

    Source: fine print: a merged key has no documents of its own; R20
    """
    kept = {doc["obligation_id"] for doc in after}
    gone = (doc for doc in before if doc["obligation_id"] not in kept)
    void = {"state": State.VOID.value, "void_reason": "MERGED", "missed_at": None, "cause": None}
    return [{**doc, **void} for doc in gone]
