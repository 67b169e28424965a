"""Fine print, Links and merges: which event keys count as one event."""

from typing import Any

import pytest

from contracts.envelope import Message
from services.monitoring.algebra.groups import closes_ring, items_named, resolve_merges, root_of, touches
from tests.monitoring.algebra.builders import (
    CLUBS,
    act,
    approved,
    assessed,
    cancelled,
    classified,
    facts_of,
    held,
    item,
    key,
    merged,
    milestone,
    owes,
    published,
    reference_of,
    scheduled,
)

E1, E2, E3 = key("e1"), key("e2"), key("e3")
M1, M2 = milestone("f1"), milestone("f2")
FOCAL = approved(
    1,
    "2026-09-05 08:00",
    item("f1", starts_at="2026-11-20 08:00"),
    item("f2", starts_at="2026-11-27 08:00"),
    item("r1"),
)
T1, T2, T3 = "2026-11-21 08:00", "2026-11-22 08:00", "2026-11-23 08:00"
EVENTS = (held("e1"), held("e2"), held("e3"))


def groups(*messages: Message) -> dict[str, str]:
    """The root of every key."""
    found = assessed(*messages)
    return {member: root for root, one in found.items() for member in one.event["members"]}


# (rule, merges, the root of e1, e2 and e3)
MERGES: tuple[tuple[str, tuple[Message, ...], tuple[str, str, str]], ...] = (
    ("none", (), (E1, E2, E3)),
    ("one into another", (merged(E1, E2, T1),), (E2, E2, E3)),
    ("followed to the end", (merged(E1, E2, T1), merged(E2, E3, T2)), (E3, E3, E3)),
    ("followed to the end, in whatever order", (merged(E2, E3, T1), merged(E1, E2, T2)), (E3, E3, E3)),
    ("two into one", (merged(E1, E3, T1), merged(E2, E3, T2)), (E3, E3, E3)),
    ("null undoes", (merged(E1, E2, T1), merged(E1, None, T2)), (E1, E2, E3)),
    ("an undoing that comes before undoes nothing", (merged(E1, None, T1), merged(E1, E2, T2)), (E2, E2, E3)),
    ("the last one holds", (merged(E1, E2, T1), merged(E1, E3, T2)), (E3, E2, E3)),
    ("undone in the middle of a chain", (merged(E1, E2, T1), merged(E2, E3, T2), merged(E2, None, T3)), (E2, E2, E3)),
    ("with itself: a ring, refused", (merged(E1, E1, T1),), (E1, E2, E3)),
    ("a ring of two: the second is refused", (merged(E1, E2, T1), merged(E2, E1, T2)), (E2, E2, E3)),
    (
        "a ring of three: the last is refused",
        (merged(E1, E2, T1), merged(E2, E3, T2), merged(E3, E1, T3)),
        (E3, E3, E3),
    ),
    ("a refused one leaves the earlier", (merged(E1, E2, T1), merged(E3, E1, T2), merged(E1, E3, T3)), (E2, E2, E2)),
    ("no ring once undone", (merged(E1, E2, T1), merged(E1, None, T2), merged(E2, E1, T3)), (E1, E1, E3)),
    ("into an event that nobody reported", (merged(E1, M2, T1),), (M2, E2, E3)),
    ("at one time the greater id is last", (merged(E1, E2, T1, id="a"), merged(E1, E3, T1, id="b")), (E3, E2, E3)),
)


@pytest.mark.parametrize("row", MERGES, ids=[f"EventMerged: {row[0]}" for row in MERGES])
def test_merges(row: tuple[str, tuple[Message, ...], tuple[str, str, str]]) -> None:
    _, merges, expected = row
    found = groups(*EVENTS, *merges)
    assert tuple(found[one] for one in (E1, E2, E3)) == expected


