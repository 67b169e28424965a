"""What follows from a judgement of events: what to store and what to announce; pure, and never I/O or a clock.

Source: 4.0, 4.1, the obligation
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.codes import MissWithdrawalReason, State
from contracts.fields import Record
from contracts.monitoring import DeadlineMissed, DeadlineMissWithdrawn
from services.monitoring.algebra.facts import Fact, collect, from_doc, to_doc
from services.monitoring.algebra.groups import items_named, touches
from services.monitoring.algebra.instants import Stamp, shift
from services.monitoring.algebra.obligations import ASSESSED, Assessment, assess, state_at, to_assessed, vanished
from services.monitoring.algebra.plans import PLANNING, Reference
from services.monitoring.folding import fold, words_of
from services.monitoring.reminders.approaching import APPROACHING_S, approaching, near_at

Doc = dict[str, Any]
UNCONFIRMED = "UNCONFIRMED"
NEVER_ANNOUNCED: Doc = {"n": 0, "announced": False, "missed_at": None, "misses": [], "approached": []}


@dataclass(frozen=True, slots=True)
class Sight:
    """Under what events are judged: the reference data and their count, now, and until when misses are confirmed.

    Shape:   confirmed is the instant up to which nothing in time is still on its way; None announces no miss.
             near is the instant up to which due dates that came near are announced; None announces none.
    Units:   approaching_s is seconds before the due date from which it is near.
    """

    count: int
    reference: Reference
    now: Stamp
    confirmed: Stamp | None = None
    near: Stamp | None = None
    approaching_s: int = APPROACHING_S


@dataclass(frozen=True, slots=True)
class Said:
    """A message to be announced; the timer's own cause goes with it where no message caused it."""

    data: Record
    event: str
    sequence: int
    discriminator: str
    time: Stamp
    cause_id: str | None = None


@dataclass(slots=True)
class Judgement:
    """What to store, to remove and to announce, in this order."""

    events: list[Doc] = field(default_factory=list)
    obligations: list[Doc] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    root_of: dict[str, str] = field(default_factory=dict)


# what was owed by id, what is owed now, and what no longer is
Known = tuple[Mapping[str, Doc], Sequence[Doc], Sequence[Doc]]


def new_event(key: str) -> Doc:
    """Return the document of an event of which nothing is known yet. Source: R20"""
    return {
        "_id": key,
        "facts": [],
        "touches": [],
        "items": [],
        "root": key,
        "event": None,
        "started_at": None,
        "ended_at": None,
        "school_year": None,
        "title_folded": None,
        "words": [],
        "sequence": 0,
        "judged_under": 0,
        "kept": {},
    }


