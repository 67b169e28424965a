"""Contract: who may speak for a source, and what becomes of repeats and contradictions."""

from typing import Any

import pytest

from services.monitoring.intake.acceptance import (
    IntakeDecision,
    KnownRecord,
    Permission,
    StatedRevision,
    Status,
    admit,
    decide_intake,
    is_reserved,
    speaks_for,
    unknown_codes,
)
from tests.monitoring.intake.messages import BATCH, CANCELLED, EVENT, broken, event, post, take

SIS, NOBODY, SHUT = Permission("/sis"), Permission(None), Permission(None, open_door=False)
ACCEPTED, DUPLICATE, QUARANTINED = Status

SPEAKS: tuple[tuple[str, str, bool], ...] = (
    ("/sis", "/sis", True),
    ("/sis", "/sis/x", True),
    ("/sis", "/sis/x/y", True),
    ("/sis", "/sis?x", True),
    ("/sis", "/sisx", False),
    ("/sis", "/si", False),
    ("/sis", "/", False),
    ("/sis", "sis", False),
    ("/sis", "/SIS", False),
    ("/sis", "/%73is", False),
    ("/sis", "/other?/sis/", False),
    ("/sis/a", "/sis", False),
    ("https://sis.edu.vn", "https://sis.edu.vn/x", True),
    ("https://sis.edu.vn", "https://sis.edu.vn.evil/x", False),
    ("", "/sis", False),
)


@pytest.mark.parametrize(("prefix", "source", "may"), SPEAKS)
def test_a_token_speaks_for_its_prefix_by_whole_path_segments(prefix: str, source: str, *, may: bool) -> None:
    assert speaks_for(prefix, source) is may


@pytest.mark.parametrize("source", ["/publicity", "/publicity/desk", "/%70ublicity/x", "/%2570ublicity", "publicity"])
def test_sources_under_publicity_are_403_for_every_token(source: str) -> None:
    assert is_reserved(source)
    for permission in (Permission("/publicity"), Permission(source), SIS, NOBODY):
        assert broken(admit(post(event(source=source)), permission)) == [(403, "/source", "source-reserved")]


@pytest.mark.parametrize("source", ["/publicityx", "/sis/publicity", "/Publicity"])
def test_other_sources_are_not_reserved(source: str) -> None:
    assert not is_reserved(source)


def test_a_foreign_source_is_403_and_named_in_the_batch() -> None:
    parsed = admit(post([EVENT, event(source="/sisx"), event(source="/hr")], BATCH), SIS)
    assert broken(parsed) == [(403, "/1/source", "source-foreign"), (403, "/2/source", "source-foreign")]
    assert parsed.status == 403


def test_who_may_not_speak_is_told_so_before_the_rules_of_the_data() -> None:
    parsed = admit(post(event({"title": ""}, source="/hr")), SIS)
    assert parsed.status == 403
    assert set(broken(parsed)) == {(422, "/data/title", "text-blank"), (403, "/source", "source-foreign")}


def test_bytes_and_envelope_go_before_the_sender() -> None:
    assert admit(post(event(id="", source="/hr")), SIS).status == 400


@pytest.mark.parametrize("permission", [SIS, NOBODY])
def test_a_source_of_the_sender_is_admitted(permission: Permission) -> None:
    assert len(admit(post(EVENT), permission).candidates) == 1


DIGEST = take(EVENT).content_digest
FIRST = KnownRecord("r-1", ACCEPTED, DIGEST)
OTHER = KnownRecord("r-2", ACCEPTED, "sha256:other")
CONFLICT = KnownRecord("r-3", QUARANTINED, DIGEST, reasons=("revision-conflict",))
REUSED = KnownRecord("r-4", QUARANTINED, DIGEST, reasons=("id-reused",))
OPEN = KnownRecord("r-5", ACCEPTED, DIGEST, is_authenticated=False)
OPEN_OTHER = KnownRecord("r-6", ACCEPTED, "sha256:other", is_authenticated=False)


def quarantined(*reasons: str) -> IntakeDecision:
    """A new message that is kept apart."""
    return IntakeDecision(QUARANTINED, reasons)


