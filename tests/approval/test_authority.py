"""The authority matrix row by row, and the Rector's schedule."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.codes import Stage
from contracts.planning import PlanContent
from services.approval.authority import approval_due_at, examine, has_word, route
from tests.approval.builders import DRAFTED_AT, content, item, matrix, schedule

ALL = ("M1", "M2", "M3", "M4", "M5", "M6")
FOCAL: dict[str, Any] = {
    "kind": "FOCAL",
    "recurrence": None,
    "milestone": {"starts_at": "2026-11-20T00:30:00Z", "ends_at": "2026-11-20T04:00:00Z"},
}


def needs(code: str, *channels: str) -> dict[str, Any]:
    return item(requirements=[{"code": code, "channels": list(channels)}])


# Each row: the sentence of the matrix, a plan, the rows that match when all are in force.
MATCHES: tuple[tuple[str, PlanContent, tuple[str, ...]], ...] = (
    ("2.2 nothing beyond authority", content(), ()),
    ("M1 a channel plan for banners", content(item(), channel="BANNER", audience="INTERNAL"), ("M1",)),
    ("M1 a channel plan for print", content(item(), channel="PRINT", audience="INTERNAL"), ("M1",)),
    ("M1 an item that asks for a banner", content(needs("BANNER")), ("M1",)),
    ("M1 an item that asks for a site or a print", content(needs("WEBSITE", "VI_WEB", "PRINT")), ("M1",)),
    ("M1 a notice board is no installation", content(needs("NOTICE_BOARD")), ()),
    ("M2 one dong below the limit", content(item(cost_minor=19_999_999)), ()),
    ("M2 at the limit", content(item(cost_minor=20_000_000)), ("M2",)),
    ("M2 each item by itself", content(item("a", cost_minor=15_000_000), item("b", cost_minor=15_000_000)), ()),
    ("M3 a partner from outside", content(item(partner="Đài truyền hình")), ("M3",)),
    ("M4 in a title", content(item("Công bố logo mới")), ("M4",)),
    ("M4 in a note, any case", content(item(note="Nói về THƯƠNG HIỆU nhà trường")), ("M4",)),
    ("M4 typed without marks", content(item("Le cong bo doi ten truong")), ("M4",)),
    ("M4 other words with other marks", content(item("Đội tên lửa thăm trường")), ()),
    ("M4 a part of a word", content(item("Hội thảo logopedics")), ()),
    ("M5 a focal item", content(item(**FOCAL)), ("M5",)),
    ("M5 a focal tier", content(item(tier="FOCAL")), ("M5",)),
    ("M6 a channel plan for the press", content(item(), channel="PRESS", audience="MASS_MEDIA"), ("M6",)),
    ("M6 an item that asks for mass media", content(needs("MASS_MEDIA")), ("M6",)),
    ("M6 an item that asks for one medium", content(needs("SOCIAL")), ("M6",)),
    ("M1 and M2 together", content(item(cost_minor=25_000_000), channel="BANNER", audience="INTERNAL"), ("M1", "M2")),
)


@pytest.mark.parametrize(("plan", "rows"), [row[1:] for row in MATCHES], ids=[row[0] for row in MATCHES])
def test_a_row_matches_what_it_says(plan: PlanContent, rows: tuple[str, ...]) -> None:
    assert tuple(f.id for f in examine(plan, matrix(*ALL)) if f.is_fired) == rows


@pytest.mark.parametrize("row", ["M5", "M6"])
def test_a_row_that_is_off_is_shown_and_does_not_fire(row: str) -> None:
    plan = content(item(**FOCAL), channel="PRESS", audience="MASS_MEDIA")
    findings = examine(plan, matrix("M1", "M2", "M3", "M4"))
    finding = next(f for f in findings if f.id == row)
    assert finding.places
    assert not finding.is_on
    assert route(findings, "v1").stages == (Stage.OFFICE,)


def test_a_fired_row_sends_the_plan_on_to_the_rectorate_and_says_why() -> None:
    plan = content(item("Cổng chào", cost_minor=25_000_000))
    found = route(examine(plan, matrix(*ALL)), "ma-tran-2026.1")
    assert found.to_data() == {
        "matrix_version": "ma-tran-2026.1",
        "rules": [
            {"id": "M2", "reason": "Có mục từ mức kinh phí phải trình trở lên: Cổng chào (25.000.000 đồng)"},
        ],
        "stages": ["OFFICE", "RECTORATE"],
    }


def test_a_limit_is_data() -> None:
    plan = content(item(cost_minor=1_000_000))
    assert [f.is_fired for f in examine(plan, matrix("M2", M2={"limit_minor": 1_000_000}))].count(True) == 1


def test_a_reason_stays_short_however_long_the_plan() -> None:
    plan = content(*(item(f"{n} {'dài ' * 60}", partner="x") for n in range(50)))
    assert len(route(examine(plan, matrix(*ALL)), "v").rules[0].reason) <= 1000


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("Bộ nhận diện", "nhận diện", True),
        ("bo nhan dien", "nhận diện", True),
        ("bo  nhan\ndien", "nhận diện", True),
        ("bộ nhan dien", "nhận diện", False),
        ("Đổi tên trường", "đổi tên trường", True),
        ("brander", "brand", False),
    ],
)
def test_words_are_found_whole(text: str, word: str, found: bool) -> None:
    assert has_word(text, word) is found


# Each row: what R08 says, school year, submitted, amendment?, due (UTC, exclusive).
DUE = (
    ("2.3 the day of the schedule, to its end", "2026-2027", DRAFTED_AT, False, datetime(2026, 9, 15, 17, tzinfo=UTC)),
    (
        "R08 a year without a row has the default day",
        "2027-2028",
        DRAFTED_AT,
        False,
        datetime(2027, 9, 15, 17, tzinfo=UTC),
    ),
    (
        "R08 a plan submitted late does not move its day",
        "2026-2027",
        datetime(2026, 10, 1, tzinfo=UTC),
        False,
        datetime(2026, 9, 15, 17, tzinfo=UTC),
    ),
    (
        "R08 an amendment has three days, its own not counted",
        "2026-2027",
        datetime(2026, 11, 20, 16, 59, tzinfo=UTC),
        True,
        datetime(2026, 11, 23, 17, tzinfo=UTC),
    ),
    (
        "R08 the local day counts",
        "2026-2027",
        datetime(2026, 11, 20, 17, 0, tzinfo=UTC),
        True,
        datetime(2026, 11, 24, 17, tzinfo=UTC),
    ),
)


@pytest.mark.parametrize(("year", "at", "amendment", "due"), [row[1:] for row in DUE], ids=[row[0] for row in DUE])
def test_the_due_time_follows_the_rectors_schedule(year: str, at: datetime, amendment: bool, due: datetime) -> None:
    assert approval_due_at(schedule(), year, at, is_amendment=amendment) == due
