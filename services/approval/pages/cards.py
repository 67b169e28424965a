"""The changes of a revision as cards, one for each part of the plan that they touch; pure, and it never decides."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from contracts.codes import BasisKind, ItemKind
from contracts.planning import PlanContent
from services.approval.authority import Finding
from services.approval.pages.diff import Change
from services.approval.pages.words import Runs, compared
from services.chassis.web.i18n import N_

Parts = tuple[Set[str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A statement in both revisions, word by word."""

    number: int
    field: str
    before: Runs
    after: Runs


@dataclass(frozen=True, slots=True)
class Card:
    """A part of the plan with its statements. Shape: kind is added, removed or changed; rules are ids of the matrix."""

    number: int
    part: str
    name: str
    kind: str
    lines: tuple[Line, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an approval puts in force. Shape: name is a msgid; more is the difference to the compared revision."""

    name: str
    count: int
    more: int | None


def cards(changes: Iterable[Change], findings: Sequence[Finding], *, parts: Parts) -> tuple[Card, ...]:
    """The changes by the parts that they are of, in their order; parts are those of the older and the newer plan."""
    grouped: dict[str, list[Change]] = {}
    for change in changes:
        grouped.setdefault(change.of, []).append(change)
    made = enumerate(grouped.items(), 1)
    return tuple(_card(n, group, findings, kind=_kind(of, parts)) for n, (of, group) in made)


def _kind(of: str, parts: Parts) -> str:
    old, new = parts
    return "removed" if of not in new else "changed" if of in old else "added"


def _card(number: int, group: list[Change], findings: Sequence[Finding], *, kind: str) -> Card:
    first = group[0]
    lines = tuple(Line(one.number, one.field, *compared(one.before, one.after)) for one in group)
    rules = tuple(one.id for one in findings if one.is_fired and any(_names(place, first.name) for place in one.places))
    return Card(number, first.part, first.name, kind, lines, rules)


def _names(place: str, name: str) -> bool:
    """Whether a place that a rule found is this part: its name alone, or followed by what was found in brackets."""
    return bool(name) and (place == name or place.startswith(f"{name} ("))


def effects(content: PlanContent, earlier: PlanContent | None) -> tuple[Effect, ...]:
    """What will be in force once the plan is approved, counted, beside the revision that it is compared with."""
    counted, before = _counts(content), _counts(earlier) if earlier else None
    return tuple(Effect(name, n, n - before[name] if before else None) for name, n in counted.items())


def _counts(content: PlanContent) -> dict[str, int]:
    kinds = [item.kind for plan in content.channel_plans for item in plan.items]
    return {
        N_("Mốc trọng điểm sẽ theo dõi"): kinds.count(ItemKind.FOCAL),
        N_("Mục thường xuyên theo lịch"): kinds.count(ItemKind.ROUTINE),
        N_("Kênh có kế hoạch"): len(content.channel_plans),
        N_("Cộng tác viên được phổ biến"): len({who for group in content.contributor_groups for who in group.members}),
    }


def bases(content: PlanContent) -> tuple[tuple[BasisKind, tuple[str, ...]], ...]:
    """What the plan rests on, by kind; the kinds that it does not cite are empty."""
    return tuple((kind, tuple(one.reference for one in content.bases if one.kind is kind)) for kind in BasisKind)
