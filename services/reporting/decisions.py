"""The rules of step 5: when a year's report is frozen, once, and what an improvement is tied to; pure, without I/O."""

from collections.abc import Container
from datetime import datetime

from contracts.reporting import Gap, ImprovementProposed, ReportIssued
from services.chassis.decision import Actor, Announcement, Decision, Refusal
from services.reporting.refusals import refuse
from services.reporting.school_years import LOCAL, YearDates, opening_of
from services.reporting.snapshot import Snapshot
from services.reporting.state import Issued, Proposal, Report

# Source: 5.0 "Trách nhiệm: PTT" (who may propose), 5.1 (who signs the report), R18 (who may read it)
PROPOSERS = ("office_head", "editor")
ISSUERS = ("office_head", "rectorate")
READERS = ("office_head", "rectorate", "editor", "operator", "auditor", "viewer", "administrator")
# Of a value that a person copies from the page, so much may be lost by rounding. Source: R19
ROUNDED = 0.005

Outcome = Decision[Report]


def is_ready(dates: YearDates, now: datetime) -> bool:
    """Say whether the year's cut-off has come, so that its report may be issued. Source: A21"""
    return now >= opening_of(dates.cut_off_on)


def cut_off(dates: YearDates, given: datetime | None, now: datetime) -> datetime | Refusal:
    """What the report counts up to: as given, else the year's cut-off, on whose day the present is as good.

    Source: A21 (a cut-off, by default 15 August)
    """
    if given is None and not is_ready(dates, now):
        return refuse("cut-off-not-reached", cut_off_on=f"{dates.cut_off_on:%d/%m/%Y}")
    if given is None:
        return min(now, opening_of(dates.cut_off_on, later=1))
    if given > now:
        return refuse("cut-off-in-future")
    if given < opening_of(dates.starts_on):
        return refuse("cut-off-before-year", starts_on=f"{dates.starts_on:%d/%m/%Y}")
    return given


def issue(report: Report, snapshot: Snapshot, actor: Actor, *, href: str, now: datetime) -> Outcome:
    """Freeze the year as it was at the cut-off; once, since later facts go to an addendum.

    Emits:   ReportIssued.        Source: 5.1, R18, A21
    """
    if report.issued:
        at = f"{report.issued.issued_at.astimezone(LOCAL):%d/%m/%Y %H:%M}"
        return Decision(refusals=(refuse("report-issued", issued_at=at, digest=report.issued.digest),))
    if snapshot.is_empty:
        return Decision(refusals=(refuse("year-empty"),))
    cut_off_at = datetime.fromisoformat(snapshot.as_of)
    issued = Issued(cut_off_at=cut_off_at, issued_at=now, digest=snapshot.digest, signed_by=actor.account_id)
    told = {"school_year": report.school_year, "figures": snapshot.figures, "href": href}
    return _announced(report.model_copy(update={"issued": issued}), ReportIssued.from_data(issued.to_data() | told))


def propose(report: Report, snapshot: Snapshot, proposal: Proposal, *, units: Container[str] = ()) -> Outcome:
    """Note an improvement, provided that the report measures the gap it answers, and that its owner is a unit.

    Emits:   ImprovementProposed.        Source: 5.2, R19
    """
    if proposal.owner is not None and proposal.owner not in units:
        return Decision(refusals=(refuse("owner-unknown", owner=proposal.owner),))
    figure, measured = proposal.gap.figure, snapshot.measures.get(proposal.gap.figure)
    if measured is None:
        known = ", ".join(sorted(snapshot.measures)) or "—"
        return Decision(refusals=(refuse("gap-unmeasured", figure=figure, known=known),))
    if abs(proposal.gap.value - measured) > ROUNDED * max(1.0, abs(measured)):
        return Decision(refusals=(refuse("gap-outdated", measured=measured, **proposal.gap.to_data()),))
    kept = proposal.model_copy(update={"gap": Gap(figure=figure, value=measured)})
    after = report.model_copy(update={"proposals": (*report.proposals, kept)})
    data = ImprovementProposed.from_data({"school_year": report.school_year, **kept.to_data()})
    return _announced(after, data, discriminator=kept.proposal_id)


def _announced(after: Report, data: ReportIssued | ImprovementProposed, *, discriminator: str | None = None) -> Outcome:
    after = after.model_copy(update={"sequence": after.sequence + 1})
    return Decision(after, (Announcement(data, after.school_year, after.sequence, discriminator=discriminator),))
