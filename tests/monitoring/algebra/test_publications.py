"""The obligation, A publication, Phase, What discharges what: which content discharges an obligation."""

import pytest

from contracts.envelope import Message
from tests.monitoring.algebra.builders import (
    approved,
    asks,
    classified,
    held,
    item,
    key,
    merged,
    owes,
    published,
    scheduled,
    stamp,
    withdrawn,
)

EVENT = key()
HELD = held(started_at="2026-11-20 08:00")
DURING, AFTER, LATER = "2026-11-20 10:00", "2026-11-21 08:00", "2026-11-22 08:00"
BEFORE = "2026-11-20 07:59:59.999999"


def evidence(
    *messages: Message, slot: str = "WEBSITE POST", root: str | None = None
) -> tuple[str, str | None, str | None]:
    """State, content and instant of what discharges WEBSITE after the event."""
    doc = owes(HELD, *messages, root=root)[slot]
    return doc["state"], doc["content_id"], doc["discharged_at"]


MISSED = ("MISSED", None, None)
ON_TIME = ("ON_TIME", "c1", stamp(AFTER))


def shown(channel: str = "VI_WEB", when: str = AFTER, **given: object) -> Message:
    return published(EVENT, channel, when, **given)


# (rule, publications, what discharges WEBSITE after the event)
RULING: tuple[tuple[str, tuple[Message, ...], tuple[str, str | None, str | None]], ...] = (
    ("3.4 published after the event", (shown(),), ON_TIME),
    (
        "the highest revision rules",
        (shown(), shown(when=LATER, revision=2, name="corrected")),
        ("ON_TIME", "c1", stamp(LATER)),
    ),
    ("a lower one that comes later does not", (shown(revision=2), shown(when=LATER, time="2026-12-01 08:00")), ON_TIME),
    ("a tie: corrected over published", (shown(when=LATER), shown(name="corrected", time="2026-11-01 08:00")), ON_TIME),
    ("a tie: withdrawn over corrected", (shown(name="corrected"), withdrawn(EVENT, "VI_WEB", BEFORE)), MISSED),
    ("published again with a higher revision", (withdrawn(EVENT, "VI_WEB", LATER), shown(revision=2)), ON_TIME),
    (
        "withdrawn at a lower revision than shown",
        (shown(revision=3), withdrawn(EVENT, "VI_WEB", LATER, revision=2)),
        ON_TIME,
    ),
    ("withdrawn from another channel", (shown(), withdrawn(EVENT, "E_BOARD", LATER, revision=9)), ON_TIME),
    ("withdrawn: other content", (shown(), withdrawn(EVENT, "VI_WEB", LATER, content_id="c2", revision=9)), ON_TIME),
    (
        "same revision and kind, other content: the later time",
        (shown(time=LATER), shown(when=LATER, time=AFTER)),
        ON_TIME,
    ),
    ("at the same time: the greater id", (shown(id="b"), shown(when=LATER, time=AFTER, id="a")), ON_TIME),
    ("only the event that it names", (published(key("e2"), "VI_WEB", AFTER),), MISSED),
    ("3.4 another channel", (shown("EN_WEB"), shown("E_BOARD"), shown("PRESS")), MISSED),
)


@pytest.mark.parametrize("row", RULING, ids=[f"A publication: {row[0]}" for row in RULING])
def test_which_publication_counts(row: tuple[str, tuple[Message, ...], tuple[str, str | None, str | None]]) -> None:
    _, publications, expected = row
    assert evidence(*publications, root=EVENT) == expected


# the earliest discharging published_at, then content id, then channel
FIRST: tuple[tuple[str, tuple[Message, ...], str], ...] = (
    ("the earliest", (shown(when=LATER), shown(content_id="c2")), "c2"),
    ("then the content id", (shown(content_id="c3"), shown(content_id="c2")), "c2"),
)


@pytest.mark.parametrize("row", FIRST, ids=[f"fine print, discharged_at: {row[0]}" for row in FIRST])
def test_the_first_that_discharges(row: tuple[str, tuple[Message, ...], str]) -> None:
    _, publications, content_id = row
    assert evidence(*publications)[1] == content_id


def test_all_that_discharges_is_listed_the_first_first_then_by_channel() -> None:
    major = classified(EVENT, tier="MAJOR")
    both = [shown("SOCIAL", recorded=True), shown("PRESS", url="https://example.edu.vn/tin"), shown("BROADCAST", LATER)]
    doc = owes(HELD, major, *both)["MASS_MEDIA POST"]
    listed = [(one["channel"], one["recorded"], one["url"]) for one in doc["publications"]]
    assert listed == [
        ("PRESS", False, "https://example.edu.vn/tin"),
        ("SOCIAL", True, None),
        ("BROADCAST", False, None),
    ]


