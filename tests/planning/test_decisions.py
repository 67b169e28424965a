"""A plan step by step: drafted, edited, submitted, withdrawn, answered; what is stored and what is announced."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.approval import PlanApproved, PlanEscalated, PlanReturned
from contracts.planning import PlanDrafted, PlanWithdrawn, content_hash
from services.chassis.decision import Decision
from services.planning import decisions
from services.planning.decisions import CONTENT_BYTES, TRANSITIONS, Step, draft, edit, learn, submit, withdraw
from services.planning.state import Plan, Status
from services.planning.storage import from_doc, to_doc
from tests.planning.builders import (
    NOW,
    PLAN,
    WINDOW,
    YEAR,
    approved,
    content,
    edited,
    escalated,
    plan,
    returned,
    submitted,
)

OTHER = content(title="Khác")
DAY = timedelta(days=1)


def rules_of(decision: Decision[Plan]) -> list[str]:
    return [one.rule for one in decision.refusals]


def answered(before: Plan, *answers: PlanApproved | PlanReturned | PlanEscalated) -> Plan:
    for answer in answers:
        before = learn(before, answer, NOW + DAY) or before
    return before


def withdrawn(before: Plan) -> Plan:
    after = withdraw(before, "Soạn lại", by="soan-thao", now=NOW).state
    assert after is not None
    return after


def test_a_draft_may_be_as_incomplete_as_it_likes() -> None:
    made = plan(content(bases=[], channel_plans=[], contributor_groups=[]))
    assert (made.status, made.revision, made.last, made.in_force) == (Status.DRAFT, 1, None, None)


@pytest.mark.parametrize("year", ["0000-0001", "1999-2000", "2100-2101", "9998-9999"])
def test_no_plan_is_made_for_a_school_year_beyond_reach(year: str) -> None:
    assert rules_of(draft(PLAN, year, content(), by="a", now=NOW)) == ["school-year-far"]


def test_a_plan_that_no_topic_would_carry_is_refused_before_it_is_stored() -> None:
    bases = [
        {"kind": "OFFICE_WORK_PLAN", "reference": "x", "text": "đ" * 4000} for _ in range(CONTENT_BYTES // 8000 + 1)
    ]
    large = content(bases=bases)
    assert rules_of(draft(PLAN, YEAR, large, by="a", now=NOW)) == ["content-too-large"]
    before = plan()
    assert rules_of(edit(before, large, base_hash=before.content_hash, by="a", now=NOW)) == ["content-too-large"]


def test_an_edit_keeps_who_and_when() -> None:
    before = plan()
    after = edit(before, OTHER, base_hash=before.content_hash, by="pho-phong", now=NOW + DAY).state
    assert after is not None
    assert (after.content, after.content_hash) == (OTHER, content_hash(OTHER))
    assert (after.created_by, after.edited_by, after.edited_at) == ("soan-thao", "pho-phong", NOW + DAY)


def test_an_edit_of_a_content_that_is_no_longer_the_newest_is_refused() -> None:
    before = plan()
    newer = edited(before, OTHER)
    third = content(title="Thứ ba")
    assert rules_of(edit(newer, third, base_hash=before.content_hash, by="b", now=NOW)) == ["base-outdated"]
    assert edit(newer, OTHER, base_hash=before.content_hash, by="b", now=NOW) == Decision(newer), "twice the same"


def test_what_waits_for_approval_is_not_edited() -> None:
    for before in (submitted(), answered(submitted(), escalated())):
        assert rules_of(edit(before, OTHER, base_hash=before.content_hash, by="b", now=NOW)) == ["plan-under-review"]


@pytest.mark.parametrize(
    "before",
    [withdrawn(submitted()), answered(submitted(), returned()), answered(submitted(), approved())],
    ids=["withdrawn", "returned", "approved"],
)
def test_what_is_decided_or_taken_back_is_edited_into_the_next_revision(before: Plan) -> None:
    after = edited(before, OTHER)
    assert (after.status, after.revision) == (Status.DRAFT, 2)
    assert after.submissions == before.submissions


def test_a_submission_announces_the_whole_content_under_its_hash() -> None:
    before = plan()
    decision = submit(before, WINDOW, NOW, taken={})
    assert decision.state is not None
    (announcement,) = decision.announcements
    assert (announcement.subject, announcement.sequence, decision.state.sequence) == (PLAN, 1, 1)
    assert announcement.data == PlanDrafted(
        plan_id=PLAN,
        school_year=YEAR,
        revision=1,
        content_hash=content_hash(content()),
        drafted_by="soan-thao",
        content=content(),
    )
    assert (decision.state.status, decision.state.revision) == (Status.SUBMITTED, 1)


def test_the_drafter_is_who_wrote_the_content_whoever_hands_it_in() -> None:
    by_the_head = edited(plan(by="soan-thao"), OTHER, by="truong-phong")
    (announcement,) = submit(by_the_head, WINDOW, NOW, taken={}).announcements
    assert isinstance(announcement.data, PlanDrafted)
    assert announcement.data.drafted_by == "truong-phong"


def test_a_submission_after_the_due_time_is_marked_late_and_goes_through() -> None:
    at = WINDOW.due_at
    assert [submitted(now=now).submissions[0].is_late for now in (at - timedelta(seconds=1), at)] == [False, True]


def test_an_amendment_of_a_plan_that_stood_in_time_is_not_late() -> None:
    before, after = WINDOW.due_at - timedelta(seconds=1), WINDOW.due_at + timedelta(days=90)
    in_force = learn(submitted(now=before), approved(), NOW)
    assert in_force is not None
    amended = submit(edited(in_force, OTHER), WINDOW, after, taken={}).state
    assert amended is not None
    assert [one.is_late for one in amended.submissions] == [False, False]


def test_an_incomplete_or_early_plan_is_not_submitted_and_nothing_is_announced() -> None:
    early = WINDOW.opens_at - timedelta(seconds=1)
    decision = submit(plan(content(contributor_groups=[])), WINDOW, early, taken={"20-11": "another"})
    assert (decision.state, decision.announcements) == (None, ())
    assert rules_of(decision) == ["R04", "R04", "item-id-taken", "R05"]


@pytest.mark.parametrize(
    ("before", "may_be_submitted"),
    [
        (submitted(), False),
        (answered(submitted(), escalated()), False),
        (answered(submitted(), approved()), False),
        (answered(submitted(), returned()), True),
        (withdrawn(submitted()), True),
        (edited(answered(submitted(), approved()), OTHER), True),
    ],
    ids=["submitted", "escalated", "approved", "returned", "withdrawn", "approved and edited"],
)
def test_the_same_content_is_submitted_again_only_when_it_came_back(before: Plan, may_be_submitted: bool) -> None:
    decision = submit(before, WINDOW, NOW, taken={})
    assert rules_of(decision) == ([] if may_be_submitted else ["submission-unneeded"])
    if decision.state:
        assert (decision.state.revision, decision.state.sequence) == (2, before.sequence + 1)


def test_a_withdrawal_says_why_and_is_announced() -> None:
    before = submitted()
    decision = withdraw(before, " Soạn lại ", by="truong-phong", now=NOW)
    assert decision.state is not None
    assert (decision.state.status, decision.state.sequence) == (Status.WITHDRAWN, 2)
    (announcement,) = decision.announcements
    assert announcement.sequence == 2
    assert announcement.data == PlanWithdrawn(plan_id=PLAN, revision=1, reason="Soạn lại", by="truong-phong")
    assert rules_of(withdraw(before, " ", by="a", now=NOW)) == ["reason-missing"]


@pytest.mark.parametrize(
    "before",
    [plan(), withdrawn(submitted()), answered(submitted(), returned()), answered(submitted(), approved())],
    ids=["draft", "withdrawn", "returned", "approved"],
)
def test_only_what_waits_for_approval_is_taken_back(before: Plan) -> None:
    assert rules_of(withdraw(before, "x", by="a", now=NOW)) == ["not-under-review"]


ANSWERS: dict[Step, Any] = {Step.ESCALATED: escalated(), Step.RETURNED: returned(), Step.APPROVED: approved()}
STATES = {
    Status.SUBMITTED: submitted(),
    Status.ESCALATED: answered(submitted(), escalated()),
    Status.RETURNED: answered(submitted(), returned()),
    Status.APPROVED: answered(submitted(), approved()),
    Status.WITHDRAWN: withdrawn(submitted()),
}


@pytest.mark.parametrize("step", ANSWERS)
@pytest.mark.parametrize("status", STATES)
def test_an_answer_moves_the_plan_exactly_where_the_table_says(status: Status, step: Step) -> None:
    before = STATES[status]
    assert before.status is status
    after = learn(before, ANSWERS[step], NOW + DAY)
    expected = TRANSITIONS.get((status, step))
    assert (after.status if after else None) is expected


def test_an_approval_that_crossed_a_withdrawal_holds() -> None:
    after = answered(withdrawn(submitted()), approved())
    assert after.in_force is not None
    assert after.in_force.revision == 1


def test_an_answer_to_an_earlier_revision_touches_that_one() -> None:
    second = submit(edited(answered(submitted(), returned()), OTHER), WINDOW, NOW, taken={}).state
    assert second is not None
    assert learn(second, returned(), NOW) is None
    after = learn(second, approved(2), NOW)
    assert after is not None
    assert [one.status for one in after.submissions] == [Status.RETURNED, Status.APPROVED]
    assert learn(second, approved(7), NOW) is None


def test_the_reviewers_note_comes_back_with_the_plan() -> None:
    last = answered(submitted(), returned(note="Thiếu nhóm của kênh báo chí")).last
    assert last is not None
    assert (last.note, last.closed_at) == ("Thiếu nhóm của kênh báo chí", NOW + DAY)


def test_the_approved_revision_stays_in_force_while_the_next_is_written() -> None:
    draft_of_two = edited(answered(submitted(), approved()), OTHER)
    assert draft_of_two.in_force is not None
    assert (draft_of_two.in_force.revision, draft_of_two.revision) == (1, 2)
    waiting = submit(draft_of_two, WINDOW, NOW, taken={}).state
    assert waiting is not None
    back = learn(waiting, returned(2), NOW)
    assert back is not None
    assert (back.status, back.in_force and back.in_force.revision) == (Status.RETURNED, 1)


def test_an_answer_announces_nothing_and_counts_nothing() -> None:
    assert answered(submitted(), escalated(), approved()).sequence == 1


@pytest.mark.parametrize("made", [plan(), *STATES.values()], ids=lambda made: made.status.value)
def test_a_plan_is_stored_and_read_as_it_is(made: Plan) -> None:
    assert from_doc(to_doc(made)) == made


def test_those_who_draft_are_of_the_office() -> None:
    assert decisions.DRAFTERS == ("editor", "office_head")
