"""Which obligations and events a reader asks for, as questions to the database; pure.

Never a question that reads all documents to show a few: each has an index in `queries`.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.codes import State
from services.monitoring.algebra.instants import Stamp
from services.monitoring.folding import fold, words_of

Where = dict[str, Any]
LIMIT, MOST = 50, 200
# What stands in an address for "no topic area": a blank asks for all.
NO_TOPIC = "-"
_PLAIN = ("event", "requirement", "topic_area", "unit", "tier", "month", "school_year")


class CursorInvalid(ValueError):
    """The text is no cursor that this service gave."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins: after this place in the order, in which what has no instant is last."""

    at: Stamp | None
    id: str

    def text(self) -> str:
        """Return the cursor as it travels: opaque to whoever carries it."""
        return base64.urlsafe_b64encode(json.dumps([self.at, self.id]).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """Return the cursor of a text.

        Raises:  CursorInvalid.
        """
        try:
            at, doc_id = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        except (ValueError, binascii.Error, RecursionError, TypeError):
            raise CursorInvalid(text) from None
        if not isinstance(doc_id, str) or not (at is None or isinstance(at, str)):
            raise CursorInvalid(text)
        return cls(at, doc_id)


@dataclass(frozen=True, slots=True)
class ObligationFilter:
    """What of all obligations is asked for; None asks for all.

    Shape:   undated asks for those that no calendar dates; due_from is inclusive, due_before exclusive;
             a topic_area of NO_TOPIC asks for those that have none.
    """

    event: str | None = None
    state: State | None = None
    requirement: str | None = None
    topic_area: str | None = None
    unit: str | None = None
    tier: str | None = None
    month: str | None = None
    school_year: str | None = None
    due_before: Stamp | None = None
    undated: bool = False
    due_from: Stamp | None = None

    def about(self, event: str) -> "ObligationFilter":
        """Return the same question about another event. Source: fine print, Links and merges"""
        return replace(self, event=event)

    def steps(self, now: Stamp, after: Cursor | None = None) -> list[Where]:
        """Return the questions whose answers, one after the other, are all that is asked for behind a place.

        Each is answered in the order of (due_at, _id). They are several so that a deep page costs what the first does.
        Source: contract, GET /api/obligations (keyset; undated last)
        """
        found: list[Where] = []
        if after is None:
            found = [self._dated({"$gt": ""})]
        elif after.at is not None:
            found = [self._dated({"$eq": after.at}) | {"_id": {"$gt": after.id}}, self._dated({"$gt": after.at})]
        if self.undated:
            found = []
        if self._can_be_undated:
            behind = {"_id": {"$gt": after.id}} if after is not None and after.at is None else {}
            found.append(self._asked | self._in_state | {"due_at": None} | behind)
        return [self._as_of(now, where) for where in found]

    def _dated(self, due: Where) -> Where:
        before = {"$lt": self.due_before} if self.due_before is not None else {}
        since = {"$gte": self.due_from} if self.due_from is not None else {}
        return self._asked | {"due_at": due | before | since}

    def _as_of(self, now: Stamp, where: Where) -> Where:
        """What is stored as OPEN is MISSED from its due date on. Source: the obligation, States"""
        due = where["due_at"]
        if due is None or self.state not in (State.OPEN, State.MISSED):
            return where | self._in_state
        if self.state == State.OPEN:
            later = {"$gt": max(due["$gt"], now)} if "$gt" in due else {"$gt": now}
            return where | {"state": "OPEN", "due_at": due | later}
        rest = {name: value for name, value in where.items() if name != "due_at"}
        turned = {"state": "OPEN", "due_at": due | {"$lte": now}}
        return rest | {"$or": [{"state": "MISSED", "due_at": due}, turned]}

    @property
    def _asked(self) -> Where:
        named = {name: value for name in _PLAIN if (value := getattr(self, name)) is not None}
        return named | ({"topic_area": None} if self.topic_area == NO_TOPIC else {})

    @property
    def _in_state(self) -> Where:
        return {"state": self.state.value} if self.state else {}

    @property
    def _can_be_undated(self) -> bool:
        is_open_ended = self.due_before is None and self.due_from is None
        return is_open_ended and self.state in (None, State.OPEN, State.WAIVED, State.VOID)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are asked for: by words of the title, school year, unit, and what is marked on them."""

    words: str = ""
    school_year: str | None = None
    unit: str | None = None
    flag: str | None = None

    def steps(self, after: Cursor | None = None) -> list[Where]:
        """Return the questions whose answers are all events asked for behind a place, the latest first.

        Source: facts of the place, Text (found without marks)
        """
        asked: Where = {"school_year": self.school_year, "event.unit": self.unit, "event.flags": self.flag}
        asked = {name: value for name, value in asked.items() if value is not None}
        asked |= self._with_words()
        if after is None:
            return [asked | {"started_at": {"$gt": ""}}]
        same = asked | {"started_at": after.at, "_id": {"$gt": after.id}}
        return [same, asked | {"started_at": {"$gt": "", "$lt": after.at}}]

    def _with_words(self) -> Where:
        """Each word that is typed stands in the title, the last one perhaps not typed to its end yet."""
        typed = words_of(self.words)
        if not typed:
            return {"words": {"$in": []}} if self.words.strip() else {}
        whole = [{"words": word} for word in typed[:-1]]
        return {"$and": [*whole, {"words": {"$regex": f"^{re.escape(typed[-1])}"}}]}

    def best(self) -> list[Where]:
        """Return the questions for what is meant most likely: this code, this very title, a title that begins so.

        Source: contract, GET /events (exact hits first, then prefix, then contains)
        """
        folded, code = fold(self.words), self.words.strip()
        if not folded:
            return []
        begins = {"title_folded": {"$gte": folded, "$lt": folded + "\uffff"}}
        year = {"school_year": self.school_year} if self.school_year else {}
        return [{"_id": code}, {"facts.event_id": code}, {"title_folded": folded}, begins | year]


def cursor_of(doc: Mapping[str, Any], at: str) -> Cursor:
    """Return the place of a document in the order of its field `at`. Source: contract, GET /api/obligations"""
    return Cursor(doc[at], doc["_id"])
