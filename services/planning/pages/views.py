"""What the pages and the API of planning show, made of states; pure, and it never decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.codes import Audience, BasisKind, ItemKind, State, is_physical
from contracts.planning import Basis, ChannelPlan, ContributorGroup, PlanContent, PlanItem, content_hash
from contracts.reporting import ImprovementProposed
from contracts.times import format_time
from services.chassis.decision import Refusal
from services.planning import completeness, decisions, recurrence
from services.planning.completeness import PLANNING_BASES, Window
from services.planning.pages.month import Month, month_of
from services.planning.pages.rhythm import Rhythm, rhythm
from services.planning.pages.week import Week, week_of
from services.planning.school_years import LOCAL, to_plan, years_between
from services.planning.state import UNDER_REVIEW, Plan, Status

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A school year's plan as a compliance item of its own."""

    school_year: str
    window: Window
    submitted_at: datetime | None
    state: State


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A plan item on the page. Units: next_at is when a routine item comes next."""

    plan: ChannelPlan
    item: PlanItem
    next_at: datetime | None
    rhythm: Rhythm | None


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """The plan of a channel with the counts of its items, and who works for it."""

    plan: ChannelPlan
    routine_count: int
    focal_count: int
    groups: tuple[ContributorGroup, ...]
    is_physical: bool

    @property
    def people_count(self) -> int:
        """How many contributors its groups name."""
        return len({member for group in self.groups for member in group.members})


@dataclass(frozen=True, slots=True)
class Gate:
    """One of the four planning bases. Shape: cited are the plan's bases of this kind with their keys."""

    kind: BasisKind
    cited: tuple[tuple[str, Basis], ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """All of the plan page; offered are proposals, each with whether it is cited."""

    plan: Plan
    content: PlanContent
    window: Window
    bases_cited: tuple[BasisKind, ...]
    gates: tuple[Gate, ...]
    other_bases: tuple[tuple[str, Basis], ...]
    channels: tuple[tuple[Audience, tuple[ChannelRow, ...]], ...]
    items: tuple[tuple[ItemKind, tuple[ItemRow, ...]], ...]
    offered: tuple[tuple[ImprovementProposed, bool], ...]
    objections: tuple[Refusal, ...]
    can_edit: bool
    can_submit: bool
    can_withdraw: bool
    revision: int
    content_hash: str
    month: Month
    week: Week


@dataclass(frozen=True, slots=True)
class Known:
    """What a page knows beside the plan. Shape: revision is the submitted one that is shown, or None for the draft;
    month and week are those that are asked for, as 2026-11 and as a day of it, or empty.
    """

    window: Window
    proposals: Sequence[ImprovementProposed]
    is_drafter: bool
    revision: tuple[int, PlanContent] | None = None
    month: str = ""
    week: str = ""


def duties(plans: Sequence[Plan], windows: Mapping[str, Window], now: datetime) -> list[DutyRow]:
    """How each school year's plan stands, by its first submission that was not withdrawn; the newest year first."""
    rows = []
    for school_year, window in sorted(windows.items(), reverse=True):
        made = [one for plan in plans if plan.school_year == school_year for one in plan.submissions]
        first = min((one.submitted_at for one in made if one.status is not Status.WITHDRAWN), default=None)
        rows.append(DutyRow(school_year, window, first, completeness.plan_duty(window, first, now)))
    return rows


def years_on_duty(plans: Sequence[Plan], now: datetime) -> list[str]:
    """The school years that owe a plan: from the first that was submitted on without a gap, and those in hand."""
    current = to_plan(now)
    first = min((plan.school_year for plan in plans if plan.submissions), default=current)
    return sorted({plan.school_year for plan in plans} | {current, *years_between(first, current)})


def plan_view(plan: Plan, known: Known, now: datetime) -> PlanView:
    """The plan page of the working draft, or of one submitted revision, read only."""
    content = known.revision[1] if known.revision else plan.content
    is_mine = known.revision is None and known.is_drafter
    is_reviewed, is_done = plan.status in UNDER_REVIEW, plan.status is Status.APPROVED
    is_open = known.revision is None and not is_reviewed and not is_done
    rows = [_item_row(one, item, known, now) for one in content.channel_plans for item in one.items]
    cited = {basis.reference for basis in content.bases if basis.kind is BasisKind.IMPROVEMENT_PROPOSAL}
    dates, today = known.window.dates, now.astimezone(LOCAL).date()
    return PlanView(
        plan=plan,
        content=content,
        window=known.window,
        bases_cited=completeness.bases_cited(content),
        gates=tuple(Gate(kind, _bases(content, kind)) for kind in PLANNING_BASES),
        other_bases=tuple(one for kind in BasisKind if kind not in PLANNING_BASES for one in _bases(content, kind)),
        channels=tuple((side, _channels(content, side)) for side in (Audience.INTERNAL, Audience.EXTERNAL)),
        items=tuple((kind, tuple(row for row in rows if row.item.kind is kind)) for kind in reversed(ItemKind)),
        offered=tuple((one, one.proposal_id in cited) for one in known.proposals),
        objections=decisions.objections(plan, known.window, now) if is_open else (),
        can_edit=is_mine and not is_reviewed,
        can_submit=is_mine and is_open,
        can_withdraw=is_mine and is_reviewed,
        revision=known.revision[0] if known.revision else plan.revision,
        content_hash=content_hash(content),
        month=month_of(content, dates, known.month, today=today),
        week=week_of(content, dates, known.week, today=today),
    )


def _bases(content: PlanContent, kind: BasisKind) -> tuple[tuple[str, Basis], ...]:
    return tuple((str(n), basis) for n, basis in enumerate(content.bases) if basis.kind is kind)


def _channels(content: PlanContent, side: Audience) -> tuple[ChannelRow, ...]:
    plans = [one for one in content.channel_plans if completeness.audience_of(one.channel) is side]
    return tuple(_channel_row(content, plan) for plan in plans)


def _channel_row(content: PlanContent, plan: ChannelPlan) -> ChannelRow:
    focal_count = sum(item.kind is ItemKind.FOCAL for item in plan.items)
    groups = tuple(group for group in content.contributor_groups if group.channel == plan.channel)
    return ChannelRow(plan, len(plan.items) - focal_count, focal_count, groups, is_physical(plan.channel))


def _item_row(plan: ChannelPlan, item: PlanItem, known: Known, now: datetime) -> ItemRow:
    try:
        next_at = recurrence.next_after(item.recurrence, known.window.dates, now) if item.recurrence else None
    except recurrence.RecurrenceInvalid:
        next_at = None  # the objections name it
    return ItemRow(plan, item, next_at, rhythm(item.recurrence) if item.recurrence else None)


def plan_row(plan: Plan, window: Window) -> Json:
    """A plan as a line of the API's list."""
    last = plan.last
    return {
        "plan_id": plan.plan_id,
        "school_year": plan.school_year,
        "title": plan.content.title,
        "status": plan.status.value,
        "revision": plan.revision,
        "content_hash": plan.content_hash,
        "edited_by": plan.edited_by,
        "edited_at": format_time(plan.edited_at),
        "submitted_at": format_time(last.submitted_at) if last else None,
        "is_late": last.is_late if last else None,
        "in_force": plan.in_force.revision if plan.in_force else None,
        "plan_opens_at": format_time(window.opens_at),
        "plan_due_at": format_time(window.due_at),
    }


def plan_whole(plan: Plan, window: Window) -> Json:
    """A plan as the API gives it alone."""
    return plan_row(plan, window) | {
        "content": plan.content.to_data(),
        "bases_cited": [kind.value for kind in completeness.bases_cited(plan.content)],
        "submissions": [one.to_data() for one in plan.submissions],
    }
