"""Whether a plan may be submitted: R01 to R05 over its content and time; pure, and it never stores."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import CHANNELS, Audience, BasisKind, Channel, ItemKind, Phase, State, is_physical
from contracts.planning import PlanContent, PlanItem
from services.chassis.decision import Refusal
from services.planning import recurrence
from services.planning.refusals import refuse
from services.planning.school_years import LOCAL, SchoolYearDates, previous

# Source: R01, 1.1, 1.2, 1.3, 1.4
PLANNING_BASES = (
    BasisKind.QUALITY_POLICY,
    BasisKind.QUALITY_OBJECTIVE,
    BasisKind.OFFICE_WORK_PLAN,
    BasisKind.CHANNEL_PROFILE,
)
PLANS = "/content/channel_plans"


@dataclass(frozen=True, slots=True)
class Window:
    """When a plan may be submitted and by when it is due. Source: R05, A21

    Shape:   report_issued_at is when the report of the year before was first issued, or None. Units: due_at, exclusive.
    """

    dates: SchoolYearDates
    report_issued_at: datetime | None = None

    @property
    def opens_at(self) -> datetime:
        """The previous report's issue, else the default day."""
        return self.report_issued_at or self.dates.plan_opens_at

    @property
    def due_at(self) -> datetime:
        """When the plan is due, exclusive."""
        return self.dates.plan_due_at


def audience_of(channel: Channel) -> Audience:
    """Internal or external, by the channel alone; mass media count as external too. Source: 1.5, 1.4, 0.5, R02"""
    audience = CHANNELS[channel].audience
    return Audience.INTERNAL if audience is Audience.INTERNAL else Audience.EXTERNAL


def bases_cited(content: PlanContent) -> tuple[BasisKind, ...]:
    """Which of the four planning bases the plan cites. Source: R01"""
    cited = {basis.kind for basis in content.bases}
    return tuple(kind for kind in PLANNING_BASES if kind in cited)


def objections(content: PlanContent, dates: SchoolYearDates) -> tuple[Refusal, ...]:
    """What keeps the content from being submitted, all of it at once. Source: R01, R02, R03, R04"""
    return (
        *_objections_to_bases(content),
        *_objections_to_channels(content),
        *_objections_to_items(content, dates),
        *_objections_to_groups(content),
    )


def objection_to_time(window: Window, now: datetime) -> Refusal | None:
    """Why it is too early to submit, or None; too late is no reason to refuse. Source: R05, A21, 1.6"""
    if now >= window.opens_at:
        return None
    opens_on = f"{window.opens_at.astimezone(LOCAL):%d/%m/%Y}"
    return refuse("R05", "/school_year", previous=previous(window.dates.school_year), opens_on=opens_on)


def is_late(window: Window, now: datetime) -> bool:
    """Whether a submission now is late, which is recorded and blocks nothing. Source: R05, 1.6"""
    return now >= window.due_at


def plan_duty(window: Window, submitted_at: datetime | None, now: datetime) -> State:
    """How the school year's plan stands as a compliance item of its own. Source: R05, 1.6, A21

    Shape:   submitted_at is the first submission of the year that was not withdrawn, or None.
    """
    if submitted_at is not None:
        return State.ON_TIME if submitted_at < window.due_at else State.LATE
    return State.OPEN if now < window.due_at else State.MISSED


def objections_to_ids(content: PlanContent, plan_id: str, taken: Mapping[str, str]) -> tuple[Refusal, ...]:
    """Item ids that another plan has. Source: R03 (fine print: item ids are unique over all plans)

    Shape:   taken is {item id: plan id}.
    """
    return tuple(
        refuse("item-id-taken", f"{place}/item_id", item_id=item.item_id)
        for place, item in placed_items(content)
        if taken.get(item.item_id, plan_id) != plan_id
    )


def placed_items(content: PlanContent) -> Iterator[tuple[str, PlanItem]]:
    """Every item with its pointer. Source: 1.7"""
    for n, plan in enumerate(content.channel_plans):
        for m, item in enumerate(plan.items):
            yield f"{PLANS}/{n}/items/{m}", item


def _objections_to_bases(content: PlanContent) -> Iterator[Refusal]:
    cited = bases_cited(content)
    for kind in PLANNING_BASES:
        if kind not in cited:
            yield refuse("R01", "/content/bases", variant=kind.value)


