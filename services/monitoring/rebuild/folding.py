"""From records to staged documents: all facts of an event first, then each group of events judged once.

It must never write a live document.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from contracts.envelope import Undecodable
from services.chassis.failures import Unprocessable
from services.chassis.unit import Cause, Unit
from services.monitoring import decisions, storage
from services.monitoring.algebra.instants import to_instant
from services.monitoring.algebra.obligations import ASSESSED
from services.monitoring.decisions import Doc, Sight
from services.monitoring.judging import group_of
from services.monitoring.rebuild.known import WAITING, Known, Settled, as_announced, settle
from services.monitoring.rebuild.shared import fact_in
from services.monitoring.rebuild.spill import Line
from services.monitoring.rebuild.staging import Staging

CHUNK = 200


@dataclass(slots=True)
class Gathered:
    """What some records say, by event key; unreadable ones are counted: the live service set them aside too.

    Shape:   strays are (key, Known) of facts whose record has another key than their event.
    """

    known: dict[str, Known] = field(default_factory=dict)
    strays: dict[str, Known] = field(default_factory=dict)
    unreadable: int = 0

    def hear(self, line: Line) -> None:
        """Add what one record of a keyed topic says."""
        key = line.key.decode(errors="replace")
        try:
            if line.topic == "compliance":
                self._of(self.known, key).hear_said(line.value)
                return
            fact, sequence = fact_in(line)
        except (Undecodable, Unprocessable, ValueError, KeyError, TypeError):
            self.unreadable += 1
            return
        if line.topic == "events":
            heard = self._of(self.known, key)
            heard.reported = max(heard.reported, sequence)
        if fact is not None and fact.event is not None:
            self._of(self.known if fact.event == key else self.strays, fact.event).facts.append(fact)

    def reported(self) -> dict[str, int]:
        """The highest sequence of each event on `events`."""
        return {key: one.reported for key, one in self.known.items() if one.reported}

    @staticmethod
    def _of(where: dict[str, Known], key: str) -> Known:
        found = where.get(key)
        if found is None:
            found = where[key] = Known()
        return found


def gather(lines: Iterable[Line]) -> Gathered:
    """Return what the records say together."""
    gathered = Gathered()
    for line in lines:
        gathered.hear(line)
    return gathered


def fold(known: dict[str, Known], sight: Sight, shared_keys: frozenset[str]) -> Settled:
    """Return the documents of events that are heard of for the first time: those that stand alone judged, others not.

    Shape:   shared_keys are the keys that other events may point to; these, and what points to others, wait for all.
    """
    made = Settled()
    for key, heard in known.items():
        if heard.is_empty:
            continue
        doc = decisions.look_around(heard.onto(decisions.new_event(key)), heard.facts, sight.reference)
        announced = list(heard.announced().values())
        if doc["touches"] or key in shared_keys:
            made.events.append(doc | {"judged_under": WAITING})
            made.untold[key] = announced
            continue
        alone = settle({key: doc}, announced, sight)
        made.events += alone.events
        made.obligations += alone.obligations
        made.untold |= alone.untold
    return made


class Groups:
    """Judges groups of staged events anew, with what was heard of them since.

    Shape:   untold are the keys of the events that were found to be judged otherwise than was announced.
    """

    def __init__(self, staging: Staging, sight: Callable[[], Sight]) -> None:
        self._staging, self._sight = staging, sight
        self.untold: set[str] = set()

    async def judge(self, keys: Sequence[str], news: dict[str, Known]) -> None:
        """Add what is new to the events and judge all groups that they are in, chunk by chunk."""
        for place in range(0, len(keys), CHUNK):
            await self._judge(keys[place : place + CHUNK], news)

    async def _judge(self, keys: Sequence[str], news: dict[str, Known]) -> None:
        sight = self._sight()

        async def work(unit: Unit) -> None:
            stored = await unit.get_many("events", keys)
            docs = {key: news.get(key, _NOTHING).onto(stored.get(key) or decisions.new_event(key)) for key in keys}
            group = await group_of(unit, docs, sight.reference)
            said_before = {key: stored[key]["sequence"] if key in stored else 0 for key in keys}
            owed = await storage.obligations_of(unit, group)
            untold = await unit.get_many("untold", sorted(group))
            announced = _announced(owed, untold)
            for key in keys:
                announced |= news.get(key, _NOTHING).announced(since=said_before[key])
            settled = settle(group, announced.values(), sight)
            _stage(unit, settled, owed, untold)
            self.untold |= settled.untold.keys()

        await self._staging.transact(Cause(self._staging.source, "rebuild"), to_instant(sight.now), work)


_NOTHING = Known()


def _announced(owed: Iterable[Doc], untold: dict[str, Doc]) -> dict[str, Doc]:
    """What was last said of each obligation: what is stored, but for events that are judged otherwise than told."""
    told = {one["_id"]: as_announced({n: one[n] for n in ASSESSED}) for one in owed if one["event"] not in untold}
    return told | {one["_id"]: one for doc in untold.values() for one in doc["obligations"]}


def _stage(unit: Unit, settled: Settled, owed: Iterable[Doc], untold: dict[str, Doc]) -> None:
    for doc in settled.events:
        unit.put("events", doc)
    for doc in settled.obligations:
        unit.put("obligations", doc)
    judged = {doc["_id"] for doc in settled.obligations}
    for doc in owed:
        if doc["_id"] not in judged:
            unit.delete("obligations", doc["_id"])
    for key, told in settled.untold.items():
        unit.put("untold", {"_id": key, "obligations": told})
    for key in untold.keys() - settled.untold.keys():
        unit.delete("untold", key)
