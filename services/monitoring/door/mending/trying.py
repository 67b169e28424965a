"""What a message set aside would become as edited: still refused, or the obligations that it would open.

It must never leave anything behind.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.codes import Phase, RequirementCode, State
from contracts.envelope import obligation_id
from services.chassis.decision import Announcement
from services.chassis.unit import Unit
from services.monitoring.algebra.messages import from_message
from services.monitoring.door.gate import canonical
from services.monitoring.door.rehearsal import rehearse
from services.monitoring.judging import Learnt, judge_of

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.monitoring.door.quarantine import Quarantine

Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tried:
    """What would come of it.

    Shape:   faults are kept faults, empty when it would be taken; owed are the event's obligations then, but void ones.
    """

    faults: tuple[Doc, ...]
    owed: tuple[Doc, ...] = ()
    flags: tuple[str, ...] = ()


async def try_out(service: "Service", acts: "Quarantine", item_id: str, *, body: str) -> Tried:
    """Send the message through the gate and judge its event by what is known now, and undo all of it."""

    async def work(unit: Unit) -> Tried:
        faults, receipt, candidate = await acts.again(unit, reception, item_id)
        if receipt is None or candidate is None:
            return Tried(tuple(faults))
        data, key = canonical(candidate, is_authenticated=reception.permission.is_authenticated), candidate.event_key
        (message,) = unit.announce(Announcement(data, key, 1, candidate.time))
        await judge_of(service).learn(unit, [Learnt(from_message(message), unit.cause)])
        return Tried((), await _owed(unit, key), tuple(receipt["flags"]))

    reception = await acts.to_try(item_id, body)
    return await rehearse(service.store, reception.at, work)


async def _owed(unit: Unit, key: str) -> tuple[Doc, ...]:
    event = await unit.get("events", key)
    root = event["root"] if event else key
    ids = [obligation_id(root, code, phase) for code in RequirementCode for phase in Phase]
    found = (await unit.get_many("obligations", ids)).values()
    standing = (one for one in found if one["state"] != State.VOID)
    return tuple(sorted(standing, key=lambda one: (one["due_at"] or "~", one["requirement"], one["phase"])))
