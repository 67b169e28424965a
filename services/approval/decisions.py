"""How a review goes: received, decided stage by stage, superseded, withdrawn; pure, and never I/O or a clock.

Source: 2.0, 2.1, R06
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.approval import Decision as StageDecision
from contracts.approval import PlanApproved, PlanEscalated, PlanReturned
from contracts.codes import Stage, Verdict
from contracts.planning import PlanDrafted, PlanWithdrawn, content_hash
from services.approval.authority import Matrix, RectorSchedule, approval_due_at, examine, route
from services.approval.refusals import refuse
from services.approval.state import Earlier, Review, Status
from services.chassis.decision import Actor, Announcement, Decision, Refusal


class Step(StrEnum):
    """What moves a review."""

    DRAFTED = "DRAFTED"
    REVISED = "REVISED"
    PASSED_ON = "PASSED_ON"
    APPROVED = "APPROVED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"


# What may happen, and where it leads; a pair that is not here does not happen. Source: 2.1, 2.2, R06, A7
TRANSITIONS: dict[tuple[Status | None, Step], Status] = {
    **{(status, Step.DRAFTED): Status.OFFICE_REVIEW for status in (None, *Status)},
    (Status.OFFICE_REVIEW, Step.REVISED): Status.OFFICE_REVIEW,
    (Status.RECTORATE_REVIEW, Step.REVISED): Status.OFFICE_REVIEW,
    (Status.OFFICE_REVIEW, Step.PASSED_ON): Status.RECTORATE_REVIEW,
    (Status.OFFICE_REVIEW, Step.APPROVED): Status.APPROVED,
    (Status.RECTORATE_REVIEW, Step.APPROVED): Status.APPROVED,
    (Status.OFFICE_REVIEW, Step.RETURNED): Status.RETURNED,
    (Status.RECTORATE_REVIEW, Step.RETURNED): Status.RETURNED,
    (Status.OFFICE_REVIEW, Step.WITHDRAWN): Status.WITHDRAWN,
    (Status.RECTORATE_REVIEW, Step.WITHDRAWN): Status.WITHDRAWN,
    (Status.RETURNED, Step.WITHDRAWN): Status.WITHDRAWN,
}

# Who decides a stage. Source: 2.1 "Lãnh đạo phòng và BGH", A22 (a role held by several)
STAGE_ROLES: dict[Stage, str] = {Stage.OFFICE: "office_head", Stage.RECTORATE: "rectorate"}
# Who may read what is under review. Source: 2.1, R07
READERS = ("office_head", "rectorate", "editor", "operator", "auditor")


@dataclass(frozen=True, slots=True)
class Rules:
    """The versioned data that a review is begun under."""

    matrix: Matrix
    schedule: RectorSchedule


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a reviewer says: approve or return exactly this content. Shape: link is the one it came by, or empty."""

    decision_id: str
    verdict: Verdict
    content_hash: str
    note: str = ""
    link: str = ""


def receive(before: Review | None, drafted: PlanDrafted, drafted_at: datetime, *, rules: Rules) -> Decision[Review]:
    """Begin the review of a newly submitted revision; decisions on an earlier one do not carry over.

    An older revision, or the same again, changes nothing; nor does one whose number a reviewer's change took before it
    was heard of: planning hears of the change too, and keeps what crossed it as a draft.        Source: 2.1, R06, R07
    """
    if content_hash(drafted.content) != drafted.content_hash:
        return Decision(refusals=(refuse("content-unlike-hash", content_hash=drafted.content_hash),))
    if before and drafted.revision <= before.revision:
        is_other = drafted.revision == before.revision and drafted.content_hash != before.content_hash
        has_crossed = is_other and before.revised_by is not None
        conflicts = (refuse("revision-conflict", revision=drafted.revision),) if is_other and not has_crossed else ()
        return Decision(refusals=conflicts)
    status = TRANSITIONS[before.status if before else None, Step.DRAFTED]
    findings = examine(drafted.content, rules.matrix)
    past = (*before.history, before.past()) if before else ()
    is_amendment = any(one.status is Status.APPROVED for one in past)
    review = Review(
        plan_id=drafted.plan_id,
        school_year=drafted.school_year,
        revision=drafted.revision,
        content_hash=drafted.content_hash,
        content=drafted.content,
        drafted_by=drafted.drafted_by,
        drafted_at=drafted_at,
        drafters=_drafters(before, drafted.drafted_by),
        status=status,
        route=route(findings, rules.matrix.version),
        findings=findings,
        due_at=approval_due_at(rules.schedule, drafted.school_year, drafted_at, is_amendment=is_amendment),
        sequence=before.sequence if before else 0,
        earlier=Earlier(**{name: getattr(before, name) for name in Earlier.model_fields}) if before else None,
        history=past,
    )
    return Decision(review)


