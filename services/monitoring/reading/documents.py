"""What the read API answers with, made of stored documents; pure.

Never a verdict of its own, and never the stored state: an obligation is shown as it is at `now`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.monitoring.algebra import plans
from services.monitoring.algebra.facts import to_doc
from services.monitoring.algebra.instants import Stamp
from services.monitoring.algebra.milestones import milestone_reports
from services.monitoring.algebra.obligations import ASSESSED, state_at
from services.monitoring.algebra.plans import milestone_key
from services.monitoring.reading.figures import Row, TakenAway

Doc = Mapping[str, Any]
Json = dict[str, Any]
BESIDE = ("started_at", "ended_at", "explanation", "due_gap", "void_reason", "voided_at", "waiver", "overdue")
ON_EVENT = ("publications", "cause_if_missed", "opened_by", "dated_by")
NEVER_MISSED: Json = {"n": 0, "announced": False, "misses": []}


def obligation_item(stored: Doc, now: Stamp) -> Json:
    """Return an obligation as lists show it: what obligation-assessed tells, and why. Source: contract, Reading API"""
    doc = state_at(stored, now)
    return {name: doc[name] for name in (*ASSESSED, *BESIDE)}


def event_answer(key: str, root: Doc, members: Sequence[Doc], *, obligations: Iterable[Doc], now: Stamp) -> Json:
    """Return all that is known of an event.

    Shape:   key is the one asked for; `into` names the event that remains when it was merged into another.
             members are all keys that count as one event, each with its facts.
    Source:  contract, Reading API; fine print, Links and merges
    """
    kept = root["kept"]
    owed = [_owed(doc, kept.get(doc["obligation_id"], NEVER_MISSED), now) for doc in obligations]
    return {
        "event_key": key,
        "status": root["event"]["status"],
        "into": root["_id"] if _is_merged(key, members) else None,
        "event": root["event"],
        "facts": in_order(fact for member in members for fact in member["facts"]),
        "obligations": owed,
        "history": misses_of(kept, owed),
    }


def _owed(stored: Doc, held: Doc, now: Stamp) -> Json:
    doc = state_at(stored, now)
    told = {name: doc[name] for name in ON_EVENT}
    return obligation_item(doc, now) | told | {"n": held["n"], "misses": held["misses"]}


def _is_merged(key: str, members: Sequence[Doc]) -> bool:
    """Whether people merged the key into another; a link to a milestone is no merge. Source: fine print"""
    own = next((member for member in members if member["_id"] == key), None)
    if own is None or own["root"] == key:
        return False
    merges = [fact for fact in own["facts"] if fact["kind"] == "merged"]
    last = max(merges, key=lambda fact: (fact["time"], fact["id"], fact["source"]), default=None)
    return last is not None and last.get("into") is not None


def in_order(facts: Iterable[Doc]) -> list[Doc]:
    """Return facts as they were learnt. Source: R20"""
    return sorted(facts, key=lambda fact: (fact["recorded"], fact["time"], fact["source"], fact["id"]))


def misses_of(kept: Mapping[str, Doc], owed: Iterable[Doc]) -> list[Json]:
    """Return every miss that was announced of an event, the first first, those taken back included. Source: R20"""
    known = {doc["obligation_id"]: doc for doc in owed}
    found = [
        {"obligation_id": key, "requirement": None, "phase": None}
        | {name: known[key][name] for name in ("requirement", "phase") if key in known}
        | miss
        for key, held in kept.items()
        for miss in held["misses"]
    ]
    return sorted(found, key=lambda miss: (miss["detected_at"], miss["obligation_id"], miss["n"]))


def milestone_facts(root: Doc, approved: Iterable[Doc]) -> list[Json]:
    """Return what approved plans said of an event that is a milestone: its reports are read from there.

    Shape:   approved are the stored revisions of the plans that have the event's item.
    Source:  the obligation, Plan items and events
    """
    item = root["event"].get("plan_item_id")
    if item is None or milestone_key(item) not in root["event"]["members"]:
        return []
    revisions = [plans.from_doc(doc["fact"]) for doc in approved]
    return [to_doc(report) for report in milestone_reports(item, revisions)]


def compliance_answer(rows: Sequence[Row], found: Json, *, now: Stamp, taken: Iterable[tuple[TakenAway, Doc]]) -> Json:
    """Return a school year's figures, with what stands beside them.

    Shape:   found has digest and unconfirmed; taken are obligations that people took away after due, with documents.
    Source:  figures; strict rate (listed by name)
    """
    return {
        "as_of": now,
        "digest": found["digest"],
        "rows": [row.to_data() for row in rows],
        "undated": sum(row.undated for row in rows),
        "unconfirmed": found["unconfirmed"],
        "taken_away": [_taken(one, doc) for one, doc in taken],
    }


def _taken(one: TakenAway, doc: Doc) -> Json:
    names = ("obligation_id", "event", "title", "requirement", "phase", "unit", "strict_due_at")
    told = {"how": one.how, "at": one.at, "by": one.by, "reason": one.reason}
    return {name: doc[name] for name in names} | told