def facts_in(doc: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Return the facts that an event's document holds. Source: the obligation, Algebra"""
    return tuple(from_doc(fact) for fact in doc["facts"])


def learn(doc: Doc, facts: Iterable[Fact]) -> Doc | None:
    """Return the document with more facts, or None when they say nothing new. Source: the obligation, Algebra"""
    before = facts_in(doc)
    after = collect((*before, *facts))
    return None if after == before else doc | {"facts": [to_doc(fact) for fact in after]}


def look_around(doc: Doc, facts: Sequence[Fact], reference: Reference) -> Doc:
    """Return the document with the keys and plan items that its facts point to. Source: fine print, Links and merges"""
    found = {"touches": sorted(touches(facts, reference) - {doc["_id"]}), "items": sorted(items_named(facts))}
    return doc if all(doc[name] == value for name, value in found.items()) else doc | found


def judge(docs: Mapping[str, Doc], owed_before: Iterable[Doc], sight: Sight) -> Judgement:
    """Return what follows for whole groups of events.

    Shape:   docs are all events of the groups that are touched; owed_before is what is stored as owed under them.
    Emits:   ObligationAssessed for each obligation that changed, DeadlineApproaching, DeadlineMissed,
             DeadlineMissWithdrawn.
    Source:  the obligation; R11, R20
    """
    facts_of = {key: facts_in(doc) for key, doc in docs.items()}
    assessments = assess(facts_of, sight.reference, sight.now)
    root_of = {key: root for root, one in assessments.items() for key in one.event["members"]}
    before, made = _by_event(docs, owed_before), Judgement(root_of=root_of)
    for key in sorted(docs):
        _judge_one(docs[key], assessments.get(key), (root_of[key], before[key]), sight, made)
    return made


def age(docs: Mapping[str, Doc], owed_before: Iterable[Doc], sight: Sight) -> Judgement:
    """Return what follows from time alone, for events that stand as they were judged.

    The same as `judge` would say: of all that it makes of facts, only whether a due date has passed depends on now.

    Shape:   docs are events of which `is_judged` holds, by key; owed_before is what is stored as owed under them.
    Emits:   ObligationAssessed for each obligation that became MISSED, DeadlineApproaching, DeadlineMissed.
    Source:  the obligation, States; R11
    """
    before, made = _by_event(docs, owed_before), Judgement(root_of={key: doc["root"] for key, doc in docs.items()})
    for key in sorted(docs):
        after = [state_at(before[key][one], sight.now) for one in sorted(before[key])]
        made.events.append(docs[key] | _settle(docs[key], (before[key], after, ()), sight, made))
    return made


def _by_event(keys: Iterable[str], owed: Iterable[Doc]) -> dict[str, dict[str, Doc]]:
    """What is owed by id, under each of the keys."""
    found: dict[str, dict[str, Doc]] = {key: {} for key in keys}
    for obligation in owed:
        found[obligation["event"]][obligation["_id"]] = obligation
    return found


def is_judged(doc: Doc, sight: Sight) -> bool:
    """Return whether an event's document holds what its facts say under these reference data. Source: R20"""
    return bool(doc["judged_under"] == sight.count)


def _judge_one(
    doc: Doc, assessment: Assessment | None, known: tuple[str, dict[str, Doc]], sight: Sight, made: Judgement
) -> None:
    root, before = known
    after = assessment.obligations if assessment else ()
    gone = vanished(before.values(), after)
    if assessment:  # still an event of its own: what is gone is so by what its reports say now
        gone = [one | {"void_reason": "REVISED"} for one in gone]
    said = _settle(doc, (before, after, gone), sight, made)
    made.gone += [one["obligation_id"] for one in gone]
    event = assessment.event if assessment and assessment.event.get("status") else None
    made.events.append(doc | _listed(event) | {"root": root, "event": event, "judged_under": sight.count} | said)


def _settle(doc: Doc, known: Known, sight: Sight, made: Judgement) -> Doc:
    """What the event's document keeps of what was announced; what is to be stored and said is added to `made`."""
    before, after, gone = known
    kept, sequence = dict(doc["kept"]), doc["sequence"]
    for obligation in (*after, *gone):
        key = obligation["obligation_id"]
        held = NEVER_ANNOUNCED | kept[key] if key in kept else NEVER_ANNOUNCED
        held, said = _tell(before.get(key), obligation, held, sight)
        if held is not NEVER_ANNOUNCED:
            kept[key] = held
        for data, discriminator, time, cause_id in said:
            sequence += 1
            made.said.append(Said(data, doc["_id"], sequence, discriminator, time, cause_id))
    for obligation in after:
        stored = _stored(obligation, kept.get(obligation["obligation_id"], NEVER_ANNOUNCED), sight)
        old = before.get(stored["_id"])
        if old is None or any(old.get(name) != value for name, value in stored.items()):
            made.obligations.append(stored)
    return {"kept": kept, "sequence": sequence}


def _listed(event: Doc | None) -> Doc:
    """The fields by which events are listed and searched."""
    if event is None or "title" not in event:
        return {"started_at": None, "ended_at": None, "school_year": None, "title_folded": None, "words": []}
    names = ("started_at", "ended_at", "school_year")
    searched = {"title_folded": fold(event["title"]), "words": words_of(event["title"])}
    return {name: event[name] for name in names} | searched


def _stored(obligation: Doc, held: Doc, sight: Sight) -> Doc:
    """The obligation with when the deadline loop has to look at it, and whether its miss waits to be confirmed."""
    next_at, overdue = None, ""
    if obligation["state"] == State.OPEN and obligation["due_at"] is not None:
        next_at = near_at(obligation, held["approached"], sight.approaching_s) or obligation["due_at"]
    elif obligation["missed_at"] is not None and not held["announced"]:
        next_at, overdue = shift(obligation["missed_at"], obligation["grace_s"]), UNCONFIRMED
    return {"_id": obligation["obligation_id"], **obligation, "next_at": next_at, "overdue": overdue}


Told = tuple[Record, str, Stamp, str | None]


def _tell(before: Doc | None, after: Doc, held: Doc, sight: Sight) -> tuple[Doc, list[Told]]:
    """What is announced of one obligation, and what is kept of it: an announced miss and its withdrawal alternate."""
    key, said = after["obligation_id"], list[Told]()
    if before is None or not is_told(before, after):
        said.append((to_assessed(after), key, sight.now, None))
    if held["announced"] and held["missed_at"] != after["missed_at"]:
        reason = withdrawal_reason(before or after, after)
        held = _withdrawn(held, sight.now, reason)
        said.append((_miss_withdrawn(after, held["n"], reason), f"{key}#{held['n']}", sight.now, None))
    since = near_at(after, held["approached"], sight.approaching_s)
    if since is not None and sight.near is not None and since <= min(sight.now, sight.near):
        held = held | {"approached": [*held["approached"], after["due_at"]]}
        said.append((approaching(after), f"{key}@{after['due_at']}", since, f"{key}@{after['due_at']}"))
    missed_at = after["missed_at"]
    if missed_at is None or held["announced"] or sight.confirmed is None:
        return held, said
    if shift(missed_at, after["grace_s"]) <= sight.confirmed:
        held = _missed(held, missed_at, sight.now)
        said.append((_miss(after, held["n"], sight.now), f"{key}#{held['n']}", missed_at, f"{key}@{missed_at}"))
    return held, said


def is_told(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether the last announcement says what is so now; most often nothing changed, and no model is made.

    Source: contract, obligation-assessed (after every change of an obligation)
    """
    is_same = all(before[name] == after[name] for name in ASSESSED)
    return is_same or to_assessed(before) == to_assessed(after)


def _missed(held: Doc, missed_at: Stamp, now: Stamp) -> Doc:
    n = held["n"] + 1
    miss = {"n": n, "due_at": missed_at, "detected_at": now, "withdrawn_at": None, "reason": None}
    return held | {"n": n, "announced": True, "missed_at": missed_at, "misses": [*held["misses"], miss]}


def _withdrawn(held: Doc, now: Stamp, reason: str) -> Doc:
    last = held["misses"][-1] | {"withdrawn_at": now, "reason": reason}
    return held | {"announced": False, "missed_at": None, "misses": [*held["misses"][:-1], last]}


def withdrawal_reason(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return why an announced miss does not hold any more. Source: contract, deadline-miss-withdrawn; the obligation"""
    if after["state"] == State.VOID:
        return str(after["void_reason"] or MissWithdrawalReason.REVISED.value)
    is_redated = before["due_at"] != after["due_at"]
    if after["state"] == State.WAIVED and not is_redated:
        return MissWithdrawalReason.WAIVED.value
    if not is_redated:
        return MissWithdrawalReason.EVIDENCE.value
    if before["dated_by"] == after["dated_by"]:
        return MissWithdrawalReason.CALENDAR.value
    by_plan = after["dated_by"]["source"] == PLANNING
    return (MissWithdrawalReason.PLAN_CHANGED if by_plan else MissWithdrawalReason.REVISED).value


def _of_miss(obligation: Doc, n: int) -> Iterator[tuple[str, Any]]:
    for name in ("obligation_id", "event", "requirement", "channels", "phase"):
        yield name, obligation[name]
    yield "n", n


def _miss(obligation: Doc, n: int, now: Stamp) -> DeadlineMissed:
    names = ("policy_version", "calendar_version", "explanation")
    rest = {name: obligation[name] for name in names} | {"due_at": obligation["missed_at"], "detected_at": now}
    return DeadlineMissed.from_data(dict(_of_miss(obligation, n)) | rest)


def _miss_withdrawn(obligation: Doc, n: int, reason: str) -> DeadlineMissWithdrawn:
    return DeadlineMissWithdrawn.from_data(dict(_of_miss(obligation, n)) | {"reason": reason})
