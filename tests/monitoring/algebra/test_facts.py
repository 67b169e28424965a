"""Facts: from messages, into documents and back, each once with its earliest recordedtime."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from contracts.envelope import Message, decode
from services.monitoring.algebra.facts import BY_KIND, Fact, collect, from_doc, known_at, to_doc
from services.monitoring.algebra.messages import from_message, is_fact
from tests.monitoring.algebra.builders import (
    act,
    approved,
    cancelled,
    classified,
    failed,
    held,
    key,
    merged,
    published,
    scheduled,
    stamp,
    submitted,
    withdrawn,
)

EVENT = key()
EXAMPLES = Path(__file__).parents[3] / "contracts" / "examples"
EVERY_KIND: tuple[Message, ...] = (
    scheduled(),
    held(title_en="Ceremony", place="Hội trường", summary="Tóm tắt", url="https://example.edu.vn/le", tier="MAJOR"),
    cancelled(reason="Bão"),
    classified(EVENT, tier="MAJOR", plan_item_id=None),
    merged(EVENT, None),
    submitted(EVENT, "2026-11-21 08:00", plan_item_id="r1", channel="VI_WEB"),
    published(
        EVENT, "VI_WEB", "2026-11-21 08:00", evidence={"sha256": "0" * 64, "media_type": "image/png", "href": "/e"}
    ),
    published(EVENT, "VI_WEB", "2026-11-21 08:00", name="corrected", revision=2, external_id="9", recorded=True),
    withdrawn(EVENT, "VI_WEB", "2026-11-22 08:00", reason="CONSENT"),
    failed(EVENT, "VI_WEB", "2026-11-21 08:00"),
    act("obligation-waived", EVENT, "WEBSITE", "2026-11-21 08:00"),
    act("obligation-waiver-revoked", EVENT, "WEBSITE", "2026-11-22 08:00"),
    act("cause-set", EVENT, "WEBSITE", "2026-11-22 08:00", cause="UNKNOWN"),
)


@pytest.mark.parametrize("given", EVERY_KIND, ids=lambda given: given.name)
def test_a_stored_fact_is_the_same_fact(given: Message) -> None:
    fact = from_message(given)
    assert from_doc(to_doc(fact)) == fact
    assert None not in to_doc(fact).values()


def test_every_kind_of_fact_is_among_them() -> None:
    assert {from_message(given).kind for given in EVERY_KIND} == set(BY_KIND)


def test_only_messages_about_events_bring_facts() -> None:
    examples = [decode(path.read_bytes()) for path in sorted(EXAMPLES.glob("[!i]*/*.json"))]
    bring = {one.name for one in examples if is_fact(one)}
    assert bring == {given.name for given in EVERY_KIND}
    for one in examples:
        if is_fact(one):
            assert from_doc(to_doc(from_message(one))).identity == (one.source, one.id)


def test_a_message_that_brings_no_fact_is_refused() -> None:
    with pytest.raises(KeyError):
        from_message(approved(1, "2026-09-05 08:00"))


def test_a_report_keeps_who_sent_it() -> None:
    fact: Any = from_message(held(revision=3, id="m-1", known=False, recorded="2026-11-25 08:00"))
    kept = (fact.revision, fact.origin_source, fact.origin_id, fact.authenticated, fact.recorded)
    assert kept == (3, "/sis", "m-1", False, stamp("2026-11-25 08:00"))
    first: Any = from_message(held())
    assert first.revision == 1


def test_without_recordedtime_the_time_stands_for_it() -> None:
    assert from_message(replace(held(), recordedtime=None)).recorded == stamp("2026-11-20 16:05")


def test_content_about_no_event_is_a_fact_of_none() -> None:
    fact = from_message(published(None, "VI_WEB", "2026-11-21 08:00", plan_item_id="r1"))
    assert (fact.event, from_doc(to_doc(fact))) == (None, fact)


# Algebra: recordedtime is stamped at first durable receipt, earliest kept
FIRST = from_message(held())
AGAIN = replace(FIRST, recorded=stamp("2026-12-01 08:00"))
OTHER = from_message(scheduled())
COLLECTED: tuple[tuple[str, tuple[Fact, ...], tuple[Fact, ...]], ...] = (
    ("nothing", (), ()),
    ("once", (FIRST, FIRST), (FIRST,)),
    ("the earliest recordedtime", (AGAIN, FIRST), (FIRST,)),
    ("two facts in their one order", (OTHER, AGAIN, FIRST), collect((FIRST, OTHER))),
)


@pytest.mark.parametrize("row", COLLECTED, ids=[f"Algebra: {row[0]}" for row in COLLECTED])
def test_a_set_of_facts_has_each_once(row: tuple[str, tuple[Fact, ...], tuple[Fact, ...]]) -> None:
    _, given, expected = row
    assert {collect(order) for order in permutations(given)} == {expected}


def test_one_identity_with_several_contents_is_settled_the_same_way_in_every_order() -> None:
    facts = [replace(FIRST, title=title, recorded=recorded) for title, recorded in (("A", "3"), ("B", "1"), ("C", "2"))]
    assert {collect(order) for order in permutations(facts)} == {(replace(FIRST, title="A", recorded="1"),)}
    halves = {collect((*collect(order[:2]), *collect(order[2:]))) for order in permutations(facts)}
    assert halves == {collect(facts)}


def test_what_was_known_at_an_instant() -> None:
    late = from_message(published(EVENT, "VI_WEB", "2026-11-21 08:00", recordedtime="2026-11-22 08:00"))
    facts = (FIRST, late)
    assert known_at(facts, stamp("2026-11-22 07:59")) == (FIRST,)
    assert known_at(facts, stamp("2026-11-22 08:00")) == collect(facts)
