"""What became of the proposals of a year: cited by a plan of the next one or not yet; pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.reporting.projections import APPROVED, TAKEN_BACK
from services.reporting.rows import FactsOf
from services.reporting.state import Proposal


class Followed(NamedTuple):
    """A proposal, its name in the report, and the plan that cites it: APPROVED, SUBMITTED, or "" for none."""

    code: str
    proposal: Proposal
    cited: str


def next_year(school_year: str) -> str:
    """The school year after this one. Source: A18"""
    return "-".join(str(int(part) + 1) for part in school_year.split("-"))


def followed(proposals: Iterable[Proposal], plans_of_next_year: FactsOf) -> tuple[Followed, ...]:
    """Each proposal with how far the next year's plans have carried it: the last revision that stands tells.

    Source: 5.2, R19 (carried into next year's plan bases)
    """
    cited = _cited(plans_of_next_year)
    return tuple(
        Followed(f"CT-{n:02}", one, cited.get(one.proposal_id, "")) for n, one in enumerate(proposals, start=1)
    )


def _cited(plans: FactsOf) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for facts in plans.values():
        gone = {fact["revision"] for fact in facts if fact["kind"] == TAKEN_BACK}
        told = [fact for fact in facts if "cites" in fact and fact["revision"] not in gone]
        approved = [fact for fact in told if fact["kind"] == APPROVED]
        last = max(approved or told, key=lambda fact: int(fact["revision"]), default=None)
        if last:
            for proposal_id in last["cites"]:
                found[proposal_id] = "APPROVED" if approved else found.get(proposal_id, "SUBMITTED")
    return found