def _objections_to_channels(content: PlanContent) -> Iterator[Refusal]:
    kinds = {audience_of(plan.channel) for plan in content.channel_plans}
    for kind in (Audience.INTERNAL, Audience.EXTERNAL):
        if kind not in kinds:
            yield refuse("R02", PLANS, variant=kind.value)
    seen: set[Channel] = set()
    for n, plan in enumerate(content.channel_plans):
        if plan.channel in seen:
            yield refuse("R02", f"{PLANS}/{n}/channel", variant="twice", channel=plan.channel)
        seen.add(plan.channel)


def _objections_to_items(content: PlanContent, dates: SchoolYearDates) -> Iterator[Refusal]:
    items = list(placed_items(content))
    kinds = {item.kind for _, item in items}
    if ItemKind.ROUTINE not in kinds:
        yield refuse("R03", PLANS, variant="no-routine")
    if ItemKind.FOCAL not in kinds:
        yield refuse("R03", PLANS, variant="no-focal")
    counts = Counter(item.item_id for _, item in items)
    for place, item in items:
        judge = _objections_to_routine if item.kind is ItemKind.ROUTINE else _objections_to_focal
        yield from judge(place, item, dates)
        yield from _objections_to_requirements(place, item)
        if counts[item.item_id] > 1:
            yield refuse("item-id-twice", f"{place}/item_id", item_id=item.item_id)


def _objections_to_routine(place: str, item: PlanItem, dates: SchoolYearDates) -> Iterator[Refusal]:
    if item.milestone is not None:
        yield refuse("R03", f"{place}/milestone", variant="milestone-stray", title=item.title)
    place += "/recurrence"
    if item.recurrence is None:
        yield refuse("R03", place, variant="recurrence-missing", title=item.title)
        return
    try:
        if recurrence.next_after(item.recurrence, dates) is None:
            params = {"title": item.title, "school_year": dates.school_year}
            yield refuse("R03", place, variant="recurrence-outside", **params)
    except recurrence.RecurrenceInvalid as error:
        yield refuse("R03", place, variant="recurrence-invalid", title=item.title, part=str(error)[:60])


def _objections_to_focal(place: str, item: PlanItem, dates: SchoolYearDates) -> Iterator[Refusal]:
    if item.recurrence is not None:
        yield refuse("R03", f"{place}/recurrence", variant="recurrence-stray", title=item.title)
    place += "/milestone"
    if item.milestone is None:
        yield refuse("R03", place, variant="milestone-missing", title=item.title)
    elif not dates.holds(item.milestone.starts_at, item.milestone.ends_at):
        params = {"title": item.title, "school_year": dates.school_year}
        yield refuse("R03", place, variant="milestone-outside", **params)


def _objections_to_requirements(place: str, item: PlanItem) -> Iterator[Refusal]:
    seen: set[tuple[str, Phase]] = set()
    for n, requirement in enumerate(item.requirements):
        if is_physical(requirement.code):
            params = {"title": item.title, "code": requirement.code}
            yield refuse("R03", f"{place}/requirements/{n}/code", variant="requirement-physical", **params)
        for phase in requirement.phases or (Phase.POST,):
            if (requirement.code, phase) in seen:
                params = {"title": item.title, "code": requirement.code, "phase": phase}
                yield refuse("R03", f"{place}/requirements/{n}", variant="requirement-twice", **params)
            seen.add((requirement.code, phase))


def _objections_to_groups(content: PlanContent) -> Iterator[Refusal]:
    groups = {group.channel for group in content.contributor_groups}
    for n, plan in enumerate(content.channel_plans):
        if plan.channel not in groups:
            yield refuse("R04", f"{PLANS}/{n}/channel", variant="missing", channel=plan.channel)
    counts = Counter(group.group_id for group in content.contributor_groups)
    for n, group in enumerate(content.contributor_groups):
        place = f"/content/contributor_groups/{n}"
        if not group.members:
            yield refuse("R04", f"{place}/members", variant="empty", channel=group.channel)
        if counts[group.group_id] > 1:
            yield refuse("R04", f"{place}/group_id", variant="twice", group_id=group.group_id)
