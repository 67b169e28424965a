"""What messages of `plans` do to reviews: hand-made records through the real consumption into a real MongoDB."""

import pytest
from aiokafka.structs import ConsumerRecord

from contracts.envelope import Message, encode
from contracts.planning import PlanDrafted, PlanWithdrawn
from contracts.registry import BY_MODEL
from services.approval import storage
from services.approval.handlers import plan_applier
from services.approval.state import Review, Status
from services.chassis.app import Service
from services.chassis.consume import consume, each
from tests.approval.builders import DRAFTED_AT, PLAN, RULES, banner, content, drafted, item, withdrawn

pytestmark = pytest.mark.live


def record(data: PlanDrafted | PlanWithdrawn, number: int = 1) -> ConsumerRecord:
    """The message as Kafka hands it over."""
    kind = BY_MODEL[type(data)].type
    message = Message(f"m{number}", "/publicity/planning", kind, PLAN, DRAFTED_AT, data, sequence=number)
    return raw(encode(message), number)


def raw(value: bytes | None, number: int = 1) -> ConsumerRecord:
    """A record of `plans` with any bytes."""
    return ConsumerRecord("plans", 0, number, 0, 0, PLAN.encode(), value, None, 0, 0, ())


async def deliver(service: Service, *records: ConsumerRecord) -> None:
    await consume(service, records, each(plan_applier(RULES)))


async def review(service: Service) -> Review:
    found = await storage.review(service.store, PLAN)
    assert found is not None
    return found


async def test_a_submitted_plan_waits_in_the_inbox_with_its_route(service: Service) -> None:
    await deliver(service, record(drafted(banner())))
    found = await review(service)
    assert found.status is Status.OFFICE_REVIEW
    assert [rule.id for rule in found.route.rules] == ["M1"]
    assert found.drafted_at == DRAFTED_AT
    assert await service.store.raw("outbox").count_documents({}) == 0


async def test_redelivery_changes_nothing(service: Service) -> None:
    await deliver(service, record(drafted()), record(drafted()))
    before = await service.store.raw("reviews").find_one({})
    await deliver(service, record(drafted()))
    assert await service.store.raw("reviews").find_one({}) == before


async def test_a_newer_revision_takes_the_place_of_the_one_that_waits(service: Service) -> None:
    newer = drafted(content(item("Khác")), revision=2)
    await deliver(service, record(drafted(), 1), record(newer, 2), record(drafted(), 3))
    found = await review(service)
    assert (found.revision, found.earlier and found.earlier.revision) == (2, 1)


async def test_a_plan_taken_back_leaves_the_inbox(service: Service) -> None:
    await deliver(service, record(drafted(), 1), record(withdrawn(), 2))
    found = await review(service)
    assert (found.status, found.withdrawal) == (Status.WITHDRAWN, "Soạn lại")


async def test_a_withdrawal_of_an_unknown_plan_leaves_no_trace(service: Service) -> None:
    await deliver(service, record(withdrawn()))
    assert await storage.review(service.store, PLAN) is None


async def test_a_bad_record_is_kept_apart_and_delays_nobody(service: Service) -> None:
    unlike = drafted(content_hash="sha256:" + "1" * 64)
    await deliver(service, raw(b"{", 1), raw(None, 2), record(unlike, 3), record(drafted(banner()), 4))
    assert (await review(service)).status is Status.OFFICE_REVIEW
    letters = await service.store.find("dead_letters", {}, sort=[("offset", 1)])
    assert sorted(letter["reason"] for letter in letters) == ["not-json", "null-value", "refused"]
