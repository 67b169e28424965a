"""What is kept and said of the misses of an obligation: announced and withdrawn in turn; pure.

A miss is made ready when its due date passes, so that it can travel in the moment in which its evidence is all in. What
is ready is kept in the outbox alone: `kept` tells of it once it has left.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts.codes import MissWithdrawalReason, State
from contracts.envelope import Message, message_id
from contracts.monitoring import DeadlineMissed, DeadlineMissWithdrawn
from contracts.registry import BY_MODEL
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.algebra.plans import PLANNING

Doc = dict[str, Any]
NEVER_ANNOUNCED: Doc = {"n": 0, "announced": False, "missed_at": None, "misses": [], "approached": []}


def missed(held: Doc, missed_at: Stamp, detected_at: Stamp) -> Doc:
    """Return what is kept of an obligation with one more announced miss. Source: the obligation, States"""
    n = held["n"] + 1
    miss = {"n": n, "due_at": missed_at, "detected_at": detected_at, "withdrawn_at": None, "reason": None}
    return held | {"n": n, "announced": True, "missed_at": missed_at, "misses": [*held["misses"], miss]}


def withdrawn(held: Doc, now: Stamp, reason: str) -> Doc:
    """Return what is kept of an obligation when its announced miss is withdrawn. Source: the obligation, States"""
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


def miss(obligation: Doc, n: int, detected_at: Stamp) -> DeadlineMissed:
    """Return the message's data of the n-th miss of an obligation. Source: contract, deadline-missed"""
    names = ("policy_version", "calendar_version", "explanation")
    rest = {name: obligation[name] for name in names} | {"due_at": obligation["missed_at"], "detected_at": detected_at}
    return DeadlineMissed.from_data(dict(_of_miss(obligation, n)) | rest)


def miss_withdrawn(obligation: Doc, n: int, reason: str) -> DeadlineMissWithdrawn:
    """Return the message's data of a withdrawal. Source: contract, deadline-miss-withdrawn"""
    return DeadlineMissWithdrawn.from_data(dict(_of_miss(obligation, n)) | {"reason": reason})


def names_of(obligation_id: str, missed_at: Stamp, n: int) -> tuple[str, str]:
    """Return the cause id and the discriminator of the n-th miss of an obligation. Source: contract, Envelope"""
    return f"{obligation_id}@{missed_at}", f"{obligation_id}#{n}"


def ready_ids(source: str, docs: Mapping[str, Doc], owed: Iterable[Doc]) -> list[str]:
    """Return under which ids misses may stand ready, or have left since, that the events do not tell of.

    Shape:   docs are events by key; owed is what is stored as owed under them.        Source: contract, Envelope
    """
    kind, found = BY_MODEL[DeadlineMissed].type, []
    for obligation in owed:
        key, missed_at = obligation["obligation_id"], obligation["missed_at"]
        held = docs[obligation["event"]]["kept"].get(key, NEVER_ANNOUNCED)
        if missed_at is not None and not held["announced"]:
            cause_id, discriminator = names_of(key, missed_at, held["n"] + 1)
            found.append(message_id(source, cause_id, kind, discriminator=discriminator))
    return found


def with_left(docs: Mapping[str, Doc], left: Iterable[Message]) -> dict[str, Doc]:
    """Return the events with the misses that have left since: the document tells of them as of any announced one.

    Shape:   left are messages of DeadlineMissed.        Source: R11, R20
    """
    after = dict(docs)
    for message in left:
        assert isinstance(message.data, DeadlineMissed)
        doc, key = after[message.data.event], message.data.obligation_id
        held = missed(
            NEVER_ANNOUNCED | doc["kept"].get(key, {}),
            to_stamp(message.data.due_at),
            to_stamp(message.data.detected_at),
        )
        sequence = max(doc["sequence"], message.sequence or 0)
        after[doc["_id"]] = doc | {"kept": doc["kept"] | {key: held}, "sequence": sequence}
    return after
