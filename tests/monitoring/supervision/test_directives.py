"""A directive's life as a table: who may take which step, and what it says."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.monitoring import DirectiveAcknowledged, DirectiveClosed, DirectiveIssued
from services.chassis.decision import Actor, Decision
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.supervision import directives
from services.monitoring.supervision.directives import DirectiveFilter, Doc, Issuing, Known
from tests.monitoring.reading.house import NOW

HEAD = Actor("a-head", "Trưởng phòng", frozenset({"office_head"}), "PTT")
RECTOR = Actor("a-rector", "Hiệu trưởng", frozenset({"rectorate"}), "BGH")
WRITER = Actor("a-writer", "Cộng tác viên", frozenset({"contributor"}), "K_CK")
OTHER = Actor("a-other", "Cộng tác viên hai", frozenset({"contributor"}), "K_CK")
ALIEN = Actor("a-alien", "Người ngoài", frozenset({"contributor"}), "K_XD")
VIEWER = Actor("a-viewer", "Người xem", frozenset({"viewer"}))
KNOWN = Known(frozenset({"K_CK"}), frozenset({"DAO_TAO"}), has_addressee=True)
DUE = NOW + timedelta(days=1)


def given(to: str = "K_CK", **changed: Any) -> Issuing:
    told = {"scope": {"topic_area": "DAO_TAO"}, "to": to, "text": "Bổ sung ảnh.", "due_at": DUE}
    return Issuing.model_validate(told | changed)


def issued(to: str = "K_CK", by: Actor = HEAD) -> Doc:
    made = directives.issue(given(to), "d-1", known=KNOWN, by=by, now=NOW)
    assert made.state is not None
    return made.state


def acknowledged(doc: Doc, by: Actor = WRITER) -> Doc:
    after = directives.acknowledge(doc, note=None, by=by, now=NOW).state
    assert after is not None
    return after


def closed(doc: Doc) -> Doc:
    after = directives.close(doc, note="Đủ ảnh.", by=HEAD, now=NOW).state
    assert after is not None
    return after


def said(decision: Decision[Doc]) -> list[Any]:
    """The rules that say no, or the state and version after."""
    if decision.refusals:
        return [(one.rule, one.pointer) for one in decision.refusals]
    assert decision.state is not None
    return [decision.state["state"], decision.state["sequence"]]


def test_a_directive_says_who_to_whom_on_what_and_by_when() -> None:
    """4.2: chỉ đạo cụ thể theo từng thời điểm."""
    made = directives.issue(given(), "d-1", known=KNOWN, by=HEAD, now=NOW)
    (told,) = made.announcements
    assert told.data == DirectiveIssued.model_validate(
        {"directive_id": "d-1", "scope": {"topic_area": "DAO_TAO"}, "to": "K_CK", "text": "Bổ sung ảnh."}
        | {"due_at": DUE, "by": "a-head"}
    )
    assert (told.subject, told.sequence, told.time) == ("d-1", 1, NOW)
    assert made.state == {
        "_id": "d-1",
        "directive_id": "d-1",
        "scope": {"topic_area": "DAO_TAO"},
        "to": "K_CK",
        "text": "Bổ sung ảnh.",
        "due_at": to_stamp(DUE),
        "by": "a-head",
        "issued_at": to_stamp(NOW),
        "state": "ISSUED",
        "sequence": 1,
        "acknowledged_by": [],
        "closed_at": None,
        "history": [{"step": "ISSUE", "by": "a-head", "at": to_stamp(NOW), "note": None}],
    }


NOT_GIVEN = (
    ("on nothing", {"scope": {}}, KNOWN, [("scope-empty", "/scope/event")]),
    ("on an unknown event", {"scope": {"event": "e"}}, KNOWN, [("event-unknown", "/scope/event")]),
    ("on an unknown topic area", {"scope": {"topic_area": "X"}}, KNOWN, [("topic-area-unknown", "/scope/topic_area")]),
    ("on an unknown unit", {"scope": {"unit": "X"}}, KNOWN, [("unit-unknown", "/scope/unit")]),
    ("to nobody", {}, Known(KNOWN.units, KNOWN.topic_areas, has_addressee=False), [("addressee-unknown", "/to")]),
    ("due now", {"due_at": NOW}, KNOWN, [("due-is-past", "/due_at")]),
)


@pytest.mark.parametrize(("changed", "known", "rules"), [row[1:] for row in NOT_GIVEN], ids=[r[0] for r in NOT_GIVEN])
def test_what_cannot_be_given_is_refused(changed: dict[str, Any], known: Known, rules: list[Any]) -> None:
    assert said(directives.issue(given(**changed), "d-1", known=known, by=HEAD, now=NOW)) == rules


ACKNOWLEDGED = (
    ("4.2: by one of the unit", issued(), WRITER, ["ACKNOWLEDGED", 2]),
    ("by another of the unit after him", acknowledged(issued()), OTHER, ["ACKNOWLEDGED", 3]),
    ("to a role, by one who has it", issued("contributor"), ALIEN, ["ACKNOWLEDGED", 2]),
    ("to a person, by him", issued("a-viewer"), VIEWER, ["ACKNOWLEDGED", 2]),
    ("twice by the same", acknowledged(issued()), WRITER, [("already-acknowledged", "")]),
    ("by somebody else", issued(), ALIEN, [("not-addressed", "")]),
    ("by who gave it", issued(), HEAD, [("not-addressed", "")]),
    ("once it is closed", closed(issued()), WRITER, [("directive-closed", "")]),
)


@pytest.mark.parametrize(("doc", "by", "after"), [row[1:] for row in ACKNOWLEDGED], ids=[r[0] for r in ACKNOWLEDGED])
def test_addressees_acknowledge_each_once(doc: Doc, by: Actor, after: list[Any]) -> None:
    assert said(directives.acknowledge(doc, note=None, by=by, now=NOW)) == after
    assert directives.may_acknowledge(doc, by) is isinstance(after[0], str)


CLOSED = (
    ("R17: after it was read", acknowledged(issued()), HEAD, ["CLOSED", 3]),
    ("before anybody read it", issued(), HEAD, ["CLOSED", 2]),
    ("by another who gives directives", issued(by=RECTOR), HEAD, ["CLOSED", 2]),
    ("by whom it binds", issued("office_head", RECTOR), HEAD, [("closed-by-addressee", "")]),
    ("by whom it binds, who gave it himself", issued("office_head", HEAD), HEAD, ["CLOSED", 2]),
    ("by a contributor", issued("contributor"), WRITER, [("closed-by-addressee", "")]),
    ("twice", closed(issued()), HEAD, [("directive-closed", "")]),
)


@pytest.mark.parametrize(("doc", "by", "after"), [row[1:] for row in CLOSED], ids=[r[0] for r in CLOSED])
def test_who_gives_directives_closes_them(doc: Doc, by: Actor, after: list[Any]) -> None:
    assert said(directives.close(doc, note="Xong.", by=by, now=NOW)) == after
    assert directives.may_close(doc, by) is isinstance(after[0], str)


def test_what_is_stored_is_folded_from_the_messages_alone() -> None:
    """R20: every step with who and when."""
    at = to_stamp(NOW)
    told = (
        DirectiveIssued.model_validate(given().to_data() | {"directive_id": "d-1", "by": "a-head"}),
        DirectiveAcknowledged(directive_id="d-1", by="a-writer", note="Chiều nay."),
        DirectiveClosed(directive_id="d-1", by="a-head", note="Đủ ảnh."),
    )
    doc: Doc | None = None
    for one in told:
        doc = directives.fold(doc, one, at)
    assert doc is not None
    assert (doc["state"], doc["sequence"], doc["closed_at"], doc["acknowledged_by"]) == ("CLOSED", 3, at, ["a-writer"])
    assert [(line["step"], line["by"], line["note"]) for line in doc["history"]] == [
        ("ISSUE", "a-head", None),
        ("ACKNOWLEDGE", "a-writer", "Chiều nay."),
        ("CLOSE", "a-head", "Đủ ảnh."),
    ]


def test_it_is_overdue_from_its_due_time_until_it_is_closed() -> None:
    before, due = to_stamp(DUE - timedelta(microseconds=1)), to_stamp(DUE)
    assert [directives.is_overdue(issued(), at) for at in (before, due)] == [False, True]
    assert directives.is_overdue(acknowledged(issued()), due)
    assert not directives.is_overdue(closed(issued()), due)


def test_who_does_not_supervise_is_asked_for_what_binds_him_alone() -> None:
    """A1: contributors never supervise; deny by default."""
    assert DirectiveFilter().where(HEAD, to_stamp(NOW)) == {}
    assert DirectiveFilter().where(WRITER, to_stamp(NOW)) == {
        "$and": [{"to": {"$in": ["a-writer", "K_CK", "contributor"]}}]
    }
    assert DirectiveFilter().where(VIEWER, to_stamp(NOW)) == {"$and": [{"to": {"$in": ["a-viewer", "viewer"]}}]}
    assert not directives.may_read(issued(), ALIEN)
