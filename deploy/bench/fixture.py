"""A seeded log of messages as monitoring reads them, and what it would have announced of it; never anybody's data.

Half EventHeld, half publications; 1 % come twice, 1 % in the wrong order, 0.5 % are late, 0.5 % corrected or cancelled.
The same size and seed give the same bytes: the sha256 of the log says so.
"""

import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from contracts.envelope import Message, encode, event_key, message_id
from contracts.registry import BY_MODEL, TYPES
from contracts.times import format_time
from services.monitoring import decisions
from services.monitoring.algebra.instants import to_instant
from services.monitoring.decisions import Said, Sight
from services.monitoring.reading.figures import evidence_line
from services.monitoring.rebuild.known import Known
from services.monitoring.rebuild.shared import fact_in
from services.monitoring.rebuild.spill import Line

SEED, SOURCE = 2026, "/bench"
BEGIN, DAYS = datetime(2025, 9, 1, 1, tzinfo=UTC), 364
NOW = datetime(2026, 9, 20, 1, tzinfo=UTC)  # all is due, and nothing is on its way
TWICE, SWAPPED, LATE, CHANGED = 0.01, 0.01, 0.005, 0.005
UNITS, AREAS = ("PTT", "K_CK", "K_DD", "P_DT"), ("DAO_TAO", "NGHIEN_CUU", "HOP_TAC")


class Pair(NamedTuple):
    """What is told of one event, in the order in which it is told."""

    key: str
    lines: list[Line]


def pairs(messages: int, seed: int = SEED) -> Iterator[Pair]:
    """The log, event by event, of so many messages in all."""
    dice, left, number = random.Random(seed), messages, 0
    while left > 0:
        key = event_key(SOURCE, f"E-{number:07d}")
        lines = list(_told(number, key, dice, messages))[:left]
        left -= len(lines)
        number += 1
        yield Pair(key, lines)


def _told(number: int, key: str, dice: random.Random, messages: int) -> Iterator[Line]:
    ended = BEGIN + timedelta(days=DAYS * 2 * number / messages, minutes=dice.randrange(600))
    lines = [_held(number, key, ended, dice=dice), _published(number, key, ended, dice=dice)]
    if dice.random() < SWAPPED:
        lines.reverse()
    if dice.random() < CHANGED:
        lines.append(_cancelled(number, key, ended) if dice.random() < 0.5 else _corrected(number, key, ended))
    if dice.random() < TWICE:
        lines.append(lines[dice.randrange(2)])
    yield from lines


def line_of(name: str, key: str, data: dict[str, Any], *, of: str, at: datetime) -> Line:
    kind = TYPES[name]
    attributes = {
        "specversion": "1.0",
        "id": message_id(SOURCE, of, kind.type, discriminator=key),
        "source": f"/publicity/{kind.producer}",
        "type": kind.type,
        "subject": key,
        "time": format_time(at),
        "datacontenttype": "application/json",
        "dataschema": kind.dataschema,
        "partitionkey": key,
        "sequence": "0000000001",
        "recordedtime": format_time(at),
    }
    return Line(kind.topic, key.encode(), orjson.dumps(attributes | {"data": data}))


def _origin(number: int) -> dict[str, Any]:
    return {"source": SOURCE, "id": f"m-{number}", "authenticated": True}


def _held(number: int, key: str, ended: datetime, *, dice: random.Random) -> Line:
    data = {
        "event_id": f"E-{number:07d}",
        "title": f"Hội thảo số {number % 997} khoa Cơ khí",
        "unit": dice.choice(UNITS),
        "topic_area": dice.choice(AREAS),
        "started_at": format_time(ended - timedelta(hours=3)),
        "ended_at": format_time(ended),
        "event": key,
        "origin": _origin(number),
    }
    return line_of("event-held", key, data, of=f"h{number}", at=ended + timedelta(hours=1))


def _publication(number: int, key: str, at: datetime, revision: int) -> dict[str, Any]:
    shown = {
        "medium": "WEBSITE",
        "audience": "EXTERNAL",
        "language": "vi",
        "title": "Tin",
        "published_at": format_time(at),
    }
    return {"content_id": f"c-{number}", "revision": revision, "channel": "VI_WEB", "event": key} | shown


def _published(number: int, key: str, ended: datetime, *, dice: random.Random) -> Line:
    hours = 24 * 12 if dice.random() < LATE else dice.randrange(2, 60)
    at = ended + timedelta(hours=hours)
    return line_of("content-published", key, _publication(number, key, at, 1), of=f"p{number}", at=at)


def _corrected(number: int, key: str, ended: datetime) -> Line:
    at = ended + timedelta(hours=70)
    return line_of("content-corrected", key, _publication(number, key, at, 2), of=f"p2{number}", at=at)


def _cancelled(number: int, key: str, ended: datetime) -> Line:
    data = {"event_id": f"E-{number:07d}", "event": key, "origin": _origin(number), "revision": 2}
    return line_of("event-cancelled", key, data, of=f"x{number}", at=ended + timedelta(hours=2))


@dataclass
class Told:
    """What the whole log is: its size and sha256, and what the documents must come to.

    Units:   evidence is the sum of the sha256 of all evidence lines: the same in any order, and in little memory.
    """

    messages: int = 0
    announced: int = 0
    obligations: int = 0
    evidence: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def see(self, line: Line) -> None:
        """Count a message of the log."""
        self.messages += 1
        self._hash.update(line.topic.encode() + line.key + line.value)

    def owe(self, obligations: Iterable[dict[str, Any]], now: str) -> None:
        """Count obligations as a judgement of the log gives them."""
        for doc in obligations:
            self.obligations += 1
            self.evidence = (self.evidence + evidence_of(doc, now)) % 2**256

    @property
    def sha256(self) -> str:
        """Of the log as it was written."""
        return str(self._hash.hexdigest())


def evidence_of(doc: dict[str, Any], now: str) -> int:
    """One obligation's part of the sum."""
    return int.from_bytes(hashlib.sha256(orjson.dumps(evidence_line(doc, now))).digest())


def announced(pair: Pair, sight: Sight, told: Told) -> Iterator[Line]:
    """What monitoring would have announced of an event once it knew all of it, as records of `compliance`."""
    known = Known()
    for line in pair.lines:
        fact, _ = fact_in(line)
        if fact is not None:
            known.facts.append(fact)
    doc = known.onto(decisions.new_event(pair.key))
    judged = decisions.judge({pair.key: doc}, (), sight)
    told.owe(judged.obligations, str(sight.now))
    for said in judged.said:
        told.announced += 1
        yield Line("compliance", pair.key.encode(), encode(_message(said)))


def _message(said: Said) -> Message:
    kind = BY_MODEL[type(said.data)].type
    source, cause = "/publicity/monitoring", said.cause_id or f"{said.event}@{said.sequence}"
    return Message(
        id=message_id(source, cause, kind, discriminator=said.discriminator),
        source=source,
        type=kind,
        subject=said.event,
        time=to_instant(said.time),
        data=said.data,
        sequence=said.sequence,
        recordedtime=NOW,
        correlationid=cause,
        causationid=cause,
    )
