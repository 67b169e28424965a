"""A plan that a reviewer changed: his revision becomes the newest, and nothing that crossed it is lost."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.approval import PlanRevised
from contracts.planning import PlanContent, content_hash
from services.chassis.app import Service
from services.chassis.consume import consume, each
from services.chassis.unit import Cause, Unit
from services.planning import decisions, storage
from services.planning.handlers import apply_approval
from services.planning.revised import take_revision
from services.planning.state import Plan, Status
from tests.planning.builders import NOW, PLAN, WINDOW, YEAR, approved, content, edited, returned, submitted
from tests.planning.test_handlers import record

CHANGED = content(title="Kế hoạch gọn")
LATER = NOW + timedelta(hours=1)


def revised(revision: int = 2, made: PlanContent = CHANGED, **fields: Any) -> PlanRevised:
    """A reviewer's change of the revision before."""
    about = {"plan_id": PLAN, "school_year": YEAR, "revision": revision, "based_on": revision - 1}
    told = about | {"content": made, "content_hash": content_hash(made), "drafted_by": "soan-thao"}
    return PlanRevised(**(told | {"revised_by": "truong-phong", "note": "Gọn hơn", "issued_at": LATER} | fields))


def taken(plan: Plan, told: PlanRevised) -> Plan:
    after = take_revision(plan, told, LATER)
    assert after is not None
    return after


def crossed() -> Plan:
    """The drafter took revision 1 back and submitted another while the reviewer edited it."""
    back = decisions.withdraw(submitted(), "Soạn lại", by="soan-thao", now=NOW).state
    assert back is not None
    again = decisions.submit(edited(back, content(title="Bản khác")), WINDOW, NOW, taken={}).state
    assert again is not None
    return again


def test_the_reviewers_revision_is_the_plan_from_now_on() -> None:
    before = submitted()
    after = taken(before, revised())
    assert (after.content, after.content_hash, after.status) == (CHANGED, content_hash(CHANGED), Status.SUBMITTED)
    assert [(one.revision, one.status) for one in after.submissions] == [(1, Status.REVISED), (2, Status.SUBMITTED)]
    assert after.last is not None
    assert (after.last.revised_by, after.last.note, after.last.is_late) == ("truong-phong", "Gọn hơn", False)
    assert after.edited_by == before.edited_by, "it stays the drafter's plan: he may not approve what builds on it"


def test_the_answer_to_the_reviewers_revision_finds_it() -> None:
    after = taken(submitted(), revised())
    answer = approved(2).model_copy(update={"content": CHANGED, "content_hash": content_hash(CHANGED)})
    done = decisions.learn(after, answer, LATER)
    assert done is not None
    assert (done.status, done.in_force and done.in_force.revision) == (Status.APPROVED, 2)
    sent_back = decisions.learn(after, returned(2), LATER)
    assert sent_back is not None
    assert sent_back.status is Status.RETURNED


def test_the_same_again_and_what_builds_on_an_unknown_revision_change_nothing() -> None:
    after = taken(submitted(), revised())
    assert take_revision(after, revised(), LATER) is None
    assert take_revision(submitted(), revised(7), LATER) is None


def test_what_crossed_the_change_stays_as_the_draft() -> None:
    before = crossed()
    after = taken(before, revised())
    assert after.content == before.content
    assert after.status is Status.DRAFT
    assert [(one.revision, one.content_hash) for one in after.submissions[1:]] == [(2, content_hash(CHANGED))]
    third = decisions.submit(after, WINDOW, LATER, taken={}).state
    assert third is not None
    assert third.revision == 3


@pytest.mark.live
async def test_the_message_is_folded_once_with_its_content_and_what_it_displaced(service: Service) -> None:
    before = crossed()

    async def work(unit: Unit) -> None:
        unit.put("plans", storage.to_doc(before))
        unit.put("revisions", {"_id": f"{PLAN}@2", "content": before.content.to_data()})

    await service.store.transact(Cause("/publicity/planning", "s"), NOW, work)
    for _ in range(2):
        await consume(service, [record(revised(), 1)], each(apply_approval))
        assert await storage.revision(service.store, PLAN, 2) == CHANGED
    kept = await service.store.get("revisions", f"{PLAN}@2+crossed")
    assert kept is not None
    assert PlanContent.from_data(kept["content"]) == before.content
    found = await storage.plan(service.store, PLAN)
    assert found is not None
    assert [one.revision for one in found.submissions] == [1, 2]
