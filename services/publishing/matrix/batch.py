"""Several publications ordered at once: each by the command of a single one, under an id and with an answer of its own.

It must never judge, nor stop at one that is refused.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from services.chassis.decision import Actor, Refusal, Refused, derived, scoped
from services.chassis.unit import Unit
from services.publishing.commands import Desk
from services.publishing.forms import NewBatchItem

if TYPE_CHECKING:
    from services.chassis.app import Service

Result = dict[str, Any]


async def publish_all(
    service: "Service", desk: Desk, actor: Actor, *, command_id: str, items: Sequence[NewBatchItem]
) -> list[Result]:
    """Order all of them, and keep the answers under the command's id: a repeat answers as the first did.

    Shape:   an answer is that of the single command, or has `refusals`; a run that was cut off is taken up by a
             repeat, for what it had done answers as it did then.
    """
    before = await outcome(service, actor, command_id)
    if before is not None:
        return before
    told = [await _publish(desk, actor, command_id, item=item) for item in items]

    async def keep(unit: Unit) -> list[Result]:
        return told

    # The single commands are the acts: the list of their answers is nobody's concern.
    return await service.store.command(_kept_as(command_id, actor), service.clock.now(), keep, act=None)


async def _publish(desk: Desk, actor: Actor, command_id: str, *, item: NewBatchItem) -> Result:
    of = {"content_id": item.content_id, "channel": item.channel.value}
    order = item.order(is_built_in=desk.is_built_in(item.channel))
    own = derived(command_id, f"{item.content_id}\n{item.channel.value}")
    try:
        return of | await desk.publish(own, actor, item.content_id, order=order)
    except Refused as refused:
        return of | {"refusals": [_told(one) for one in refused.refusals]}


async def outcome(service: "Service", actor: Actor, command_id: str) -> list[Result] | None:
    """The answers that are kept under the id, or None; another person's are as absent as what is not there."""
    found = await service.store.get("commands", _kept_as(command_id, actor))
    return found["result"] if found else None


def refusals_of(result: Result) -> tuple[Refusal, ...]:
    """The refusals of one answer."""
    return tuple(Refusal(**one) for one in result.get("refusals", ()))


def _told(one: Refusal) -> Result:
    return {"rule": one.rule, "detail": one.detail, "pointer": one.pointer, "fix": one.fix, "params": dict(one.params)}


def _kept_as(command_id: str, actor: Actor) -> str:
    return derived(scoped(command_id, actor), "batch")
