"""What approval remembers of a plan under review; it must never decide."""

from contracts.approval import Decision, Route
from contracts.codes import NamedCode, Stage
from contracts.fields import Count, Digest, Id, Note, Record, Revision, SchoolYear
from contracts.planning import PlanContent
from contracts.times import Instant
from services.approval.authority import Finding


class Status(NamedCode):
    """Where the review of a plan stands. Source: 2.1, 2.2"""

    OFFICE_REVIEW = "OFFICE_REVIEW", "Chờ lãnh đạo phòng", "Waiting for the office heads"
    RECTORATE_REVIEW = "RECTORATE_REVIEW", "Chờ Ban Giám hiệu", "Waiting for the Rectorate"
    APPROVED = "APPROVED", "Đã duyệt", "Approved"
    RETURNED = "RETURNED", "Đã trả lại", "Returned"
    REVISED = "REVISED", "Được sửa khi xem xét", "Revised at review"
    WITHDRAWN = "WITHDRAWN", "Đã rút", "Withdrawn"


class Past(Record):
    """A revision that is no longer under review, and how its review ended. Source: R06"""

    revision: Revision
    content_hash: Digest
    drafted_by: Id
    drafted_at: Instant
    revised_by: Id | None = None
    status: Status
    decisions: tuple[Decision, ...] = ()


class Earlier(Record):
    """The revision that the one under review is compared with."""

    revision: Revision
    status: Status
    content: PlanContent


class Review(Record):
    """One plan's review: the newest revision with its route and decisions, and the revisions before it.

    Shape:   drafters are all who drafted a revision since the last approved one; decisions are of this revision only;
             sequence counts what was announced of the plan; revised_by is the reviewer whose change made this revision,
             drafted_by remains whose plan it is.
    """

    plan_id: Id
    school_year: SchoolYear
    revision: Revision
    content_hash: Digest
    content: PlanContent
    drafted_by: Id
    drafted_at: Instant
    revised_by: Id | None = None
    revised_at: Instant | None = None
    drafters: tuple[Id, ...]
    status: Status
    route: Route
    findings: tuple[Finding, ...]
    due_at: Instant
    sequence: Count = 0
    decisions: tuple[Decision, ...] = ()
    closed_at: Instant | None = None
    withdrawal: Note | None = None
    earlier: Earlier | None = None
    history: tuple[Past, ...] = ()

    @property
    def stage(self) -> Stage | None:
        """Who has to decide now; None when the review is closed."""
        return STAGES.get(self.status)

    def past(self) -> Past:
        """What stays of this revision once a newer one takes its place."""
        return Past(**{name: getattr(self, name) for name in Past.model_fields})


STAGES: dict[Status, Stage] = {Status.OFFICE_REVIEW: Stage.OFFICE, Status.RECTORATE_REVIEW: Stage.RECTORATE}
