"""How the plan itself was kept: submitted and approved when, and its routine work done or not; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from services.chassis.recurrence.periods import periods
from services.reporting.projections import APPROVED, DRAFTED, REVISED, TAKEN_BACK, Fact
from services.reporting.rows import FactsOf, hours_between, standing
from services.reporting.school_years import YearDates


class Occurrence(NamedTuple):
    """One occurrence of a routine item: its period (the end exclusive), and what was published in it, if anything."""

    item_id: str
    title: str
    channel: str
    begins_at: str
    ends_at: str
    done_at: str | None


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """When the year's plan was submitted, how long approval took, and the items that are in force.

    Shape:   routine items have approved_at, the plan's first approval, and its periods; item_ids are of all items ever
             approved; unread are the titles of those that never recur, as far as can be read.
    """

    submitted_at: str | None
    approval_hours: tuple[float, ...]
    routine: tuple[Fact, ...]
    item_ids: frozenset[str]
    unread: tuple[str, ...]


def plan_figures(plans: FactsOf, dates: YearDates) -> PlanFigures:
    """What the year's plans tell: submitted and not taken back; drafted to approved, of each approved revision.

    Source: R05, A21, R08, R21
    """
    submitted: list[str] = []
    hours: list[float] = []
    routine: list[Fact] = []
    item_ids: set[str] = set()
    for facts in plans.values():
        gone = {fact["revision"] for fact in facts if fact["kind"] == TAKEN_BACK}
        drafted = {fact["revision"]: fact["time"] for fact in facts if fact["kind"] == DRAFTED}
        begun = _begun_by_revising(facts, drafted)
        approved = sorted((fact for fact in facts if fact["kind"] == APPROVED), key=lambda fact: fact["revision"])
        submitted += [at for revision, at in drafted.items() if revision not in gone]
        hours += [hours_between(begun[a["revision"]], a["issued_at"]) for a in approved if a["revision"] in begun]
        item_ids.update(*(fact["item_ids"] for fact in approved))
        since = {"approved_at": min((fact["issued_at"] for fact in approved), default="")}
        for item in approved[-1]["routine"] if approved else ():
            routine.append(item | since | {"periods": periods(item["recurrence"], dates.starts_on, dates.ends_on)})
    unread = tuple(sorted(item["title"] for item in routine if not item["periods"]))
    return PlanFigures(min(submitted, default=None), tuple(sorted(hours)), tuple(routine), frozenset(item_ids), unread)


def _begun_by_revising(facts: Sequence[Fact], drafted: Mapping[int, str]) -> dict[int, str]:
    """When the approval of a reviewer's revisions began: with the submission that they are based on."""
    begun = dict(drafted)
    for fact in sorted((one for one in facts if one["kind"] == REVISED), key=lambda one: one["revision"]):
        if fact["based_on"] in begun:
            begun[fact["revision"]] = begun[fact["based_on"]]
    return begun


def occurrences(items: Iterable[Mapping[str, Any]], publications: FactsOf, *, as_of: str) -> tuple[Occurrence, ...]:
    """The occurrences of routine items that fell due by then, done when a publication named the item in the period.

    A period runs from the occurrence's day to the next one by the rule; what ended before the approval was not owed.
    Source:  R21, 3.2 "bám sát kế hoạch thường xuyên đã được duyệt"
    """
    shown: dict[str, list[str]] = {}
    for fact in (fact for facts in publications.values() for fact in standing(facts)):
        shown.setdefault(fact.get("plan_item_id") or "", []).append(fact["published_at"])
    found = []
    for item in items:
        at = sorted(shown.get(item["item_id"], ()))
        for begins_at, ends_at in item["periods"]:
            if item["approved_at"] < ends_at <= as_of:
                done_at = next((one for one in at if begins_at <= one < ends_at), None)
                found.append(Occurrence(item["item_id"], item["title"], item["channel"], begins_at, ends_at, done_at))
    return tuple(sorted(found, key=lambda one: (one.begins_at, one.item_id)))
