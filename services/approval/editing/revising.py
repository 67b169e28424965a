"""How a reviewer changes a plan and approves it in one step: a new revision, decided on its own hash; pure.

It must never change what planning's rules of completeness look at: bases, channels, items, their times and groups stay.
Source: 2.1 "xem xét, chỉnh sửa, duyệt", R06, A22
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.approval import PlanRevised
from contracts.canonical import canonical_json
from contracts.codes import Verdict
from contracts.planning import PlanContent, content_hash
from services.approval import decisions
from services.approval.authority import examine, route
from services.approval.decisions import TRANSITIONS, Rules, Ruling, Step
from services.approval.refusals import refuse
from services.approval.state import Earlier, Review, Status
from services.chassis.decision import Actor, Announcement, Decision, Refusal

# As planning keeps it: a record on a topic stays below 1 MiB. Source: R06
CONTENT_BYTES = 700_000
# What a reviewer may change of an item. Source: R06 (the rest is planning's to check: returned with a comment)
ITEM_WORDS = ("title", "tier", "cost_minor", "partner", "note")


def edit_and_approve(
    review: Review, ruling: Ruling, content: PlanContent, *, by: tuple[Actor, datetime], rules: Rules
) -> Decision[Review]:
    """Approve the plan as the reviewer changed it: the change is a revision, and the approval names its hash.

    What the Rectorate changes the office reads first, since nobody of it has decided on that content.
    Emits:   PlanRevised, then PlanEscalated or PlanApproved.        Source: 2.1, R06, R07, A22
    """
    actor, now = by
    refusals = decisions.objections(review, ruling, actor)
    if not refusals and ruling.verdict is Verdict.RETURNED:
        refusals = (refuse("edit-returned"),)
    refusals = refusals or edit_objections(review.content, content)
    if refusals:
        return Decision(refusals=refusals)
    revised = revision_of(review, content, by=by, rules=rules)
    told = _announced(revised, ruling, based_on=review.revision)
    if review.stage is not revised.stage:
        return Decision(revised, (told,))
    decided = decisions.decide(revised, replace(ruling, content_hash=revised.content_hash), actor, now=now)
    return Decision(decided.state, (told, *decided.announcements), decided.refusals)


def edit_objections(before: PlanContent, after: PlanContent) -> tuple[Refusal, ...]:
    """Say why the content cannot take the place of the one under review. Source: R06, R01 to R04 (stay complete)"""
    if after == before:
        return (refuse("edit-none"),)
    if _frame(after) != _frame(before):
        return (refuse("edit-beyond-words"),)
    if len(canonical_json(after.to_data())) > CONTENT_BYTES:
        return (refuse("edit-too-large", limit_kb=CONTENT_BYTES // 1000),)
    return ()


def revision_of(review: Review, content: PlanContent, *, by: tuple[Actor, datetime], rules: Rules) -> Review:
    """Give the revision that the reviewer's content makes: examined anew, without the decisions on the one before.

    Its drafters are who they were; its due date too, since the same submission waits.        Source: R06, R07, A22
    """
    actor, now = by
    findings = examine(content, rules.matrix)
    before = review.model_copy(update={"status": Status.REVISED, "closed_at": now})
    changes: dict[str, Any] = {
        "revision": review.revision + 1,
        "content": content,
        "content_hash": content_hash(content),
        "revised_by": actor.account_id,
        "revised_at": now,
        "status": TRANSITIONS[review.status, Step.REVISED],
        "route": route(findings, rules.matrix.version),
        "findings": findings,
        "sequence": review.sequence + 1,
        "decisions": (),
        "earlier": Earlier(**{name: getattr(before, name) for name in Earlier.model_fields}),
        "history": (*review.history, before.past()),
    }
    return review.model_copy(update=changes)


def _frame(content: PlanContent) -> dict[str, Any]:
    """The content without the words that a reviewer may change."""
    data = content.to_data()
    for plan in data["channel_plans"]:
        plan["items"] = [{k: v for k, v in item.items() if k not in ITEM_WORDS} for item in plan["items"]]
        plan.pop("aims", None)
    return data | {"title": ""}


def _announced(revised: Review, ruling: Ruling, *, based_on: int) -> Announcement:
    data = PlanRevised.model_validate(
        {
            "plan_id": revised.plan_id,
            "school_year": revised.school_year,
            "revision": revised.revision,
            "based_on": based_on,
            "content_hash": revised.content_hash,
            "content": revised.content,
            "drafted_by": revised.drafted_by,
            "revised_by": revised.revised_by,
            "note": ruling.note or None,
            "issued_at": revised.revised_at,
        }
    )
    at = revised.revised_at
    return Announcement(data, revised.plan_id, revised.sequence, at, ruling.decision_id)