REPEATS: tuple[tuple[str, tuple[KnownRecord, ...], IntakeDecision], ...] = (
    ("A new `id` is ACCEPTED", (), IntakeDecision(ACCEPTED)),
    (
        "Same `source` + `id`, same content: DUPLICATE with the first `id`",
        (FIRST,),
        IntakeDecision(DUPLICATE, (), "r-1"),
    ),
    ("other content: QUARANTINED, `id-reused`", (OTHER,), quarantined("id-reused")),
    (
        "of a quarantined one: QUARANTINED",
        (CONFLICT,),
        IntakeDecision(QUARANTINED, ("revision-conflict",), "r-3"),
    ),
    (
        "a repeat of an `id-reused` answers as that did",
        (OTHER, REUSED),
        IntakeDecision(QUARANTINED, ("id-reused",), "r-4"),
    ),
    (
        "a repeat of the first is DUPLICATE after an `id-reused` too",
        (FIRST, OTHER),
        IntakeDecision(DUPLICATE, (), "r-1"),
    ),
    ("what nobody checked does not answer for an authenticated sender", (OPEN,), IntakeDecision(ACCEPTED)),
    ("what nobody checked does not stand in an authenticated sender's way", (OPEN_OTHER,), IntakeDecision(ACCEPTED)),
)


@pytest.mark.parametrize(("known", "decision"), [row[1:] for row in REPEATS], ids=[row[0] for row in REPEATS])
def test_a_repeat_answers_as_the_first_did(known: tuple[KnownRecord, ...], decision: IntakeDecision) -> None:
    assert decide_intake(take(EVENT), known, None, permission=SIS) == decision


SAID, STATED = take(event({"revision": 2})), StatedRevision("sha256:other")
UNCHECKED = StatedRevision("sha256:other", is_authenticated=False)
REVISIONS: tuple[tuple[str, Any, StatedRevision | None, Permission, tuple[str, ...]], ...] = (
    ("A stated revision equal to a stated one with other content", SAID, STATED, SIS, ("revision-conflict",)),
    ("a new `id` with the same content is ACCEPTED", SAID, StatedRevision(SAID.content_digest), SIS, ()),
    ("left out counts as 1, and contradicts nothing", take(EVENT), STATED, SIS, ()),
    ("a revision not stated before", SAID, None, SIS, ()),
    ("an unchecked record never supersedes facts of a source", SAID, UNCHECKED, SIS, ()),
    ("between unchecked ones the first stays", SAID, UNCHECKED, NOBODY, ("revision-conflict",)),
    ("an unchecked one against a source", SAID, STATED, NOBODY, ("revision-conflict",)),
)


@pytest.mark.parametrize(
    ("candidate", "stated", "permission", "reasons"), [row[1:] for row in REVISIONS], ids=[row[0] for row in REVISIONS]
)
def test_a_revision_has_one_content(
    candidate: Any, stated: StatedRevision | None, permission: Permission, reasons: tuple[str, ...]
) -> None:
    decision = decide_intake(candidate, (), stated, permission=permission)
    assert (decision.reasons, decision.status) == (reasons, QUARANTINED if reasons else ACCEPTED)


def test_the_open_door_takes_and_flags_or_quarantines() -> None:
    taken = decide_intake(take(EVENT), (), None, permission=NOBODY)
    assert taken == IntakeDecision(ACCEPTED, flags=("sender-unknown",))
    kept_apart = decide_intake(take(EVENT), (), None, permission=SHUT)
    assert (kept_apart.status, kept_apart.reasons) == (QUARANTINED, ("sender-unknown",))


def test_an_unchecked_record_repeats_an_authenticated_one_without_effect() -> None:
    assert decide_intake(take(EVENT), (FIRST,), None, permission=NOBODY).status is DUPLICATE
    assert decide_intake(take(EVENT), (OTHER,), None, permission=NOBODY).reasons == ("id-reused",)


def test_unknown_codes_are_flagged() -> None:
    candidate = take(event({"topic_area": "T", "plan_item_id": "i"}))
    none: dict[str, Any] = {"units": (), "topic_areas": (), "plan_items": ()}
    assert unknown_codes(candidate, **none) == ("unit-unknown", "topic-area-unknown", "plan-item-unknown")
    known: dict[str, Any] = {"units": {"P_TCHC"}, "topic_areas": {"T"}, "plan_items": {"i"}}
    assert unknown_codes(candidate, **known) == ()
    assert unknown_codes(take(EVENT | {"type": CANCELLED}), **none) == ()
