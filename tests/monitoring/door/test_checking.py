"""POST /api/events/check says what would happen, by the same rules, and leaves nothing; the newcomer's way in curl."""

import html
import json
import re
from typing import Any

import jsonschema
import pytest

from tests.monitoring.door.house import BATCH, STRUCTURED, House, message, rules

pytestmark = pytest.mark.live
KEPT = ("received", "receipts", "known", "stated", "sequences", "quarantine", "commands", "outbox")


async def check(client: Any, body: Any, kind: str = STRUCTURED) -> Any:
    """POST /api/events/check."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post("/api/events/check", content=raw, headers={"content-type": kind})


async def send(client: Any, body: Any, kind: str = STRUCTURED) -> Any:
    """POST /api/events."""
    return await client.post("/api/events", content=json.dumps(body).encode(), headers={"content-type": kind})


async def test_what_would_become_of_a_message_is_what_becomes_of_it(house: House) -> None:
    sis = await house.system()
    before = [message("1"), message("2", event_id="B", revision=1)]
    await send(sis, before, BATCH)
    given = [
        message("1"), message("1", title="Khác"), message("3", event_id="B", revision=1, title="Khác"),
        message("4", unit="?"), message("4", unit="?"),
    ]  # fmt: skip
    kept = {name: await house.docs(name) for name in KEPT}
    would = (await check(sis, given, BATCH)).json()["would"]
    assert {name: await house.docs(name) for name in KEPT} == kept
    became = (await send(sis, given, BATCH)).json()["receipts"]
    assert [one["status"] for one in would] == ["DUPLICATE", "QUARANTINED", "QUARANTINED", "ACCEPTED", "DUPLICATE"]
    assert would == [{name: value for name, value in one.items() if name not in ("id", "href")} for one in became]


async def test_what_would_be_refused_is_refused_in_the_same_words(house: House) -> None:
    sis = await house.system()
    for body, kind in ((b"{", STRUCTURED), (message(title=" "), STRUCTURED), (message(source="/x"), STRUCTURED)):
        answer = await check(sis, body, kind)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        real = await sis.post("/api/events", content=raw, headers={"content-type": kind})
        assert (answer.status_code, answer.json()) == (real.status_code, real.json())
    assert (await check(house.client(), b"{")).status_code == 401
    assert (await check(await house.system("/sis", "read"), b"{")).status_code == 403


async def test_the_answer_is_as_described(house: House) -> None:
    whole = (await house.client().get("/openapi.json")).json()
    schema = whole["paths"]["/api/events/check"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate((await check(await house.system(), [message()], BATCH)).json(), schema)


async def test_the_newcomers_commands_work_as_they_stand(house: House) -> None:
    """What the page tells to paste is sent as curl would send it: the file, the addresses and the headers."""
    shown = (await house.client().get("/intake?lang=en")).text
    text = html.unescape(re.sub(r"<[^>]+>", "", shown))
    (event,) = re.findall(r"<<'JSON'\n(.*?)\nJSON", text, re.DOTALL)
    kinds = set(re.findall(r"-H 'Content-Type: ([^']+)'", text))
    assert kinds == {STRUCTURED}
    addresses = re.findall(r"curl -X POST http://[^/]+(/\S+)", text)
    assert addresses == ["/api/events/check", "/api/events"]
    sis = await house.system()
    answers = [
        await sis.post(address, content=event.encode(), headers={"content-type": STRUCTURED}) for address in addresses
    ]
    assert [answer.status_code for answer in answers] == [200, 202]
    assert answers[0].json()["would"][0]["status"] == answers[1].json()["receipts"][0]["status"] == "ACCEPTED"
    (said,) = await house.announced()
    assert said.data.title == "Hội thảo Cơ điện tử"
    receipt = answers[1].json()["receipts"][0]
    assert (await sis.get(receipt["href"])).json()["status"] == "ACCEPTED"
    for code in ("token-missing", "token-invalid", "scope-missing", "receipt-unknown", "quota-exceeded"):
        assert f"<code>{code}</code>" in shown


@pytest.mark.parametrize("house", [{"quota_per_minute": 3}], indirect=True)
async def test_a_source_that_has_spent_its_minute_is_told_before_anything_is_read(house: House) -> None:
    sis, library, sent = await house.system(), await house.system("/library"), 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 65_536

    await send(sis, [message(str(n)) for n in range(3)], BATCH)
    kept = {name: await house.docs(name) for name in KEPT}
    for address in ("/api/events", "/api/events/check") * 50:
        answer = await sis.post(address, content=endless(), headers={"content-type": BATCH})
        assert (answer.status_code, rules(answer)) == (429, [("quota-exceeded", "")])
    assert sent == 0
    assert {name: await house.docs(name) for name in KEPT} == kept
    assert (await send(library, message(source="/library"))).status_code == 202
