"""What messages of other rooms do here: hand-made records, each delivered twice and shuffled, into a real MongoDB."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from contracts.envelope import Message, encode
from contracts.events import EventHeld, EventScheduled
from services.chassis.app import Service
from services.chassis.consume import Apply, consume
from services.publishing import storage
from services.publishing.commands import Desk
from services.publishing.handlers import apply_approvals, apply_compliance, apply_events
from tests.publishing.builders import (
    CONTRIBUTOR,
    DAY,
    EVENT,
    NOW,
    OTHER_EVENT,
    SUBMISSION,
    approved,
    assessed,
    cancelled,
    classified,
    merged,
    reported,
)

pytestmark = pytest.mark.live
TOPICS: dict[str, Apply] = {"compliance": apply_compliance, "events": apply_events, "approvals": apply_approvals}
ALL_WORK: dict[str, Any] = {"span": {}}


def record(topic: str, value: bytes | None, number: int) -> ConsumerRecord:
    """A record of a topic with any bytes."""
    return ConsumerRecord(topic, 0, number, 0, 0, b"key", value, None, 0, 0, ())


async def deliver(service: Service, messages: Sequence[Message]) -> None:
    """The messages of one topic in one batch."""
    topic = messages[0].topic
    records = [record(topic, encode(message), number) for number, message in enumerate(messages)]
    await consume(service, records, TOPICS[topic])


async def kept(service: Service, collection: str) -> list[dict[str, Any]]:
    """What is stored, without how often it was written."""
    docs = await service.store.find(collection, {}, sort=[("_id", 1)])
    return [{name: value for name, value in doc.items() if name not in ("v", "o")} for doc in docs]


SETS: tuple[tuple[str, str, tuple[Message, ...]], ...] = (
    (
        "R11 obligations",
        "work",
        (
            assessed(1),
            assessed(2, "MISSED"),
            assessed(3, "LATE"),
            assessed(4, obligation_id="ob-2", requirement="E_BOARD", channels=["E_BOARD"]),
            assessed(5, "VOID", obligation_id="ob-2", requirement="E_BOARD", channels=["E_BOARD"]),
            assessed(6, obligation_id="ob-3", due_at=None),
        ),
    ),
    (
        "A13 an event",
        "events",
        (
            reported(EventScheduled, id="e-1", at=NOW - 9 * DAY, title="Tên cũ"),
            reported(EventHeld, id="e-2"),
            cancelled(id="e-3", at=NOW - DAY),
            classified(id="e-4", plan_item_id="kh-1"),
            merged(OTHER_EVENT, id="e-5"),
        ),
    ),
    ("R09 a plan", "plans", (approved(1), approved(2, "Ngày hội việc làm"))),
)


@pytest.mark.parametrize(("collection", "messages"), [row[1:] for row in SETS], ids=[row[0] for row in SETS])
async def test_twice_and_shuffled_is_the_same_as_once_in_order(
    service: Service, collection: str, messages: tuple[Message, ...]
) -> None:
    await deliver(service, messages)
    expected = await kept(service, collection)
    await deliver(service, messages)
    assert await kept(service, collection) == expected
    dice = random.Random(7)
    for _ in range(4):
        await service.store.raw(collection).delete_many({})
        await service.store.raw("seen").delete_many({})
        order = list(messages) * 2
        dice.shuffle(order)
        for cut in (order[:3], order[3:]):
            await deliver(service, cut)
        assert await kept(service, collection) == expected
    assert await service.store.raw("outbox").count_documents({}) == 0


async def test_redelivery_does_not_write_again(service: Service) -> None:
    await deliver(service, [assessed(1)])
    before = await service.store.raw("work").find_one({})
    await deliver(service, [assessed(1)])
    assert await service.store.raw("work").find_one({}) == before


@pytest.mark.parametrize("state", ["ON_TIME", "LATE", "WAIVED", "VOID"])
async def test_work_closes_with_its_obligation(service: Service, state: str) -> None:
    await deliver(service, [assessed(1), assessed(2, obligation_id="ob-2")])
    await deliver(service, [assessed(3, state)])
    assert [doc["_id"] for doc in await storage.open_work(service.store, **ALL_WORK)] == ["ob-2"]
    assert len(await storage.work_of(service.store, [EVENT])) == 2, "R20 a closed obligation is not forgotten"


async def test_a_withdrawn_publication_opens_the_work_again(service: Service) -> None:
    await deliver(service, [assessed(1, "ON_TIME"), assessed(2, "MISSED")])
    assert [doc["state"] for doc in await storage.open_work(service.store, **ALL_WORK)] == ["MISSED"]


async def test_work_is_paged_by_due_time_and_what_has_no_date_comes_last(service: Service) -> None:
    dates = ["2026-11-28T17:00:00Z", None, "2026-11-25T17:00:00Z", "2026-11-25T17:00:00Z", None]
    await deliver(service, [assessed(n, obligation_id=f"ob-{n}", due_at=at) for n, at in enumerate(dates, 1)])
    found, after = [], ""
    while docs := await storage.open_work(service.store, span={}, after=after, limit=2):
        found += [doc["_id"] for doc in docs]
        after = storage.cursor(docs[-1].get("due_at"), docs[-1]["_id"])
    assert found == ["ob-3", "ob-4", "ob-1", "ob-2", "ob-5"]


async def test_content_of_a_report_stands_under_the_event_that_it_was_merged_into_and_its_milestone(
    service: Service, desk: Desk
) -> None:
    made = await desk.submit("k", CONTRIBUTOR, SUBMISSION)
    await deliver(service, [reported(EventHeld, id="e-2", plan_item_id="kh-1"), merged(OTHER_EVENT, id="e-5")])
    (doc,) = await kept(service, "events")
    for key in (EVENT, *doc["same_as"]):
        found = await storage.contents_of(service.store, [key])
        assert [content.content_id for content in found[key]] == [made["content_id"]]
    assert OTHER_EVENT in doc["same_as"]
    assert len(doc["same_as"]) == 2


async def test_bad_records_are_kept_apart_and_delay_nobody(service: Service) -> None:
    records = [record("events", b"{", 1), record("events", None, 2)]
    records.append(record("events", encode(reported(EventHeld, id="e-2")), 3))
    await consume(service, records, apply_events)
    assert [doc["report"]["title"] for doc in await kept(service, "events")] == [SUBMISSION.title]
    letters = await service.store.find("dead_letters", {}, sort=[("offset", 1)])
    assert [letter["reason"] for letter in letters] == ["not-json", "null-value"]


async def test_the_other_messages_of_a_topic_ask_nothing(service: Service) -> None:
    await deliver(service, [reported(EventHeld, id="e-2")])
    records = [record("compliance", encode(reported(EventHeld, id="e-9")), 1)]
    await consume(service, records, apply_compliance)
    await consume(service, records, apply_approvals)
    assert await kept(service, "work") == []
    assert await kept(service, "plans") == []
