"""What the topics say of one event key: its facts, and what monitoring has announced of it; pure.

Never a judgement of its own: `decisions.judge` gives it, and tells where it differs from what was announced.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.envelope import decode
from contracts.registry import TYPES
from services.monitoring import decisions
from services.monitoring.algebra.facts import Fact
from services.monitoring.algebra.messages import from_message, is_fact
from services.monitoring.algebra.obligations import ASSESSED
from services.monitoring.decisions import Doc, Sight
from services.monitoring.misses import NEVER_ANNOUNCED

BEHIND = -1  # judged otherwise than was announced: the sweep judges it again
WAITING = -2  # not judged yet: what hangs together with it may still be unread
OBLIGATION_ASSESSED = TYPES["obligation-assessed"].type
DEADLINE_APPROACHING = TYPES["deadline-approaching"].type
DEADLINE_MISSED = TYPES["deadline-missed"].type
MISS_WITHDRAWN = TYPES["deadline-miss-withdrawn"].type
_WITHOUT_FACT = frozenset(
    TYPES[name].type for name in ("directive-issued", "directive-acknowledged", "directive-closed")
)


@dataclass(slots=True)
class Known:
    """What was heard of one event, in whatever order and however often.

    Shape:   assessed is {obligation_id: (sequence, data)}; misses is {obligation_id: {n: what is known of that miss}};
             approached is {obligation_id: {due date that was announced as near: sequence}};
             said and reported are the highest sequences of the event on `compliance` and on `events`.
    """

    facts: list[Fact] = field(default_factory=list)
    assessed: dict[str, tuple[int, Doc]] = field(default_factory=dict)
    misses: dict[str, dict[int, Doc]] = field(default_factory=dict)
    approached: dict[str, dict[str, int]] = field(default_factory=dict)
    said: int = 0
    reported: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it makes a document: a directive's key, a milestone that only its plan tells of."""
        return not (self.facts or self.assessed or self.misses or self.approached)

    def hear_said(self, value: bytes) -> None:
        """Add what monitoring announced on `compliance`; raises ValueError, KeyError, TypeError for what is no message.

        Read without a model for the most part: it is this service's own word, and there are millions of it.
        """
        envelope = orjson.loads(value)
        kind, sequence, data = envelope["type"], int(envelope["sequence"]), envelope["data"]
        self.said = max(self.said, sequence)
        if kind == OBLIGATION_ASSESSED:
            before = self.assessed.get(data["obligation_id"])
            if before is None or before[0] < sequence:
                self.assessed[data["obligation_id"]] = (sequence, data)
        elif kind == DEADLINE_APPROACHING:
            self.approached.setdefault(data["obligation_id"], {}).setdefault(data["due_at"], sequence)
        elif kind == DEADLINE_MISSED:
            self._miss(data).update(due_at=data["due_at"], detected_at=data["detected_at"])
        elif kind == MISS_WITHDRAWN:
            self._miss(data).update(withdrawn_at=envelope["time"], reason=data["reason"])
        elif kind not in _WITHOUT_FACT:
            message = decode(value)
            if is_fact(message):
                self.facts.append(from_message(message))

    def _miss(self, data: Doc) -> Doc:
        n = int(data["n"])
        blank = {"n": n, "due_at": None, "detected_at": None, "withdrawn_at": None, "reason": None}
        return self.misses.setdefault(data["obligation_id"], {}).setdefault(n, blank)

    def onto(self, doc: Doc) -> Doc:
        """The event's document with what is new: facts, announced misses, and the count of what was said."""
        after = decisions.learn(doc, self.facts) or doc
        kept = dict(after["kept"])
        for obligation_id in self.misses.keys() | self.approached.keys():
            before = NEVER_ANNOUNCED | kept.get(obligation_id, {})
            near = _in_order(before["approached"], self.approached.get(obligation_id, {}))
            missed = _missed(before, self.misses.get(obligation_id, {}))
            kept[obligation_id] = before | missed | {"approached": near}
        return after | {"kept": kept, "sequence": max(after["sequence"], self.said)}

    def announced(self, since: int = 0) -> dict[str, Doc]:
        """What was last said of each obligation, of that which comes after a sequence: earlier ones are repeats."""
        return {key: as_announced(data) for key, (sequence, data) in self.assessed.items() if sequence > since}


