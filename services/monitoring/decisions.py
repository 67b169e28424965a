"""What follows from a judgement of events: what to store and what to announce; pure, and never I/O or a clock.

Source: 4.0, 4.1, the obligation
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from contracts.codes import State
from contracts.fields import Record
from services.monitoring.algebra.facts import Fact, collect, from_doc, to_doc
from services.monitoring.algebra.groups import items_named, touches
from services.monitoring.algebra.instants import Stamp, shift
from services.monitoring.algebra.obligations import ASSESSED, Assessment, assess, state_at, to_assessed, vanished
from services.monitoring.algebra.plans import Reference
from services.monitoring.folding import fold, words_of
from services.monitoring.misses import (
    NEVER_ANNOUNCED,
    miss,
    miss_withdrawn,
    missed,
    names_of,
    withdrawal_reason,
    withdrawn,
)
from services.monitoring.reminders.approaching import APPROACHING_S, approaching, near_at

Doc = dict[str, Any]
UNCONFIRMED = "UNCONFIRMED"
_assessed = itemgetter(*ASSESSED)


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
    """A message to be announced; the timer's own cause goes with it where no message caused it.

    Shape:   until is up to when its evidence is waited for, of a message that is made ready only.
    """

    event: str
    sequence: int
    data: Record
    discriminator: str
    time: Stamp
    cause_id: str | None = None
    until: Stamp | None = None


@dataclass(slots=True)
class Judgement:
    """What to store, to remove and to announce, in this order; what is ready has the sequences that come next.

    Shape:   under is the count of the reference data under which it was judged.
    """

    events: list[Doc] = field(default_factory=list)
    obligations: list[Doc] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    ready: list[Said] = field(default_factory=list)
    under: int = 0
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
             DeadlineMissWithdrawn; ready: DeadlineMissed of what turned.
    Source:  the obligation; R11, R20
    """
    facts_of = {key: facts_in(doc) for key, doc in docs.items()}
    assessments = assess(facts_of, sight.reference, sight.now)
    root_of = {key: root for root, one in assessments.items() for key in one.event["members"]}
    before, made = _by_event(docs, owed_before), Judgement(under=sight.count, root_of=root_of)
    for key in sorted(docs):
        _judge_one(docs[key], assessments.get(key), (root_of[key], before[key]), sight, made)
    return made


def age(docs: Mapping[str, Doc], owed_before: Iterable[Doc], sight: Sight) -> Judgement:
    """Return what follows from time alone, for events that stand as they were judged.

    The same as `judge` would say: of all that it makes of facts, only whether a due date has passed depends on now.

    Shape:   docs are events of which `is_judged` holds, by key; owed_before is what is stored as owed under them.
    Emits:   ObligationAssessed for each obligation that became MISSED, DeadlineApproaching, DeadlineMissed; ready:
             DeadlineMissed of what turned.
    Source:  the obligation, States; R11
    """
    root_of = {key: doc["root"] for key, doc in docs.items()}
    before, made = _by_event(docs, owed_before), Judgement(under=sight.count, root_of=root_of)
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
    kept, sequence, ready = dict(doc["kept"]), doc["sequence"], list[tuple[Stamp, Told]]()
    for obligation in (*after, *gone):
        key = obligation["obligation_id"]
        held = NEVER_ANNOUNCED | kept[key] if key in kept else NEVER_ANNOUNCED
        held, said = _tell(before.get(key), obligation, held, sight)
        held, found, until = _tell_miss(before.get(key), obligation, held, sight)
        if found and until:
            ready.append((until, found))
        elif found:
            said.append(found)
        if held is not NEVER_ANNOUNCED:
            kept[key] = held
        for told in said:
            sequence += 1
            made.said.append(Said(doc["_id"], sequence, *told))
    for count, (until, told) in enumerate(sorted(ready, key=itemgetter(0)), start=1):
        made.ready.append(Said(doc["_id"], sequence + count, *told, until=until))
    for obligation in after:
        stored = _stored(obligation, kept.get(obligation["obligation_id"], NEVER_ANNOUNCED), sight)
        old = before.get(stored["_id"])
        if old is None or not stored.items() <= old.items():
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
        held = withdrawn(held, sight.now, reason)
        said.append((miss_withdrawn(after, held["n"], reason), f"{key}#{held['n']}", sight.now, None))
    since = near_at(after, held["approached"], sight.approaching_s)
    if since is not None and sight.near is not None and since <= min(sight.now, sight.near):
        held = held | {"approached": [*held["approached"], after["due_at"]]}
        said.append((approaching(after), f"{key}@{after['due_at']}", since, f"{key}@{after['due_at']}"))
    return held, said


def _tell_miss(before: Doc | None, after: Doc, held: Doc, sight: Sight) -> tuple[Doc, Told | None, Stamp | None]:
    """The miss to be announced now that its evidence is all in, or the one to be made ready, with until when.

    Made ready is what is missed as of this judgement, and what is judged again before its evidence is in. What is first
    seen after its grace is not: most often its evidence is in already.
    """
    missed_at = after["missed_at"]
    if missed_at is None or held["announced"]:
        return held, None, None
    until = shift(missed_at, after["grace_s"])
    is_new = before is not None and before["missed_at"] != missed_at
    is_confirmed = sight.confirmed is not None and until <= sight.confirmed
    if before is None and sight.now >= until and not is_confirmed:
        return held, None, None
    is_ready = is_new or not is_confirmed
    found = missed(held, missed_at, max(until, sight.now) if is_ready else sight.now)
    detected_at = found["misses"][-1]["detected_at"]
    cause_id, discriminator = names_of(after["obligation_id"], missed_at, found["n"])
    told = (miss(after, found["n"], detected_at), discriminator, missed_at, cause_id)
    return (held, told, detected_at) if is_ready else (found, told, None)


def is_told(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether the last announcement says what is so now; most often nothing changed, and no model is made.

    Source: contract, obligation-assessed (after every change of an obligation)
    """
    if before["state"] != after["state"]:
        return False
    return _assessed(before) == _assessed(after) or to_assessed(before) == to_assessed(after)
