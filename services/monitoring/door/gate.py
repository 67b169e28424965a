"""The one way through the intake: what was read of a sender's message is decided, kept and announced together.

It must never be passed by: requests, records, the desk's form and replays all come here. The decisions themselves are
`intake.acceptance`'s.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from contracts.fields import Record
from contracts.registry import TYPES
from contracts.times import format_time
from services.chassis.decision import Announcement
from services.chassis.store import is_transient
from services.chassis.unit import Cause, Unit
from services.monitoring.door import receipts
from services.monitoring.door.receipts import Reception
from services.monitoring.intake.acceptance import (
    IntakeDecision,
    KnownRecord,
    Status,
    decide_intake,
    unknown_codes,
)
from services.monitoring.intake.candidates import Candidate, Parsed
from services.monitoring.intake.faults import Fault
from services.monitoring.intake.showing import as_text, editable, glimpse
from services.monitoring.reference import References
from services.monitoring.sequences import next_sequence
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

Doc = dict[str, Any]
OPEN = "OPEN"
AT_ONCE, TOGETHER = 2, 100


@dataclass(eq=False, slots=True)
class _Asked:
    """A request that waits to be taken, and where its answer goes unless nobody waits for it any more."""

    reception: Reception
    candidates: Sequence[Candidate]
    answer: "asyncio.Future[list[Doc]]"

    def succeed(self, made: list[Doc]) -> None:
        if not self.answer.done():
            self.answer.set_result(made)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Gate:
    """Takes what was read of a reception into the school's record of events.

    Emits:   EventHeld, EventScheduled, EventCancelled.
    """

    def __init__(self, service: "Service") -> None:
        assert isinstance(service.settings, Settings)
        self._service = service
        self._references = References(service.settings.reference())
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._waiting, self._takers = deque[_Asked](), set[asyncio.Task[None] | None]()

    async def receive(self, reception: Reception, candidates: Sequence[Candidate]) -> list[Doc]:
        """Take the messages of one request; the receipts stand in their order.

        Requests that come while others are being taken wait for each other and share the next transaction: one by one
        each would cost the database the same again. One that fails takes no other with it.
        """
        if not candidates:
            return []
        asked = _Asked(reception, candidates, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if len(self._takers) < AT_ONCE:
            self._takers.add(asyncio.create_task(self._take_waiting()))
        return await asked.answer

    async def _take_waiting(self) -> None:
        """Take until nothing waits; a taker leaves in the step in which it sees that, or a request could miss it."""
        try:
            while self._waiting:
                await self._answer(self._next())
        finally:
            self._takers.discard(asyncio.current_task())

    def _next(self) -> list[_Asked]:
        """The first that wait, as many as one transaction takes."""
        together, size = [self._waiting.popleft()], 0
        while self._waiting and (size := size + len(together[-1].candidates)) < TOGETHER:
            together.append(self._waiting.popleft())
        return together

    async def _answer(self, together: Sequence[_Asked]) -> None:
        try:
            made = await self._take_together(together)
        except Exception as error:
            if len(together) == 1 or is_transient(error):
                for one in together:
                    one.fail(error)
            else:  # one of them is to blame
                for one in together:
                    await self._answer([one])
        else:
            for one, receipts_made in zip(together, made, strict=True):
                one.succeed(receipts_made)

    async def _take_together(self, together: Sequence[_Asked]) -> list[list[Doc]]:
        everything = [candidate for one in together for candidate in one.candidates]

        async def work(unit: Unit) -> list[list[Doc]]:
            await receipts.recall(unit, everything)
            made = []
            for one in together:
                unit.now = one.reception.at
                made.append(await self._take(unit, one.reception, one.candidates))
            return made

        cause = Cause(everything[0].source, everything[0].id)
        async with self._turn(candidate.event_key for candidate in everything):
            return await self._service.store.transact(cause, together[0].reception.at, work)

    @asynccontextmanager
    async def _turn(self, event_keys: Iterable[str]) -> AsyncIterator[None]:
        """Wait for the other requests of this process about the same events: they would only undo each other's work.

        Nothing rests on it but speed: what another replica does at the same time is found by the transaction.
        """
        async with AsyncExitStack() as turns:
            for key in sorted(set(event_keys)):
                await turns.enter_async_context(self._turns.setdefault(key, asyncio.Lock()))
            yield

    async def take(self, unit: Unit, reception: Reception, candidates: Sequence[Candidate]) -> list[Doc]:
        """Decide about messages one after the other, the later ones knowing the earlier; keep what is new."""
        await receipts.recall(unit, candidates)
        return await self._take(unit, reception, candidates)

    async def _take(self, unit: Unit, reception: Reception, candidates: Sequence[Candidate]) -> list[Doc]:
        made = []
        for candidate in candidates:
            decision = await self.judge(unit, reception, candidate)
            made.append(await self.keep(unit, reception, candidate, decision=decision))
        return made

    async def judge(
        self, unit: Unit, reception: Reception, candidate: Candidate, *, replayed: str = ""
    ) -> IntakeDecision:
        """Decide about one message by what the unit sees; what is replayed does not stand in its own way."""
        known = await receipts.known_records(unit, candidate)
        others = [record for record in known if record.receipt_id != replayed]
        stated = await receipts.stated_revision(unit, candidate)
        _, reference = await self._references.read(unit)
        flags = unknown_codes(
            candidate,
            units=reference.units or (),
            topic_areas=reference.topic_areas or (),
            plan_items=reference.plan_of_item,
        )
        flagged = replace(candidate, flags=(*candidate.flags, *flags))
        return decide_intake(flagged, others, stated, permission=reception.permission)

    async def keep(self, unit: Unit, reception: Reception, candidate: Candidate, *, decision: IntakeDecision) -> Doc:
        """Keep and announce what was decided, and return the receipt; of a repeat nothing but the first's answer."""
        if decision.repeats:
            return receipts.receipt_of(candidate, decision, decision.repeats)
        receipt = receipts.receipt_of(candidate, decision, reception.receipt_id(candidate.pointer))
        is_authenticated = reception.permission.is_authenticated
        record = KnownRecord(
            receipt["id"], decision.status, candidate.content_digest, is_authenticated, decision.reasons
        )
        await receipts.remember(unit, candidate, record)
        _put_receipt(unit, reception, receipt)
        if decision.status is Status.ACCEPTED:
            before = await receipts.stated_revision(unit, candidate)
            receipts.state_revision(unit, candidate, before, is_authenticated=is_authenticated)
            await _announce(unit, candidate, is_authenticated=is_authenticated)
        else:
            structured = as_text({**candidate.attributes, "data": candidate.data})
            _quarantine(unit, reception, receipt, text=structured)
        return receipt

    def refuse(self, unit: Unit, reception: Reception, parsed: Parsed) -> Doc:
        """Quarantine a record that keeps not all rules of form: its bytes, its headers and all its faults."""
        receipt = {
            "id": reception.receipt_id(""),
            "message_id": None,
            "source": parsed.sources[0][1] if parsed.sources else None,
            "type": None,
            "status": Status.QUARANTINED.value,
            "event_key": None,
            "reasons": [receipts.fault_doc(fault) for fault in parsed.faults],
            "flags": [],
        }
        _put_receipt(unit, reception, receipt)
        _quarantine(unit, reception, receipt, text=None)
        return receipt