# Phase: published_at < started_at is PRE, else POST (A20); the event starts on 20/11 at 08:00
FOCAL = (scheduled(started_at="2026-11-20 08:00"), classified(EVENT, tier="FOCAL"))
STARTS = "2026-11-20 08:00"
PHASES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("A11 before: no news of what took place", "VI_WEB", BEFORE, {"WEBSITE PRE": "ON_TIME", "WEBSITE POST": "MISSED"}),
    (
        "A20 from the start on it counts as after",
        "VI_WEB",
        STARTS,
        {"WEBSITE PRE": "MISSED", "WEBSITE POST": "ON_TIME"},
    ),
    ("A20 during", "VI_WEB", DURING, {"WEBSITE PRE": "MISSED", "WEBSITE POST": "ON_TIME"}),
    ("3.4 the board too", "E_BOARD", BEFORE, {"E_BOARD PRE": "ON_TIME", "E_BOARD POST": "MISSED"}),
    ("3.5 mass media may be before", "PRESS", BEFORE, {"MASS_MEDIA POST": "ON_TIME"}),
    ("3.5 or after", "BROADCAST", AFTER, {"MASS_MEDIA POST": "ON_TIME"}),
    ("A10 social networks are mass media", "SOCIAL", AFTER, {"MASS_MEDIA POST": "ON_TIME"}),
    ("A19 the internal website is no website here", "INTERNAL_WEB", AFTER, {"WEBSITE POST": "MISSED"}),
)


@pytest.mark.parametrize("row", PHASES, ids=[row[0] for row in PHASES])
def test_what_discharges_what(row: tuple[str, str, str, dict[str, str]]) -> None:
    _, channel, when, expected = row
    found = owes(HELD, *FOCAL, shown(channel, when))
    assert {slot: found[slot]["state"] for slot in expected} == expected


def test_a_requirement_of_mass_media_before_the_event_needs_it_before() -> None:
    plan = approved(1, "2026-09-05 08:00", item("r1", asks("MASS_MEDIA", "PRE", "POST")))
    event = scheduled(started_at="2026-11-20 08:00", plan_item_id="r1")
    found = owes(event, held(started_at="2026-11-20 08:00", plan_item_id="r1", revision=2), plan, shown("PRESS"))
    assert {slot: doc["state"] for slot, doc in found.items()} == {
        "MASS_MEDIA PRE": "MISSED",
        "MASS_MEDIA POST": "ON_TIME",
    }


def test_any_other_requirement_after_the_event_needs_it_after() -> None:
    plan = approved(1, "2026-09-05 08:00", item("r1", asks("SOCIAL"), asks("EN_WEB")))
    event = held(started_at="2026-11-20 08:00", plan_item_id="r1")
    found = owes(event, plan, shown("SOCIAL", BEFORE), shown("EN_WEB", DURING))
    assert {slot: doc["state"] for slot, doc in found.items()} == {"SOCIAL POST": "MISSED", "EN_WEB POST": "ON_TIME"}


def test_a_new_start_changes_the_phase_of_what_was_published() -> None:
    moved = held(started_at="2026-11-21 09:00", ended_at="2026-11-21 16:00", revision=2)
    assert evidence(moved, shown()) == MISSED


def test_content_moved_to_another_event_counts_for_that_one() -> None:
    other = held("e2")
    away = withdrawn(EVENT, "VI_WEB", LATER, reason="RELINKED")
    there = published(key("e2"), "VI_WEB", AFTER, revision=2)
    assert evidence(other, shown(), away, there, root=EVENT) == MISSED
    assert owes(HELD, other, shown(), away, there, root=key("e2"))["WEBSITE POST"]["state"] == "ON_TIME"


def test_content_moved_within_merged_events_still_counts() -> None:
    moved = (
        shown(),
        withdrawn(EVENT, "VI_WEB", LATER, reason="RELINKED"),
        published(key("e2"), "VI_WEB", AFTER, revision=2),
    )
    found = owes(HELD, held("e2"), merged(EVENT, key("e2")), *moved, root=key("e2"))
    assert found["WEBSITE POST"]["state"] == "ON_TIME"


def test_content_about_a_plan_item_alone_discharges_no_event() -> None:
    about_item = published(None, "VI_WEB", AFTER, plan_item_id="r1")
    assert evidence(about_item) == MISSED
