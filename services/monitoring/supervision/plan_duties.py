"""The plan's routine work: each occurrence of an item done, not done, or still running; pure.

Never part of the on-time rate: its figure stands by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from contracts.codes import ItemKind
from services.chassis.recurrence.periods import Period, periods
from services.monitoring.algebra.facts import Fact, Publication, collect, from_doc, to_doc
from services.monitoring.algebra.instants import Stamp, days_of
from services.monitoring.algebra.plans import Item, PlanRevision
from services.monitoring.algebra.publications import standing
from services.monitoring.reading.figures import Rate

Doc = dict[str, Any]


class DutyState(StrEnum):
    """How one occurrence stands."""

    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True)
class Duty:
    """One occurrence: its period, and the first publication that names the item within it."""

    period: Period
    state: DutyState
    publication: Publication | None


@dataclass(frozen=True, slots=True)
class ItemDuties:
    """A routine item with its occurrences that have begun, the first first.

    Shape:   ahead are those still to begin; is_unread: its rule gives no day at all.
    """

    item: Item
    plan_id: str
    duties: tuple[Duty, ...]
    due: int
    ahead: int
    is_unread: bool

    @property
    def execution(self) -> Rate:
        """Done of all that fell due."""
        kept = [duty for duty in self.duties[: self.due] if duty.state is DutyState.DONE]
        return Rate(len(kept), self.due)


def routine_of(revisions: Iterable[PlanRevision]) -> list[tuple[PlanRevision, Item, Stamp]]:
    """Return the routine items in force: those of each plan's last approved revision, with the first approval.

    Source: R21, 1.7, 3.2
    """
    plans: dict[str, list[PlanRevision]] = {}
    for revision in revisions:
        plans.setdefault(revision.plan_id, []).append(revision)
    found = []
    for _, approved in sorted(plans.items()):
        last, since = max(approved, key=lambda one: one.revision), min(one.approved_at for one in approved)
        routine = (item for item in last.items.values() if item.kind == ItemKind.ROUTINE and item.recurrence)
        found += [(last, item, since) for item in routine]
    return found


def duties_of(
    revisions: Iterable[PlanRevision], publications: Iterable[Publication], school_year: str, *, now: Stamp
) -> tuple[ItemDuties, ...]:
    """Return a school year's routine items with their occurrences as of now.

    A period runs from the occurrence's day to the next one by the rule; what ended before the approval was not owed.
    Source:  R21, 3.2 "bám sát kế hoạch thường xuyên đã được duyệt"; A18
    """
    shown: dict[str, list[Publication]] = {}
    for one in sorted(standing(publications), key=lambda fact: (fact.at, fact.content_id, fact.channel)):
        shown.setdefault(one.plan_item_id or "", []).append(one)
    return tuple(
        _item_duties(revision, item, since, shown=shown.get(item.item_id, ()), at=(*days_of(school_year), now))
        for revision, item, since in routine_of(revisions)
    )


def _item_duties(
    revision: PlanRevision, item: Item, since: Stamp, *, shown: Sequence[Publication], at: tuple[date, date, Stamp]
) -> ItemDuties:
    starts_on, ends_on, now = at
    every = periods(item.recurrence or "", starts_on, ends_on)
    owed = [period for period in every if since < period.ends_at]
    begun = [period for period in owed if period.begins_at <= now]
    duties = tuple(_duty(period, shown, now) for period in begun)
    due = sum(period.ends_at <= now for period in begun)
    return ItemDuties(item, revision.plan_id, duties, due, len(owed) - len(begun), is_unread=not every)


def _duty(period: Period, shown: Iterable[Publication], now: Stamp) -> Duty:
    first = next((one for one in shown if period.begins_at <= one.at < period.ends_at), None)
    if first is not None:
        return Duty(period, DutyState.DONE, first)
    return Duty(period, DutyState.NOT_DONE if period.ends_at <= now else DutyState.RUNNING, None)


def execution_of(items: Iterable[ItemDuties]) -> Rate:
    """Return the plan execution rate: occurrences done of all that fell due. Source: figures, R21"""
    rates = [one.execution for one in items]
    return Rate(sum(rate.numerator for rate in rates), sum(rate.denominator for rate in rates))


def may_tell(fact: Fact) -> bool:
    """Say whether a fact may change what is known of content that names a plan item. Source: R21, A publication

    The first revision of what is published for an event and names no item changes nothing: most publications are such.
    """
    if not isinstance(fact, Publication):
        return False
    return begins(fact) or fact.revision > 1 or fact.kind != "published"


def begins(fact: Publication) -> bool:
    """Say whether content is kept from this fact on: it names a plan item, or no event. Source: R21"""
    return fact.event is None or fact.plan_item_id is not None


def with_facts(before: Doc | None, content_id: str, facts: Iterable[Publication]) -> Doc | None:
    """Return the content with more facts, a set in whatever order; None when they say nothing new.

    Source: R21, the obligation, Algebra
    """
    known = publications_in(before) if before else ()
    after = collect((*known, *facts))
    if before is not None and after == known:
        return None
    items = {fact.plan_item_id for fact in after if isinstance(fact, Publication) and fact.plan_item_id is not None}
    return {"_id": content_id, "facts": [to_doc(fact) for fact in after], "items": sorted(items)}


def publications_in(doc: Mapping[str, Any]) -> tuple[Publication, ...]:
    """Return the publications that a content's document holds. Source: R21"""
    facts = (from_doc(fact) for fact in doc["facts"])
    return tuple(fact for fact in facts if isinstance(fact, Publication))
