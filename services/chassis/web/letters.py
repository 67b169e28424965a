"""What an operator does with a dead letter: have this service read it again, or lay it aside with a reason.

It must never delete one: who closed it, when and why stays with the bytes.
"""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from services.chassis.clock import wall_now
from services.chassis.decision import Actor, Refusal, Refused
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


async def replay(service: "Service", letter_id: str, actor: Actor) -> bool:
    """Read the record again in this service alone, by the handler of its topic; whether it was taken this time."""
    letter = await _change(service, letter_id, {"status": "REPLAYING"})
    names = ("topic", "partition", "offset", "key", "value")
    record = SimpleNamespace(**{name: letter[name] for name in names}, headers=letter["headers"])
    await _handler(service, letter["topic"])(SimpleNamespace(raw_message=(record,)))
    after = await service.store.get("dead_letters", letter_id)
    if after is None or after["status"] != "REPLAYING":
        return False
    await _change(service, letter_id, _closed("REPLAYED", actor))
    return True


async def discard(service: "Service", letter_id: str, actor: Actor, *, reason: str) -> None:
    """Lay a letter aside; raises Refused without a reason."""
    if not reason.strip():
        detail, fix = N_("Chưa nêu lý do."), N_("Ghi vì sao thông điệp này không cần xử lý.")
        raise Refused(Refusal("reason-missing", detail, "/reason", fix))
    await _change(service, letter_id, _closed("DISCARDED", actor) | {"closing_reason": reason.strip()[:1000]})


def _closed(status: str, actor: Actor) -> Document:
    return {"status": status, "closed_by": actor.account_id, "closed_at": wall_now()}


async def _change(service: "Service", letter_id: str, given: Document) -> Document:
    """Write into a letter that waits; raises Refused for any other."""

    async def work(unit: Unit) -> Document:
        letter = await unit.get("dead_letters", letter_id)
        if letter is None or letter["status"] not in WAITING:
            detail = N_("Không có thông điệp hỏng này, hoặc đã có người xử lý.")
            raise Refused(Refusal("letter-unknown", detail, "", N_("Tải lại trang Vận hành.")), status=404)
        unit.put("dead_letters", letter | given)
        return letter

    return await service.store.transact(Cause(service.source, letter_id), service.clock.now(), work)


def _handler(service: "Service", topic: str) -> Any:
    """The function that reads the topic."""
    for subscriber in service.broker.subscribers:
        if topic in subscriber.topic_names:  # type: ignore[attr-defined]
            return subscriber.calls[0].handler
    detail = N_("Phiên bản này không còn đọc luồng %(topic)s.")
    fix = N_("Bỏ thông điệp này kèm lý do, hoặc chạy lại phiên bản cũ.")
    raise Refused(Refusal("topic-not-read", detail, "", fix, {"topic": topic}))