def _put_receipt(unit: Unit, reception: Reception, receipt: Doc) -> None:
    unit.put("received", reception.to_doc())
    kept = {name: value for name, value in receipt.items() if name != "id"}
    unit.put("receipts", {"_id": receipt["id"], "received": reception.id, "at": format_time(reception.at), **kept})


def _quarantine(unit: Unit, reception: Reception, receipt: Doc, *, text: str | None) -> None:
    """Put a message aside for people; text is its structured form, None when only bytes and headers are there."""
    about = {name: receipt[name] for name in ("source", "type", "event_key")}
    about |= glimpse(editable(reception.headers, reception.body) if text is None else text)
    kept = {"faults": receipt["reasons"], "text": text, "via": dict(reception.via)}
    state: Doc = {"status": OPEN, "tries": [], "closed": None}
    received = {"received": reception.id, "received_at": format_time(reception.at)}
    unit.put("quarantine", {"_id": receipt["id"], **received, **about, **kept, **state})


async def _announce(unit: Unit, candidate: Candidate, *, is_authenticated: bool) -> None:
    """Announce the canonical fact; what nobody checked never takes the message id of what a known sender says."""
    key, data = candidate.event_key, canonical(candidate, is_authenticated=is_authenticated)
    discriminator = None if is_authenticated else f"{key}\nunauthenticated"
    unit.cause = Cause(candidate.source, candidate.id)
    sequence = await next_sequence(unit, key)
    unit.announce(Announcement(data, key, sequence, candidate.time, discriminator))


def canonical(candidate: Candidate, *, is_authenticated: bool) -> Record:
    """What is announced of a message: its data with the event's key and who said so."""
    origin = {"source": candidate.source, "id": candidate.id, "authenticated": is_authenticated}
    data = {**candidate.data, "event": candidate.event_key, "origin": origin}
    return TYPES[candidate.name].model.from_data(data)


def faults_of(decision: IntakeDecision) -> tuple[Fault, ...]:
    """Why a message that keeps the rules of form is not accepted, as faults with their places."""
    return tuple(Fault(receipts.POINTERS[rule], rule) for rule in decision.reasons)
