"""What people tell monitoring to do: one function per act, shared by forms and API; each runs once per id.

The fact of an act is kept in the transaction that announces it, so that whoever acted sees the result at once; when
the message comes back from Kafka it is known. It must never judge: the rules are in `acts` and `decisions`.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from contracts.fields import Record
from services.chassis.decision import Actor, Announcement, Refusal, scoped
from services.chassis.unit import Cause, Unit
from services.monitoring import acts, decisions, storage
from services.monitoring.acts import By, Classification, GivenCause, Merge
from services.monitoring.algebra.messages import from_message
from services.monitoring.judging import Judge, Learnt
from services.monitoring.refusals import refuse, refused
from services.monitoring.sequences import next_sequence

if TYPE_CHECKING:
    from services.chassis.app import Service

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
            await _event(unit, event_key)
            _, reference = await self._judge.references.read(unit)
            _accept(acts.check_classification(given, reference))
            data = acts.classified(event_key, given, _by(actor, unit))
            return await self._done(unit, data, await _next(unit, event_key))

        return await self._once(command_id, actor, work)

    async def merge(self, command_id: str, actor: Actor, event_key: str, *, given: Merge) -> Result:
        """Say that an event is the same as another, or undo it."""

        async def work(unit: Unit) -> Result:
            docs = [await _event(unit, key) for key in filter(None, (event_key, given.into))]
            members = {member for doc in docs for member in _members(doc)}
            known = await unit.get_many("events", sorted(members | {doc["root"] for doc in docs}))
            facts = [fact for doc in known.values() for fact in decisions.facts_in(doc)]
            _accept(acts.check_merge(event_key, given.into, facts))
            data = acts.merged(event_key, given, _by(actor, unit))
            return await self._done(unit, data, await _next(unit, event_key))

        return await self._once(command_id, actor, work)

    async def waive(self, command_id: str, actor: Actor, obligation_id: str, *, reason: str) -> Result:
        """Waive an obligation, before or after it was due."""

        async def work(unit: Unit) -> Result:
            obligation = await _obligation(unit, obligation_id)
            _accept(acts.check_waiver(obligation))
            return await self._said(unit, acts.waived(obligation, reason, _by(actor, unit)), obligation_id)

        return await self._once(command_id, actor, work)

    async def revoke_waiver(self, command_id: str, actor: Actor, obligation_id: str, *, reason: str) -> Result:
        """Take a waiver back."""

        async def work(unit: Unit) -> Result:
            obligation = await _obligation(unit, obligation_id)
            _accept(acts.check_revocation(obligation))
            return await self._said(unit, acts.waiver_revoked(obligation, reason, _by(actor, unit)), obligation_id)

        return await self._once(command_id, actor, work)

    async def set_cause(self, command_id: str, actor: Actor, obligation_id: str, *, given: GivenCause) -> Result:
        """Say why an obligation was missed."""

        async def work(unit: Unit) -> Result:
            obligation = await _obligation(unit, obligation_id)
            _accept(acts.check_cause(obligation))
            return await self._said(unit, acts.cause_set(obligation, given, _by(actor, unit)), obligation_id)

        return await self._once(command_id, actor, work)

    async def _said(self, unit: Unit, data: Record, obligation_id: str) -> Result:
        """Announce an act on an obligation on `compliance`, under the event's own count of what it says there."""
        key = data.event  # type: ignore[attr-defined]
        event = await unit.get("events", key)
        assert event is not None
        unit.put("events", event | {"sequence": event["sequence"] + 1})
        done = await self._done(unit, data, event["sequence"] + 1, discriminator=obligation_id)
        after = await storage.obligation(unit, obligation_id)
        return done | {"obligation_id": obligation_id, "state": after["state"] if after else None}

    async def _done(self, unit: Unit, data: Record, sequence: int, *, discriminator: str | None = None) -> Result:
        key = data.event  # type: ignore[attr-defined]
        said = Announcement(data, key, sequence, unit.now, discriminator)
        for message in unit.announce(said):
            await self._judge.learn(unit, [Learnt(from_message(message), Cause.of(message))])
        return {"event": key, "at": unit.now.isoformat()}

    async def _once(self, command_id: str, actor: Actor, work: Callable[[Unit], Awaitable[Result]]) -> Result:
        return await self._service.store.command(scoped(command_id, actor), self._service.clock.now(), work)


def _by(actor: Actor, unit: Unit) -> By:
    return By(actor.account_id, unit.now)


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
