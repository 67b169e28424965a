"""Which version of the due rules may be issued; pure.

Never a rule for what has no clock, and never one that nobody could read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from contracts.codes import DayUnit, RequirementCode, Roll, is_physical
from contracts.fields import Code, Note, Record
from contracts.monitoring import DueRule, PolicyIssued
from services.chassis.decision import Refusal
from services.monitoring.algebra.due import DAYS, GRACE_S, WORKING, Versions
from services.monitoring.versions.naming import check_last, check_name, next_name, policies_in
from services.monitoring.versions.refusals import refuse

MOST_DAYS, MOST_GRACE_S = 60, 86_400
FIRST_NAME = "policy"
# Source: 3.4, A3: the three ways to count that stand side by side
COUNTINGS: dict[str, DueRule] = {
    "rolled": DueRule(days=DAYS, unit=DayUnit.CALENDAR, roll=Roll.NEXT_WORKING, grace_s=GRACE_S),
    "strict": DueRule(days=DAYS, unit=DayUnit.CALENDAR, roll=Roll.NONE, grace_s=GRACE_S),
    "working": WORKING,
}


class GivenPolicy(Record):
    """A new version of the due rules; a requirement that is left out keeps the rule that it has."""

    version: Annotated[Code | None, Field(description="Left out: the next number.")] = None
    expected_last: Annotated[Code | None, Field(description="Refused when another was issued since.")] = None
    requirements: dict[RequirementCode, DueRule]
    reason: Note


@dataclass(frozen=True, slots=True)
class RulingRule:
    """The rule of a requirement that is in force, and the version that it comes from."""

    rule: DueRule
    version: str


def ruling_rules(versions: Versions) -> dict[str, RulingRule]:
    """Return the rule in force for each requirement. Source: A3, the obligation, Algebra"""
    found: dict[str, RulingRule] = {}
    for policy in policies_in(versions):
        found |= {code: RulingRule(rule, policy.version) for code, rule in policy.rules.items()}
    return found


def decide(
    given: GivenPolicy, versions: Versions, by: str, *, at: datetime
) -> tuple[PolicyIssued | None, tuple[Refusal, ...]]:
    """Return the policy to be issued, or why it cannot be. Source: 3.4, A3"""
    known = policies_in(versions)
    name = given.version or next_name(known[-1].version if known else FIRST_NAME, known)
    found = [*check_last(given.expected_last, known), *check_name(name, known), *_check_rules(given)]
    ruling = ruling_rules(versions)
    is_same = all(code in ruling and ruling[code].rule == rule for code, rule in given.requirements.items())
    if given.requirements and is_same:
        found.append(refuse("nothing-changes"))
    if found:
        return None, tuple(found)
    said = {"version": name, "requirements": given.requirements, "by": by, "reason": given.reason, "issued_at": at}
    return PolicyIssued.model_validate(said), ()


def _check_rules(given: GivenPolicy) -> Iterator[Refusal]:
    if not given.requirements:
        yield refuse("no-rule", "/requirements")
    for code, rule in given.requirements.items():
        pointer = f"/requirements/{code.value}"
        if is_physical(code):
            yield refuse("form-is-physical", pointer, code=code.value)
        if rule.days > MOST_DAYS:
            yield refuse("days-too-many", f"{pointer}/days", most=MOST_DAYS)
        if rule.grace_s > MOST_GRACE_S:
            yield refuse("grace-too-long", f"{pointer}/grace_s")
