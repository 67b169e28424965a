"""A school year's figures under other rules, beside the real ones; pure.

Never the record: it is only read, and the other figures are what the same algebra says of the same facts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from contracts.codes import RequirementCode, is_physical
from contracts.monitoring import PolicyIssued
from services.chassis.decision import Refusal
from services.monitoring.algebra.calendars import SHIPPED_ISSUED_AT, CalendarVersion, PolicyVersion, Version
from services.monitoring.algebra.due import Versions
from services.monitoring.algebra.instants import Stamp, to_instant
from services.monitoring.algebra.obligations import state_at
from services.monitoring.reading.figures import Cut, Tally, see
from services.monitoring.versions.naming import calendars_in, policies_in, policy_of
from services.monitoring.versions.policy_rules import COUNTINGS
from services.monitoring.versions.refusals import refuse

Doc = Mapping[str, Any]
Json = dict[str, Any]
# How many of the differing are told one by one; the rest is counted.
MOST = 100
# What makes two obligations differ.
COMPARED = ("state", "due_at", "missed_at", "cause")


def hypothetical(
    versions: Versions, policy: str | None, calendar: str | None
) -> tuple[Versions | None, tuple[Refusal, ...]]:
    """Return the versions as if the named ones had ruled from the first; the others of the kind stand beneath them.

    Shape:   None leaves the kind as it was issued. A policy may also be one of the three ways to count.
    Source:  3.4, A3
    """
    calendars, policies = list(calendars_in(versions)), list(policies_in(versions))
    found = []
    if calendar is not None and calendar not in {one.version for one in calendars}:
        found.append(refuse("version-unknown", "/calendar", version=calendar))
    if policy in COUNTINGS:
        policies.append(_counting(policy))
    if policy is not None and policy not in {one.version for one in policies}:
        found.append(refuse("version-unknown", "/policy", version=policy))
    if found:
        return None, tuple(found)
    made: list[Version] = []
    made += _from_the_first(calendars, calendar) if calendar is not None else calendars
    made += _from_the_first(policies, policy) if policy is not None else policies
    return Versions(made), ()


def _counting(key: str) -> PolicyVersion:
    rules = {code: COUNTINGS[key] for code in RequirementCode if not is_physical(code)}
    return policy_of(PolicyIssued(version=key, requirements=rules, by=key, issued_at=to_instant(SHIPPED_ISSUED_AT)))


def _from_the_first(versions: Iterable[Version], last: str) -> list[Version]:
    """The versions as if issued one after the other before all events, the named one last."""
    ordered = sorted(versions, key=lambda one: (one.version == last, one.order))
    first = to_instant(SHIPPED_ISSUED_AT)
    return [_reissued(one, place, first + timedelta(microseconds=place)) for place, one in enumerate(ordered)]


def _reissued(version: Version, place: int, at: Any) -> Version:
    named = {"source": version.source, "id": f"{version.id}#{place}", "recorded": version.recorded}
    if isinstance(version, CalendarVersion):
        return CalendarVersion(version.content.model_copy(update={"issued_at": at}), **named)
    return PolicyVersion(version.content.model_copy(update={"issued_at": at}), **named)


@dataclass(frozen=True, slots=True)
class Difference:
    """An obligation that stands otherwise under the other rules; None is not owed, or without a date."""

    obligation_id: str
    event: str
    title: str
    requirement: str
    phase: str
    state: str | None
    due_at: Stamp | None
    other_state: str | None
    other_due_at: Stamp | None
    other_why: Mapping[str, str]


@dataclass(slots=True)
class Comparison:
    """Both figures of a school year, counted event by event; the first MOST that differ are kept."""

    school_year: str
    now: Stamp
    events: int = 0
    obligations: int = 0
    differing: int = 0
    rows: list[Difference] = field(default_factory=list)
    real: Tally = field(init=False)
    other: Tally = field(init=False)
    real_cut: Tally = field(default_factory=lambda: Tally(Cut.REQUIREMENT))
    other_cut: Tally = field(default_factory=lambda: Tally(Cut.REQUIREMENT))

    def __post_init__(self) -> None:
        self.real, self.other = Tally(None, self.school_year), Tally(None, self.school_year)

    def look(self, stored: Iterable[Doc], judged: Iterable[Doc]) -> None:
        """Count one event: what is stored as owed, and what it would owe. Source: figures"""
        self.events += 1
        real = {doc["obligation_id"]: state_at(doc, self.now) for doc in stored}
        other = {doc["obligation_id"]: doc for doc in judged}
        for tallies, docs in (((self.real, self.real_cut), real), ((self.other, self.other_cut), other)):
            for doc in docs.values():
                seen = see(doc, self.now)
                for tally in tallies:
                    tally.count(doc, seen)
        self.obligations += len(real)
        for key in sorted(real.keys() | other.keys()):
            self._compare(real.get(key), other.get(key))

    def _compare(self, one: Doc | None, other: Doc | None) -> None:
        if one is not None and other is not None and all(one[name] == other[name] for name in COMPARED):
            return
        self.differing += 1
        named = other or one
        if len(self.rows) >= MOST or named is None:
            return
        told = {name: named[name] for name in ("obligation_id", "event", "title", "requirement", "phase")}
        self.rows.append(
            Difference(
                **told,
                state=one["state"] if one else None,
                due_at=one["due_at"] if one else None,
                other_state=other["state"] if other else None,
                other_due_at=other["due_at"] if other else None,
                other_why=named["explanation"],
            )
        )
