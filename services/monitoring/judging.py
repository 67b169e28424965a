"""How facts become stored obligations: within one unit of work, whole groups of events at a time.

It must never decide: `decisions.judge` does; this loads what it needs, stores and announces what it says.
"""

from collections.abc import Collection as Names
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from contracts.envelope import decode
from services.chassis.decision import Announcement
from services.chassis.unit import READY, Cause, Unit
from services.monitoring import decisions, misses, storage
from services.monitoring.algebra.facts import Fact
from services.monitoring.algebra.instants import Stamp, to_instant, to_stamp
from services.monitoring.algebra.plans import Reference
from services.monitoring.decisions import Doc, Judgement, Said, Sight
from services.monitoring.reference import References
from services.monitoring.reminders.approaching import APPROACHING_S
from services.monitoring.reminders.storage import Schedule
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service


@dataclass(frozen=True, slots=True)
class Learnt:
    """A fact and the message or command that brought it."""

    fact: Fact
    cause: Cause


class Judge:
    """Judges events under the reference data that a unit sees."""

    def __init__(
        self, references: References, *, approaching_s: int = APPROACHING_S, schedule: Schedule | None = None
    ) -> None:
        self.references = references
        self._approaching_s, self._schedule = approaching_s, schedule

    async def learn(self, unit: Unit, learnt: Sequence[Learnt]) -> None:
        """Keep new facts and judge the events that they touch, once in a unit; what is known changes nothing."""
        by_key: dict[str, list[Learnt]] = {}
        for one in learnt:
            if one.fact.event is not None:
                by_key.setdefault(one.fact.event, []).append(one)
        stored = await unit.get_many("events", list(by_key))
        changed: dict[str, Doc] = {}
        causes: dict[str, Cause] = {}
        for key, news in by_key.items():
            before = stored.get(key) or decisions.new_event(key)
            after = decisions.learn(before, [one.fact for one in news])
            if after is not None:
                changed[key] = after
                causes |= _cause_of_change(before, news)
        if changed:
            await self._judge(unit, changed, causes, await self._sight(unit))

    async def judge_again(
        self, unit: Unit, keys: Iterable[str], *, confirmed: Stamp | None = None, near: Stamp | None = None
    ) -> None:
        """Judge events anew because time went on or the reference data changed."""
        docs = await unit.get_many("events", sorted(set(keys)))
        sight = replace(await self._sight(unit), confirmed=confirmed, near=near)
        if all(decisions.is_judged(doc, sight) for doc in docs.values()):
            await self._age(unit, docs, sight)
        else:
            await self._judge(unit, docs, {}, sight)

    async def _sight(self, unit: Unit) -> Sight:
        count, reference = await self.references.read(unit)
        return Sight(count, reference, to_stamp(unit.now), approaching_s=self._approaching_s)

    async def caught_up(self, unit: Unit, event: Doc) -> Doc:
        """The event with what was announced of it since it was judged last; what was made ready is taken back.

        For whoever announces something of the event: its sequence must come behind all others.
        """
        owed = await storage.obligations_of(unit, [event["_id"]])
        return (await self._caught_up(unit, {event["_id"]: event}, owed))[event["_id"]]

    async def _caught_up(self, unit: Unit, docs: Mapping[str, Doc], owed: Sequence[Doc]) -> dict[str, Doc]:
        rows = await unit.get_many("outbox", misses.ready_ids(unit.source, docs, owed))
        left = [decode(row["value"]) for row in rows.values() if row["st"] != READY]
        for row_id in [row_id for row_id, row in rows.items() if row["st"] == READY]:
            unit.delete("outbox", row_id)
        if self._schedule:
            await self._schedule.plan(unit, [message.data for message in left])
        return misses.with_left(docs, left)

    async def _age(self, unit: Unit, docs: Mapping[str, Doc], sight: Sight) -> None:
        """What time alone does to events, without a look at their facts: of very many at once it is all there is."""
        owed_before = await storage.obligations_of(unit, docs)
        judgement = decisions.age(await self._caught_up(unit, docs, owed_before), owed_before, sight)
        changed = {obligation["event"] for obligation in judgement.obligations}
        await self._keep(unit, judgement, {}, written=changed)

    async def _judge(self, unit: Unit, docs: Mapping[str, Doc], causes: Mapping[str, Cause], sight: Sight) -> None:
        group = await group_of(unit, docs, sight.reference)
        owed_before = await storage.obligations_of(unit, group)
        judgement = decisions.judge(await self._caught_up(unit, group, owed_before), owed_before, sight)
        # a root is written whenever a key of its group is: two facts that change nothing each by itself must conflict
        await self._keep(unit, judgement, causes, written={judgement.root_of[key] for key in docs})

    async def _keep(
        self, unit: Unit, judgement: Judgement, causes: Mapping[str, Cause], *, written: Names[str]
    ) -> None:
        """Store and announce; the events to be written are so even unchanged, for others that judge them to conflict.

        So are those of which something is made ready: nobody may overlook it and make the opposite true.
        """
        stored = await unit.get_many("events", [doc["_id"] for doc in judgement.events])
        written = {*written, *(said.event for said in judgement.ready)}
        for doc in judgement.events:
            if doc["_id"] in written or doc != stored.get(doc["_id"]):
                unit.put("events", doc)
        for doc in judgement.obligations:
            unit.put("obligations", doc)
        for obligation_id in judgement.gone:
            unit.delete("obligations", obligation_id)
        for said in (*judgement.said, *judgement.ready):
            _announce(unit, said, _cause_for(said.event, causes, judgement.root_of), under=judgement.under)
        if self._schedule:
            await self._schedule.plan(unit, [said.data for said in judgement.said])


