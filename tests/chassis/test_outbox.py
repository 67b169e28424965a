"""The relay on a real MongoDB, before a producer that writes down what it is given: order, failures, lease, heartbeats.

The real producer and the real Kafka stand in test_on_kafka.
"""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

from contracts.envelope import decode
from contracts.heartbeat import Heartbeat
from services.chassis.app import Service
from services.chassis.clock import wall_now
from services.chassis.relay import outbox
from services.chassis.relay.lease import LEASE_S
from services.chassis.unit import Unit
from tests.chassis.ledger import CAUSE, NOW, RecordingProducer, SetClock

pytestmark = pytest.mark.live


async def commit(service: Service, *pairs: tuple[str, str], topic: str = "plans") -> None:
    """Commit rows of (key, value) in one unit."""

    async def work(unit: Unit) -> None:
        for key, value in pairs:
            unit.send(f"{topic}/{key}/{value}", topic, key=key.encode(), value=value.encode())

    await service.store.transact(CAUSE, NOW, work)


async def hold(service: Service, paused: bool) -> None:
    """Hold the relay, or let it go on, as the page's button does."""
    await service.store.transact(CAUSE, NOW, lambda unit: outbox.pause(unit, paused))


def row_numbers(count: int, key: str = "k") -> list[tuple[str, str]]:
    return [(key, f"{number:05}") for number in range(count)]


async def unsent(service: Service) -> list[str]:
    found = await service.store.raw("outbox").find({"st": 0}, sort=[("o", 1)]).to_list(None)
    return [row["value"].decode() for row in found]


def texts(service: Service, producer: RecordingProducer, key: str = "k", topic: str = "plans") -> list[str]:
    values = producer.values(service.topic(topic), key.encode())
    return [value.decode() for value in values if value is not None]


def beats(service: Service, producer: RecordingProducer) -> list[Any]:
    return [decode(value).data for value in producer.values(service.topic("heartbeats"))]


async def give_lease(service: Service, owner: str, seconds: float) -> None:
    until = wall_now() + timedelta(seconds=seconds)
    lease = {"$set": {"owner": owner, "until": until}}
    await service.store.raw("leases").update_one({"_id": "relay"}, lease, upsert=True)


def failing(*values: bytes, error: Exception | None = None) -> Any:
    """A producer's judgement that fails these values."""
    return lambda topic, key, value: (error or KafkaTimeoutError()) if value in values else None


async def test_rows_go_out_in_their_order_and_once(service: Service, producer: RecordingProducer) -> None:
    await commit(service, ("a", "1"), ("b", "1"), ("a", "2"))
    await commit(service, ("a", "3"), ("b", "2"))
    for _ in range(2):
        await service.relay.drain()
    assert texts(service, producer, "a") == ["1", "2", "3"]
    assert texts(service, producer, "b") == ["1", "2"]
    assert await unsent(service) == []


