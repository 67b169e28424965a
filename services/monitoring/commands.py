"""What people tell monitoring to do: one function per act, shared by forms and API; each runs once per id.

The fact of an act is kept in the transaction that announces it, so that whoever acted sees the result at once; when
the message comes back from Kafka it is known. It must never judge: the rules are in `acts` and `decisions`.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.fields import Record
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Announcement, Refusal, scoped
from services.chassis.unit import Cause, Unit
from services.monitoring import acts, decisions, storage
from services.monitoring.acts import Answer, By, Classification, GivenCause, Merge
from services.monitoring.algebra.facts import CauseGiven, Classified, Merged, WaiverChange
from services.monitoring.algebra.instants import to_instant
from services.monitoring.algebra.messages import from_message
from services.monitoring.judging import Judge, Learnt
from services.monitoring.refusals import refuse, refused
from services.monitoring.sequences import next_sequence

if TYPE_CHECKING:
    from services.chassis.app import Service

# Two acts at one instant would be put in order by chance.
TICK = timedelta(microseconds=1)
ACTS = (Classified, Merged, WaiverChange, CauseGiven)
Result = dict[str, Any]
Doc = dict[str, Any]


class Desk:
    """The acts of monitoring.

    Shape:   every act takes the command's id and who gives it, and answers with what is stored under that id.
    Raises:  Refused with the rules that say no, and their HTTP status.
    """

    def __init__(self, service: "Service", judge: Judge) -> None:
        self._service, self._judge = service, judge

    async def classify(self, command_id: str, actor: Actor, event_key: str, *, given: Classification) -> Result:
        """Give an event its tier, topic area or plan item."""

        async def work(unit: Unit) -> Result:
            event = await _event(unit, event_key)
            _, reference = await self._judge.references.read(unit)
            _accept(acts.check_classification(given, reference))
            by = _by(actor, unit, [event])
            return await self._done(unit, acts.classified(event_key, given, by), await _next(unit, event_key), at=by.at)

        stated = given.model_dump(mode="json", include={"tier", "topic_area", "plan_item_id"}, exclude_unset=True)
        details = {name: value or "" for name, value in stated.items()}
        return await self._once(command_id, Act(actor, "event-classified", event_key, given.reason, details), work)

    async def merge(self, command_id: str, actor: Actor, event_key: str, *, given: Merge) -> Result:
        """Say that an event is the same as another, or undo it."""

        async def work(unit: Unit) -> Result:
            docs = [await _event(unit, key) for key in filter(None, (event_key, given.into))]
            members = {member for doc in docs for member in _members(doc)}
            known = await unit.get_many("events", sorted(members | {doc["root"] for doc in docs}))
            facts = [fact for doc in known.values() for fact in decisions.facts_in(doc)]
            _accept(acts.check_merge(event_key, given.into, facts))
            by = _by(actor, unit, known.values())
            return await self._done(unit, acts.merged(event_key, given, by), await _next(unit, event_key), at=by.at)

        act = Act(actor, "event-merged", event_key, given.reason, {"into": given.into or ""})
        return await self._once(command_id, act, work)

    async def answer(self, command_id: str, actor: Actor, event_key: str, *, given: Answer) -> Result:
        """Say of a scheduled event that nobody confirmed whether it was held."""

        async def work(unit: Unit) -> Result:
            root = await _event(unit, (await _event(unit, event_key))["root"])
            by = _by(actor, unit, [root])
            _accept(acts.check_answer(root["event"] or {}, given, by))
            told = decisions.facts_in(root)
            data = acts.answered(root["event"], told, given, by=by, answer_id=unit.cause.id)
            return await self._done(unit, data, await _next(unit, root["_id"]), at=by.at)

        details = {"held": str(given.held).lower()}
        return await self._once(command_id, Act(actor, "event-answered", event_key, given.reason or "", details), work)

    async def waive(self, command_id: str, actor: Actor, obligation_id: str, *, reason: str) -> Result:
        """Waive an obligation, before or after it was due."""

        async def work(unit: Unit) -> Result:
            obligation = await _obligation(unit, obligation_id)
            _accept(acts.check_waiver(obligation))
            return await self._said(unit, obligation, actor, made=lambda by: acts.waived(obligation, reason, by))

        return await self._once(command_id, Act(actor, "obligation-waived", obligation_id, reason), work)

    async def revoke_waiver(self, command_id: str, actor: Actor, obligation_id: str, *, reason: str) -> Result:
        """Take a waiver back."""

        async def work(unit: Unit) -> Result:
            obligation = await _obligation(unit, obligation_id)
            _accept(acts.check_revocation(obligation))
            return await self._said(
                unit, obligation, actor, made=lambda by: acts.waiver_revoked(obligation, reason, by)
            )

        return await self._once(command_id, Act(actor, "waiver-revoked", obligation_id, reason), work)

    async def set_cause(self, command_id: str, actor: Actor, obligation_id: str, *, given: GivenCause) -> Result:
        """Say why an obligation was missed."""

        async def work(unit: Unit) -> Result:
            obligation = await _obligation(unit, obligation_id)
            _accept(acts.check_cause(obligation))
            return await self._said(unit, obligation, actor, made=lambda by: acts.cause_set(obligation, given, by))

        act = Act(actor, "cause-set", obligation_id, given.reason, {"cause": given.cause.value})
        return await self._once(command_id, act, work)

    async def _said(self, unit: Unit, obligation: Doc, actor: Actor, *, made: Callable[[By], Record]) -> Result:
        """Announce an act on an obligation on `compliance`, under the event's own count of what it says there."""
        key, obligation_id = obligation["event"], obligation["obligation_id"]
        event = await self._judge.caught_up(unit, await _event(unit, key))
        by, sequence = _by(actor, unit, [event]), event["sequence"] + 1
        unit.put("events", event | {"sequence": sequence})
        done = await self._done(unit, made(by), sequence, at=by.at, discriminator=obligation_id)
        after = await storage.obligation(unit, obligation_id)
        return done | {"obligation_id": obligation_id, "state": after["state"] if after else None}

    async def _done(
        self, unit: Unit, data: Record, sequence: int, *, at: datetime, discriminator: str | None = None
    ) -> Result:
        key = data.event  # type: ignore[attr-defined]
        for message in unit.announce(Announcement(data, key, sequence, at, discriminator)):
            await self._judge.learn(unit, [Learnt(from_message(message), Cause.of(message))])
        return {"event": key, "at": at.isoformat()}

    async def _once(self, command_id: str, act: Act, work: Callable[[Unit], Awaitable[Result]]) -> Result:
        own_id, now = scoped(command_id, act.actor), self._service.clock.now()
        return await self._service.store.command(own_id, now, work, act=act)


def _by(actor: Actor, unit: Unit, events: Iterable[Doc]) -> By:
    """Who acts, and when: after every act on the same events before, also where the clock has not moved on since."""
    acts_before = (fact for event in events for fact in decisions.facts_in(event) if isinstance(fact, ACTS))
    last = max((fact.time for fact in acts_before), default=None)
    at = max(unit.now, to_instant(last) + TICK) if last else unit.now
    return By(actor.account_id, at)


def _accept(refusals: Iterable[Refusal]) -> None:
    found = tuple(refusals)
    if found:
        raise refused(*found)


async def _event(unit: Unit, key: str) -> Doc:
    event = await unit.get("events", key)
    if event is None:
        raise refused(refuse("event-unknown"))
    return event


def _members(doc: Doc) -> list[str]:
    return [doc["_id"], *(doc["event"]["members"] if doc["event"] else ())]


async def _obligation(unit: Unit, obligation_id: str) -> Doc:
    obligation = await storage.obligation(unit, obligation_id)
    if obligation is None:
        raise refused(refuse("obligation-unknown"))
    return obligation


async def _next(unit: Unit, event_key: str) -> int:
    return await next_sequence(unit, event_key)
