"""The chassis on the real Kafka: round trips, redelivery, bad headers, replicas, outages, positions, heartbeats."""

import asyncio
import contextlib
import json
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from fastapi import FastAPI

from contracts.envelope import Message, decode, encode
from contracts.heartbeat import Heartbeat
from contracts.registry import BY_MODEL
from contracts.topics import PARTITIONS
from deploy.local import topics
from services.chassis import watermark
from services.chassis.app import Service, create_app
from services.chassis.clock import wall_now
from services.chassis.settings import Settings
from services.chassis.unit import Unit
from tests.chassis.ledger import CAUSE, DEFINITION, NOW, NoText, SetClock, message

pytestmark = pytest.mark.live


@pytest.fixture
async def kafka(platform: Any, settings: Settings) -> Settings:
    """The settings of one test with topics of its own on the real Kafka."""
    await asyncio.to_thread(topics.ensure, platform.kafka_bootstrap, prefix=settings.topic_prefix)
    return settings.model_copy(update={"kafka_bootstrap": platform.kafka_bootstrap})


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """One replica of the tiny service, whole, until the end of the block; then it stops as on SIGTERM."""
    app: FastAPI = create_app(DEFINITION, settings, SetClock())
    async with app.router.lifespan_context(app):
        service: Service = app.state.service
        await asyncio.wait_for(service.kafka_started.wait(), 30)
        yield service


