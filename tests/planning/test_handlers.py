"""What messages of `approvals` and `reports` do in planning: hand-made records through the real consumption."""

from datetime import timedelta
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord

from contracts.envelope import Message, encode
from contracts.registry import BY_MODEL
from contracts.reporting import Gap, ImprovementProposed, ReportIssued
from services.chassis.app import Service
from services.chassis.consume import consume, each
from services.chassis.unit import Cause, Unit
from services.planning import storage
from services.planning.handlers import apply_approval, apply_report
from services.planning.state import Plan, Status
from tests.planning.builders import NOW, PLAN, approved, escalated, returned, submitted

pytestmark = pytest.mark.live


def record(data: Any, number: int = 1, *, subject: str = PLAN, at: Any = NOW) -> ConsumerRecord:
    """The message as Kafka hands it over."""
    kind = BY_MODEL[type(data)]
    made = Message(f"m{number}", f"/publicity/{kind.producer}", kind.type, subject, at, data, sequence=number)
    return ConsumerRecord(kind.topic, 0, number, 0, 0, subject.encode(), encode(made), None, 0, 0, ())


@pytest.fixture
async def waiting(service: Service) -> Service:
    """Planning with one plan that waits for approval."""

    async def work(unit: Unit) -> None:
        unit.put("plans", storage.to_doc(submitted()))

    await service.store.transact(Cause("/publicity/planning", "s"), NOW, work)
    return service


async def told(service: Service, *records: ConsumerRecord) -> Plan:
    """Deliver the records twice; the second time changes nothing."""
    await consume(service, records, each(apply_approval))
    before = await service.store.raw("plans").find_one({"_id": PLAN})
    await consume(service, records, each(apply_approval))
    assert await service.store.raw("plans").find_one({"_id": PLAN}) == before
    found = await storage.plan(service.store, PLAN)
    assert found is not None
    return found


async def test_a_plan_is_passed_on_and_approved(waiting: Service) -> None:
    assert (await told(waiting, record(escalated(), 1))).status is Status.ESCALATED
    found = await told(waiting, record(escalated(), 1), record(approved(), 2))
    assert found.status is Status.APPROVED
    assert await waiting.store.raw("outbox").count_documents({}) == 0


async def test_a_plan_comes_back_with_its_reason(waiting: Service) -> None:
    found = await told(waiting, record(returned(note="Thiếu nhóm"), 1))
    assert (found.status, found.last and found.last.note) == (Status.RETURNED, "Thiếu nhóm")


async def test_an_answer_about_an_unknown_plan_or_revision_leaves_no_trace(waiting: Service) -> None:
    stranger = approved().model_copy(update={"plan_id": "another"})
    await consume(waiting, [record(stranger, 5, subject="another")], each(apply_approval))
    assert await storage.plan(waiting.store, "another") is None
    assert (await told(waiting, record(approved(7), 6))).status is Status.SUBMITTED
    assert await waiting.store.raw("dead_letters").count_documents({}) == 0


def report(**fields: Any) -> ReportIssued:
    about = {"school_year": "2025-2026", "cut_off_at": NOW, "digest": "sha256:" + "a" * 64, "figures": {}}
    return ReportIssued(**(about | {"signed_by": "truong-phong", "href": "/reports/2025-2026"} | fields))


async def test_the_first_issue_of_a_report_counts_in_whatever_order_they_come(service: Service) -> None:
    later = record(report(), 2, subject="2025-2026", at=NOW + timedelta(days=3))
    first = record(report(), 1, subject="2025-2026")
    for records in ((later, first), (first, later)):
        await consume(service, records, each(apply_report))
        assert await storage.report_issued_at(service.store, "2025-2026") == NOW
    assert await storage.report_issued_at(service.store, "2024-2025") is None


async def test_a_proposal_is_kept_once_for_the_plan_of_the_next_year(service: Service) -> None:
    proposed = ImprovementProposed(
        proposal_id="p-1", school_year="2025-2026", text="Báo sớm hơn", gap=Gap(figure="on_time", value=0.9), by="a"
    )
    for _ in range(2):
        await consume(service, [record(proposed, 1, subject="2025-2026")], each(apply_report))
    assert list(await storage.proposals(service.store, "2025-2026")) == [proposed]
    assert list(await storage.proposals(service.store, "2026-2027")) == []


async def test_a_bad_record_is_kept_apart_and_delays_nobody(waiting: Service) -> None:
    bad = ConsumerRecord("approvals", 0, 1, 0, 0, b"k", b"{", None, 0, 0, ())
    assert (await told(waiting, bad, record(approved(), 2))).status is Status.APPROVED
    (letter,) = await waiting.store.find("dead_letters", {})
    assert letter["reason"] == "not-json"