async def group_of(unit: Unit, docs: Mapping[str, Doc], reference: Reference) -> dict[str, Doc]:
    """The events and all that hang together with them, each looking around under the given reference data."""
    group: dict[str, Doc] = {}
    frontier = dict(docs)
    while frontier:
        for key, doc in frontier.items():
            group[key] = decisions.look_around(doc, decisions.facts_in(doc), reference)
        touching = {doc["_id"]: doc for doc in await storage.events_touching(unit, frontier)}
        touched = {key for newcomer in frontier for key in group[newcomer]["touches"]} - group.keys()
        known = await unit.get_many("events", sorted(touched)) if touched else {}
        reached = touching | {key: known.get(key) or decisions.new_event(key) for key in sorted(touched)}
        frontier = {key: doc for key, doc in reached.items() if key not in group}
    return group


@cache
def judge_of(service: "Service") -> Judge:
    """The one judge of a running service."""
    assert isinstance(service.settings, Settings)
    settings = service.settings
    schedule = settings.reminders().schedule
    return Judge(References(settings.reference()), approaching_s=settings.approaching_s, schedule=schedule)


def _cause_of_change(before: Doc, news: Sequence[Learnt]) -> dict[str, Cause]:
    """The last message that is new to the event; the same message with an earlier receipt gave its id away before."""
    known = {(fact["source"], fact["id"]) for fact in before["facts"]}
    fresh = [one for one in news if one.fact.identity not in known]
    return {before["_id"]: fresh[-1].cause} if fresh else {}


def _cause_for(event: str, causes: Mapping[str, Cause], root_of: Mapping[str, str]) -> Cause | None:
    """What caused a change of the event: a message about itself, else one about another key of its group."""
    if event in causes or not causes:
        return causes.get(event)
    return next((cause for key, cause in causes.items() if root_of[key] == root_of[event]), None)


def _announce(unit: Unit, said: Said, cause: Cause | None, *, under: int) -> None:
    """Announce, or make ready, with the cause that makes the id the same again when the same work is done again.

    Shape:   under is the count of the reference data of the judgement: `storage.ready_misses` asks for it.
    """
    given = unit.cause
    if said.cause_id is not None:
        unit.cause = Cause(unit.source, said.cause_id)
    elif cause is not None:
        unit.cause = cause
    else:
        unit.cause = replace(given, source=unit.source, id=f"{said.event}@{said.sequence}")
    made = Announcement(said.data, said.event, said.sequence, to_instant(said.time), said.discriminator)
    if said.until is None:
        unit.announce(made)
    else:
        unit.announce(replace(made, recorded=to_instant(said.until)), ready={"until": said.until, "under": under})
    unit.cause = given