def withdraw(review: Review | None, withdrawn: PlanWithdrawn, withdrawn_at: datetime) -> Decision[Review]:
    """Close a review whose plan was taken back; what is approved, or newer, stays. Source: 2.1, R06"""
    status = TRANSITIONS.get((review.status, Step.WITHDRAWN)) if review else None
    if review is None or status is None or withdrawn.revision < review.revision:
        return Decision()
    return Decision(
        review.model_copy(update={"status": status, "closed_at": withdrawn_at, "withdrawal": withdrawn.reason})
    )


def decide(review: Review, ruling: Ruling, actor: Actor, *, now: datetime) -> Decision[Review]:
    """Approve or return the exact content at the stage where its review stands.

    Emits:   PlanEscalated, PlanApproved or PlanReturned.
    Source:  2.1, 2.2 "phải xin ý kiến BGH", R06, R07, A9, A22
    """
    refusals = objections(review, ruling, actor)
    if refusals:
        return Decision(refusals=refusals)
    assert review.stage is not None, "bar() refuses what is closed"
    step = next_step(review, ruling.verdict)
    status = TRANSITIONS[review.status, step]
    made = StageDecision(
        decision_id=ruling.decision_id,
        stage=review.stage,
        decided_by=actor.account_id,
        decided_at=now,
        verdict=ruling.verdict,
        note=ruling.note or None,
    )
    closed_at = None if step is Step.PASSED_ON else now
    moved = {"status": status, "decisions": (*review.decisions, made), "closed_at": closed_at}
    after = review.model_copy(update=moved | {"sequence": review.sequence + 1})
    return Decision(after, (_announce(after, step, now=now),))


def objections(review: Review, ruling: Ruling, actor: Actor) -> tuple[Refusal, ...]:
    """Say why this actor cannot give this ruling now; the first reason alone, none when he can.

    Source: 2.1, 2.2 (who), A9 and A22 (four eyes), R06 (the exact hash)
    """
    reason = bar(review, actor)
    if reason:
        return (reason,)
    if ruling.content_hash != review.content_hash:
        return (refuse("hash-outdated", revision=review.revision, content_hash=review.content_hash),)
    if ruling.verdict is Verdict.RETURNED and not ruling.note.strip():
        return (refuse("note-required"),)
    return ()


def bar(review: Review, actor: Actor) -> Refusal | None:
    """Say why this actor has no decision to give on this review, whatever it would be.

    Who drafted a revision since the last approval is a drafter of what builds on it.
    Source: 2.1, 2.2, A9 "drafter != approver", A22
    """
    stage = review.stage
    if stage is None:
        return refuse("review-closed", variant=review.status.value, revision=review.revision)
    if not actor.has(STAGE_ROLES[stage]):
        return refuse("stage-role", variant=stage.value)
    if actor.account_id in review.drafters:
        return refuse("four-eyes-drafter")
    if any(made.decided_by == actor.account_id for made in review.decisions):
        return refuse("four-eyes-stage")
    return None


def next_step(review: Review, verdict: Verdict) -> Step:
    """Say where a verdict leads: back, on to the next stage of the route, or to approval. Source: 2.2, A7"""
    if verdict is Verdict.RETURNED:
        return Step.RETURNED
    return Step.APPROVED if review.stage == review.route.stages[-1] else Step.PASSED_ON


def is_overdue(review: Review, now: datetime) -> bool:
    """Say whether the decision is, or was, later than the Rector's schedule asks. Source: 2.3, R08"""
    if review.status is Status.WITHDRAWN:
        return False
    return (review.closed_at or now) >= review.due_at


def _announce(review: Review, step: Step, *, now: datetime) -> Announcement:
    shared = {
        "plan_id": review.plan_id,
        "school_year": review.school_year,
        "revision": review.revision,
        "content_hash": review.content_hash,
        "route": review.route,
        "decisions": review.decisions,
        "issued_at": now,
    }
    data: PlanEscalated | PlanApproved | PlanReturned
    if step is Step.PASSED_ON:
        to, rules = Stage.RECTORATE.value, review.route.rules
        data = PlanEscalated(plan_id=review.plan_id, revision=review.revision, to=to, rules=rules)
    elif step is Step.APPROVED:
        data = PlanApproved.model_validate(shared | {"content": review.content})
    else:
        data = PlanReturned.model_validate(shared)
    decision_id = review.decisions[-1].decision_id
    return Announcement(data, subject=review.plan_id, sequence=review.sequence, time=now, discriminator=decision_id)


def _drafters(before: Review | None, drafted_by: str) -> tuple[str, ...]:
    known = () if before is None or before.status is Status.APPROVED else before.drafters
    return tuple(dict.fromkeys((*known, drafted_by)))