@contextlib.asynccontextmanager
async def sending(settings: Settings) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """A producer of another system: sends a message or any bytes to a topic."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap)
    await producer.start()

    async def send(made: Message | bytes | None, *, headers: Any = (), key: bytes = b"k", topic: str = "plans") -> Any:
        is_ours = isinstance(made, Message)
        value, key = (encode(made), made.subject.encode()) if is_ours else (made, key)  # type: ignore[union-attr,arg-type]
        return await producer.send(f"{settings.topic_prefix}{topic}", value, key=key, headers=list(headers))

    try:
        yield send
        await producer.flush()
    finally:
        await producer.stop()


async def read(settings: Settings, topic: str) -> dict[bytes | None, list[Any]]:
    """All records of a topic by key, in their order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, group_id=None)
    await consumer.start()
    try:
        partitions = [TopicPartition(f"{settings.topic_prefix}{topic}", n) for n in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        found: dict[bytes | None, list[Any]] = defaultdict(list)
        while any([await consumer.position(tp) < end for tp, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    found[record.key].append(record)
        return found
    finally:
        await consumer.stop()


async def until(is_so: Callable[[], Awaitable[Any]], what: str, within_s: float = 40) -> Any:
    end = time.monotonic() + within_s
    while not (found := await is_so()):
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        await asyncio.sleep(0.1)
    return found


async def ledgers(service: Service) -> dict[str, list[int]]:
    return {doc["_id"]: doc["revisions"] for doc in await service.store.find("ledgers", {})}


async def quiet(service: Service) -> bool:
    """Whether all is read and all is sent."""
    lag = await service.positions.lag(service.topics)
    return not any(lag.values()) and not await service.store.raw("outbox").count_documents({"st": 0})


def sequences(found: dict[bytes | None, list[Any]]) -> dict[str, list[int | None]]:
    """The sequence numbers of messages by key."""
    return {str(key, "utf-8"): [decode(one.value).sequence for one in all_] for key, all_ in found.items() if key}


def first_only(numbers: list[int | None]) -> list[int | None]:
    return list(dict.fromkeys(numbers))


async def test_messages_go_round_in_order_and_redelivery_changes_nothing(kafka: Settings) -> None:
    keys, each = 20, 15
    async with running(kafka) as service:
        async with sending(kafka) as send:
            for number in range(1, each + 1):
                for key in range(keys):
                    await send(message(f"p{key}", number))
        await until(lambda: quiet(service), "all read, all sent")
        before = await ledgers(service)
        assert before == {f"p{key}": list(range(1, each + 1)) for key in range(keys)}
    async with rewound(kafka, f"{kafka.topic_prefix}publicity-planning-plans"), running(kafka) as service:
        await until(lambda: quiet(service), "all read again")
        assert await ledgers(service) == before
    told = sequences(await read(kafka, "approvals"))
    assert told == {f"p{key}": list(range(1, each + 1)) for key in range(keys)}


@contextlib.asynccontextmanager
async def rewound(settings: Settings, group: str) -> AsyncIterator[None]:
    """The group stands at the beginning again, as if no commit had ever reached Kafka."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    name = f"{settings.topic_prefix}plans"
    consumer.assign([TopicPartition(name, n) for n in range(PARTITIONS)])
    await consumer.commit(dict.fromkeys(consumer.assignment(), 0))
    await consumer.stop()
    yield


async def test_bad_records_among_good_ones_lose_nobody_and_are_kept(kafka: Settings) -> None:
    async with running(kafka) as service:
        async with sending(kafka) as send:
            for number in range(1, 41):
                headers = {10: [("x", b"\xff\xfe")], 20: [("x", None)], 30: [("", b"")]}.get(number, [])
                await send(message("p1", number), headers=headers)
                if number % 10 == 5:
                    await send(b"\x00 no JSON", key=b"p1", headers=[("x", b"\xff")])
            await send(None, key=b"p1")
        await until(lambda: quiet(service), "all read, all sent")
        assert await ledgers(service) == {"p1": list(range(1, 41))}
    letters = [record for records in (await read(kafka, "plans-dlq")).values() for record in records]
    reasons = sorted(dict(letter.headers)["reason"] for letter in letters)
    assert reasons == [b"not-json"] * 4 + [b"null-value"]
    assert {letter.value for letter in letters} == {b"\x00 no JSON", None}


async def test_a_header_whose_name_is_no_text_blocks_nobody(kafka: Settings) -> None:
    async with running(kafka) as service:
        producer = AIOKafkaProducer(bootstrap_servers=kafka.kafka_bootstrap)
        await producer.start()
        for number in range(1, 4):
            batch = producer.create_batch()
            batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 16_384)
            headers = [(NoText("x"), b"y")] if number == 2 else []
            batch.append(timestamp=None, key=b"p1", value=encode(message("p1", number)), headers=headers)
            await (await producer.send_batch(batch, f"{kafka.topic_prefix}plans", partition=0))
        await producer.stop()
        await until(lambda: quiet(service), "all read, all sent")
        assert await ledgers(service) == {"p1": [1, 2, 3]}


async def test_a_service_that_stops_finishes_sends_and_gives_the_lease_back(kafka: Settings) -> None:
    async with running(kafka) as service:
        async with sending(kafka) as send:
            for number in range(1, 301):
                await send(message("p1", number))
        await until(lambda: ledgers(service), "something was read")
    probe = Service(DEFINITION, kafka, SetClock())
    lease = await probe.store.raw("leases").find_one({})
    assert lease is not None
    assert lease["until"] <= wall_now()
    assert await _none(probe, {"st": 0})
    probe.store.client.close()
    async with running(kafka) as service:
        await until(lambda: quiet(service), "all read, all sent")
        assert await ledgers(service) == {"p1": list(range(1, 301))}
    assert sequences(await read(kafka, "approvals")) == {"p1": list(range(1, 301))}


async def commit_row(service: Service, key: str, number: int) -> None:
    """Announce the next withdrawal of a plan, as a command would."""

    async def work(unit: Unit) -> None:
        doc = await unit.get("ledgers", key) or {"_id": key, "revisions": []}
        unit.put("ledgers", doc | {"revisions": [*doc["revisions"], number]})
        unit.send(f"{key}/{number}", "events", key=key.encode(), value=encode(message(key, number)))

    await service.store.transact(CAUSE, NOW, work)


async def test_two_relays_under_one_lease_leave_no_gap_and_keep_the_order_of_each_key(kafka: Settings) -> None:
    clients = [Service(DEFINITION, kafka, SetClock()) for _ in range(2)]
    await clients[0].store.prepare()
    keys, count = [f"p{n}" for n in range(5)], 120
    relays = [asyncio.create_task(client.relay.run()) for client in clients]
    for number in range(1, count + 1):
        for key in keys:
            await commit_row(clients[0], key, number)
        if number in (30, 70):  # the one that sends dies without a word; a new one comes beside the one that is left
            index = (await until(lambda: _leader(clients), "one of them has the lease"))[0]
            relays[index].cancel()
            await asyncio.gather(relays[index], return_exceptions=True)
            clients[index] = Service(DEFINITION, kafka, SetClock())
            relays[index] = asyncio.create_task(clients[index].relay.run())
    unsent = {"st": 0}
    await until(lambda: _none(clients[0], unsent), "all sent")
    for client, relay in zip(clients, relays, strict=True):
        relay.cancel()
        await asyncio.gather(relay, return_exceptions=True)
        await client.relay.drop_producer()
    sent = sequences(await read(kafka, "events"))
    assert {key: first_only(numbers) for key, numbers in sent.items()} == {
        key: list(range(1, count + 1)) for key in keys
    }
    for client in clients:
        client.store.client.close()


async def test_a_record_that_the_broker_refuses_holds_up_its_own_key_alone(kafka: Settings) -> None:
    async with running(kafka) as service:
        row = {"_id": "large", "topic": "events", "key": b"p0", "headers": [], "st": 0, "o": 1, "at": wall_now()}
        await service.store.raw("outbox").insert_one(row | {"value": os.urandom(1_500_000)})  # past every check of ours
        await commit_row(service, "p0", 1)
        for number in range(1, 6):
            for key in range(1, 13):  # every partition has some, that of the refused one as well
                await commit_row(service, f"p{key}", number)
        await until(lambda: _none(service, {"st": 0, "key": {"$ne": b"p0"}}), "all others sent")
        waiting = await service.store.raw("outbox").find({"st": 0}).to_list(None)
        assert {row["_id"] for row in waiting} == {"large", "p0/1"}
    sent = sequences(await read(kafka, "events"))
    assert {key: first_only(numbers) for key, numbers in sent.items()} == {
        f"p{key}": list(range(1, 6)) for key in range(1, 13)
    }


async def _leader(clients: list[Service]) -> list[int]:
    """The place of the client that has the lease now, in a list; empty while it is a dead one's."""
    lease = await clients[0].store.raw("leases").find_one({}) or {"owner": ""}
    return [n for n, client in enumerate(clients) if client.relay.lease.owner == lease["owner"]]


async def _none(service: Service, where: dict[str, Any]) -> bool:
    return not await service.store.raw("outbox").count_documents(where)


async def test_ten_seconds_without_a_broker_lose_nothing_and_leave_few_lines(
    kafka: Settings, platform: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(kafka) as service:
        async with sending(kafka) as send:
            await send(message("p1", 1))
        await until(lambda: quiet(service), "the first message")
        capsys.readouterr()
        await asyncio.to_thread(platform.stop_kafka)
        begun = time.monotonic()
        for number in range(1, 21):
            await commit_row(service, "c1", number)
            await asyncio.sleep(0.5)
        assert time.monotonic() - begun < 14, "commands do not wait for Kafka"
        await asyncio.to_thread(platform.start_kafka)
        async with sending(kafka) as send:
            await send(message("p1", 2))
        await until(lambda: quiet(service), "all read, all sent, unaided")
        assert (await ledgers(service))["p1"] == [1, 2]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert len(lines) < 90, [line["event"] for line in lines]
    assert first_only(sequences(await read(kafka, "events"))["c1"]) == list(range(1, 21))


async def test_a_service_that_starts_before_kafka_serves_and_joins_by_itself(kafka: Settings, platform: Any) -> None:
    await asyncio.to_thread(platform.stop_kafka)
    app = create_app(DEFINITION, kafka, SetClock())
    async with app.router.lifespan_context(app):
        service: Service = app.state.service
        await until(lambda: _started(service), "pages are served")
        await commit_row(service, "c1", 1)
        assert not service.kafka_started.is_set()
        await asyncio.to_thread(platform.start_kafka)
        async with sending(kafka) as send:
            await send(message("p1", 1))
        await asyncio.wait_for(service.kafka_started.wait(), 30)
        await until(lambda: quiet(service), "all read, all sent")
        assert await ledgers(service) == {"c1": [1], "p1": [1]}


async def _started(service: Service) -> bool:
    return service.started


async def test_positions_tell_how_far_the_group_is(kafka: Settings) -> None:
    service = Service(DEFINITION, kafka, SetClock())
    async with sending(kafka) as send:
        for number in range(1, 31):
            await send(message(f"p{number}", 1))
    ends = await service.positions.ends(["plans"])
    assert sum(ends.values()) == 30
    assert await service.positions.lag(["plans"]) == {"plans": 30}
    assert not await service.positions.reached(ends)
    async with running(kafka) as reader:
        await until(lambda: service.positions.reached(ends), "the group read them")
        assert await reader.positions.lag(["plans"]) == {"plans": 0}
    await service.positions.close()


async def test_records_that_grew_too_old_before_anybody_read_them_are_not_waited_for(kafka: Settings) -> None:
    service = Service(DEFINITION, kafka, SetClock())
    async with sending(kafka) as send:
        for number in range(1, 31):
            await send(message(f"p{number}", 1))
    ends = await service.positions.ends(["plans"])
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.kafka_bootstrap)
    await admin.start()
    await admin.delete_records({tp: RecordsToDelete(before_offset=end) for tp, end in ends.items() if end})
    await admin.close()
    assert await service.positions.lag(["plans"]) == {"plans": 0}
    assert await service.positions.reached(ends)
    await service.positions.close()


def beat(name: str, minute: int) -> Message:
    at = NOW + timedelta(minutes=minute)
    kind = BY_MODEL[Heartbeat].type
    return Message(f"{name}-{minute}", f"/publicity/{name}", kind, name, at, Heartbeat(service=name, drained_at=at))


async def test_a_service_silent_for_long_is_remembered_by_a_reader_that_starts(
    kafka: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watermark, "LOOK_BACK", 10)
    service = Service(DEFINITION, kafka, SetClock())
    async with sending(kafka) as send:
        await send(beat("publishing", 1), topic="heartbeats")
        last = await (await send(beat("publishing", 2), topic="heartbeats"))
        for minute in range(200):
            await send(beat("planning", minute), topic="heartbeats")
        await send(b"no beat", key=b"x", topic="heartbeats")
    listening = asyncio.create_task(service.heartbeats.run())
    await until(lambda: _heard(service, "publishing"), "the silent one")
    heard = service.heartbeats.last
    assert heard["publishing"].drained_at == NOW + timedelta(minutes=2)
    assert heard["publishing"].heard_at == datetime.fromtimestamp(last.timestamp / 1000, UTC)
    assert heard["planning"].drained_at == NOW + timedelta(minutes=199)
    async with sending(kafka) as send:
        await send(beat("planning", 500), topic="heartbeats")
    await until(lambda: _heard(service, "planning", 500), "a new one")
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def _heard(service: Service, name: str, minute: int = 0) -> bool:
    heard = service.heartbeats.last.get(name)
    return heard is not None and heard.drained_at >= NOW + timedelta(minutes=minute)
