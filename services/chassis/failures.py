"""Dead letters: a record that could not be processed is kept with its bytes and its reason; nothing is dropped."""

import uuid
from typing import TYPE_CHECKING, Any

from contracts.envelope import NAMESPACE
from contracts.topics import dlq_name
from services.chassis.clock import wall_now
from services.chassis.unit import Unit

if TYPE_CHECKING:
    from services.chassis.app import Service

LARGEST_BYTES = 4 * 1024 * 1024 - 16_384  # a dead letter carries its reasons beside the bytes
FAILED = "failed"  # an error that nobody foresaw; every other reason is a rule that says no
FAILED_AT_MOST = 20


class Unprocessable(Exception):
    """A record that no retry can help; reason is a code, detail a sentence for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class TooManyFailures(Exception):
    """So many records of one topic failed in an unforeseen way that the fault is the service's and not theirs."""


async def dead_letter(service: "Service", unit: Unit, record: Any, *, fault: Unprocessable) -> None:
    """Keep the record in `dead_letters` and send it to `<topic>-dlq`, both in the unit's transaction, once.

    Shape:   record is a Kafka consumer record; its headers may hold anything. What is too large to travel on
             with its reason is kept whole in `dead_letters` alone, and its dead letter on Kafka says so.
    Raises:  TooManyFailures rather than setting a whole topic aside for a bug.
    """
    place = f"{service.name}\n{record.topic}\n{record.partition}\n{record.offset}"
    letter_id = str(uuid.uuid5(NAMESPACE, place))
    about = {"reason": fault.reason, "detail": fault.detail[:2000]}
    before = await unit.get("dead_letters", letter_id)
    if before:
        if before["status"] == "REPLAYING":
            unit.put("dead_letters", before | about | {"status": "OPEN"})
        return
    if fault.reason == FAILED:
        others = {"status": "OPEN", "topic": record.topic, "reason": FAILED}
        if await service.store.raw("dead_letters").count_documents(others, limit=FAILED_AT_MOST) == FAILED_AT_MOST:
            raise TooManyFailures(f"{record.topic}/{record.partition}/{record.offset}: {fault.detail[:300]}")
    about |= {"service": service.name, "topic": record.topic, "partition": record.partition, "offset": record.offset}
    headers = [[str(name), value] for name, value in record.headers or ()]
    kept = {"key": record.key, "value": record.value, "headers": headers, "status": "OPEN", "at": wall_now()}
    unit.put("dead_letters", {"_id": letter_id, **about, **kept})
    is_large = len(record.key or b"") + len(record.value or b"") > LARGEST_BYTES
    marks = [[name, str(value).encode()] for name, value in {**about, "value-kept-apart": is_large}.items()]
    topic = dlq_name(record.topic.removeprefix(service.settings.topic_prefix))
    key, value = (None, None) if is_large else (record.key, record.value)
    unit.send(letter_id, topic, key=key, value=value, headers=marks)
