"""When a year's report is frozen, and what an improvement is tied to, as tables of cases."""

from datetime import datetime
from typing import Any

import pytest

from contracts.reporting import Gap, ImprovementProposed, ReportIssued
from services.chassis.decision import Refusal
from services.reporting.decisions import cut_off, issue, propose
from services.reporting.school_years import dates_of
from services.reporting.state import Issued, Proposal, Report
from tests.reporting.builders import DATES, HEAD, NOW, YEAR, a_year, at, snapshot, stamp

WHOLE = snapshot(*a_year())
OPEN = Report(school_year=YEAR)

CUT_OFFS = (
    ("A21: before 15 August", None, "2026-08-14 23:59", "cut-off-not-reached"),
    ("A21: on 15 August the present counts", None, "2026-08-15 17:00", "2026-08-15 17:00"),
    ("A21: later, 15 August 24:00 counts", None, "2026-09-03 08:00", "2026-08-16 00:00"),
    ("given, and past", "2026-07-31 00:00", "2026-08-01 08:00", "2026-07-31 00:00"),
    ("given, this very moment", "2026-08-01 08:00", "2026-08-01 08:00", "2026-08-01 08:00"),
    ("given, in the future", "2026-08-15 17:01", "2026-08-15 17:00", "cut-off-in-future"),
    ("given, before the year", "2025-08-31 23:59", "2026-08-15 17:00", "cut-off-before-year"),
)


@pytest.mark.parametrize(("given", "now", "expected"), [case[1:] for case in CUT_OFFS], ids=[c[0] for c in CUT_OFFS])
def test_what_the_report_counts_up_to(given: str | None, now: str, expected: str) -> None:
    chosen = cut_off(DATES, at(given) if given else None, at(now))
    assert (chosen.rule if isinstance(chosen, Refusal) else chosen) == (
        at(expected) if expected.startswith("20") else expected
    )


def test_a_year_may_have_a_cut_off_of_its_own() -> None:
    dates = dates_of(YEAR, {YEAR: {"cut_off_on": datetime(2026, 7, 31).date()}})  # noqa: DTZ001 - a local date
    assert cut_off(dates, None, at("2026-08-15 17:00")) == at("2026-08-01 00:00")
    assert dates.plan_due_on == DATES.plan_due_on


def test_an_issued_report_is_announced_with_its_digest_and_figures() -> None:
    decision = issue(OPEN, WHOLE, HEAD, href="/reports/2025-2026", now=NOW)
    assert decision.state == Report(
        school_year=YEAR,
        sequence=1,
        issued=Issued(cut_off_at=at("2026-08-15 17:00"), issued_at=NOW, digest=WHOLE.digest, signed_by="truong-phong"),
    )
    (announcement,) = decision.announcements
    assert announcement.data == ReportIssued(
        school_year=YEAR,
        cut_off_at=at("2026-08-15 17:00"),
        digest=WHOLE.digest,
        figures=WHOLE.figures,
        signed_by="truong-phong",
        href="/reports/2025-2026",
    )
    assert (announcement.subject, announcement.sequence) == (YEAR, 1)


def test_a_year_is_issued_once() -> None:
    issued = issue(OPEN, WHOLE, HEAD, href="/reports/2025-2026", now=NOW).state
    assert issued is not None
    (refusal,) = issue(issued, WHOLE, HEAD, href="/reports/2025-2026", now=at("2026-09-01")).refusals
    assert refusal.rule == "report-issued"
    assert refusal.params == {"issued_at": "15/08/2026 17:00", "digest": WHOLE.digest}


def test_a_year_of_nothing_is_not_issued() -> None:
    (refusal,) = issue(OPEN, snapshot(), HEAD, href="/reports/2025-2026", now=NOW).refusals
    assert refusal.rule == "year-empty"


def proposal(figure: str, value: float) -> Proposal:
    """A proposal that answers a gap."""
    gap = Gap(figure=figure, value=value)
    return Proposal(proposal_id="p1", text="Dịch trước", gap=gap, by="truong-phong", proposed_at=NOW)


GAPS = (
    ("R19: a measured gap", "on_time", 0.6, None),
    ("rounded as the page shows it", "hours_to_publish", 22.45, None),
    ("R19: tied to nothing that is measured", "happiness", 0.6, "gap-unmeasured"),
    ("measured, but nothing has fallen due", "on_time.EN_WEB", 0.6, "gap-unmeasured"),
    ("another value than the report's", "on_time", 0.7, "gap-outdated"),
)


@pytest.mark.parametrize(("figure", "value", "rule"), [case[1:] for case in GAPS], ids=[case[0] for case in GAPS])
def test_a_proposal_is_tied_to_a_measured_gap(figure: str, value: float, rule: str | None) -> None:
    decision = propose(OPEN, WHOLE, proposal(figure, value))
    assert [refusal.rule for refusal in decision.refusals] == ([rule] if rule else [])
    if rule is None:
        assert decision.state is not None
        measured = WHOLE.measures[figure]
        assert [one.gap.value for one in decision.state.proposals] == [measured]
        data: Any = decision.announcements[0].data
        assert data == ImprovementProposed(
            proposal_id="p1",
            school_year=YEAR,
            text="Dịch trước",
            gap=Gap(figure=figure, value=measured),
            by="truong-phong",
        )
        assert decision.announcements[0].discriminator == "p1"


def test_proposals_and_the_issue_count_one_sequence() -> None:
    first = propose(OPEN, WHOLE, proposal("on_time", 0.6)).state
    assert first is not None
    issued = issue(first, WHOLE, HEAD, href="/reports/2025-2026", now=NOW)
    assert [one.sequence for one in issued.announcements] == [2]
    assert issued.state is not None
    assert issued.state.proposals == first.proposals


def test_the_cut_off_is_the_instant_of_the_snapshot() -> None:
    earlier = snapshot(*a_year(), as_of="2026-07-31 00:00")
    decision = issue(OPEN, earlier, HEAD, href="/reports/2025-2026", now=NOW)
    assert decision.state is not None
    assert decision.state.issued is not None
    assert decision.state.to_data()["issued"]["cut_off_at"] == stamp("2026-07-31 00:00")
