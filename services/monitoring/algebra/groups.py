"""Which event keys count as one event, through merges and through links to focal milestones: pure.

Never a ring: a merge or link that would close one is as if it were not there.
"""

from collections.abc import Iterable, Mapping, Sequence

from services.monitoring.algebra.facts import Classified, Fact, Merged, Report
from services.monitoring.algebra.milestones import reports_at
from services.monitoring.algebra.plans import Reference
from services.monitoring.algebra.rulings import classify, order_of, rule

Keys = Mapping[str, str]
FactsOf = Mapping[str, Sequence[Fact]]


def resolve_merges(facts: Iterable[Merged]) -> dict[str, str]:
    """Return which key is merged into which, taken in the order of (time, id); one that would close a ring is refused.

    Source: fine print, Links and merges
    """
    merges: dict[str, str] = {}
    for fact in sorted(facts, key=lambda merged: (merged.time, merged.id, merged.source)):
        if fact.into is None:
            merges.pop(fact.event, None)
        elif follow(fact.into, {k: v for k, v in merges.items() if k != fact.event}) != fact.event:
            merges[fact.event] = fact.into
    return merges


def follow(key: str, merges: Keys) -> str:
    """Return the end of the merges from a key; the merges have no ring. Source: fine print, Links and merges"""
    while key in merges:
        key = merges[key]
    return key


def root_of(key: str, merges: Keys, links: Keys) -> str:
    """Return the key under which an event's obligations stand: merges before the link, followed to the end.

    Shape:   links has the milestone's key for keys that end merges.
    Source:  fine print, Links and merges; a ring of links and merges is broken at the smallest key that links
    """
    path = [key]
    while (following := merges.get(path[-1]) or links.get(path[-1])) is not None:
        if following in path:
            ring = path[path.index(following) :]
            return min(step for step in ring if step not in merges)
        path.append(following)
    return path[-1]


def closes_ring(event: str, into: str, *, merges: Keys, links: Keys) -> bool:
    """Say whether merging an event into another would close a ring, links included. Source: fine print"""
    rest = {key: target for key, target in merges.items() if key != event}
    path = [into]
    while (following := rest.get(path[-1]) or links.get(path[-1])) is not None and following not in path:
        path.append(following)
    return event in path


def items_named(facts: Iterable[Fact]) -> frozenset[str]:
    """Return the plan items that an event's reports and classifications name: a changed plan touches these events.

    Source: the obligation, Plan items and events
    """
    named = (fact.plan_item_id for fact in facts if isinstance(fact, (Report, Classified)))
    return frozenset(item for item in named if item is not None)


def touches(facts: Iterable[Fact], reference: Reference) -> frozenset[str]:
    """Return the keys that an event's facts point to, or did: stored beside them (indexed), they find its group.

    A group lies within the keys reached by following `touches` both ways; the set only grows with the facts.
    Source: fine print, Links and merges
    """
    facts = tuple(facts)
    into = {fact.into for fact in facts if isinstance(fact, Merged) and fact.into is not None}
    keys = reference.key_of_milestone
    return frozenset(into | {keys[item] for item in items_named(facts) if item in keys})


def links_of(facts_of: FactsOf, merges: Keys, reference: Reference) -> dict[str, str]:
    """Return the milestone that each end of merges is linked to.

    Source: the obligation: an event linked to an approved FOCAL item is the same event as its milestone
    """
    merged: dict[str, list[Fact]] = {}
    for key in _with_targets(facts_of, merges):
        merged.setdefault(follow(key, merges), []).extend(_weighed(key, facts_of.get(key, ()), reference))
    links, milestones = {}, reference.key_of_milestone.keys()
    for end, facts in merged.items():
        item = None if milestones.isdisjoint(items_named(facts)) else linked_item(facts)
        target = reference.key_of_milestone.get(item) if item is not None else None
        if target is not None and target != end:
            links[end] = target
    return links


def _with_targets(keys: Iterable[str], targets: Keys) -> list[str]:
    """The keys and what they lead to: a milestone takes part although nobody reported it."""
    return list(dict.fromkeys((*keys, *targets.values())))


def _weighed(key: str, facts: Sequence[Fact], reference: Reference) -> list[Fact]:
    own = [fact for fact in facts if isinstance(fact, (Report, Classified))]
    return [*own, *reports_at(key, reference)]


def linked_item(facts: Iterable[Fact]) -> str | None:
    """Return the item that the last classification names, else the one in the ruling report.

    Source: the obligation, Plan items and events; a cancellation names none, so the report that it cancels is asked
    (not what a stranger told: an unauthenticated record never outweighs another key)
    """
    facts = tuple(facts)
    classified = sorted((fact for fact in facts if isinstance(fact, Classified)), key=order_of)
    ruling = rule(fact for fact in facts if isinstance(fact, Report))
    return classify(classified).item_for(ruling.report if ruling.report in ruling.counted else None)


def roots(facts_of: FactsOf, reference: Reference) -> dict[str, str]:
    """Return the root of each key and of the milestones that they lead to.

    Shape:   all keys that `touches` reaches must be among facts_of, but for those of which nothing is known.
    Source:  fine print, Links and merges
    """
    merges = resolve_merges(fact for facts in facts_of.values() for fact in facts if isinstance(fact, Merged))
    links = links_of(facts_of, merges, reference)
    return {key: root_of(key, merges, links) for key in _with_targets(facts_of, {**merges, **links})}
