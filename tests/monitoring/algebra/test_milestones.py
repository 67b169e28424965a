"""The obligation, Plan items and events: a focal item is an event; 1.7, 3.6."""

from itertools import permutations
from typing import Any

import pytest

from contracts.approval import PlanApproved
from contracts.envelope import Message
from services.monitoring.algebra import plans
from services.monitoring.algebra.milestones import milestone_announcements, milestone_reports, reports_at
from services.monitoring.algebra.plans import in_force, in_force_before
from tests.monitoring.algebra.builders import (
    approved,
    asks,
    assessed,
    held,
    item,
    message,
    milestone,
    owes,
    reference_of,
    scheduled,
    stamp,
)

M1 = milestone("f1")
FOCAL = item("f1", starts_at="2026-11-20 08:00", ends_at="2026-11-20 16:00", lead_unit="P_CTSV", title="Khai giảng")
MOVED = item("f1", starts_at="2026-11-27 08:00", title="Khai giảng")
R1 = approved(1, "2026-09-05 08:00", FOCAL, recorded="2026-09-05 09:00")


def event(*messages: Message) -> dict[str, Any]:
    return assessed(R1, *messages)[M1].event


def test_an_approved_milestone_is_an_event() -> None:
    found = event()
    shown = ("status", "title", "unit", "tier", "topic_area", "plan_item_id", "planned", "plan_revision", "flags")
    expected = ("SCHEDULED", "Khai giảng", "P_CTSV", "FOCAL", "DAO_TAO", "f1", True, 1, [])
    assert tuple(found[name] for name in shown) == expected
    assert (found["started_at"], found["ended_at"]) == (stamp("2026-11-20 08:00"), stamp("2026-11-20 16:00"))
    assert found["unconfirmed_from"] == stamp("2026-11-21 16:00")
    assert found["dated_by"] == {"source": "/publicity/planning", "id": "plan-2026@1#f1", "revision": 1}


# (rule, further messages, status, start, title)
TOLD: tuple[tuple[str, tuple[Message, ...], tuple[str, str]], ...] = (
    ("re-dated by a revision", (approved(2, "2026-11-01 08:00", MOVED),), ("SCHEDULED", "2026-11-27 08:00")),
    (
        "by the highest approved revision, in whatever order they are approved",
        (approved(3, "2026-10-01 08:00", MOVED), approved(2, "2026-11-01 08:00", FOCAL)),
        ("SCHEDULED", "2026-11-27 08:00"),
    ),
    ("dropped = VOID", (approved(2, "2026-11-01 08:00"),), ("CANCELLED", "2026-11-20 08:00")),
    ("no focal item any more", (approved(2, "2026-11-01 08:00", item("f1")),), ("CANCELLED", "2026-11-20 08:00")),
    (
        "unless held",
        (approved(2, "2026-11-01 08:00"), held(plan_item_id="f1", started_at="2026-11-20 09:00")),
        ("HELD", "2026-11-20 09:00"),
    ),
    (
        "held as its sender tells",
        (held(plan_item_id="f1", started_at="2026-11-20 09:00"),),
        ("HELD", "2026-11-20 09:00"),
    ),
    (
        "of the plan and a sender that schedule it the later time",
        (scheduled(plan_item_id="f1", ended_at="2026-11-21 08:00"),),
        ("SCHEDULED", "2026-11-21 08:00"),
    ),
    (
        "another plan's revisions say nothing of it",
        (approved(9, "2026-11-01 08:00", plan_id="p2"),),
        ("SCHEDULED", "2026-11-20 08:00"),
    ),
)


@pytest.mark.parametrize("row", TOLD, ids=[f"fine print: {row[0]}" for row in TOLD])
def test_what_is_told_of_a_milestone(row: tuple[str, tuple[Message, ...], tuple[str, str]]) -> None:
    _, messages, (status, starts_at) = row
    found = event(*messages)
    assert (found["status"], found["started_at"]) == (status, stamp(starts_at))


def test_a_milestone_without_a_unit_is_the_offices() -> None:
    assert assessed(approved(1, "2026-09-05 08:00", MOVED))[M1].event["unit"] == "PTT"


def test_a_focal_item_without_dates_is_no_event() -> None:
    assert assessed(approved(1, "2026-09-05 08:00", item("f1", kind="FOCAL"))) == {}


def test_what_monitoring_says_of_it_and_hears_again_changes_nothing() -> None:
    revision = plans.from_message(R1)
    said = [
        message(
            f"event-{'cancelled' if type(data).__name__ == 'EventCancelled' else 'scheduled'}",
            data.to_data(),
            time="2026-09-05 08:00",
        )
        for data in milestone_announcements(revision, [])
    ]
    assert [one.data.event for one in said] == [M1]
    assert owes(R1, *said, root=M1) == owes(R1, root=M1)


# Of every order in which revisions arrive, the same messages are made in the end
REVISIONS = [
    plans.from_message(one)
    for one in (
        R1,
        approved(2, "2026-10-01 08:00", item("r1")),
        approved(3, "2026-11-01 08:00", MOVED, item("f2", starts_at="2026-12-01 08:00")),
    )
]


