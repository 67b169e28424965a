"""What an operator does with a dead letter: have this service read it again, or lay it aside with a reason.

It must never delete one: who closed it, when and why stays with the bytes.
"""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from services.chassis.audit.acts import Act
from services.chassis.clock import wall_now
from services.chassis.decision import Actor, Refusal, Refused, scoped
from services.chassis.unit import Cause, Document, Unit
from services.chassis.web.i18n import N_

if TYPE_CHECKING:
    from services.chassis.app import Service

WAITING = ("OPEN", "REPLAYING")


async def waiting_letters(service: "Service", *, limit: int = 50) -> list[Document]:
    """The newest letters that nobody has closed, without their bytes."""
    where = {"status": {"$in": WAITING}}
    fields = {"value": 0, "headers": 0, "key": 0}
    return await service.store.find("dead_letters", where, sort=[("at", -1)], limit=limit, fields=fields)


async def replay(service: "Service", letter_id: str, actor: Actor, *, command_id: str) -> bool:
    """Read the record again in this service alone, by the handler of its topic; whether it was taken this time.

    Raises:  Refused for a letter that does not wait, and for one of a topic that nobody reads here.
    """
    act = Act(actor, "letter-replayed", letter_id)
    await _command(service, command_id, act, given={"status": "REPLAYING"})
    letter = await service.store.get("dead_letters", letter_id)
    if letter is None or letter["status"] != "REPLAYING":  # the command came a second time
        return letter is not None and letter["status"] == "REPLAYED"
    names = ("topic", "partition", "offset", "key", "value")
    record = SimpleNamespace(**{name: letter[name] for name in names}, headers=letter["headers"])
    await _handler(service, letter["topic"])(SimpleNamespace(raw_message=(record,)))
    after = await service.store.get("dead_letters", letter_id)
    if after is None or after["status"] != "REPLAYING":
        return False

    async def close(unit: Unit) -> None:
        await _change(service, unit, letter_id, _closed("REPLAYED", actor))

    await service.store.transact(Cause(service.source, letter_id), service.clock.now(), close)
    return True


async def discard(service: "Service", letter_id: str, actor: Actor, *, command_id: str, reason: str) -> None:
    """Lay a letter aside; raises Refused without a reason."""
    said = reason.strip()[:1000]
    if not said:
        detail, fix = N_("Chưa nêu lý do."), N_("Ghi vì sao thông điệp này không cần xử lý.")
        raise Refused(Refusal("reason-missing", detail, "/reason", fix))
    act, given = Act(actor, "letter-discarded", letter_id, said), _closed("DISCARDED", actor)
    await _command(service, command_id, act, given=given | {"closing_reason": said})


def _closed(status: str, actor: Actor) -> Document:
    return {"status": status, "closed_by": actor.account_id, "closed_at": wall_now()}


async def _command(service: "Service", command_id: str, act: Act, *, given: Document) -> None:
    """Write into the letter that the act is about, once per command."""

    async def work(unit: Unit) -> None:
        await _change(service, unit, act.subject, given)

    await service.store.command(scoped(command_id, act.actor), service.clock.now(), work, act=act)


async def _change(service: "Service", unit: Unit, letter_id: str, given: Document) -> None:
    """Write into a letter that waits; raises Refused for any other, and for one that nobody can read again."""
    letter = await unit.get("dead_letters", letter_id)
    if letter is None or letter["status"] not in WAITING:
        detail = N_("Không có thông điệp hỏng này, hoặc đã có người xử lý.")
        raise Refused(Refusal("letter-unknown", detail, "", N_("Tải lại trang Vận hành.")), status=404)
    if given["status"] == "REPLAYING":
        _handler(service, letter["topic"])
    unit.put("dead_letters", letter | given)


def _handler(service: "Service", topic: str) -> Any:
    """The function that reads the topic."""
    for subscriber in service.broker.subscribers:
        if topic in subscriber.topic_names:  # type: ignore[attr-defined]
            return subscriber.calls[0].handler
    detail = N_("Phiên bản này không còn đọc luồng %(topic)s.")
    fix = N_("Bỏ thông điệp này kèm lý do, hoặc chạy lại phiên bản cũ.")
    raise Refused(Refusal("topic-not-read", detail, "", fix, {"topic": topic}))
