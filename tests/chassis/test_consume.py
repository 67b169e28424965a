"""From records to one transaction, on a real MongoDB; every batch is delivered twice."""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage
from faststream.kafka.parser import AioKafkaBatchParser
from pymongo.errors import AutoReconnect

from contracts.envelope import Message, decode
from services.chassis import consume as consuming
from services.chassis.app import Service
from services.chassis.consume import SUBSCRIPTION, Apply, consume, each
from services.chassis.failures import FAILED_AT_MOST, TooManyFailures
from services.chassis.unit import Unit, VersionConflict
from tests.chassis.ledger import message, note, record, records

pytestmark = pytest.mark.live


async def deliver(service: Service, batch: Sequence[ConsumerRecord], apply: Apply | None = None) -> None:
    """Hand over the batch, and once more as after a lost acknowledgement."""
    await consume(service, batch, apply or each(note))
    before = await everything(service)
    await consume(service, batch, apply or each(note))
    assert await everything(service) == before


async def everything(service: Service) -> dict[str, list[Any]]:
    names = ("ledgers", "outbox", "seen", "dead_letters")
    return {name: await service.store.raw(name).find({}, sort=[("_id", 1)]).to_list(None) for name in names}


async def ledgers(service: Service) -> dict[str, list[int]]:
    return {doc["_id"]: doc["revisions"] for doc in await service.store.find("ledgers", {})}


async def letters(service: Service) -> list[tuple[int, str]]:
    found = await service.store.find("dead_letters", {}, sort=[("offset", 1)])
    return [(letter["offset"], letter["reason"]) for letter in found]


