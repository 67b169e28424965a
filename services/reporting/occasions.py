"""Events as the school sees them: all keys that are one event, its ruling report, and what people said of it; pure.

Never an obligation: what is owed is monitoring's word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.envelope import SOURCE_PREFIX, event_key
from services.reporting.projections import CANCELLED, CLASSIFIED, HELD, MERGED, SCHEDULED, Fact
from services.reporting.school_years import closing_day

FactsOf = Mapping[str, Sequence[Fact]]
PLANNING = f"{SOURCE_PREFIX}/planning"
# Source: A13, R11 (of one sender's reports the greatest revision rules, then cancelled over held over scheduled;
# of several senders' reports of one event held outweighs cancelled)
WITHIN_KEY = {SCHEDULED: 0, HELD: 1, CANCELLED: 2}
ACROSS_KEYS = {SCHEDULED: 0, CANCELLED: 1, HELD: 2}


@dataclass(frozen=True, slots=True)
class Occasion:
    """One event: its root key and members, the report that rules, and what people said of it.

    Shape:   noticed is the first known sender's EventHeld, or None; classified are those that name tier or plan item.
    """

    event: str
    members: tuple[str, ...]
    title: str
    started_at: str
    ended_at: str
    is_held: bool
    is_cancelled: bool
    noticed: Fact | None
    classified: tuple[Fact, ...]

    @property
    def day(self) -> date:
        """The local date that the event belongs to."""
        return closing_day(self.started_at, self.ended_at)


def roots(facts_of: FactsOf) -> dict[str, str]:
    """The root of each key: merges first, then the link to a focal milestone; a ring is not followed round.

    Source: 1.7, R20
    """
    merges = {key: into for key, facts in facts_of.items() if (into := _merged_into(facts))}
    members: dict[str, list[Fact]] = {}
    for key, facts in facts_of.items():
        members.setdefault(_follow(key, merges), []).extend(facts)
    named = {key: event_key(PLANNING, item) for key, facts in members.items() if (item := _linked_item(facts))}
    is_milestone = {key for key, facts in facts_of.items() if any(_is_planned(fact) for fact in facts)}
    links = {key: target for key, target in named.items() if target != key and target in is_milestone}
    return {key: _follow(key, merges | links) for key in facts_of}


def occasions(facts_of: FactsOf) -> dict[str, Occasion]:
    """The events among the keys, by root; a root of which only cancellations or people's words are known has none.

    Source: 0.3, R11, A13
    """
    groups: dict[str, list[str]] = {}
    for key, root in sorted(roots(facts_of).items()):
        groups.setdefault(root, []).append(key)
    found = (_occasion(root, keys, facts_of) for root, keys in groups.items())
    return {one.event: one for one in found if one is not None}


def _occasion(root: str, keys: list[str], facts_of: FactsOf) -> Occasion | None:
    facts = [fact | {"key": key} for key in keys for fact in facts_of[key]]
    report, is_cancelled = _ruling(facts)
    if report is None:
        return None
    held = (fact for fact in facts if fact["kind"] == HELD and fact["origin"]["authenticated"])
    classified = (fact for fact in facts if fact["kind"] == CLASSIFIED and ("tier" in fact or "plan_item_id" in fact))
    return Occasion(
        event=root,
        members=tuple(keys),
        is_held=report["kind"] == HELD and not is_cancelled,
        is_cancelled=is_cancelled,
        noticed=min(held, key=lambda fact: (fact["recorded"], fact["id"]), default=None),
        classified=tuple(sorted(classified, key=_issued)),
        **{name: report[name] for name in ("title", "started_at", "ended_at")},
    )


def _ruling(facts: Iterable[Fact]) -> tuple[Fact | None, bool]:
    """The report that tells title and times, and whether a cancellation rules it."""
    voices: dict[tuple[str, bool], list[Fact]] = {}
    for fact in facts:
        if fact["kind"] in WITHIN_KEY:
            voices.setdefault((fact["key"], _is_planned(fact)), []).append(fact)
    counted = [[fact for fact in voice if fact["origin"]["authenticated"]] or voice for voice in voices.values()]
    if not counted:
        return None, False
    strongest = max(counted, key=lambda voice: _across(max(voice, key=_within)))
    telling = [fact for fact in strongest if fact["kind"] != CANCELLED]
    others = [fact for voice in counted for fact in voice if fact["kind"] != CANCELLED]
    report = max(telling, key=_within) if telling else max(others, key=_across, default=None)
    return report, max(strongest, key=_within)["kind"] == CANCELLED


def _within(fact: Fact) -> tuple[Any, ...]:
    return (fact.get("revision", 1), WITHIN_KEY[fact["kind"]], fact["time"], fact["origin"]["id"], fact["id"])


def _across(fact: Fact) -> tuple[Any, ...]:
    origin = fact["origin"]
    return (origin["authenticated"], ACROSS_KEYS[fact["kind"]], fact["time"], origin["id"], fact["key"], fact["id"])


def _issued(fact: Fact) -> tuple[Any, ...]:
    return (fact.get("issued_at", fact["time"]), fact["time"], fact["id"])


def _is_planned(fact: Fact) -> bool:
    return fact["kind"] in WITHIN_KEY and bool(fact["origin"]["source"] == PLANNING)


def _merged_into(facts: Iterable[Fact]) -> str | None:
    last = max((fact for fact in facts if fact["kind"] == MERGED), key=_issued, default=None)
    return last["into"] if last else None


def _linked_item(facts: Sequence[Fact]) -> str | None:
    named = (fact for fact in facts if fact["kind"] == CLASSIFIED and "plan_item_id" in fact)
    last = max(named, key=_issued, default=None) or _ruling(fact | {"key": ""} for fact in facts)[0]
    return last.get("plan_item_id") if last else None


def _follow(key: str, following: Mapping[str, str]) -> str:
    path = [key]
    while (target := following.get(path[-1])) is not None and target not in path:
        path.append(target)
    return path[-1]
