"""What becomes of a plan when a reviewer has changed it: his revision is folded beside those submitted; pure.

It must never lose what the drafter wrote: what crossed the change stays as the draft.
Source: 2.1 "chỉnh sửa", R06, A22
"""

from datetime import datetime

from contracts.approval import PlanRevised
from services.planning.state import Plan, Status, Submission


def take_revision(plan: Plan, told: PlanRevised, at: datetime) -> Plan | None:
    """The plan with the reviewer's revision; None when it is known, or not of a revision that was submitted.

    A submission of the same number crossed the change, and approval does not take it up: its content is the draft.
    Source: R06, A22 (the drafter is told)
    """
    based = next((one for one in plan.submissions if one.revision == told.based_on), None)
    taken = next((one for one in plan.submissions if one.revision == told.revision), None)
    if based is None or (taken is not None and taken.content_hash == told.content_hash):
        return None
    later = tuple(one for one in plan.submissions if one.revision > told.revision)
    made = Submission(
        revision=told.revision,
        content_hash=told.content_hash,
        drafted_by=told.drafted_by,
        submitted_at=based.submitted_at,
        is_late=based.is_late,
        status=Status.WITHDRAWN if later else Status.SUBMITTED,
        note=told.note or "",
        revised_by=told.revised_by,
    )
    before = based.model_copy(update={"status": Status.REVISED, "closed_at": at})
    earlier = tuple(one for one in plan.submissions if one.revision < told.based_on)
    changes: dict[str, object] = {"submissions": (*earlier, before, made, *later)}
    if plan.content_hash == based.content_hash:
        changes |= {"content": told.content, "content_hash": told.content_hash, "edited_at": at}
    return plan.model_copy(update=changes)
