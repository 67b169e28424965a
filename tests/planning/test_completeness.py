"""R01 to R05: what keeps a plan from being submitted, each with its place; and how the year's plan stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.codes import Audience, BasisKind, Channel, State
from services.planning.completeness import (
    Window,
    audience_of,
    bases_cited,
    is_late,
    objection_to_time,
    objections,
    objections_to_ids,
    plan_duty,
)
from tests.planning.builders import BASES, DATES, WINDOW, channel, content, focal, group, routine

PLANS = "/content/channel_plans"
BASE_ROWS = [{"kind": kind, "reference": "x"} for kind in BASES]
GROUPS = [group("E_BOARD"), group("VI_WEB")]


def without(kind: str) -> list[dict[str, str]]:
    return [row for row in BASE_ROWS if row["kind"] != kind]


def items(*made: dict[str, Any]) -> dict[str, Any]:
    """A plan whose external channel has these items beside the two that every plan needs."""
    return {"channel_plans": [channel("E_BOARD", routine(), focal()), channel("VI_WEB", *made)]}


# Each row: the sentence, what differs from a complete plan, and (rule, place) of every objection.
ROWS: tuple[tuple[str, dict[str, Any], list[tuple[str, str]]], ...] = (
    ("a complete plan has nothing against it", {}, []),
    *(
        (f"R01 a plan without {kind} is refused", {"bases": without(kind)}, [("R01", "/content/bases")])
        for kind in BASES
    ),
    ("R01 each missing basis is named", {"bases": BASE_ROWS[:1]}, [("R01", "/content/bases")] * 3),
    ("R01 several of one kind are no four kinds", {"bases": BASE_ROWS[:3] * 2}, [("R01", "/content/bases")]),
    (
        "R01 a proposal is a basis beside the four",
        {"bases": [*BASE_ROWS, {"kind": "IMPROVEMENT_PROPOSAL", "reference": "p"}]},
        [],
    ),
    (
        "R02 without an internal channel",
        {"channel_plans": [channel("VI_WEB", routine(), focal())], "contributor_groups": GROUPS},
        [("R02", PLANS)],
    ),
    (
        "R02 without an external channel",
        {"channel_plans": [channel("E_BOARD", routine(), focal())], "contributor_groups": GROUPS},
        [("R02", PLANS)],
    ),
    (
        "R02 what the plan says of a channel's audience does not make it internal",
        {
            "channel_plans": [channel("VI_WEB", routine(), focal(), audience="INTERNAL")],
            "contributor_groups": GROUPS,
        },
        [("R02", PLANS)],
    ),
    (
        "R02 mass media are external",
        {
            "channel_plans": [channel("INTERNAL_WEB", routine(), focal()), channel("PRESS", audience="MASS_MEDIA")],
            "contributor_groups": [group("INTERNAL_WEB"), group("PRESS")],
        },
        [],
    ),
    (
        "R02 a channel has one plan",
        {"channel_plans": [channel("E_BOARD", routine()), channel("VI_WEB", focal()), channel("E_BOARD")]},
        [("R02", f"{PLANS}/2/channel")],
    ),
    (
        "R03 without a routine item",
        {"channel_plans": [channel("E_BOARD", focal()), channel("VI_WEB")]},
        [("R03", PLANS)],
    ),
    (
        "R03 without a focal item",
        {"channel_plans": [channel("E_BOARD", routine()), channel("VI_WEB")]},
        [("R03", PLANS)],
    ),
    (
        "R03 a routine item recurs",
        items(routine("r2", recurrence=None)),
        [("R03", f"{PLANS}/1/items/0/recurrence")],
    ),
    (
        "R03 a recurrence is RFC 5545",
        items(routine("r2", recurrence="hằng tuần")),
        [("R03", f"{PLANS}/1/items/0/recurrence")],
    ),
    (
        "R03 a recurrence comes in the school year",
        items(routine("r2", recurrence="FREQ=DAILY;UNTIL=20260831")),
        [("R03", f"{PLANS}/1/items/0/recurrence")],
    ),
    (
        "R03 a routine item has no milestone",
        items(routine("r2", milestone=focal()["milestone"])),
        [("R03", f"{PLANS}/1/items/0/milestone")],
    ),
    (
        "R03 a focal item has its milestone",
        items(focal("f2", milestone=None)),
        [("R03", f"{PLANS}/1/items/0/milestone")],
    ),
    (
        "R03 a focal item does not recur",
        items(focal("f2", recurrence="FREQ=DAILY")),
        [("R03", f"{PLANS}/1/items/0/recurrence")],
    ),
    (
        "R03 a milestone ends in the school year",
        items(focal("f2", milestone={"starts_at": "2026-08-31T10:00:00Z", "ends_at": "2026-08-31T16:59:59Z"})),
        [("R03", f"{PLANS}/1/items/0/milestone")],
    ),
    (
        "A18 an end at 00:00 of the first day belongs to the year before",
        items(focal("f2", milestone={"starts_at": "2026-08-31T10:00:00Z", "ends_at": "2026-08-31T17:00:00Z"})),
        [("R03", f"{PLANS}/1/items/0/milestone")],
    ),
    (
        "A18 an end at 00:00 after the last day belongs to the year",
        items(focal("f2", milestone={"starts_at": "2027-08-31T10:00:00Z", "ends_at": "2027-08-31T17:00:00Z"})),
        [],
    ),
    (
        "R03 an item id is used once",
        items(routine("tin-tuan")),
        [("item-id-twice", f"{PLANS}/0/items/0/item_id"), ("item-id-twice", f"{PLANS}/1/items/0/item_id")],
    ),
    (
        "a requirement is named once per phase",
        items(routine("r2", requirements=[{"code": "WEBSITE"}, {"code": "WEBSITE", "phases": ["PRE", "POST"]}])),
        [("R03", f"{PLANS}/1/items/0/requirements/1")],
    ),
    (
        "R15 a physical form is no requirement",
        items(routine("r2", requirements=[{"code": "EN_WEB"}, {"code": "BANNER"}])),
        [("R03", f"{PLANS}/1/items/0/requirements/1/code")],
    ),
    (
        "R04 every channel has a group",
        {"contributor_groups": [group("E_BOARD")]},
        [("R04", f"{PLANS}/1/channel")],
    ),
    (
        "R04 a group has somebody in it",
        {"contributor_groups": [group("E_BOARD"), group("VI_WEB") | {"members": []}]},
        [("R04", "/content/contributor_groups/1/members")],
    ),
    (
        "R04 a group's id is used once",
        {"contributor_groups": [group("E_BOARD", group_id="g"), group("VI_WEB", group_id="g")]},
        [("R04", "/content/contributor_groups/0/group_id"), ("R04", "/content/contributor_groups/1/group_id")],
    ),
    ("R04 a channel may have several groups", {"contributor_groups": [*GROUPS, group("VI_WEB", group_id="g2")]}, []),
)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_stands_against_a_submission_is_named_with_its_place(
    row: tuple[str, dict[str, Any], list[tuple[str, str]]],
) -> None:
    _, fields, expected = row
    assert [(one.rule, one.pointer) for one in objections(content(**fields), DATES)] == expected


def test_all_that_is_wrong_is_named_at_once() -> None:
    empty = content(bases=[], channel_plans=[], contributor_groups=[])
    rules = [one.rule for one in objections(empty, DATES)]
    assert rules == ["R01"] * 4 + ["R02"] * 2 + ["R03"] * 2


def test_every_sentence_has_its_places_filled() -> None:
    for _, fields, _ in ROWS:
        for one in objections(content(**fields), DATES):
            assert one.detail % one.params
            assert one.fix % one.params


def test_the_four_bases_are_counted_by_kind() -> None:
    assert bases_cited(content(bases=BASE_ROWS[1:3] * 2)) == (BasisKind.QUALITY_OBJECTIVE, BasisKind.OFFICE_WORK_PLAN)


def test_every_channel_is_either_inside_or_outside() -> None:
    inside = {one for one in Channel if audience_of(one) is Audience.INTERNAL}
    assert inside == {"INTERNAL_WEB", "E_BOARD", "NOTICE_BOARD", "BANNER", "PRINT"}


def test_item_ids_are_unique_over_all_plans() -> None:
    taken = {"tin-tuan": "another-plan", "20-11": "this-plan"}
    (only,) = objections_to_ids(content(), "this-plan", taken)
    assert (only.rule, only.pointer) == ("item-id-taken", f"{PLANS}/0/items/0/item_id")


# R05, A21: the window opens with the report of the year before, else on 1 July; it is due on 5 September at 24:00.
OPENS_BY_DEFAULT = datetime(2026, 6, 30, 17, tzinfo=UTC)
DUE = datetime(2026, 9, 5, 17, tzinfo=UTC)
ISSUED = datetime(2026, 8, 15, 3, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
TIMES = (
    ("A21 before 1 July it is too early", None, OPENS_BY_DEFAULT - MOMENT, False, False),
    ("A21 from 1 July on it is not", None, OPENS_BY_DEFAULT, True, False),
    ("R05 before the report of the year before it is too early", ISSUED, ISSUED - MOMENT, False, False),
    ("R05 with that report the window opens", ISSUED, ISSUED, True, False),
    ("A21 a report before 1 July opens it before", datetime(2026, 6, 1, tzinfo=UTC), OPENS_BY_DEFAULT, True, False),
    ("R05 the last moment of 5 September is in time", None, DUE - MOMENT, True, False),
    ("R05 24:00 of 5 September is late, and not refused", None, DUE, True, True),
)


@pytest.mark.parametrize("row", TIMES, ids=[row[0] for row in TIMES])
def test_when_a_plan_may_be_submitted(row: tuple[str, datetime | None, datetime, bool, bool]) -> None:
    _, issued_at, now, may_be_submitted, late = row
    window = Window(DATES, issued_at)
    objection = objection_to_time(window, now)
    assert (objection is None, is_late(window, now)) == (may_be_submitted, late)
    if objection:
        assert (objection.rule, objection.pointer) == ("R05", "/school_year")
        assert objection.params["previous"] == "2025-2026"


DUTIES = (
    ("nothing yet, in time", None, DUE - MOMENT, State.OPEN),
    ("nothing yet, too late", None, DUE, State.MISSED),
    ("submitted in time", DUE - MOMENT, DUE, State.ON_TIME),
    ("submitted late", DUE, DUE + timedelta(days=30), State.LATE),
)


@pytest.mark.parametrize("row", DUTIES, ids=[row[0] for row in DUTIES])
def test_how_the_plan_of_a_school_year_stands(row: tuple[str, datetime | None, datetime, State]) -> None:
    _, submitted_at, now, state = row
    assert plan_duty(WINDOW, submitted_at, now) is state
