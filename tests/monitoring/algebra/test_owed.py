"""The obligation, Requirement, Tier, Which open: what an event owes, by its tier or by its plan item."""

import pytest

from contracts.envelope import Message
from services.monitoring.algebra.owed import Slot, rule_of
from tests.monitoring.algebra.builders import (
    Doc,
    approved,
    asks,
    assessed,
    cancelled,
    classified,
    held,
    item,
    key,
    milestone,
    owes,
    scheduled,
    states,
)

MASS_MEDIA = ["PRESS", "BROADCAST", "SOCIAL"]
ROUTINE = {"WEBSITE POST": ["VI_WEB"], "E_BOARD POST": ["E_BOARD"]}
MAJOR = ROUTINE | {"MASS_MEDIA POST": MASS_MEDIA}
FOCAL = MAJOR | {"WEBSITE PRE": ["VI_WEB"], "E_BOARD PRE": ["E_BOARD"]}
LINKED = held(plan_item_id="r1")


def channels(*messages: Message, root: str | None = None) -> dict[str, list[str]]:
    """The channels of everything that is owed and not VOID."""
    found = owes(*messages, root=root)
    return {slot: doc["channels"] for slot, doc in found.items() if doc["state"] != "VOID"}


def plan(*requirements: Doc, **given: str) -> Message:
    """A plan approved before the year, with the item r1."""
    return approved(1, "2026-09-05 08:00", item("r1", *requirements, **given))


# (rule, messages, what is owed)
OWED: tuple[tuple[str, tuple[Message, ...], dict[str, list[str]]], ...] = (
    ("R11 an event with no plan item is obliged all the same (A15)", (held(),), ROUTINE),
    ("A6 a sender's suggestion is only a question", (held(tier="FOCAL"),), ROUTINE),
    ("R11 a plan item of the lowest tier", (LINKED, plan()), ROUTINE),
    ("R12 MAJOR by the plan item", (LINKED, plan(tier="MAJOR")), MAJOR),
    ("A6 the last EventClassified before the plan item", (LINKED, plan(), classified(key(), tier="MAJOR")), MAJOR),
    (
        "A6 a classification may lower the plan item's tier",
        (LINKED, plan(tier="MAJOR"), classified(key(), tier="ROUTINE")),
        ROUTINE,
    ),
    ("R13 FOCAL, foreseen", (held(), scheduled(), classified(key(), tier="FOCAL")), FOCAL),
    ("R13 FOCAL, first heard of after its start", (held(), classified(key(), tier="FOCAL")), MAJOR),
    ("R11 only EventHeld opens what is owed after the event", (scheduled(),), {}),
    (
        "R13 what is owed before it stands without EventHeld",
        (scheduled(), classified(key(), tier="FOCAL")),
        {"WEBSITE PRE": ["VI_WEB"], "E_BOARD PRE": ["E_BOARD"]},
    ),
    ("A13 an event of which only the cancellation is known", (cancelled(),), {}),
    (
        "Which open: the item's requirements are all that is owed",
        (LINKED, plan(asks("EN_WEB"))),
        {"EN_WEB POST": ["EN_WEB"]},
    ),
    (
        "Which open: whatever the tier",
        (LINKED, plan(asks("EN_WEB"), tier="MAJOR"), classified(key(), tier="FOCAL")),
        {"EN_WEB POST": ["EN_WEB"]},
    ),
    (
        "A17, A19 each its own requirement, channels empty = the code's default",
        (LINKED, plan(asks("INTERNAL_WEB"), asks("UTE_TV"), asks("WEBSITE"), asks("MASS_MEDIA"))),
        {
            "INTERNAL_WEB POST": ["INTERNAL_WEB"],
            "UTE_TV POST": ["UTE_TV"],
            "WEBSITE POST": ["VI_WEB"],
            "MASS_MEDIA POST": MASS_MEDIA,
        },
    ),
    (
        "A10 an item may name the channels",
        (LINKED, plan(asks("WEBSITE", channels=["EN_WEB", "VI_WEB", "EN_WEB"]))),
        {"WEBSITE POST": ["EN_WEB", "VI_WEB"]},
    ),
    (
        "fine print: phases empty = POST; (code, phase) unique, the first counts",
        (LINKED, plan(asks("WEBSITE", channels=["EN_WEB"]), asks("WEBSITE", "POST"))),
        {"WEBSITE POST": ["EN_WEB"]},
    ),
    (
        "R15, A16 physical forms are no requirements",
        (LINKED, plan(asks("BANNER"), asks("PRINT"), asks("NOTICE_BOARD"), asks("EN_WEB"))),
        {"EN_WEB POST": ["EN_WEB"]},
    ),
    # room: an item that asks for physical forms alone has no requirements, so its tier says what is owed
    ("R15 an item of physical forms only", (LINKED, plan(asks("BANNER"), tier="MAJOR")), MAJOR),
    ("fine print: an unknown item counts as none", (held(plan_item_id="r9"), plan(asks("EN_WEB"))), ROUTINE),
    ("A15 an event linked to nothing has nothing of the plan", (held(), plan(asks("EN_WEB"))), ROUTINE),
)


