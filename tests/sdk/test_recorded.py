"""CloudEvents SDKs of other languages send to the door: their own bytes, recorded at the versions of capture/."""

import asyncio
import json
from pathlib import Path

import pytest

from services.monitoring.intake.acceptance import Permission
from tests.monitoring.door.house import House, Record
from tests.sdk.sending import RECORDS, REQUESTS, record_in, request_to

pytestmark = pytest.mark.live
LANGUAGES, MODES = ("go", "javascript"), ("binary", "structured")
TITLE = "Hội thảo Cơ điện tử"


def test_every_language_is_recorded_in_every_mode() -> None:
    names = {f"{language}-{mode}" for language in LANGUAGES for mode in MODES}
    assert {file.stem for file in REQUESTS} == names
    assert {file.name.removesuffix(".kafka.json") for file in RECORDS} == names


async def answer_to(raw: bytes, port: int) -> tuple[int, dict[str, object]]:
    """Status and JSON of the answer to raw bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body)


@pytest.mark.parametrize("file", REQUESTS, ids=[file.stem for file in REQUESTS])
async def test_a_request_is_taken_as_the_sdk_sent_it(house: House, port: int, file: Path) -> None:
    raw = request_to(file, port, await house.token())
    status, answer = await answer_to(raw, port)
    assert status == 202, answer
    (said,) = await house.announced()
    assert (said.causationid, said.data.title, said.data.origin.source) == ("sdk-1", TITLE, "/sis")
    assert (await answer_to(raw, port))[1]["receipts"][0]["status"] == "DUPLICATE"  # type: ignore[index]


async def test_all_modes_of_all_sdks_say_the_same(house: House, port: int) -> None:
    token = await house.token()
    answers = [(await answer_to(request_to(file, port, token), port))[1]["receipts"] for file in REQUESTS]
    assert [one[0]["status"] for one in answers] == ["ACCEPTED", *["DUPLICATE"] * 3]  # type: ignore[index]
    assert len(await house.announced()) == 1


TAKEN = [file for file in RECORDS if file.name != "javascript-binary.kafka.json"]


@pytest.mark.parametrize("file", TAKEN, ids=[file.name for file in TAKEN])
async def test_a_record_of_an_inbox_is_taken_as_the_sdk_made_it(house: House, file: Path) -> None:
    sent = record_in(file)
    await house.receive(Record(sent.value, sent.headers, sent.key), permission=Permission("/sis"))
    assert await house.docs("quarantine") == []
    (said,) = await house.announced()
    assert (said.causationid, said.data.title, said.data.origin.authenticated) == ("sdk-1", TITLE, True)


async def test_a_record_with_headers_without_a_value_is_set_aside_and_says_which(house: House) -> None:
    """The JavaScript SDK 10 makes such records in binary mode: over Kafka it is to be used in structured mode."""
    sent = record_in(next(file for file in RECORDS if file not in TAKEN))
    await house.receive(Record(sent.value, sent.headers, sent.key), permission=Permission("/sis"))
    (item,) = await house.docs("quarantine")
    assert {fault["pointer"] for fault in item["faults"]} == {"/datacontentencoding", "/dataschema", "/schemaurl"}
    assert {fault["rule"] for fault in item["faults"]} == {"header-null"}