async def dead(service: Service) -> list[dict[str, Any]]:
    return await service.store.raw("outbox").find({"topic": "plans-dlq"}, sort=[("o", 1)]).to_list(None)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause after a batch that could not be taken, and no waiting for a database."""
    monkeypatch.setattr(consuming, "PAUSE_S", 0.0)
    monkeypatch.setattr(consuming, "RETRY_FOR_S", 0.3)


async def test_a_batch_is_applied_once_in_its_order(service: Service) -> None:
    await deliver(service, records(message("p1", 1), message("p2", 1), message("p1", 2), message("p1", 3)))
    assert await ledgers(service) == {"p1": [1, 2, 3], "p2": [1]}
    sent = await service.store.raw("outbox").find({}, sort=[("o", 1)]).to_list(None)
    assert [(row["key"], decode(row["value"]).sequence) for row in sent] == [
        (b"p1", 1),
        (b"p2", 1),
        (b"p1", 2),
        (b"p1", 3),
    ]


async def test_each_message_is_the_cause_of_what_it_leads_to(service: Service) -> None:
    await deliver(service, records(message("p1", 1), message("p2", 1)))
    sent = await service.store.raw("outbox").find({}, sort=[("o", 1)]).to_list(None)
    assert [decode(row["value"]).causationid for row in sent] == ["p1-1", "p2-1"]


async def test_a_message_that_comes_twice_in_one_batch_keeps_its_first_place(service: Service) -> None:
    first, second = message("p1", 1), message("p1", 2)
    await deliver(service, records(first, second, first))
    assert await ledgers(service) == {"p1": [1, 2]}


async def test_two_readers_of_the_same_batch_at_once_apply_it_once(service: Service) -> None:
    batch = records(*(message(f"p{n}") for n in range(5)))
    await asyncio.gather(*(consume(service, batch, each(note)) for _ in range(4)))
    assert set(Counter(len(revisions) for revisions in (await ledgers(service)).values())) == {1}


async def test_what_is_idempotent_by_itself_is_not_remembered(service: Service) -> None:
    runs = []

    async def apply(unit: Unit, messages: Sequence[Message]) -> None:
        runs.append(len(messages))

    for _ in range(2):
        await consume(service, records(message("p1", 1), message("p1", 2)), apply, seen=False)
    assert runs == [2, 2]
    assert await service.store.raw("seen").count_documents({}) == 0


BAD: dict[str, tuple[bytes | None, str]] = {
    "no value": (None, "null-value"),
    "no JSON": (b"{", "not-json"),
    "no UTF-8": (b'{"a": "\xff"}', "not-json"),
    "no CloudEvent": (b"[]", "not-cloudevent"),
    "an unknown type": (
        b'{"specversion":"1.0","id":"1","source":"/x","type":"y","subject":"z","time":"2026-11-20T09:00:00Z"}',
        "unknown-type",
    ),
    "nothing": (b"", "not-json"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_record_is_kept_whole_with_its_reason_and_delays_nobody(service: Service, name: str) -> None:
    value, reason = BAD[name]
    batch = [record(message("p1"), 0), record(value, 1), record(message("p2"), 2)]
    await deliver(service, batch)
    assert await ledgers(service) == {"p1": [1], "p2": [1]}
    (letter,) = await service.store.find("dead_letters", {})
    assert (letter["reason"], letter["value"], letter["key"], letter["status"]) == (reason, value, b"k", "OPEN")
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("plans", 0, 1)
    (row,) = await dead(service)
    assert (row["key"], row["value"]) == (b"k", value)
    assert dict(row["headers"])["reason"] == reason.encode()


async def test_headers_may_hold_anything(service: Service) -> None:
    headers = [("a", b"\xff\xfe"), ("b", None), ("a", b"again"), ("", b"")]
    await deliver(service, [record(b"{", 0, headers=headers), record(message("p1"), 1, headers=headers)])
    assert await ledgers(service) == {"p1": [1]}
    (letter,) = await service.store.find("dead_letters", {})
    assert letter["headers"] == [list(header) for header in headers]


@pytest.mark.parametrize("place", [0, 2, 4])
async def test_one_bad_header_does_not_lose_its_batch(place: int) -> None:
    batch = tuple(
        record(message("p1", n + 1), n, headers=[("x", b"\xff"), ("y", None)] if n == place else ()) for n in range(5)
    )
    parser = AioKafkaBatchParser(msg_class=KafkaAckableMessage, regex=None)
    parser._setup(FAKE_CONSUMER)  # type: ignore[arg-type]
    wrapped = await SUBSCRIPTION["parser"](batch, parser.parse_batch)
    assert wrapped.raw_message == batch
    assert batch[place].headers == (("x", b"\xff"), ("y", None))


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("place", [0, 3, 6])
async def test_halving_finds_the_culprit_and_takes_all_others(service: Service, size: int, place: int) -> None:
    place = min(place, size - 1)
    batch = records(*(message("p1", n + 1, reason="fail" if n == place else "Soạn lại") for n in range(size)))
    await deliver(service, batch)
    assert (await ledgers(service)).get("p1", []) == [n + 1 for n in range(size) if n != place]
    assert await letters(service) == [(place, "failed")]
    assert len(await dead(service)) == 1


async def test_a_rules_no_is_a_reason_of_its_own(service: Service) -> None:
    await deliver(service, records(message("p1", 1, reason="refuse"), message("p1", 2)))
    assert await letters(service) == [(0, "refused")]
    (letter,) = await service.store.find("dead_letters", {})
    assert letter["detail"] == "plan-unknown"


async def test_the_bad_and_the_failing_of_one_batch_are_all_kept_once(service: Service) -> None:
    batch = [record(b"{", 0), *(record(message("p1", n, reason="fail" if n < 3 else "x"), n) for n in range(1, 6))]
    await deliver(service, batch)
    assert await letters(service) == [(0, "not-json"), (1, "failed"), (2, "failed")]
    assert await ledgers(service) == {"p1": [3, 4, 5]}


async def test_a_large_record_is_kept_whole_and_its_letter_says_so(service: Service) -> None:
    value = b"x" * (4 * 1024 * 1024 - 100)
    await deliver(service, [record(value, 0)])
    (letter,) = await service.store.find("dead_letters", {})
    (row,) = await dead(service)
    assert letter["value"] == value
    assert (row["key"], row["value"]) == (None, None)
    assert dict(row["headers"])["value-kept-apart"] == b"True"


@pytest.mark.usefixtures("impatient")
async def test_a_bug_halts_the_topic_instead_of_setting_all_of_it_apart(service: Service) -> None:
    batch = records(*(message(f"p{n}", reason="fail") for n in range(3 * FAILED_AT_MOST)))
    for _ in range(3):
        with pytest.raises(TooManyFailures):
            await consume(service, batch, each(note))
    assert len(await letters(service)) == FAILED_AT_MOST
    assert service.halted == {"plans": "TooManyFailures"}

    async def mended(unit: Unit, messages: Sequence[Message]) -> None:
        return

    await consume(service, batch, mended)
    assert service.halted == {}
    assert await service.store.raw("seen").count_documents({}) == len(batch)


@pytest.mark.usefixtures("impatient")
async def test_bad_records_and_rules_that_say_no_halt_nothing(service: Service) -> None:
    count = 2 * FAILED_AT_MOST
    bad = [record(b"{", n) for n in range(count)]
    refused = [record(message("p1", n + 1, reason="refuse"), count + n) for n in range(count)]
    await deliver(service, [*bad, *refused, record(message("p2"), 2 * count)])
    assert len(await letters(service)) == 2 * count
    assert await ledgers(service) == {"p2": [1]}


@pytest.mark.usefixtures("impatient")
async def test_documents_of_a_newer_release_blame_no_message(service: Service) -> None:
    await service.store.raw("ledgers").insert_one({"_id": "p1", "schema_version": 2})
    with pytest.raises(Exception, match="start the newer release"):
        await consume(service, records(message("p1", 1), message("p2", 1)), each(note))
    assert await letters(service) == []
    assert service.halted == {"plans": "SchemaTooNew"}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("error", [AutoReconnect("away"), VersionConflict(), OSError("no disk")], ids=repr)
async def test_what_passes_by_itself_is_tried_in_place_and_then_left_for_redelivery(
    service: Service, error: Exception
) -> None:
    runs = 0

    async def apply(unit: Unit, messages: Sequence[Message]) -> None:
        nonlocal runs
        runs += 1
        raise error

    with pytest.raises(type(error)):
        await consume(service, records(message("p1", 1), message("p1", 2)), apply)
    assert runs > 1
    assert await everything(service) == {"ledgers": [], "outbox": [], "seen": [], "dead_letters": []}


async def test_what_passes_by_itself_passes(service: Service) -> None:
    runs = 0

    async def apply(unit: Unit, messages: Sequence[Message]) -> None:
        nonlocal runs
        runs += 1
        if runs < 4:
            raise AutoReconnect("away")
        await each(note)(unit, messages)

    await consume(service, records(message("p1", 1)), apply)
    assert await ledgers(service) == {"p1": [1]}


async def test_a_batch_that_is_too_much_for_one_unit_is_halved_and_nothing_of_it_is_set_apart(service: Service) -> None:
    sizes = []

    async def apply(unit: Unit, messages: Sequence[Message]) -> None:
        sizes.append(len(messages))
        if len(messages) > 2:
            raise TimeoutError
        await each(note)(unit, messages)

    await consume(service, records(*(message("p1", n) for n in range(1, 9))), apply)
    assert sizes == [8, 4, 2, 2, 4, 2, 2]
    assert await ledgers(service) == {"p1": list(range(1, 9))}
    assert await letters(service) == []


async def test_a_letter_goes_to_the_topic_of_this_installation(service: Service) -> None:
    prefix = service.settings.topic_prefix
    await deliver(service, [dataclasses.replace(record(b"{", 0), topic=f"{prefix}plans")])
    assert [row["topic"] for row in await dead(service)] == ["plans-dlq"]