# (rule, messages, the root of e1); f1 and f2 are milestones, r1 a routine item
LINKS: tuple[tuple[str, tuple[Message, ...], str], ...] = (
    ("no item", (held(),), E1),
    ("by its sender", (held(plan_item_id="f1"),), M1),
    ("a routine item is no event", (held(plan_item_id="r1"),), E1),
    ("an unknown item", (held(plan_item_id="f9"),), E1),
    ("by a classification", (held(), classified(E1, plan_item_id="f1")), M1),
    ("a classification before the sender", (held(plan_item_id="f1"), classified(E1, plan_item_id="f2")), M2),
    ("null detaches", (held(plan_item_id="f1"), classified(E1, plan_item_id=None)), E1),
    ("a classification without the field leaves it", (held(plan_item_id="f1"), classified(E1, tier="MAJOR")), M1),
    ("the ruling message's, left out = none", (held(plan_item_id="f1"), held(revision=2)), E1),
    ("the ruling message's", (held(), held(revision=2, plan_item_id="f1")), M1),
    # room: a cancellation has no such field; what it cancels says which event it is
    ("a cancelled event stays linked", (scheduled(plan_item_id="f1"), cancelled(revision=2)), M1),
    (
        "but not by what a stranger told",
        (cancelled(), held(known=False, plan_item_id="f1")),
        E1,
    ),
    ("EventMerged before the link", (held(plan_item_id="f1"), held("e2"), merged(E1, E2)), E2),
    (
        "then the link of where it was merged",
        (held(time=T1), held("e2", plan_item_id="f1", time=T2), merged(E1, E2)),
        M1,
    ),
    # room: what was merged is counted as one, so one ruling message gives the link of all
    (
        "the ruling message of all that was merged",
        (held(time=T2), held("e2", plan_item_id="f1", time=T1), merged(E1, E2)),
        E2,
    ),
    (
        "the ruling message's of all that was merged",
        (held(plan_item_id="f1", time=T2), held("e2", time=T1), merged(E1, E2)),
        M1,
    ),
    ("a milestone merged away takes its links along", (held(plan_item_id="f1"), held("e2"), merged(M1, E2)), E2),
    ("a milestone linked to another", (held(plan_item_id="f1"), classified(M1, plan_item_id="f2")), M2),
    ("a ring of merge and link: the link gives way", (held(plan_item_id="f1"), merged(M1, E1)), E1),
    (
        "a ring of two links: the smaller key stands for itself",
        (held(plan_item_id="f1"), classified(M1, plan_item_id="f2"), classified(M2, plan_item_id="f1")),
        min(M1, M2),
    ),
)


@pytest.mark.parametrize("row", LINKS, ids=[f"Links: {row[0]}" for row in LINKS])
def test_links(row: tuple[str, tuple[Message, ...], str]) -> None:
    _, messages, expected = row
    assert groups(FOCAL, *messages)[E1] == expected


# room: an item that a later revision adds or drops is the event's milestone all the same; tier and requirements go by
# the revision in force
def test_a_link_holds_whichever_revision_has_the_milestone() -> None:
    without = approved(2, "2026-11-01 08:00", item("r1"))
    assert groups(FOCAL, without, held(plan_item_id="f1"))[E1] == M1
    first = approved(1, "2026-09-05 08:00", item("r1"))
    added = approved(2, "2026-12-01 08:00", item("f1", starts_at="2026-11-20 08:00"))
    assert groups(first, added, held(plan_item_id="f1"))[E1] == M1
    assert owes(first, added, held(plan_item_id="f1"), root=M1)["WEBSITE POST"]["tier"] == "ROUTINE"


def test_both_keys_answer_for_a_linked_event() -> None:
    found = assessed(FOCAL, held(plan_item_id="f1"))
    assert (set(found), found[M1].event["members"]) == ({M1, M2}, sorted([E1, M1]))
    assert {doc["event"] for doc in found[M1].obligations} == {M1}


