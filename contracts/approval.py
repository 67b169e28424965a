"""The messages of approval.

Never a signature or a password: account ids only.
"""

from pydantic import Field

from contracts.codes import Stage, Verdict
from contracts.fields import Code, Digest, Id, Note, OptionalNote, Record, Revision, SchoolYear
from contracts.planning import PlanContent
from contracts.times import Instant


class FiredRule(Record):
    """A row of the authority matrix that fired, and why. Source: A8"""

    id: Code
    reason: Note


class Route(Record):
    """Who has to decide, by which version of the authority matrix. Source: 2.2"""

    matrix_version: Code
    rules: tuple[FiredRule, ...] = ()
    stages: tuple[Stage, ...] = Field(description="In the order in which they decide.")


class Decision(Record):
    """What one reviewer decided at one stage. Source: 2.1"""

    decision_id: Id
    stage: Stage
    decided_by: Id
    decided_at: Instant
    verdict: Verdict
    note: OptionalNote | None = None


class PlanReturned(Record):
    """A revision goes back to its drafter."""

    plan_id: Id
    school_year: SchoolYear
    revision: Revision
    content_hash: Digest
    route: Route
    decisions: tuple[Decision, ...] = ()
    issued_at: Instant


class PlanApproved(PlanReturned):
    """Exactly this content is approved."""

    content: PlanContent


class PlanRevised(Record):
    """A reviewer changed the plan under review: a new revision, which stays its drafter's plan. Source: 2.1, A22"""

    plan_id: Id
    school_year: SchoolYear
    revision: Revision
    based_on: Revision = Field(description="The revision that the reviewer had before him.")
    content_hash: Digest
    content: PlanContent
    drafted_by: Id
    revised_by: Id
    note: OptionalNote | None = None
    issued_at: Instant


class PlanEscalated(Record):
    """A plan waits for others than before: beyond the office's authority, or overdue. Source: 2.2, R08"""

    plan_id: Id
    revision: Revision
    to: Code
    rules: tuple[FiredRule, ...] = ()