@pytest.mark.parametrize("row", OWED, ids=[row[0] for row in OWED])
def test_what_is_owed(row: tuple[str, tuple[Message, ...], dict[str, list[str]]]) -> None:
    _, messages, expected = row
    assert channels(*messages) == expected


ENDED = "2026-11-20 16:00"
OLD, NEW = item("r1", asks("WEBSITE")), item("r1", asks("EN_WEB"))
ALWAYS = approved(1, "2026-09-05 08:00", OLD)

# (rule, when the second revision is approved, what is owed): the last approved not after the event's end
IN_FORCE: tuple[tuple[str, str, str], ...] = (
    ("approved before", "2026-11-01 08:00", "EN_WEB POST"),
    ("approved at its end", ENDED, "EN_WEB POST"),
    ("approved after its end: changes nothing already held", "2026-11-20 16:00:00.000001", "WEBSITE POST"),
)


@pytest.mark.parametrize("row", IN_FORCE, ids=[f"Which open: {row[0]}" for row in IN_FORCE])
def test_the_plan_revision_in_force(row: tuple[str, str, str]) -> None:
    _, when, expected = row
    assert list(channels(LINKED, ALWAYS, approved(2, when, NEW))) == [expected]


def test_if_none_is_approved_by_then_the_first_approved_is_in_force() -> None:
    third = approved(3, "2026-12-02 08:00", item("r1", asks("UTE_TV")))
    assert list(channels(LINKED, third, approved(2, "2026-12-01 08:00", NEW))) == ["EN_WEB POST"]
    assert list(owes(LINKED, third, approved(2, "2026-12-01 08:00", NEW))) == ["EN_WEB POST"]


def test_revisions_are_in_force_in_the_order_of_their_approval() -> None:
    late = approved(1, "2026-11-02 08:00", OLD)
    assert list(channels(LINKED, late, approved(2, "2026-11-01 08:00", NEW))) == ["WEBSITE POST"]


def test_an_item_that_the_revision_in_force_has_no_more_counts_as_none() -> None:
    dropped = approved(2, "2026-11-01 08:00")
    found = owes(LINKED, ALWAYS, dropped)
    assert {slot: doc["planned"] for slot, doc in found.items()} == {"WEBSITE POST": False, "E_BOARD POST": False}
    event = next(iter(assessed(LINKED, ALWAYS, dropped).values())).event
    assert event["flags"] == ["UNKNOWN_PLAN_ITEM", "UNPLANNED"]
    assert (event["plan_item_id"], event["plan_id"], event["plan_revision"]) == ("r1", None, None)


# (what was classified, what is owed, the rule that is shown)
RULES: tuple[tuple[Message, str, str], ...] = (
    (classified(key(), tier="FOCAL"), "WEBSITE PRE", "R13"),
    (classified(key(), tier="FOCAL"), "WEBSITE POST", "R11"),
    (classified(key(), tier="FOCAL"), "MASS_MEDIA POST", "R12"),
)


@pytest.mark.parametrize("row", RULES, ids=[f"{row[2]} {row[1]}" for row in RULES])
def test_what_is_owed_names_the_rule_that_opened_it(row: tuple[Message, str, str]) -> None:
    given, slot, rule = row
    opened = owes(held(), scheduled(), given)[slot]["opened_by"]
    nothing = {"plan_item_id": None, "plan_id": None, "plan_revision": None}
    assert opened == {"rule": rule, "tier": "FOCAL", "tier_from": "CLASSIFIED"} | nothing


def test_what_an_item_asks_for_names_the_plan() -> None:
    opened = owes(LINKED, plan(asks("WEBSITE"), tier="MAJOR"))["WEBSITE POST"]["opened_by"]
    planned = {"plan_item_id": "r1", "plan_id": "plan-2026", "plan_revision": 1}
    assert opened == {"rule": "PLAN_ITEM", "tier": "MAJOR", "tier_from": "PLAN_ITEM"} | planned
    assert rule_of(Slot("WEBSITE", "POST"), None) == "R11"
    default = owes(held())["WEBSITE POST"]["opened_by"]
    assert (default["tier_from"], default["rule"]) == ("DEFAULT", "R11")


