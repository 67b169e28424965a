"""Which requirements an event owes content for, and which it would have owed before: pure.

Never a date or a state: only what is asked for, since when, and why no longer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from contracts.codes import DEFAULT_CHANNELS, Phase, RequirementCode, Tier
from services.monitoring.algebra.facts import Classified, Report
from services.monitoring.algebra.instants import Stamp
from services.monitoring.algebra.plans import PLANNING, Item, PlanRevision, Reference, in_force, in_force_before
from services.monitoring.algebra.rulings import NOT_CLASSIFIED, Classification, Ruling, classify, rule

# Source: the obligation, Which open; R11, R12, R13, A11
_AFTER_ALL = ((RequirementCode.WEBSITE, Phase.POST), (RequirementCode.E_BOARD, Phase.POST))
_AFTER_MAJOR = (*_AFTER_ALL, (RequirementCode.MASS_MEDIA, Phase.POST))
_BEFORE_FOCAL = ((RequirementCode.WEBSITE, Phase.PRE), (RequirementCode.E_BOARD, Phase.PRE))
BY_TIER: dict[str, tuple[tuple[RequirementCode, Phase], ...]] = {
    Tier.ROUTINE: _AFTER_ALL,
    Tier.MAJOR: _AFTER_MAJOR,
    Tier.FOCAL: (*_AFTER_MAJOR, *_BEFORE_FOCAL),
}
# Source: R11 (3.4), R12 (3.5), R13 (3.6)
RULE_OF = {Phase.PRE.value: "R13", RequirementCode.MASS_MEDIA.value: "R12"}
EVERY_EVENT = "R11"


class Slot(NamedTuple):
    """What one obligation is for, within an event."""

    requirement: str
    phase: str


Asked = Mapping[Slot, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How an event is seen at one point: its report, what people classified, and the plan revision in force."""

    report: Report
    said: Classification
    revision: PlanRevision | None

    @property
    def item_id(self) -> str | None:
        """The plan item that the event is linked to, known or not."""
        return self.said.item_for(self.report)

    @property
    def item(self) -> Item | None:
        """The item as the revision in force has it."""
        item_id = self.item_id
        return self.revision.items.get(item_id) if self.revision is not None and item_id is not None else None

    @property
    def tier(self) -> str:
        """The tier in force: classified, else the item's, else ROUTINE."""
        return self.said.tier or (self.item.tier if self.item else Tier.ROUTINE.value)

    @property
    def tier_from(self) -> str:
        """Who gave the tier."""
        return "CLASSIFIED" if self.said.tier else "PLAN_ITEM" if self.item else "DEFAULT"


@dataclass(frozen=True, slots=True)
class Ended:
    """Why something is no longer asked for, and since when."""

    reason: str
    at: Stamp


@dataclass(frozen=True, slots=True)
class History:
    """All that decides what a group owes: its reports, their ruling, the classifications (oldest first), the plans."""

    reports: tuple[Report, ...]
    ruling: Ruling
    classified: tuple[Classified, ...]
    reference: Reference


def stand(history: History, report: Report, classified: tuple[Classified, ...]) -> Standing:
    """Return how an event stands under a report and classifications, with the plan revision in force for it.

    Source: the obligation, Which open (last approved not after its end; if none, the first approved)
    """
    said = classify(classified) if classified else NOT_CLASSIFIED
    revisions = history.reference.revisions_of(said.item_for(report))
    return Standing(report, said, in_force(revisions, report.ended_at) if revisions else None)


def asked_of(tier: str, item: Item | None) -> Asked:
    """Return what a tier and a plan item ask for; an item's requirements, when it has any, are all that is owed.

    Source: the obligation, Which open; R11, R12, R13, A10, A17
    """
    if item is not None and item.asked:
        return {Slot(code, phase): channels for code, phase, channels in item.asked}
    return _ASKED_BY_TIER[tier]


_ASKED_BY_TIER: dict[str, Asked] = {
    tier.value: {
        Slot(code.value, phase.value): tuple(channel.value for channel in DEFAULT_CHANNELS[code])
        for code, phase in slots
    }
    for tier, slots in ((Tier(tier), slots) for tier, slots in BY_TIER.items())
}


def owed(history: History, standing: Standing, classified: tuple[Classified, ...]) -> dict[Slot, tuple[str, ...]]:
    """Return what an event owes as it stands: POST once it was held, PRE once it was foreseen.

    Source: R11 (each EventHeld opens one obligation per event and channel), the obligation, due_at (PRE)
    """
    asked = asked_of(standing.tier, standing.item)
    is_held = standing.report.kind == "held"
    found = {slot: channels for slot, channels in asked.items() if is_held and slot.phase == Phase.POST}
    before = [slot for slot in asked if slot.phase == Phase.PRE]
    if before and is_foreseen(history, standing.report):
        asked_before = _asked_before_start(history, standing, classified)
        found |= {slot: asked[slot] for slot in before if slot in asked_before}
    return found


