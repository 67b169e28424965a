"""Which keys are one event, and what of its reports rules."""

import pytest

from contracts.envelope import Message
from services.reporting.occasions import occasions
from services.reporting.projections import known_at
from tests.reporting.builders import at, cancelled, classified, folded, held, merged, milestone

ITEM = "focal-20-11"
ROOT = milestone(ITEM)
PLANNED = held(ROOT, source="/publicity/planning", kind="event-scheduled", title="Theo kế hoạch", when=at("2025-08-30"))


def found(*messages: Message) -> dict[str, tuple[tuple[str, ...], str, bool]]:
    """The events that messages tell, by root: members, title, whether they were held."""
    seen = occasions(known_at(folded(messages)["events"], "9999"))
    return {root: (one.members, one.title, one.is_held) for root, one in seen.items()}


def test_an_event_linked_to_a_milestone_is_the_milestone() -> None:
    events = found(PLANNED, held("desk", plan_item_id=ITEM, title="Lễ"))
    assert events == {ROOT: (tuple(sorted((ROOT, "desk"))), "Lễ", True)}


def test_a_classification_that_detaches_wins_over_the_senders_link() -> None:
    events = found(PLANNED, held("desk", plan_item_id=ITEM), classified("desk", plan_item_id=None))
    assert set(events) == {ROOT, "desk"}


def test_an_item_without_an_approved_milestone_links_nothing() -> None:
    assert set(found(held("a", plan_item_id="khac"))) == {"a"}


def test_a_merged_event_counts_under_the_one_that_remains_until_it_is_undone() -> None:
    reports = (held("a", title="Một"), held("b", title="Hai", when=at("2025-11-20 17:00")))
    assert set(found(*reports, merged("b", "a"))) == {"a"}
    assert set(found(*reports, merged("b", "a"), merged("b", None, "2025-11-22 08:00"))) == {"a", "b"}


def test_a_ring_of_merges_ends() -> None:
    events = found(held("a"), held("b"), merged("a", "b"), merged("b", "a"))
    assert sorted(member for members, _, _ in events.values() for member in members) == ["a", "b"]


RULING = (
    ("A13: cancelled over held, of one sender", (held("a"), cancelled("a")), False),
    ("a higher revision over a cancellation", (cancelled("a"), held("a", revision=2)), True),
    ("held over cancelled, of two senders", (held("a"), held("b"), merged("b", "a"), cancelled("b")), True),
    ("an unauthenticated report never outweighs a known one",
     (held("a", kind="event-scheduled"), held("a", known=False, revision=9)), False),
)  # fmt: skip


@pytest.mark.parametrize(("messages", "is_held"), [case[1:] for case in RULING], ids=[case[0] for case in RULING])
def test_which_report_rules(messages: tuple[Message, ...], is_held: bool) -> None:
    assert found(*messages)["a"][2] is is_held


def test_only_a_cancellation_is_no_event() -> None:
    assert found(cancelled("a")) == {}
