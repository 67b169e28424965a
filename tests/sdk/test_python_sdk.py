"""The Python SDK sends to the door: each HTTP mode over a real socket, and the records of its Kafka binding."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1.conversion import to_binary, to_json, to_structured
from cloudevents.v1.http import CloudEvent as OldCloudEvent

from services.monitoring.intake.acceptance import Permission
from tests.monitoring.door.house import BATCH, House, Record

pytestmark = pytest.mark.live
GIVEN: dict[str, Any] = json.loads((Path(__file__).parent / "capture" / "event.json").read_text())
ATTRIBUTES = {name: GIVEN[name] for name in ("id", "source", "type")} | {
    "subject": 'Hội thảo 100% "mở"', "datacontenttype": "application/json", "faculty": "khoa-co-khi"
}  # fmt: skip
MODES = {
    "binary": lambda event: http.to_binary(event, JSONFormat()),
    "structured": lambda event: http.to_structured(event, JSONFormat()),
}
RECORDS = {
    "binary": lambda event: kafka.to_binary(event, JSONFormat()),
    "structured": lambda event: kafka.to_structured(event, JSONFormat()),
}


def event(**attributes: Any) -> CloudEvent:
    """The event as the SDK has it."""
    time = datetime.fromisoformat(GIVEN["time"])
    return CloudEvent({"specversion": "1.0", "time": time, **ATTRIBUTES, **attributes}, GIVEN["data"])


async def send(port: int, token: str, headers: Any, body: bytes) -> httpx2.Response:
    """POST what the SDK made."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        own = {"authorization": f"Bearer {token}"}
        return await client.post("/api/events", content=body, headers={**dict(headers), **own})


@pytest.mark.parametrize("mode", MODES)
async def test_a_request_of_the_sdk_is_taken(house: House, port: int, mode: str) -> None:
    made, token = MODES[mode](event()), await house.token()
    answer = await send(port, token, made.headers, made.body)
    assert answer.status_code == 202, answer.text
    (said,) = await house.announced()
    assert (said.causationid, said.data.title) == ("sdk-1", GIVEN["data"]["title"])
    assert said.time == datetime.fromisoformat(GIVEN["time"])
    again = await send(port, token, made.headers, made.body)
    assert again.json()["receipts"][0]["status"] == "DUPLICATE"


@pytest.mark.parametrize("make", [to_binary, to_structured], ids=["binary", "structured"])
async def test_a_request_of_the_sdks_first_generation_is_taken(house: House, port: int, make: Any) -> None:
    headers, body = make(OldCloudEvent(ATTRIBUTES | {"time": GIVEN["time"], "subject": "s"}, GIVEN["data"]))
    answer = await send(port, await house.token(), headers, body)
    assert answer.status_code == 202, answer.text


async def test_events_of_the_sdk_are_taken_as_a_batch(house: House, port: int) -> None:
    many = [OldCloudEvent(ATTRIBUTES | {"id": f"sdk-{number}"}, GIVEN["data"]) for number in range(3)]
    body = b"[" + b",".join(to_json(one) for one in many) + b"]"
    answer = await send(port, await house.token(), {"content-type": BATCH}, body)
    assert [one["message_id"] for one in answer.json()["receipts"]] == ["sdk-0", "sdk-1", "sdk-2"]


@pytest.mark.parametrize("mode", RECORDS)
async def test_a_record_of_the_sdk_is_taken(house: House, mode: str) -> None:
    made = RECORDS[mode](event(partitionkey="k"))
    key = made.key.encode() if isinstance(made.key, str) else made.key
    await house.receive(Record(made.value, tuple(made.headers.items()), key), permission=Permission("/sis"))
    assert await house.docs("quarantine") == []
    (said,) = await house.announced()
    assert (said.causationid, said.data.title) == ("sdk-1", GIVEN["data"]["title"])