async def test_more_than_a_page_goes_out_in_order(
    service: Service, producer: RecordingProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PAGE_ROWS", 10)
    await commit(service, *row_numbers(35))
    await service.relay.drain()
    assert texts(service, producer) == [value for _, value in row_numbers(35)]


async def test_records_are_cloudevents_by_their_header_and_dead_letters_keep_their_own(
    service: Service, producer: RecordingProducer
) -> None:
    async def work(unit: Unit) -> None:
        unit.send("1", "plans", key=b"k", value=b"{}")
        unit.send("2", "plans-dlq", key=None, value=None, headers=[["reason", b"not-json"], ["x", None]])

    await service.store.transact(CAUSE, NOW, work)
    await service.relay.drain()
    ours = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
    assert producer.headers == {
        service.topic("plans"): ours,
        service.topic("heartbeats"): ours,
        service.topic("plans-dlq"): [("reason", b"not-json"), ("x", b"")],
    }


@pytest.mark.parametrize("error", [KafkaTimeoutError(), MessageSizeTooLargeError()], ids=repr)
async def test_a_key_stops_at_its_first_failure_and_the_others_go_on(
    service: Service, producer: RecordingProducer, error: KafkaError
) -> None:
    producer.fails = failing(b"2", error=error)
    await commit(service, ("a", "1"), ("a", "2"), ("a", "3"), ("b", "4"), ("b", "5"))
    with pytest.raises(type(error)):
        await service.relay.drain()
    assert (texts(service, producer, "a"), texts(service, producer, "b")) == (["1"], ["4", "5"])
    assert await unsent(service) == ["2", "3"]


async def test_an_error_of_the_producer_itself_stops_its_key_alone(
    service: Service, producer: RecordingProducer
) -> None:
    producer.fails = failing(b"2", error=ValueError("not of Kafka"))
    await commit(service, ("a", "1"), ("a", "2"), ("b", "3"))
    with pytest.raises(ValueError, match="not of Kafka"):
        await service.relay.drain()
    assert texts(service, producer, "b") == ["3"]
    assert await unsent(service) == ["2"]


async def test_the_same_key_of_another_topic_is_another_queue(service: Service, producer: RecordingProducer) -> None:
    producer.fails = failing(b"2")
    await commit(service, ("a", "1"), ("a", "2"), ("a", "3"))
    await commit(service, ("a", "9"), topic="approvals")
    with pytest.raises(KafkaTimeoutError):
        await service.relay.drain()
    assert texts(service, producer, "a", "approvals") == ["9"]


async def test_a_key_that_rests_does_not_fill_the_page_and_goes_on_later_without_a_gap(
    service: Service, producer: RecordingProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PAGE_ROWS", 10)
    monkeypatch.setattr(outbox, "RESTS_S", 1.0)
    producer.fails = failing(b"00001")
    await commit(service, *row_numbers(30), ("b", "1"))
    with pytest.raises(KafkaTimeoutError):
        await service.relay.drain()
    await service.relay.drain()
    assert texts(service, producer, "b") == ["1"]
    assert texts(service, producer) == ["00000"]
    assert beats(service, producer) == []
    producer.fails = failing()
    await asyncio.sleep(1.0)
    await service.relay.drain()
    assert texts(service, producer) == [value for _, value in row_numbers(30)]
    assert len(beats(service, producer)) == 1


async def test_when_nothing_goes_out_the_relay_says_so_and_all_waits(
    service: Service, producer: RecordingProducer
) -> None:
    producer.fails = lambda topic, key, value: KafkaConnectionError("away")
    await commit(service, ("a", "1"), ("b", "1"))
    with pytest.raises(KafkaConnectionError):
        await service.relay.drain()
    assert await unsent(service) == ["1", "1"]
    producer.fails = failing()
    await service.relay.drain()
    assert texts(service, producer, "a") == texts(service, producer, "b") == ["1"]


async def test_a_relay_that_is_stopped_in_a_page_repeats_only_what_was_not_confirmed(service: Service) -> None:
    class Slow(RecordingProducer):
        async def send(self, topic: str, value: Any, *, key: Any, headers: Any) -> Any:
            if value == b"2":
                await asyncio.sleep(60)
            return await super().send(topic, value, key=key, headers=headers)

    service.producer = Slow()  # type: ignore[assignment]
    await commit(service, ("a", "1"), ("a", "2"), ("b", "3"))
    relaying = asyncio.create_task(service.relay.drain())
    await asyncio.sleep(0.5)
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
    assert await unsent(service) == ["2"]


async def test_one_relay_of_several_sends(service: Service, producer: RecordingProducer) -> None:
    await give_lease(service, "another replica", 60)
    await commit(service, ("a", "1"))
    await service.relay.drain()
    assert await unsent(service) == ["1"]
    await give_lease(service, "another replica", -0.1)
    await service.relay.drain()
    assert texts(service, producer, "a") == ["1"]


async def test_a_replica_that_died_is_followed_within_its_lease(service: Service, producer: RecordingProducer) -> None:
    await give_lease(service, "a replica that was killed", LEASE_S)
    await commit(service, ("a", "1"))
    begun, relaying = time.monotonic(), asyncio.create_task(service.relay.run())
    while not texts(service, producer, "a"):
        await asyncio.sleep(0.05)
    relaying.cancel()
    assert LEASE_S - 1 < time.monotonic() - begun < LEASE_S + 2


async def test_a_replica_that_wakes_up_without_its_lease_sends_duplicates_at_most(
    service: Service, producer: RecordingProducer
) -> None:
    frozen = asyncio.Event()

    class Frozen(RecordingProducer):
        async def send(self, topic: str, value: Any, *, key: Any, headers: Any) -> Any:
            if value == b"2" and not frozen.is_set():
                frozen.set()
                await asyncio.sleep(0.6)
            return await producer.send(topic, value, key=key, headers=headers)

    sleeper = Service(service.definition, service.settings, service.clock)
    sleeper.producer = Frozen()  # type: ignore[assignment]
    await commit(service, ("a", "1"), ("a", "2"), ("a", "3"))
    waking = asyncio.create_task(sleeper.relay.drain())
    await frozen.wait()
    await give_lease(service, "", -1)
    await commit(service, ("a", "4"))
    await service.relay.drain()
    await waking
    sleeper.store.client.close()
    sent = texts(service, producer, "a")
    assert list(dict.fromkeys(sent)) == ["1", "2", "3", "4"], "each for the first time in order"
    assert sent == ["1", "1", "2", "3", "4", "2", "3"], "and what the sleeper held, again"
    assert await unsent(service) == []


async def test_an_operator_holds_the_relay_and_lets_it_go_on(service: Service, producer: RecordingProducer) -> None:
    await hold(service, True)
    assert (await outbox.state(service))["paused"]
    await commit(service, ("a", "1"))
    await service.relay.drain()
    assert (texts(service, producer, "a"), beats(service, producer)) == ([], [])
    assert (await outbox.state(service))["rows"] == 1
    await hold(service, False)
    await service.relay.drain()
    assert texts(service, producer, "a") == ["1"]
    assert not (await outbox.state(service))["paused"]


async def test_a_pause_reaches_a_relay_that_holds_its_lease_within_one_renewal(
    service: Service, producer: RecordingProducer
) -> None:
    relaying = asyncio.create_task(service.relay.run())
    await asyncio.sleep(0.5)
    await hold(service, True)
    await asyncio.sleep(LEASE_S * 0.4)
    await commit(service, ("a", "1"))
    await asyncio.sleep(1)
    assert await unsent(service) == ["1"]
    await hold(service, False)
    await asyncio.sleep(1)
    assert texts(service, producer, "a") == ["1"]
    relaying.cancel()


async def test_a_commit_wakes_the_relay(service: Service, producer: RecordingProducer) -> None:
    relaying = asyncio.create_task(service.relay.run())
    await asyncio.sleep(0.5)
    begun = time.monotonic()
    await commit(service, ("a", "1"))
    while not texts(service, producer, "a"):
        await asyncio.sleep(0.002)
    relaying.cancel()
    assert time.monotonic() - begun < 0.19, "by the event, not by the poll"


async def test_closing_sends_what_waits_and_gives_the_lease_back(service: Service, producer: RecordingProducer) -> None:
    await service.relay.drain()
    await commit(service, ("a", "1"))
    await service.relay.close()
    assert texts(service, producer, "a") == ["1"]
    lease = await service.store.raw("leases").find_one({})
    assert lease is not None
    assert lease["until"] <= wall_now()


async def test_closing_without_the_lease_leaves_it_to_its_owner(service: Service, producer: RecordingProducer) -> None:
    await give_lease(service, "another replica", 60)
    await commit(service, ("a", "1"))
    await service.relay.close()
    lease = await service.store.raw("leases").find_one({})
    assert lease is not None
    assert (lease["owner"], lease["until"] > wall_now()) == ("another replica", True)


async def test_closing_while_kafka_is_away_takes_no_longer_than_it_may(
    service: Service, producer: RecordingProducer
) -> None:
    class Hanging(RecordingProducer):
        async def send(self, topic: str, value: Any, *, key: Any, headers: Any) -> Any:
            await asyncio.sleep(60)

    service.producer = Hanging()  # type: ignore[assignment]
    await commit(service, ("a", "1"))
    begun = time.monotonic()
    await service.relay.close()
    assert time.monotonic() - begun < 8
    assert await unsent(service) == ["1"]


async def test_a_beat_says_when_the_outbox_was_found_empty(
    service: Service, producer: RecordingProducer, clock: SetClock
) -> None:
    await commit(service, ("a", "1"))
    await service.relay.drain()
    assert beats(service, producer) == [Heartbeat(service="planning", drained_at=NOW)]
    assert producer.sent[0][0] == service.topic("plans"), "the rows first"
    (value,) = producer.values(service.topic("heartbeats"))
    message = decode(value)
    assert (message.subject, message.time, message.source) == ("planning", NOW, "/publicity/planning")


async def test_what_is_committed_while_the_relay_reads_is_not_covered_by_the_beat(
    service: Service, producer: RecordingProducer, clock: SetClock
) -> None:
    relay = service.relay
    read = relay._waiting

    async def read_slowly() -> Any:
        found = await read()
        clock.at = NOW + timedelta(minutes=1)
        return found

    relay._waiting = read_slowly  # type: ignore[method-assign]
    await relay.drain()
    assert [beat.drained_at for beat in beats(service, producer)] == [NOW]


async def test_beats_come_each_second_and_at_once_when_time_is_stepped(
    service: Service, producer: RecordingProducer, clock: SetClock
) -> None:
    for _ in range(5):
        await service.relay.drain()
    assert len(beats(service, producer)) == 1
    clock.at = NOW + timedelta(days=1)
    await service.relay.drain()
    await asyncio.sleep(1.05)
    await service.relay.drain()
    expected = [NOW, NOW + timedelta(days=1), NOW + timedelta(days=1)]
    assert [beat.drained_at for beat in beats(service, producer)] == expected


@pytest.mark.parametrize(
    ("after_ms", "silent_s", "due"),
    [(0, 0.2, False), (300, 0.3, False), (500, 0.5, True), (900, 0.2, True), (0, 1.0, True), (-5000, 0.2, False)],
)
def test_a_beat_is_due_when_a_second_begins(after_ms: int, silent_s: float, *, due: bool) -> None:
    last = NOW.replace(microsecond=500_000)
    assert outbox.is_time_to_beat(last, last + timedelta(milliseconds=after_ms), silent_s=silent_s) is due


async def test_no_beat_while_a_row_cannot_go(service: Service, producer: RecordingProducer) -> None:
    producer.fails = failing(b"1")
    await commit(service, ("a", "1"), ("b", "2"))
    with pytest.raises(KafkaTimeoutError):
        await service.relay.drain()
    await service.relay.drain()
    assert beats(service, producer) == []


async def test_no_beat_without_the_lease(service: Service, producer: RecordingProducer) -> None:
    await give_lease(service, "another replica", 60)
    await service.relay.drain()
    assert beats(service, producer) == []


async def test_rows_that_wait_are_counted_with_their_age(service: Service) -> None:
    assert await outbox.state(service) == {"rows": 0, "oldest_s": 0.0, "paused": False}
    await commit(service, ("a", "1"), ("a", "2"))
    state = await outbox.state(service)
    assert state["rows"] == 2
    assert 0 <= state["oldest_s"] < 5
