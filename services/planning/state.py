"""What planning remembers of a plan; it must never decide."""

from contracts.codes import NamedCode
from contracts.fields import Count, Digest, Flag, Id, OptionalNote, Record, Revision, SchoolYear
from contracts.planning import PlanContent
from contracts.times import Instant


class Status(NamedCode):
    """Where a plan, or one submission of it, stands. Source: 1.0, 2.1, 2.2"""

    DRAFT = "DRAFT", "Đang soạn", "Draft"
    SUBMITTED = "SUBMITTED", "Đã trình", "Submitted"
    ESCALATED = "ESCALATED", "Đang xin ý kiến Ban Giám hiệu", "Before the Rectorate"
    APPROVED = "APPROVED", "Đã duyệt", "Approved"
    RETURNED = "RETURNED", "Đã trả lại", "Returned"
    WITHDRAWN = "WITHDRAWN", "Đã rút", "Withdrawn"
    REVISED = "REVISED", "Được sửa khi xem xét", "Revised at review"


UNDER_REVIEW = (Status.SUBMITTED, Status.ESCALATED)


class Submission(Record):
    """A revision as it was submitted, or as a reviewer made it of one, and what became of it. Source: R06, A22"""

    revision: Revision
    content_hash: Digest
    drafted_by: Id
    submitted_at: Instant
    is_late: Flag
    status: Status = Status.SUBMITTED
    note: OptionalNote = ""
    closed_at: Instant | None = None
    revised_by: Id | None = None


class Plan(Record):
    """A plan: the content that is being worked on, and everything that was submitted of it.

    Shape:   sequence counts what was announced of the plan.
    """

    plan_id: Id
    school_year: SchoolYear
    content: PlanContent
    content_hash: Digest
    created_by: Id
    created_at: Instant
    edited_by: Id
    edited_at: Instant
    sequence: Count = 0
    submissions: tuple[Submission, ...] = ()

    @property
    def last(self) -> Submission | None:
        """The newest submission."""
        return self.submissions[-1] if self.submissions else None

    @property
    def status(self) -> Status:
        """The newest submission's status as long as its content is the plan's; otherwise the plan is a draft."""
        is_submitted = self.last is not None and self.last.content_hash == self.content_hash
        return self.last.status if self.last and is_submitted else Status.DRAFT

    @property
    def revision(self) -> int:
        """The number of the submitted revision that is shown, or the one that the draft would become."""
        return len(self.submissions) + (self.status is Status.DRAFT)

    @property
    def in_force(self) -> Submission | None:
        """The newest approved submission."""
        return next((one for one in reversed(self.submissions) if one.status is Status.APPROVED), None)