# PRE: (rule, messages, whether WEBSITE is owed before the event); it starts on 20/11 at 16:00
STARTS = "2026-11-20 16:00"
JUST_BEFORE = "2026-11-20 15:59:59.999999"
BEFORE = classified(key(), "2026-11-10 08:00", tier="FOCAL")
OPENS: tuple[tuple[str, tuple[Message, ...], bool], ...] = (
    ("EventScheduled whose time is before the start", (scheduled(time=JUST_BEFORE), BEFORE), True),
    ("EventScheduled at the start: too late", (scheduled(time=STARTS), BEFORE), False),
    (
        "its time counts, not when it was recorded",
        (scheduled(time=JUST_BEFORE, recorded="2026-12-01 08:00"), BEFORE),
        True,
    ),
    ("FOCAL before the start", (scheduled(), classified(key(), JUST_BEFORE, tier="FOCAL")), True),
    (
        "FOCAL at the start only: was not in force before it",
        (scheduled(), classified(key(), STARTS, tier="FOCAL")),
        False,
    ),
    ("the first report of it is EventHeld", (held(time=JUST_BEFORE), BEFORE), False),
    ("scheduled first, then held", (scheduled(), held(revision=2), BEFORE), True),
    (
        "moved to a start before it was first told",
        (
            scheduled(time="2026-11-19 08:00"),
            scheduled(revision=2, ended_at="2026-11-18 08:00", time="2026-11-19 09:00"),
            BEFORE,
        ),
        False,
    ),
    (
        "a later start gives time",
        (
            scheduled(time="2026-11-21 08:00"),
            scheduled(revision=2, ended_at="2026-11-30 08:00", time="2026-11-22 08:00"),
            BEFORE,
        ),
        True,
    ),
)


@pytest.mark.parametrize("row", OPENS, ids=[f"due_at, R13: {row[0]}" for row in OPENS])
def test_what_opens_the_duty_before_an_event(row: tuple[str, tuple[Message, ...], bool]) -> None:
    _, messages, opens = row
    assert ("WEBSITE PRE" in channels(*messages)) is opens


# room: "the tier being in force before it" goes by what was said, told and approved before the start
FOCAL_ITEM = item("r1", tier="FOCAL")
TIER_BEFORE: tuple[tuple[str, tuple[Message, ...], bool], ...] = (
    ("an item approved before the start", (scheduled(plan_item_id="r1"), approved(1, JUST_BEFORE, FOCAL_ITEM)), True),
    ("an item approved at the start", (scheduled(plan_item_id="r1"), approved(1, STARTS, FOCAL_ITEM)), False),
    (
        "linked only by EventHeld",
        (scheduled(), held(plan_item_id="r1", revision=2), approved(1, "2026-09-05 08:00", FOCAL_ITEM)),
        False,
    ),
    (
        "linked at the start by a revision",
        (
            scheduled(),
            scheduled(plan_item_id="r1", revision=2, time=STARTS),
            approved(1, "2026-09-05 08:00", FOCAL_ITEM),
        ),
        False,
    ),
    (
        "linked at the start by a classification",
        (scheduled(), classified(key(), STARTS, plan_item_id="r1"), approved(1, "2026-09-05 08:00", FOCAL_ITEM)),
        False,
    ),
    (
        "asked for by an item before, and still",
        (scheduled(plan_item_id="r1"), approved(1, "2026-09-05 08:00", item("r1", asks("WEBSITE", "PRE")))),
        True,
    ),
    (
        "an item that asks for it after the start only",
        (
            scheduled(plan_item_id="r1", started_at="2026-11-20 08:00"),
            approved(1, "2026-09-05 08:00", item("r1", asks("WEBSITE"))),
            approved(2, "2026-11-20 09:00", item("r1", asks("WEBSITE", "PRE"))),
        ),
        False,
    ),
)


@pytest.mark.parametrize("row", TIER_BEFORE, ids=[f"due_at, R13: {row[0]}" for row in TIER_BEFORE])
def test_the_tier_in_force_before_the_start(row: tuple[str, tuple[Message, ...], bool]) -> None:
    _, messages, opens = row
    assert ("WEBSITE PRE" in channels(*messages)) is opens


# unforeseen focal: FOCAL, first heard of after its start
UNFORESEEN: tuple[tuple[str, tuple[Message, ...], bool], ...] = (
    ("heard of only when held", (held(), BEFORE), True),
    ("scheduled before, classified after", (scheduled(), classified(key(), STARTS, tier="FOCAL")), False),
    ("not focal", (held(),), False),
)


@pytest.mark.parametrize("row", UNFORESEEN, ids=[f"due_at: {row[0]}" for row in UNFORESEEN])
def test_an_unforeseen_focal_event_is_flagged(row: tuple[str, tuple[Message, ...], bool]) -> None:
    _, messages, is_unforeseen = row
    flags = next(iter(assessed(*messages).values())).event["flags"]
    assert ("UNFORESEEN_FOCAL" in flags) is is_unforeseen


def test_a_milestone_approved_before_its_start_opens_what_is_owed_before_it() -> None:
    focal = item("f1", starts_at="2026-11-20 08:00", ends_at=ENDED)
    assert states(approved(1, "2026-11-20 07:59", focal), now=STARTS, root=milestone("f1")) == {
        "WEBSITE PRE": "MISSED",
        "E_BOARD PRE": "MISSED",
    }
    assert states(approved(1, "2026-11-20 08:00", focal), root=milestone("f1")) == {}