def counted(*messages: Message) -> dict[str, Any]:
    """WEBSITE of e2, into which e1 was merged."""
    return owes(held("e1"), held("e2"), merged(E1, E2), *messages, root=E2)["WEBSITE POST"]


def test_of_a_merged_key_publications_count() -> None:
    doc = counted(published(E1, "VI_WEB", T1))
    assert (doc["state"], doc["content_id"]) == ("ON_TIME", "c1")


def test_of_a_merged_key_waivers_and_causes_do_not_count() -> None:
    acts = (act("obligation-waived", E1, "WEBSITE", T1), act("cause-set", E1, "WEBSITE", T1, cause="UNKNOWN"))
    doc = counted(*acts)
    assert (doc["state"], doc["waiver"], doc["cause"]) == ("MISSED", None, "NO_SUBMISSION")


def test_of_a_merged_key_classifications_count() -> None:
    assert counted(classified(E1, tier="MAJOR"))["tier"] == "MAJOR"


def test_a_merged_key_has_no_documents_of_its_own() -> None:
    assert set(assessed(held("e1"), held("e2"), merged(E1, E2))) == {E2}


def test_publications_of_both_sides_count_for_one_publication() -> None:
    both = (published(E1, "VI_WEB", T1, revision=2), published(E2, "VI_WEB", T2))
    assert counted(*both)["publications"][0]["revision"] == 2


def test_an_undone_merge_leaves_two_events_as_they_were() -> None:
    apart = assessed(held("e1"), held("e2"))
    undone = assessed(held("e1"), held("e2"), merged(E1, E2, T1), merged(E1, None, T2))
    assert undone == apart


# closes_ring: what a person may not do, links included
RINGS: tuple[tuple[str, str, str, dict[str, str], dict[str, str], bool], ...] = (
    ("nothing yet", "a", "b", {}, {}, False),
    ("itself", "a", "a", {}, {}, True),
    ("back", "a", "b", {"b": "a"}, {}, True),
    ("back over another", "a", "b", {"b": "c", "c": "a"}, {}, True),
    ("its own earlier merge is replaced", "a", "b", {"a": "c", "c": "b"}, {}, False),
    ("over a link", "a", "b", {}, {"b": "a"}, True),
    ("a merge goes before a link", "a", "b", {"b": "c"}, {"b": "a"}, False),
    ("a ring elsewhere", "a", "b", {"b": "c"}, {"c": "b"}, False),
)


@pytest.mark.parametrize("row", RINGS, ids=[row[0] for row in RINGS])
def test_a_merge_that_would_close_a_ring_is_known(
    row: tuple[str, str, str, dict[str, str], dict[str, str], bool],
) -> None:
    _, event, into, merges, links, is_ring = row
    assert closes_ring(event, into, merges=merges, links=links) is is_ring


def test_a_ring_has_the_same_root_from_wherever_it_is_entered() -> None:
    merges, links = {"x": "c", "b": "a"}, {"a": "c", "c": "b"}
    assert {root_of(one, merges, links) for one in "abcx"} == {"a"}
    assert resolve_merges(()) == {}


def test_what_an_event_points_to_finds_its_group() -> None:
    facts = facts_of(
        [
            held(plan_item_id="f1"),
            held(plan_item_id="r1", revision=2),
            classified(E1, plan_item_id="f2"),
            merged(E1, E2, T1),
            merged(E1, None, T2),
        ]
    )[E1]
    assert items_named(facts) == {"f1", "f2", "r1"}
    assert touches(facts, reference_of([FOCAL])) == {E2, M1, M2}
    assert items_named(facts_of([cancelled(), classified(E1, plan_item_id=None)])[E1]) == frozenset()


def test_two_senders_reports_of_one_event_are_one_once_merged() -> None:
    both = (held(), held("e1", source=CLUBS), merged(key("e1", CLUBS), E1))
    assert set(assessed(*both)) == {E1}
