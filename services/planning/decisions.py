"""What planning decides about a plan: draft, edit, submit, withdraw, and what approval's answer makes of it; pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from contracts.approval import PlanApproved, PlanEscalated, PlanReturned
from contracts.canonical import canonical_json
from contracts.codes import Verdict
from contracts.planning import PlanContent, PlanDrafted, PlanWithdrawn, content_hash
from services.chassis.decision import Announcement, Decision, Refusal
from services.planning import completeness
from services.planning.completeness import Window
from services.planning.refusals import refuse
from services.planning.state import UNDER_REVIEW, Plan, Status, Submission

# Source: 1.0 "Trách nhiệm: PTT": who may draft, by role.
DRAFTERS = ("editor", "office_head")
# A record on `plans` and PlanApproved, which adds the decisions, stay below a topic's 1 MiB. Source: R06
CONTENT_BYTES = 700_000
SCHOOL_YEARS = range(2000, 2100)  # Source: A18 (an event is not before 2000 either)


class Step(StrEnum):
    """What can happen to a submission."""

    ESCALATED = "ESCALATED"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"
    WITHDRAWN = "WITHDRAWN"


# (from, step) -> to. An approval that crossed a withdrawal holds: PlanWithdrawn touches only what is not approved.
# Source: 2.1, 2.2, R06
TRANSITIONS: dict[tuple[Status, Step], Status] = {
    (Status.SUBMITTED, Step.ESCALATED): Status.ESCALATED,
    (Status.SUBMITTED, Step.RETURNED): Status.RETURNED,
    (Status.SUBMITTED, Step.APPROVED): Status.APPROVED,
    (Status.SUBMITTED, Step.WITHDRAWN): Status.WITHDRAWN,
    (Status.ESCALATED, Step.RETURNED): Status.RETURNED,
    (Status.ESCALATED, Step.APPROVED): Status.APPROVED,
    (Status.ESCALATED, Step.WITHDRAWN): Status.WITHDRAWN,
    (Status.WITHDRAWN, Step.APPROVED): Status.APPROVED,
}


def draft(plan_id: str, school_year: str, content: PlanContent, *, by: str, now: datetime) -> Decision[Plan]:
    """Begin a plan; it may be as incomplete as it likes until it is submitted. Source: 1.0"""
    if int(school_year[:4]) not in SCHOOL_YEARS:
        return Decision(refusals=(refuse("school-year-far", "/school_year", school_year=school_year),))
    if too_large := _objection_to_size(content):
        return Decision(refusals=(too_large,))
    return Decision(
        Plan(
            plan_id=plan_id,
            school_year=school_year,
            content=content,
            content_hash=content_hash(content),
            created_by=by,
            created_at=now,
            edited_by=by,
            edited_at=now,
        )
    )


def edit(plan: Plan, content: PlanContent, *, base_hash: str, by: str, now: datetime) -> Decision[Plan]:
    """Change the draft, provided that the editor saw its newest state. Source: 1.0, R06"""
    made = content_hash(content)
    if plan.status in UNDER_REVIEW:
        return Decision(refusals=(refuse("plan-under-review", revision=plan.revision),))
    if made == plan.content_hash:
        return Decision(plan)
    if base_hash != plan.content_hash:
        return Decision(refusals=(refuse("base-outdated", "/base_hash"),))
    if too_large := _objection_to_size(content):
        return Decision(refusals=(too_large,))
    changes = {"content": content, "content_hash": made, "edited_by": by, "edited_at": now}
    return Decision(plan.model_copy(update=changes))


def objections(
    plan: Plan, window: Window, now: datetime, *, taken: Mapping[str, str] = MappingProxyType({})
) -> tuple[Refusal, ...]:
    """Why the plan cannot be submitted now, all reasons at once. Source: R01, R02, R03, R04, R05

    Shape:   taken is {item id: plan id} over all plans.
    """
    if plan.status in (*UNDER_REVIEW, Status.APPROVED):
        return (refuse("submission-unneeded", revision=plan.revision),)
    too_early = completeness.objection_to_time(window, now)
    return (
        *completeness.objections(plan.content, window.dates),
        *completeness.objections_to_ids(plan.content, plan.plan_id, taken),
        *((too_early,) if too_early else ()),
    )


def submit(plan: Plan, window: Window, now: datetime, *, taken: Mapping[str, str]) -> Decision[Plan]:
    """Submit the draft for approval as the next revision; a late one is marked, not refused.

    A plan that stood in time is not late by an amendment.
    Its drafter is who wrote the content as it stands, whoever hands it in: he may not approve it.
    Emits:   PlanDrafted.        Source: 1.6, R01, R02, R03, R04, R05, A9
    """
    refusals = objections(plan, window, now, taken=taken)
    if refusals:
        return Decision(refusals=refusals)
    submission = Submission(
        revision=len(plan.submissions) + 1,
        content_hash=plan.content_hash,
        drafted_by=plan.edited_by,
        submitted_at=now,
        is_late=completeness.is_late(window, now) and not _stood_in_time(plan),
    )
    changes = {"submissions": (*plan.submissions, submission), "sequence": plan.sequence + 1}
    after = plan.model_copy(update=changes)
    drafted = PlanDrafted(
        plan_id=plan.plan_id,
        school_year=plan.school_year,
        revision=submission.revision,
        content_hash=plan.content_hash,
        drafted_by=plan.edited_by,
        content=plan.content,
    )
    return Decision(after, (Announcement(drafted, plan.plan_id, after.sequence),))


def _stood_in_time(plan: Plan) -> bool:
    return any(not one.is_late and one.status is not Status.WITHDRAWN for one in plan.submissions)


def withdraw(plan: Plan, reason: str, *, by: str, now: datetime) -> Decision[Plan]:
    """Take back the revision that waits for approval.

    Emits:   PlanWithdrawn.        Source: 2.1, R06
    """
    last = plan.last
    if last is None or last.status not in UNDER_REVIEW:
        return Decision(refusals=(refuse("not-under-review"),))
    if not reason.strip():
        return Decision(refusals=(refuse("reason-missing", "/reason"),))
    after = _moved(plan, last, Step.WITHDRAWN, note=reason.strip(), at=now)
    after = after.model_copy(update={"sequence": plan.sequence + 1})
    withdrawn = PlanWithdrawn(plan_id=plan.plan_id, revision=last.revision, reason=reason.strip(), by=by)
    return Decision(after, (Announcement(withdrawn, plan.plan_id, after.sequence),))


def learn(plan: Plan, told: PlanApproved | PlanReturned | PlanEscalated, at: datetime) -> Plan | None:
    """What approval's answer makes of the plan; None when it changes nothing. Source: 2.1, 2.2"""
    step, note, closed_at = _told(told, at)
    found = next((one for one in plan.submissions if one.revision == told.revision), None)
    if found is None or (found.status, step) not in TRANSITIONS:
        return None
    return _moved(plan, found, step, note=note, at=closed_at)


def _told(told: PlanApproved | PlanReturned | PlanEscalated, at: datetime) -> tuple[Step, str, datetime | None]:
    if isinstance(told, PlanEscalated):
        return Step.ESCALATED, "", None
    notes = [one.note for one in told.decisions if one.note and one.verdict is Verdict.RETURNED]
    step = Step.APPROVED if isinstance(told, PlanApproved) else Step.RETURNED
    return step, "\n".join(notes)[:4000], at


def _moved(plan: Plan, submission: Submission, step: Step, *, note: str, at: datetime | None) -> Plan:
    status = TRANSITIONS[submission.status, step]
    after = submission.model_copy(update={"status": status, "note": note or submission.note, "closed_at": at})
    changed = tuple(after if one.revision == submission.revision else one for one in plan.submissions)
    return plan.model_copy(update={"submissions": changed})


def _objection_to_size(content: PlanContent) -> Refusal | None:
    if len(canonical_json(content.to_data())) <= CONTENT_BYTES:
        return None
    return refuse("content-too-large", "/content", limit_kb=CONTENT_BYTES // 1000)
