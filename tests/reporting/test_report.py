"""The figures of a year, and that each is a count of rows that can be opened."""

from typing import Any

import pytest

from services.reporting.report import CUTS, RATES, focal_events
from services.reporting.snapshot import Snapshot, Year
from services.reporting.state import Report
from services.reporting.views import Asked, rows_behind
from tests.reporting.builders import YEAR, a_year, assessed, held, published, snapshot, submitted, withdrawn

WHOLE = snapshot(*a_year())
RATIO = {"numerator", "denominator"}


def behind(made: Snapshot, **asked: Any) -> list[Any]:
    """The rows behind a figure."""
    return rows_behind(Year(Report(school_year=YEAR), made), Asked(**asked))[1]


def test_the_figures_of_a_small_year() -> None:
    figures = WHOLE.figures
    assert {rate: tuple(figures[rate].values()) for rate in RATES} == {
        "on_time": (3, 5),  # OPEN is left out, WAIVED and VOID are shown beside
        "strict": (3, 6),  # what was waived after due counts as missed
        "working_day": (3, 5),
        "fault_adjusted": (3, 4),  # without LATE_NOTICE
    }
    assert figures["counts"] == {"OPEN": 0, "ON_TIME": 3, "LATE": 1, "MISSED": 1, "WAIVED": 1, "VOID": 1}
    assert figures["causes"]["APPROVAL_DELAY"] == figures["causes"]["LATE_NOTICE"] == 1
    assert figures["events"] == {"held": 3, "unplanned": 1, "unconfirmed": 0}
    assert figures["publications"] == {"shown": 3, "by_channel": {"E_BOARD": 1, "VI_WEB": 2}}
    assert figures["contributors"] == {"active": 2, "submitted": 2}
    assert figures["delivery_failures"] == {"numerator": 1, "denominator": 4}
    assert figures["plan_execution"] == {"numerator": 1, "denominator": 49}
    assert figures["removed_after_due"] == 1


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_opens_its_rows(rate: str) -> None:
    figure = WHOLE.figures[rate]
    assert len(behind(WHOLE, figure=rate)) == figure["denominator"]
    assert len(behind(WHOLE, figure=rate, state="ON_TIME")) == figure["numerator"]


@pytest.mark.parametrize("by", CUTS)
def test_every_row_of_a_cut_opens_its_rows_and_nothing_is_counted_twice(by: str) -> None:
    for rate in RATES:
        for row in WHOLE.cuts[by]:
            assert len(behind(WHOLE, figure=rate, **{by: row["key"]})) == row[rate]["denominator"]
        for part in RATIO:
            assert sum(row[rate][part] for row in WHOLE.cuts[by]) == WHOLE.figures[rate][part]


def test_other_figures_open_their_rows_too() -> None:
    figures = WHOLE.figures
    assert len(behind(WHOLE, figure="all")) == sum(figures["counts"].values())
    assert len(behind(WHOLE, figure="removed_after_due")) == figures["removed_after_due"]
    assert len(behind(WHOLE, figure="causes", cause="APPROVAL_DELAY")) == 1
    assert len(behind(WHOLE, figure="events")) == figures["events"]["held"]
    assert len(behind(WHOLE, figure="unplanned")) == figures["events"]["unplanned"]
    assert len(behind(WHOLE, figure="hours_to_publish")) == figures["hours_to_publish"]["of"]
    assert len(behind(WHOLE, figure="notice_lag")) == figures["notice_lag"]["of"]
    assert len(behind(WHOLE, figure="plan_execution")) == figures["plan_execution"]["denominator"]
    assert len(behind(WHOLE, figure="plan_execution", state="DONE")) == figures["plan_execution"]["numerator"]


def test_a_miss_without_a_told_cause_opens_as_unknown() -> None:
    made = snapshot(held(), assessed())
    assert made.figures["causes"]["UNKNOWN"] == 1
    assert len(behind(made, figure="causes", cause="UNKNOWN")) == 1


def focal(phase: str, state: str, requirement: str = "WEBSITE") -> Any:
    """An obligation of a focal event."""
    start = dict.fromkeys(("due_at", "strict_due_at", "working_due_at"), "2025-11-20 14:00")
    return assessed(
        requirement=requirement, phase=phase, state=state, tier="FOCAL", **(start if phase == "PRE" else {})
    )


COVERAGE = (
    ("3.6, R13: before and after", (focal("PRE", "ON_TIME"), focal("POST", "ON_TIME")), ("ON_TIME", "ON_TIME"), (1, 1)),
    ("late news is news", (focal("PRE", "ON_TIME"), focal("POST", "LATE")), ("ON_TIME", "LATE"), (1, 1)),
    ("the worst tells", (focal("PRE", "ON_TIME"), focal("PRE", "MISSED", "E_BOARD"), focal("POST", "ON_TIME")),
     ("MISSED", "ON_TIME"), (0, 1)),
    ("either is waivable", (focal("PRE", "WAIVED"), focal("POST", "ON_TIME")), ("WAIVED", "ON_TIME"), (0, 0)),
    ("first heard of after its start: none before", (focal("POST", "ON_TIME"),), ("", "ON_TIME"), (0, 0)),
    ("VOID is none", (focal("PRE", "VOID"), focal("POST", "ON_TIME")), ("", "ON_TIME"), (0, 0)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("told", "states", "both"), [case[1:] for case in COVERAGE], ids=[case[0] for case in COVERAGE]
)
def test_focal_coverage(told: Any, states: tuple[str, str], both: tuple[int, int]) -> None:
    made = snapshot(held(), *told)
    (one,) = focal_events(made.obligations)
    assert (one.before, one.after) == states
    assert tuple(made.figures["focal"]["both"].values()) == both
    assert made.figures["focal"]["without_pre"] == (not states[0])


def test_an_event_that_nobody_confirmed_is_counted_after_24_hours() -> None:
    scheduled = held(kind="event-scheduled")
    counts = [snapshot(scheduled, as_of=when).figures["events"]["unconfirmed"]
              for when in ("2025-11-20 15:00", "2025-11-21 15:59", "2025-11-21 16:00")]  # fmt: skip
    assert counts == [0, 0, 1]


def test_a_withdrawn_publication_is_not_shown_and_its_contributor_was_active() -> None:
    figures = snapshot(held(), submitted(), published(), withdrawn()).figures
    assert figures["publications"]["shown"] == 0
    assert figures["contributors"] == {"active": 1, "submitted": 1}


def test_content_of_another_year_is_not_counted() -> None:
    figures = snapshot(submitted(None, when="2024-11-21 09:00")).figures
    assert figures["contributors"] == {"active": 0, "submitted": 0}


def test_obligations_without_a_date_are_counted_beside_the_rates() -> None:
    figures = snapshot(held(), assessed(due_at=None, strict_due_at=None, working_due_at=None)).figures
    assert (figures["undated"], figures["counts"]["OPEN"]) == (1, 1)
    assert all(figures[rate]["denominator"] == 0 for rate in RATES)


def test_measures_have_a_name_and_a_value_for_every_gap() -> None:
    measured = WHOLE.measures
    assert measured["on_time"] == 0.6
    assert measured["on_time.E_BOARD"] == 0.0
    assert measured["cause.LATE_NOTICE"] == 1.0
    assert measured["hours_to_publish"] == 22.4
    assert "cause.UNKNOWN" not in measured


def test_a_year_of_nothing_is_empty() -> None:
    assert snapshot().is_empty
    assert not WHOLE.is_empty
