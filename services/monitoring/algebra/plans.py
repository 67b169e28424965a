"""Approved plans as facts, and which of their revisions and items is in force: pure.

Never a draft: what is not approved is unknown here.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from contracts.approval import PlanApproved
from contracts.codes import ItemKind, Phase, default_channels, is_physical
from contracts.envelope import Message, event_key
from contracts.planning import PlanItem, Requirement
from services.monitoring.algebra.calendars import Version
from services.monitoring.algebra.due import Versions
from services.monitoring.algebra.instants import Stamp, to_stamp

# Source: the obligation, Plan items and events: a milestone's source; its event_id is the item's id
PLANNING = "/publicity/planning"
Asked = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of an approved plan; `asked` is (code, phase, channels), physical forms and repeats left out."""

    item_id: str
    kind: str
    title: str
    topic_area: str
    tier: str
    lead_unit: str | None = None
    starts_at: Stamp | None = None
    ends_at: Stamp | None = None
    recurrence: str | None = None
    asked: tuple[Asked, ...] = ()

    @property
    def is_milestone(self) -> bool:
        """Whether the item is itself an event."""
        return self.kind == ItemKind.FOCAL and self.starts_at is not None


@dataclass(frozen=True, slots=True, eq=False)
class PlanRevision:
    """One approved revision of a plan."""

    plan_id: str
    school_year: str
    revision: int
    approved_at: Stamp
    recorded: Stamp
    source: str
    id: str
    items: dict[str, Item] = field(default_factory=dict)

    @property
    def order(self) -> tuple[Stamp, int, str]:
        """Where it stands among the approvals of its plan."""
        return (self.approved_at, self.revision, self.id)


def from_message(message: Message) -> PlanRevision:
    """Return the revision that a PlanApproved approves. Source: 2.1, the obligation"""
    plan = message.data
    if not isinstance(plan, PlanApproved):
        raise TypeError(f"{message.name} approves no plan")
    items = [item for channel_plan in plan.content.channel_plans for item in channel_plan.items]
    return PlanRevision(
        plan_id=plan.plan_id,
        school_year=plan.school_year,
        revision=plan.revision,
        approved_at=to_stamp(plan.issued_at),
        recorded=to_stamp(message.recordedtime or message.time),
        source=message.source,
        id=message.id,
        items={item.item_id: _item(item) for item in reversed(items)},
    )


def _item(item: PlanItem) -> Item:
    milestone = item.milestone
    return Item(
        item_id=item.item_id,
        kind=item.kind.value,
        title=item.title,
        topic_area=item.topic_area,
        tier=item.tier.value,
        lead_unit=item.lead_unit,
        starts_at=to_stamp(milestone.starts_at) if milestone else None,
        ends_at=to_stamp(milestone.ends_at) if milestone else None,
        recurrence=item.recurrence,
        asked=asked_by(item.requirements),
    )


def asked_by(requirements: Iterable[Requirement]) -> tuple[Asked, ...]:
    """Return what the requirements of an item ask for; of a repeated (code, phase) the first counts.

    Source: R15, A16 (physical forms are no requirements), fine print (phases empty = POST, default channels)
    """
    asked: dict[tuple[str, str], tuple[str, ...]] = {}
    for requirement in requirements:
        if is_physical(requirement.code):
            continue
        channels = requirement.channels or default_channels(requirement.code)
        for phase in requirement.phases or (Phase.POST,):
            asked.setdefault((requirement.code.value, phase.value), tuple(dict.fromkeys(c.value for c in channels)))
    return tuple((code, phase, channels) for (code, phase), channels in asked.items())


def to_doc(revision: PlanRevision) -> dict[str, Any]:
    """Return the JSON form of a revision; `from_doc` of it is the same revision. Source: 2.1"""
    return asdict(revision) | {"items": [asdict(item) for item in revision.items.values()]}


def from_doc(doc: dict[str, Any]) -> PlanRevision:
    """Return the revision that a document describes. Source: 2.1"""
    items = [
        Item(**(item | {"asked": tuple((a[0], a[1], tuple(a[2])) for a in item["asked"])})) for item in doc["items"]
    ]
    names = PlanRevision.__dataclass_fields__
    return PlanRevision(**{n: doc[n] for n in names if n != "items"}, items={item.item_id: item for item in items})


def milestone_key(item_id: str) -> str:
    """Return the key of the event that a focal item is. Source: the obligation, Plan items and events"""
    return event_key(PLANNING, item_id)


class Reference:
    """What all events share: approved plans, versions of policy and calendar, known units and topic areas.

    Shape:   units and topic_areas are None while unknown: nothing is flagged then.
    """

    def __init__(
        self,
        plans: Iterable[PlanRevision] = (),
        versions: Iterable[Version] | Versions = (),
        *,
        units: frozenset[str] | None = None,
        topic_areas: frozenset[str] | None = None,
    ) -> None:
        self.versions = versions if isinstance(versions, Versions) else Versions(versions)
        self.units, self.topic_areas = units, topic_areas
        self.plans = _by_plan(plans)

    @cached_property
    def plan_of_item(self) -> dict[str, str]:
        """The plan of every item that any approved revision has; of several plans the first approved."""
        found: dict[str, str] = {}
        for revision in sorted((r for plan in self.plans.values() for r in plan), key=lambda r: (*r.order, r.plan_id)):
            for item_id in revision.items:
                found.setdefault(item_id, revision.plan_id)
        return found

    @cached_property
    def milestones(self) -> dict[str, str]:
        """The item of every milestone's key, for items that are or were milestones in an approved revision."""
        revisions = (revision for plan in self.plans.values() for revision in plan)
        items = {item.item_id for revision in revisions for item in revision.items.values() if item.is_milestone}
        return {milestone_key(item_id): item_id for item_id in sorted(items)}

    @cached_property
    def key_of_milestone(self) -> dict[str, str]:
        """The key of every item that is or was a milestone."""
        return {item_id: key for key, item_id in self.milestones.items()}

    def revisions_of(self, item_id: str | None) -> tuple[PlanRevision, ...]:
        """Return the approved revisions of an item's plan in the order of approval, those without the item too."""
        plan_id = self.plan_of_item.get(item_id) if item_id is not None else None
        return self.plans[plan_id] if plan_id is not None else ()


def _by_plan(plans: Iterable[PlanRevision]) -> dict[str, tuple[PlanRevision, ...]]:
    kept: dict[tuple[str, str], PlanRevision] = {}
    for revision in plans:
        same = kept.get((revision.source, revision.id))
        if same is None or revision.recorded < same.recorded:
            kept[revision.source, revision.id] = revision
    grouped: dict[str, list[PlanRevision]] = {}
    for revision in sorted(kept.values(), key=lambda r: r.order):
        grouped.setdefault(revision.plan_id, []).append(revision)
    return {plan_id: tuple(revisions) for plan_id, revisions in sorted(grouped.items())}


def in_force(revisions: tuple[PlanRevision, ...], ended_at: Stamp) -> PlanRevision | None:
    """Return the revision in force for an event: the last approved not after its end; if none, the first approved.

    Source: the obligation, Which open: later plans change nothing already held
    """
    before = [revision for revision in revisions if revision.approved_at <= ended_at]
    return before[-1] if before else next(iter(revisions), None)


def in_force_before(revisions: tuple[PlanRevision, ...], instant: Stamp) -> PlanRevision | None:
    """Return the last revision that was approved before an instant. Source: the obligation, due_at (PRE)"""
    return next((revision for revision in reversed(revisions) if revision.approved_at < instant), None)
