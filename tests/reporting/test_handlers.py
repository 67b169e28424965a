"""What messages do in a real MongoDB: each is delivered twice, and folds once."""

from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from contracts.envelope import Message
from contracts.topics import TOPICS as ALL_TOPICS
from services.chassis.consume import consume
from services.reporting import handlers, storage
from services.reporting.projections import KEPT
from services.reporting.snapshot import FOLDED, take
from tests.reporting.builders import DATES, a_year, assessed, at, folded, held, record_of, snapshot, stamp
from tests.reporting.conftest import House

pytestmark = pytest.mark.live
NOW = stamp("2026-08-15 17:00")
ONE_OF_EACH = {message.name: message for message in a_year()}


async def stored(house: House, name: str) -> list[dict[str, Any]]:
    """The documents of a collection, without what the chassis adds."""
    docs = await house.service.store.find(name, {}, sort=[("_id", 1)])
    return [{key: value for key, value in doc.items() if key not in ("schema_version", "v", "o")} for doc in docs]


@pytest.mark.parametrize("name", sorted(ONE_OF_EACH))
async def test_a_message_delivered_twice_folds_once(house: House, name: str) -> None:
    message = ONE_OF_EACH[name]
    await house.deliver(message)
    before = await house.service.store.raw(KEPT[name][0]).find({}).to_list(None)
    assert len(before) == 1
    await house.deliver(message, message)
    await house.deliver(message)
    assert await house.service.store.raw(KEPT[name][0]).find({}).to_list(None) == before
    assert await storage.marks(house.service.store) == ((message.topic, 1),)
    assert await house.sent() == []


async def test_a_whole_year_in_any_order_is_the_year_that_was_told(house: House) -> None:
    messages = list(a_year())
    await house.deliver(*reversed(messages), *messages)
    expected = folded(messages)
    for name in FOLDED:
        assert await stored(house, name) == expected[name]
    made = take(await storage.folded(house.service.store, DATES), DATES, as_of=NOW)
    assert made.digest == snapshot(*messages).digest


async def test_the_database_is_asked_for_what_belongs_to_the_year_alone(house: House) -> None:
    other = (assessed("x", school_year="2024-2025"), held("x", "2024-11-20 16:00"))
    await house.deliver(*a_year(), *other)
    found = await storage.folded(house.service.store, DATES)
    assert take(found, DATES, as_of=NOW).digest == snapshot(*a_year()).digest
    assert "x" not in {doc["_id"] for name in FOLDED for doc in found[name]}
    assert await storage.school_years(house.service.store) == ["2025-2026", "2024-2025"]


async def test_a_bad_record_is_kept_apart_and_delays_nobody(house: House) -> None:
    def raw(value: bytes | None, number: int) -> ConsumerRecord:
        return ConsumerRecord("compliance", 0, number, 0, 0, b"k", value, None, 0, 0, ())

    records = [raw(b"{", 1), raw(None, 2), record_of(assessed(), 3)]
    await consume(house.service, records, handlers.apply, seen=False)
    assert len(await stored(house, "obligations")) == 1
    letters = await house.service.store.find("dead_letters", {})
    assert sorted(letter["reason"] for letter in letters) == ["not-json", "null-value"]


async def test_what_no_figure_asks_for_is_read_and_leaves_no_trace(house: House) -> None:
    heard = Message(
        **{
            **{name: getattr(assessed(), name) for name in ("id", "source", "subject", "time", "sequence")},
            "type": "vn.edu.hcmute.publicity.directive-closed.v1",
            "data": _closed(),
        }
    )
    await house.deliver(heard)
    assert await storage.marks(house.service.store) == ()


def _closed() -> Any:
    from contracts.monitoring import DirectiveClosed

    return DirectiveClosed(directive_id="d", by="truong-phong")


def test_every_topic_that_the_contract_lets_reporting_read_has_a_subscriber() -> None:
    told = {topic.name for topic in ALL_TOPICS if "reporting" in topic.readers}
    assert set(handlers.TOPICS) == told - {"heartbeats"}


async def test_a_year_is_reckoned_once_for_equal_documents(house: House) -> None:
    from services.reporting.reading import Reading

    reading = Reading(house.service, {})
    await house.deliver(*a_year())
    first = await reading.at("2025-2026", None)
    assert (await reading.at("2025-2026", None)).obligations is first.obligations
    house.clock.at = at("2026-08-15 23:00")
    later = await reading.at("2025-2026", None)
    assert (later.obligations is first.obligations, later.as_of > first.as_of) == (True, True)
    await house.deliver(assessed("n", sequence=7))
    assert (await reading.at("2025-2026", None)).obligations is not first.obligations
    house.clock.at = at("2026-08-16 00:00")
    assert (await reading.at("2025-2026", None)).as_of == stamp("2026-08-16 00:00")