def is_foreseen(history: History, report: Report) -> bool:
    """Say whether the event was heard of before its start: a milestone approved, or an EventScheduled of that time.

    Source: the obligation, due_at: an event first heard of after its start opens no PRE duty
    """
    start = report.started_at
    heard = (*history.ruling.counted, report)
    return any(other.kind == "scheduled" and other.time < start for other in heard)


def _asked_before_start(history: History, standing: Standing, classified: tuple[Classified, ...]) -> Asked:
    """What was asked for when the event began, had nothing come after what the standing rests on."""
    report, start = standing.report, standing.report.started_at
    told_before = (other for other in history.ruling.counted if other.time < start)
    heard = report if report.time < start else rule(told_before).report
    said = classify(one for one in classified if one.issued_at < start)
    item_id = said.item_for(heard)
    revisions = history.reference.revisions_of(item_id)
    if standing.revision in revisions:
        revisions = revisions[: revisions.index(standing.revision) + 1]
    revision = in_force_before(revisions, start)
    item = revision.items.get(item_id) if revision is not None and item_id is not None else None
    return asked_of(said.tier or (item.tier if item else Tier.ROUTINE), item)


def given_up(history: History, now_owed: Mapping[Slot, tuple[str, ...]]) -> dict[Slot, tuple[tuple[str, ...], Ended]]:
    """Return what the full set of facts would have owed under an earlier classification, plan revision or message of
    the event and does not owe now, with its channels and why.

    Shape:   the way of seeing the event that differs least and latest from the present one gives the reason.
    Source:  fine print: which VOID documents exist
    """
    found: dict[Slot, tuple[tuple[str, ...], Ended]] = {}
    for standing, classified, ended in _earlier(history):
        for slot, channels in owed(history, standing, classified).items():
            if slot not in now_owed and slot not in found:
                found[slot] = (channels, ended)
    return found


def has_history(history: History) -> bool:
    """Say whether the event could have owed anything else before. Source: fine print: which VOID documents exist"""
    standing_item = history.ruling.report is not None and any(
        item is not None
        for item in (*(r.plan_item_id for r in history.reports), *(c.plan_item_id for c in history.classified))
    )
    return len(history.reports) > 1 or bool(history.classified) or standing_item


def _earlier(history: History) -> Iterator[tuple[Standing, tuple[Classified, ...], Ended]]:
    present = history.ruling.report
    if present is None:
        return
    yield from _earlier_plans(history, present, history.classified, None)
    for prefix, ended in _earlier_classified(history.classified):
        yield stand(history, present, prefix), prefix, ended
        yield from _earlier_plans(history, present, prefix, ended)
    ended = Ended("PLAN_CHANGED" if present.origin_source == PLANNING else "REVISED", present.time)
    for report in _told_otherwise(history, present):
        for prefix in (history.classified, *(prefix for prefix, _ in _earlier_classified(history.classified))):
            yield stand(history, report, prefix), prefix, ended
            yield from _earlier_plans(history, report, prefix, ended)


def _told_otherwise(history: History, present: Report) -> list[Report]:
    """The reports that could have asked for something else than the present one, the last first, each sort once."""
    told = (report for report in history.reports if report.kind != "cancelled")
    ordered = sorted(told, key=lambda report: (report.revision, report.time, report.origin_id, report.id), reverse=True)
    different: dict[tuple[str | bool | None, ...], Report] = {}
    for report in ordered:
        different.setdefault(_what_matters(report), report)
    different.pop(_what_matters(present), None)
    return list(different.values())


def _what_matters(report: Report) -> tuple[str | bool | None, ...]:
    started_at = report.started_at
    return (report.kind, started_at, report.ended_at, report.plan_item_id, report.time < started_at)


def _earlier_classified(classified: tuple[Classified, ...]) -> Iterator[tuple[tuple[Classified, ...], Ended]]:
    for length in range(len(classified) - 1, -1, -1):
        yield classified[:length], Ended("CLASSIFIED", classified[length].issued_at)


def _earlier_plans(
    history: History, report: Report, classified: tuple[Classified, ...], ended: Ended | None
) -> Iterator[tuple[Standing, tuple[Classified, ...], Ended]]:
    standing = stand(history, report, classified)
    if standing.revision is None:
        return
    revisions = history.reference.revisions_of(standing.item_id)
    last = revisions.index(standing.revision)
    for place in range(last - 1, -1, -1):
        following = revisions[place + 1]
        changed = ended or Ended("PLAN_CHANGED", following.approved_at)
        yield replace(standing, revision=revisions[place]), classified, changed


def rule_of(slot: Slot, item: Item | None) -> str:
    """Return the rule that asks for a slot: a plan item's own word, else R11, R12 or R13. Source: R11, R12, R13"""
    if item is not None and item.asked:
        return "PLAN_ITEM"
    return RULE_OF.get(slot.phase) or RULE_OF.get(slot.requirement) or EVERY_EVENT
