"""What the pages and the API of approval show, made of states; pure, and it never decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.codes import BasisKind, Stage, Verdict
from contracts.times import format_time
from services.approval import decisions
from services.approval.authority import Finding
from services.approval.pages import diff
from services.approval.pages.cards import Card, Effect, bases, cards, effects
from services.approval.state import Review, Status
from services.chassis.decision import Actor, Refusal
from services.chassis.web.i18n import N_

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the inbox."""

    review: Review
    drafted_by: str
    is_overdue: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class InboxView:
    """The inbox: what waits for this person, what waits for others, what is closed."""

    mine: tuple[Row, ...]
    others: tuple[Row, ...]
    closed: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the route. Shape: state is done, current, coming or returned."""

    title: str
    who: str
    at: datetime | None
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the review page knows beside the review: the people's names by account, and the names of codes."""

    people: Mapping[str, str]
    codes: diff.Names


@dataclass(frozen=True, slots=True)
class ReviewView:
    """All of the review page."""

    review: Review
    drafted_by: str
    is_overdue: bool
    steps: tuple[StepView, ...]
    findings: tuple[tuple[Finding, str], ...]
    changes: tuple[Card, ...]
    whole: tuple[Card, ...]
    effects: tuple[Effect, ...]
    bases: tuple[tuple[BasisKind, tuple[str, ...]], ...]
    names: Mapping[str, str]
    bar: Refusal | None
    next_title: str

    @property
    def cited_count(self) -> int:
        """How many of the four planning bases the plan cites."""
        return sum(bool(cited) for kind, cited in self.bases if kind is not BasisKind.IMPROVEMENT_PROPOSAL)


# What is said of a row of the matrix, beside its name.
FIRED, OFF, ABSENT = N_("khớp"), N_("có trong kế hoạch, quy tắc chưa áp dụng"), N_("không khớp")
NEXT_TITLES = {
    decisions.Step.PASSED_ON: N_("Duyệt, chuyển Ban Giám hiệu"),
    decisions.Step.APPROVED: N_("Duyệt bản này"),
}
STAGE_TITLES = {Stage.OFFICE: N_("Lãnh đạo phòng xem xét"), Stage.RECTORATE: N_("Ban Giám hiệu quyết định")}


def inbox(reviews: Sequence[Review], actor: Actor, now: datetime, *, names: Mapping[str, str]) -> InboxView:
    """The inbox of one person: what waits by its due time, what is closed by when it was closed, the last first."""
    rows = [
        Row(review, _who(review, names), decisions.is_overdue(review, now), decisions.bar(review, actor) is None)
        for review in sorted(reviews, key=lambda review: review.due_at)
    ]
    closed = [row for row in rows if not row.review.stage]
    return InboxView(
        mine=tuple(row for row in rows if row.is_mine),
        others=tuple(row for row in rows if row.review.stage and not row.is_mine),
        closed=tuple(sorted(closed, key=lambda row: row.review.closed_at or row.review.drafted_at, reverse=True)),
    )


def review_page(review: Review, actor: Actor, now: datetime, *, known: Known) -> ReviewView:
    """The review page as one person sees it."""
    earlier, names, findings = review.earlier, known.people, review.findings
    whole = diff.changes(None, review.content, known.codes)
    before = diff.changes(None, earlier.content, known.codes) if earlier else []
    changes = diff.changes(earlier.content, review.content, known.codes) if earlier else []
    parts = tuple({change.of for change in statements} for statements in (before, whole))
    step = decisions.next_step(review, Verdict.APPROVED) if review.stage else None
    return ReviewView(
        review=review,
        drafted_by=_who(review, names),
        is_overdue=decisions.is_overdue(review, now),
        steps=_steps(review, names),
        findings=tuple((finding, _said(finding)) for finding in findings),
        changes=cards(changes, findings, parts=parts),
        whole=cards(whole, findings, parts=parts),
        effects=effects(review.content, earlier.content if earlier else None),
        bases=bases(review.content),
        names=names,
        bar=decisions.bar(review, actor),
        next_title=NEXT_TITLES[step] if step else "",
    )


def people(review: Review) -> set[str]:
    """The accounts that a review names."""
    past = [made.decided_by for one in review.history for made in one.decisions]
    revising = {one for one in (review.revised_by, *(past.revised_by for past in review.history)) if one}
    return {review.drafted_by, *review.drafters, *(made.decided_by for made in review.decisions), *past, *revising}


def review_row(review: Review, now: datetime) -> Json:
    """A review as a line of the API's list."""
    return {
        "plan_id": review.plan_id,
        "school_year": review.school_year,
        "revision": review.revision,
        "content_hash": review.content_hash,
        "title": review.content.title,
        "status": review.status.value,
        "stage": review.stage.value if review.stage else None,
        "route": review.route.to_data(),
        "decisions": [made.to_data() for made in review.decisions],
        "drafted_by": review.drafted_by,
        "drafted_at": format_time(review.drafted_at),
        "revised_by": review.revised_by,
        "due_at": format_time(review.due_at),
        "overdue": decisions.is_overdue(review, now),
        "closed_at": format_time(review.closed_at) if review.closed_at else None,
    }


def review_whole(review: Review, actor: Actor, now: datetime) -> Json:
    """A review as the API gives it alone, with what bars this person from deciding (a rule's code, or null)."""
    earlier = review.earlier
    bar = decisions.bar(review, actor)
    return review_row(review, now) | {
        "content": review.content.to_data(),
        "findings": [finding.to_data() | {"fired": finding.is_fired} for finding in review.findings],
        "history": [past.to_data() for past in review.history],
        "compared_with": earlier.revision if earlier else None,
        "withdrawal": review.withdrawal,
        "barred_by": bar.rule if bar else None,
    }


def _said(finding: Finding) -> str:
    if finding.is_fired:
        return FIRED
    return OFF if finding.places else ABSENT


def _steps(review: Review, names: Mapping[str, str]) -> tuple[StepView, ...]:
    made = {one.stage: one for one in review.decisions}
    steps = [StepView(N_("Soạn và trình"), _who(review, names), review.drafted_at, "done")]
    for stage in review.route.stages:
        decision = made.get(stage)
        if decision is None:
            state = "current" if stage == review.stage else "coming"
            steps.append(StepView(STAGE_TITLES[stage], "", None, state))
            continue
        who = names.get(decision.decided_by, decision.decided_by)
        state = "done" if decision.verdict == Verdict.APPROVED else "returned"
        steps.append(StepView(STAGE_TITLES[stage], who, decision.decided_at, state, decision.note or ""))
    if review.status is Status.WITHDRAWN:
        steps.append(StepView(N_("Người soạn rút kế hoạch"), "", review.closed_at, "returned", review.withdrawal or ""))
    return tuple(steps)


def _who(review: Review, names: Mapping[str, str]) -> str:
    return names.get(review.drafted_by, review.drafted_by)