def said(order: tuple[Any, ...]) -> dict[str, Any]:
    """What is announced as revisions arrive one after the other, by origin."""
    found: dict[str, Any] = {}
    for place, revision in enumerate(order):
        for data in milestone_announcements(revision, order[:place]):
            assert data.origin.id not in found, "announced twice"
            found[data.origin.id] = data
    return found


def test_milestones_are_announced_once_each_in_whatever_order_revisions_arrive() -> None:
    orders = [said(order) for order in permutations(REVISIONS)]
    in_order = orders[0]
    told = {origin: (type(data).__name__, data.revision) for origin, data in in_order.items()}
    assert told == {
        "plan-2026@1#f1": ("EventScheduled", 1),
        "plan-2026@2#f1": ("EventCancelled", 2),
        "plan-2026@3#f1": ("EventScheduled", 3),
        "plan-2026@3#f2": ("EventScheduled", 3),
    }
    assert all(other == in_order for other in orders)


def test_the_message_of_a_milestone_says_all_that_the_plan_says() -> None:
    (data,) = milestone_announcements(REVISIONS[0], [])
    assert data.to_data() == {
        "event_id": "f1",
        "event": M1,
        "origin": {"source": "/publicity/planning", "id": "plan-2026@1#f1", "authenticated": True},
        "title": "Khai giảng",
        "unit": "P_CTSV",
        "started_at": stamp("2026-11-20 08:00"),
        "ended_at": stamp("2026-11-20 16:00"),
        "revision": 1,
        "topic_area": "DAO_TAO",
        "tier": "FOCAL",
        "plan_item_id": "f1",
    }


def test_other_plans_are_left_out_of_what_is_announced() -> None:
    other = plans.from_message(approved(1, "2026-10-01 08:00", item("f9", starts_at="2026-12-01 08:00"), plan_id="p2"))
    assert [data.event_id for data in milestone_announcements(REVISIONS[0], [other])] == ["f1"]


def test_only_milestones_have_reports() -> None:
    reference = reference_of([R1])
    assert [report.title for report in reports_at(M1, reference)] == ["Khai giảng"]
    assert reports_at("no milestone", reference) == ()
    assert milestone_reports("r1", [REVISIONS[1]]) == ()


def test_a_stored_plan_is_the_same_plan() -> None:
    given = approved(2, "2026-11-01 08:00", FOCAL, item("r1", asks("WEBSITE", "PRE", "POST"), recurrence="FREQ=WEEKLY"))
    doc = plans.to_doc(plans.from_message(given))
    again = plans.from_doc(doc)
    assert plans.to_doc(again) == doc
    assert (again.items, again.order) == (plans.from_message(given).items, plans.from_message(given).order)
    assert again.items["r1"].asked == (("WEBSITE", "PRE", ("VI_WEB",)), ("WEBSITE", "POST", ("VI_WEB",)))


def test_of_an_item_named_twice_in_a_plan_the_first_counts() -> None:
    data = approved(1, "2026-09-05 08:00", item("r1", title="A"), item("r1", title="B"))
    assert plans.from_message(data).items["r1"].title == "A"


def test_what_approves_no_plan_is_refused() -> None:
    with pytest.raises(TypeError, match="approves no plan"):
        plans.from_message(held())
    assert PlanApproved.__name__ == type(R1.data).__name__


def test_plans_are_kept_once_in_the_order_of_their_approval() -> None:
    late = approved(1, "2026-09-05 08:00", FOCAL, recorded="2026-12-01 08:00")
    reference = reference_of(
        [approved(2, "2026-09-06 08:00"), late, R1, approved(1, "2026-09-01 08:00", item("r2"), plan_id="p2")]
    )
    kept = {plan: [(one.revision, one.recorded) for one in revisions] for plan, revisions in reference.plans.items()}
    assert kept["plan-2026"] == [(1, stamp("2026-09-05 09:00")), (2, stamp("2026-09-06 08:00"))]
    assert reference.plan_of_item == {"f1": "plan-2026", "r2": "p2"}
    assert reference.revisions_of("f1") == reference.plans["plan-2026"]
    assert reference.revisions_of("r9") == reference.revisions_of(None) == ()
    revisions = reference.plans["plan-2026"]
    assert in_force(revisions, "2026-01-01T00:00:00.000000Z") is revisions[0]
    assert in_force((), "2026-01-01T00:00:00.000000Z") is None
    assert in_force_before(revisions, stamp("2026-09-06 08:00")) is revisions[0]
    assert in_force_before(revisions, stamp("2026-09-05 08:00")) is None


def test_of_an_item_in_two_plans_the_first_approved_counts() -> None:
    other = approved(1, "2026-09-01 08:00", item("f1", asks("EN_WEB")), plan_id="p2")
    assert reference_of([R1, other]).plan_of_item["f1"] == "p2"
