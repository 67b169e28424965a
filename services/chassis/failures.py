"""Dead letters: a record that could not be processed is kept with its bytes and its reason; nothing is dropped."""

import uuid
from typing import Any

from contracts.envelope import NAMESPACE
from services.chassis.clock import wall_now
from services.chassis.unit import Unit

LARGEST_BYTES = 4 * 1024 * 1024 - 16_384  # a dead letter carries its reasons beside the bytes


class Unprocessable(Exception):
    """A record that no retry can help; reason is a code, detail a sentence for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


async def dead_letter(unit: Unit, service: str, record: Any, fault: Unprocessable) -> None:
    """Keep the record in `dead_letters` and send it to `<topic>-dlq`, both in the unit's transaction, once.

    Shape:   record is a Kafka consumer record; its headers may hold anything. What is too large to travel on
             with its reason is kept whole in `dead_letters` alone, and its dead letter on Kafka says so.
    """
    place = f"{service}\n{record.topic}\n{record.partition}\n{record.offset}"
    letter_id = str(uuid.uuid5(NAMESPACE, place))
    if await unit.get("dead_letters", letter_id):
        return
    about = {
        "reason": fault.reason,
        "detail": fault.detail[:2000],
        "service": service,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
    }
    headers = [[str(name), value] for name, value in record.headers or ()]
    kept = {"key": record.key, "value": record.value, "headers": headers, "status": "OPEN", "at": wall_now()}
    unit.put("dead_letters", {"_id": letter_id, **about, **kept})
    is_large = len(record.value or b"") > LARGEST_BYTES
    marks = [[name, str(value).encode()] for name, value in {**about, "value-kept-apart": is_large}.items()]
    value = None if is_large else record.value
    unit.send(letter_id, f"{record.topic}-dlq", key=record.key, value=value, headers=marks)
