"""What comes again: duplicates, ids used twice, revisions stated twice; one after the other and all at once."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from pymongo.errors import ConnectionFailure

from contracts.envelope import message_id
from services.monitoring.door.receipts import Reception
from services.monitoring.intake.acceptance import Permission, admit
from services.monitoring.intake.bindings import parse_http
from services.monitoring.intake.candidates import Candidate
from tests.monitoring.door.house import BATCH, CANCELLED, HELD, NOW, House, Record, message, post, rules

pytestmark = pytest.mark.live
CROWD = 20
SIS = Permission("/sis")


async def receipt(client: httpx2.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await post(client, body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()["receipts"][0]
    return found


async def test_the_same_again_is_a_duplicate_with_the_first_receipt_and_stores_nothing(house: House) -> None:
    sis = await house.system()
    first = await receipt(sis, message(unit="MỚI"))
    before = [await house.docs(name) for name in ("received", "receipts", "known", "sequences")]
    again = await receipt(sis, message(unit="MỚI", unknown=1, url=None) | {"extension": "other"})
    assert again == first | {"status": "DUPLICATE"}
    assert [await house.docs(name) for name in ("received", "receipts", "known", "sequences")] == before
    assert len(await house.announced()) == 1


async def test_an_id_used_for_other_content_is_quarantined_and_a_repeat_of_that_answers_the_same(house: House) -> None:
    sis = await house.system()
    await receipt(sis, message())
    other = await receipt(sis, message(title="Khác"))
    assert (other["status"], other["reasons"][0]["rule"], other["reasons"][0]["pointer"]) == (
        "QUARANTINED",
        "id-reused",
        "/id",
    )
    assert await receipt(sis, message(title="Khác")) == other
    assert (await receipt(sis, message(title="Nữa")))["id"] != other["id"]
    assert (await receipt(sis, message()))["status"] == "DUPLICATE"
    assert len(await house.announced()) == 1
    assert [one["status"] for one in await house.docs("quarantine")] == ["OPEN", "OPEN"]


async def test_the_same_content_under_a_new_id_and_a_lower_revision_are_accepted(house: House) -> None:
    sis = await house.system()
    bodies = [message("a", revision=5), message("b", revision=5), message("c", revision=2, title="Cũ")]
    assert [(await receipt(sis, body))["status"] for body in bodies] == ["ACCEPTED"] * 3
    assert [one.sequence for one in await house.announced()] == [1, 2, 3]


async def test_other_content_under_a_stated_revision_is_a_conflict_within_its_type(house: House) -> None:
    sis = await house.system()
    assert (await receipt(sis, message("a", revision=1)))["status"] == "ACCEPTED"
    conflict = await receipt(sis, message("b", revision=1, title="Khác"))
    assert [one["rule"] for one in conflict["reasons"]] == ["revision-conflict"]
    cancelled = message("c", type=CANCELLED) | {"data": {"event_id": "SK-1", "revision": 1}}
    assert (await receipt(sis, cancelled))["status"] == "ACCEPTED"
    assert (await receipt(sis, message("d", title="Không nói lần sửa")))["status"] == "ACCEPTED"
    assert (await receipt(sis, message("e", revision=2, title="Khác")))["status"] == "ACCEPTED"


async def test_within_a_batch_the_later_ones_know_the_earlier(house: House) -> None:
    sis = await house.system()
    batch = [message("a"), message("a"), message("a", title="Khác"), message("b", revision=3)]
    batch.append(message("c", revision=3, title="Khác"))
    receipts = (await post(sis, batch, BATCH)).json()["receipts"]
    assert [one["status"] for one in receipts] == ["ACCEPTED", "DUPLICATE", "QUARANTINED", "ACCEPTED", "QUARANTINED"]
    assert receipts[0]["id"] == receipts[1]["id"]
    assert len({one["id"] for one in receipts}) == 4
    assert [one["pointer"] for one in receipts[4]["reasons"]] == ["/data/revision"]
    assert len(await house.docs("received")) == 1


async def test_of_a_crowd_that_sends_the_same_one_is_accepted(house: House) -> None:
    sis = await house.system()
    receipts = await asyncio.gather(*[receipt(sis, message()) for _ in range(CROWD)])
    assert sorted(one["status"] for one in receipts) == ["ACCEPTED"] + ["DUPLICATE"] * (CROWD - 1)
    assert (
        len({one["id"] for one in receipts}) == len(await house.announced()) == len(await house.docs("receipts")) == 1
    )


async def test_of_a_crowd_that_uses_one_id_for_many_contents_one_is_accepted(house: House) -> None:
    sis = await house.system()
    bodies = [message(title=f"Tên {n}", event_id=f"SK-{n}") for n in range(CROWD)]
    receipts = await asyncio.gather(*[receipt(sis, body) for body in bodies])
    assert sorted(one["status"] for one in receipts) == ["ACCEPTED"] + ["QUARANTINED"] * (CROWD - 1)
    assert len(await house.announced()) == 1


async def test_a_crowd_that_reports_one_event_is_taken_whole(house: House) -> None:
    sis = await house.system()
    receipts = await asyncio.gather(*[receipt(sis, message(f"m-{n}", title=f"Tên {n}")) for n in range(5 * CROWD)])
    assert [one["status"] for one in receipts] == ["ACCEPTED"] * 5 * CROWD
    assert [one.sequence for one in await house.announced()] == list(range(1, 5 * CROWD + 1))


async def test_of_a_crowd_that_states_one_revision_one_content_stays(house: House) -> None:
    sis = await house.system()
    bodies = [message(f"m-{n}", title=f"Tên {n % 2}", revision=1) for n in range(CROWD)]
    receipts = await asyncio.gather(*[receipt(sis, body) for body in bodies])
    titles = {one.data.title for one in await house.announced()}
    assert len(titles) == 1
    assert sum(one["status"] == "ACCEPTED" for one in receipts) == CROWD // 2
    assert sorted(one.sequence for one in await house.announced()) == list(range(1, CROWD // 2 + 1))


async def test_what_nobody_checked_never_stands_in_the_way_of_a_known_sender(house: House) -> None:
    sis, library = await house.system(), message(source="/library")
    stranger = Record(str(message(revision=1, title="Giả")).replace("'", '"').encode())
    await house.receive(stranger)
    real = await receipt(sis, message(revision=1))
    assert real["status"] == "ACCEPTED"
    forged, said = await house.announced()
    assert (forged.data.origin.authenticated, said.data.origin.authenticated) == (False, True)
    assert said.id == message_id("/sis", "m-1", HELD, discriminator=said.subject)
    assert forged.id != said.id
    await house.receive(Record(str(message(title="Giả nữa")).replace("'", '"').encode(), offset=1))
    assert len(await house.announced()) == 2
    assert [one["faults"][0]["rule"] for one in await house.docs("quarantine")] == ["id-reused"]
    assert rules(await post(sis, library)) == [("source-foreign", "/source")]


async def test_many_contents_under_one_id_never_grow_one_document(house: House) -> None:
    sis = await house.system()
    for n in range(5):
        await receipt(sis, message(title=f"Tên {n}"))
    assert max(len(doc["records"]) for doc in await house.docs("known")) == 1


def asked(number: int, **changed: Any) -> tuple[Reception, list[Candidate]]:
    """What a request holds, read and admitted."""
    body = json.dumps(message(f"m-{number}", event_id=f"E-{number}")).encode()
    headers = [(b"content-type", b"application/cloudevents+json")]
    found = admit(parse_http(headers, body, NOW), SIS).candidates
    return Reception(f"r-{number}", NOW, SIS, body), [replace(one, **changed) for one in found]


async def test_of_requests_that_are_taken_together_one_that_fails_takes_no_other_with_it(house: House) -> None:
    crowd = [asked(number) for number in range(CROWD)]
    crowd[7] = asked(7, data={})
    answers = await asyncio.gather(*(house.gate.receive(*one) for one in crowd), return_exceptions=True)
    assert [number for number, one in enumerate(answers) if isinstance(one, BaseException)] == [7]
    assert [one[0]["status"] for one in answers if not isinstance(one, BaseException)] == ["ACCEPTED"] * (CROWD - 1)
    assert len({one.subject for one in await house.announced()}) == CROWD - 1


async def test_without_a_database_a_crowd_is_told_so_at_once_and_not_one_after_the_other(house: House) -> None:
    away = house.settings.model_copy(update={"mongo_url": SecretStr("mongodb://127.0.0.1:9/?directConnection=true")})
    gate = House(away).gate
    async with asyncio.timeout(45):  # one after the other it would be minutes
        answers = await asyncio.gather(*(gate.receive(*asked(n)) for n in range(CROWD)), return_exceptions=True)
    assert all(isinstance(one, ConnectionFailure) for one in answers)


async def test_two_replicas_decide_as_one(house: House) -> None:
    other = House(house.settings)
    other.service.started = True
    token = await house.token()
    doors = [one.client(authorization=f"Bearer {token}") for one in (house, other)]
    same = [receipt(doors[n % 2], message()) for n in range(CROWD)]
    own = [receipt(doors[n % 2], message(f"m-{n}-", title=f"Tên {n}")) for n in range(CROWD)]
    receipts = await asyncio.gather(*same, *own)
    assert [one["status"] for one in receipts].count("ACCEPTED") == CROWD + 1
    assert [one.sequence for one in await house.announced()] == list(range(1, CROWD + 2))
    await other.leave()
    other.store.client.close()