def _in_order(before: list[str], news: Mapping[str, int]) -> list[str]:
    """Due dates in the order in which they were announced as near, each once."""
    return [*before, *(due_at for due_at in sorted(news, key=news.__getitem__) if due_at not in before)]


def _missed(before: Doc, news: Mapping[int, Doc]) -> Doc:
    """What is kept of an obligation's misses: they alternate with their withdrawals, so the last one tells."""
    by_n = {miss["n"]: miss for miss in before["misses"]}
    for n, new in news.items():
        by_n[n] = by_n.get(n, new) | {name: value for name, value in new.items() if value is not None}
    misses = [by_n[n] for n in sorted(by_n)]
    if not misses:
        return {}
    last = misses[-1]
    stands = last["withdrawn_at"] is None
    return {"n": last["n"], "announced": stands, "missed_at": last["due_at"] if stands else None, "misses": misses}


def as_announced(data: Mapping[str, Any]) -> Doc:
    """Return an obligation as far as it was told to others. Source: contract, obligation-assessed"""
    told = {name: data.get(name) for name in ASSESSED}
    return {"_id": data["obligation_id"], **told, "dated_by": None}


@dataclass(slots=True)
class Settled:
    """What is to be staged: documents as they are judged; untold is what was announced of events judged otherwise.

    Shape:   untold is {event key: documents as announced}.
    """

    events: list[Doc] = field(default_factory=list)
    obligations: list[Doc] = field(default_factory=list)
    untold: dict[str, list[Doc]] = field(default_factory=dict)


def settle(docs: Mapping[str, Doc], announced: Iterable[Doc], sight: Sight) -> Settled:
    """Return the documents of whole groups, judged but not announced.

    Shape:   docs as `Known.onto` makes them; announced is what was last said of what they owe.
    Source:  R18, the obligation, Algebra
    """
    told: dict[str, list[Doc]] = {key: [] for key in docs}
    for obligation in announced:
        told[obligation["event"]].append(obligation)
    made = decisions.judge(docs, (one for own in told.values() for one in own), sight)
    untold = {said.event for said in made.said}
    settled = Settled(obligations=made.obligations, untold={key: told[key] for key in sorted(untold)})
    for doc in made.events:
        key = doc["_id"]
        if key in untold:
            said = {name: docs[key][name] for name in ("kept", "sequence")}
            settled.events.append(doc | said | {"judged_under": BEHIND})
        else:
            settled.events.append(doc)
    return settled


def overlay(judged: Iterable[Doc], announced: Iterable[Doc]) -> list[Doc]:
    """Return the obligations of an event that is judged otherwise as they were announced, in whole documents.

    What was never announced is left out, so that it is announced as new. Source: R18, R20
    """
    known = {doc["_id"]: doc for doc in judged}
    pending = {"next_at": None, "overdue": ""}
    return [_BLANK | known.get(doc["_id"], {}) | doc | pending for doc in announced]


# the shape of an obligation of which only the announcement is left, so that pages can show it until it is judged
_BLANK: Doc = {
    "cause_if_missed": None,
    "void_reason": None,
    "voided_at": None,
    "waiver": None,
    "publications": [],
    "opened_by": {
        "rule": "R11",
        "tier": None,
        "tier_from": None,
        "plan_item_id": None,
        "plan_id": None,
        "plan_revision": None,
    },
    "explanation": {"vi": "", "en": ""},
    "grace_s": 0,
    "due_gap": None,
    "month": None,
    "started_at": None,
    "ended_at": None,
}
