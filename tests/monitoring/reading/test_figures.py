"""The figures as tables of cases; each row says the sentence of the rule that it is about."""

import hashlib
from typing import Any

import pytest
import rfc8785

from contracts.canonical import digest
from contracts.codes import State
from services.monitoring.reading.figures import (
    Cut,
    Rate,
    digest_of,
    evidence_line,
    figures,
    is_unconfirmed,
    strict_state,
    taken_away,
)

# Days of November as closing instants: D(16) is 24:00 of the 16th. Strict due the 14th, default the 16th (rolled over
# a weekend), by working days the 17th. Source: A3
NOW = "2026-11-30T00:00:00.000000Z"
STRICT, DUE, WORKING = "2026-11-14T17:00:00.000000Z", "2026-11-16T17:00:00.000000Z", "2026-11-17T17:00:00.000000Z"
BEFORE_ALL = "2026-11-13T09:00:00.000000Z"
AFTER_STRICT = "2026-11-15T09:00:00.000000Z"
AFTER_DUE = "2026-11-17T09:00:00.000000Z"
AFTER_ALL = "2026-11-18T09:00:00.000000Z"
NOT_MET, MET = (0, 1), (1, 1)
LEFT_OUT = (0, 0)


def obligation(state: str, **changed: Any) -> dict[str, Any]:
    """An obligation as it is stored."""
    given: dict[str, Any] = {
        "obligation_id": "o-1",
        "state": state,
        "due_at": DUE,
        "strict_due_at": STRICT,
        "working_due_at": WORKING,
        "missed_at": DUE if state in ("LATE", "MISSED") else None,
        "discharged_at": None,
        "content_id": None,
        "cause": None,
        "cause_if_missed": "NO_SUBMISSION",
        "void_reason": None,
        "voided_at": None,
        "waiver": None,
        "requirement": "WEBSITE",
        "topic_area": "DAO_TAO",
        "unit": "K_CK",
        "tier": "ROUTINE",
        "month": "2026-11",
        "school_year": "2026-2027",
    }
    if changed.get("discharged_at"):
        given["content_id"] = "c-1"
    return given | changed


def waived(at: str, **changed: Any) -> dict[str, Any]:
    return obligation("WAIVED", waiver={"by": "head", "reason": "trùng bài", "issued_at": at}, **changed)


def void(reason: str, at: str | None, **changed: Any) -> dict[str, Any]:
    return obligation("VOID", void_reason=reason, voided_at=at, **changed)


def rates(doc: dict[str, Any], now: str = NOW) -> dict[str, tuple[int, int]]:
    (row,) = figures([doc], now, whole="x")
    found = {name: getattr(row, name) for name in ("on_time", "strict", "working_day", "fault_adjusted")}
    return {name: (rate.numerator, rate.denominator) for name, rate in found.items()}


# (what the rule says, the obligation, on-time, strict, working-day, fault-adjusted)
CASES = [
    ("ON_TIME / (ON_TIME + LATE + MISSED)", obligation("ON_TIME", discharged_at=BEFORE_ALL), MET, MET, MET, MET),
    ("LATE is in the denominator", obligation("LATE", discharged_at=AFTER_ALL), *[NOT_MET] * 4),
    ("MISSED is in the denominator", obligation("MISSED"), *[NOT_MET] * 4),
    ("OPEN is left out", obligation("OPEN", due_at="2026-12-01T17:00:00.000000Z",
     strict_due_at="2026-12-01T17:00:00.000000Z", working_due_at="2026-12-02T17:00:00.000000Z"), *[LEFT_OUT] * 4),
    ("what is stored as OPEN is MISSED from its due date on", obligation("OPEN"), *[NOT_MET] * 4),
    ("strict: no roll-over, so what roll-over saved is late",
     obligation("ON_TIME", discharged_at=AFTER_STRICT), MET, NOT_MET, MET, MET),
    ("working days: what is late may be on time", obligation("LATE", discharged_at=AFTER_DUE), (0, 1), (0, 1), (1, 1),
     (0, 1)),
    ("fault-adjusted leaves out LATE_NOTICE",
     obligation("MISSED", cause="LATE_NOTICE"), NOT_MET, NOT_MET, NOT_MET, LEFT_OUT),
    ("fault-adjusted keeps every other cause",
     obligation("MISSED", cause="APPROVAL_DELAY"), NOT_MET, NOT_MET, NOT_MET, NOT_MET),
    ("a stored OPEN takes the cause that its miss has",
     obligation("OPEN", cause_if_missed="LATE_NOTICE"), NOT_MET, NOT_MET, NOT_MET, LEFT_OUT),
    ("an obligation without a date is in none of the four rates",
     obligation("OPEN", due_at=None, strict_due_at=None, working_due_at=None), *[LEFT_OUT] * 4),
    ("a working-day date that leaves the calendars is in no working-day rate",
     obligation("MISSED", working_due_at=None), NOT_MET, NOT_MET, LEFT_OUT, NOT_MET),
    ("waived before due is out of all denominators", waived(BEFORE_ALL), *[LEFT_OUT] * 4),
    ("waived after due counts as missed in the strict rate", waived(AFTER_DUE), LEFT_OUT, NOT_MET, LEFT_OUT, LEFT_OUT),
    ("'after due' in the strict rate = at or after that rate's due date",
     waived(STRICT), LEFT_OUT, NOT_MET, LEFT_OUT, LEFT_OUT),
    ("waived between the strict date and the due date", waived(AFTER_STRICT), LEFT_OUT, NOT_MET, LEFT_OUT, LEFT_OUT),
    ("late and then waived is no miss of the rate, but of the strict one",
     waived(AFTER_DUE, discharged_at=AFTER_ALL, missed_at=DUE), LEFT_OUT, NOT_MET, LEFT_OUT, LEFT_OUT),
    ("on time under working days before it was waived: on time there",
     waived(AFTER_DUE, discharged_at="2026-11-17T16:00:00.000000Z"), LEFT_OUT, NOT_MET, MET, LEFT_OUT),
    ("what was on time before it was waived is not a miss",
     obligation("ON_TIME", discharged_at=BEFORE_ALL, waiver={"by": "x", "reason": "y", "issued_at": AFTER_ALL}),
     *[MET] * 4),
    ("a waiver does not reach what was discharged before it: late by the strict date",
     obligation("ON_TIME", discharged_at=AFTER_STRICT, waiver={"by": "x", "reason": "y", "issued_at": AFTER_ALL}),
     MET, NOT_MET, MET, MET),
    ("classified away before due is out", void("CLASSIFIED", BEFORE_ALL), *[LEFT_OUT] * 4),
    ("classified away after due counts as missed in the strict rate",
     void("CLASSIFIED", AFTER_STRICT), LEFT_OUT, NOT_MET, LEFT_OUT, LEFT_OUT),
    ("what was on time before it was classified away is not a miss",
     void("CLASSIFIED", AFTER_ALL, discharged_at=BEFORE_ALL), *[LEFT_OUT] * 4),
    ("what was late and then classified away is one",
     void("CLASSIFIED", AFTER_ALL, discharged_at=AFTER_STRICT), LEFT_OUT, NOT_MET, LEFT_OUT, LEFT_OUT),
    ("waived in time and classified away after due is out",
     void("CLASSIFIED", AFTER_ALL, waiver={"by": "x", "reason": "y", "issued_at": BEFORE_ALL}), *[LEFT_OUT] * 4),
    *((f"{reason} is no person's taking away", void(reason, AFTER_ALL), *[LEFT_OUT] * 4)
      for reason in ("CANCELLED", "REVISED", "PLAN_CHANGED", "MERGED")),
    ("PRE unchanged: due at the start in every rate",
     obligation("ON_TIME", strict_due_at=DUE, working_due_at=DUE, discharged_at=AFTER_STRICT), *[MET] * 4),
]  # fmt: skip


@pytest.mark.parametrize(
    ("doc", "on_time", "strict", "working_day", "fault_adjusted"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_each_rate_counts_as_the_rules_say(
    doc: dict[str, Any],
    on_time: tuple[int, int],
    strict: tuple[int, int],
    working_day: tuple[int, int],
    fault_adjusted: tuple[int, int],
) -> None:
    assert rates(doc) == {
        "on_time": on_time,
        "strict": strict,
        "working_day": working_day,
        "fault_adjusted": fault_adjusted,
    }


def test_a_due_date_is_exclusive_in_every_rate() -> None:
    at_due = obligation("LATE", discharged_at=STRICT)
    assert strict_state(at_due, NOW) is State.LATE
    just_before = obligation("ON_TIME", discharged_at=STRICT.replace("17:00:00.000000", "16:59:59.999999"))
    assert strict_state(just_before, NOW) is State.ON_TIME


def test_strict_misses_come_earlier_than_the_default_ones() -> None:
    assert rates(obligation("OPEN"), AFTER_STRICT) == {
        "on_time": LEFT_OUT, "strict": NOT_MET, "working_day": LEFT_OUT, "fault_adjusted": LEFT_OUT,
    }  # fmt: skip


def test_counts_are_by_state_as_it_is_now_and_undated_ones_are_beside() -> None:
    docs = [
        obligation("OPEN"),
        obligation("OPEN", due_at=None, strict_due_at=None, working_due_at=None),
        obligation("ON_TIME", discharged_at=BEFORE_ALL),
        waived(BEFORE_ALL),
        void("CANCELLED", AFTER_ALL),
    ]
    (row,) = figures(docs, NOW, whole="2026-2027")
    assert row.to_data()["counts"] == {"OPEN": 1, "ON_TIME": 1, "LATE": 0, "MISSED": 1, "WAIVED": 1, "VOID": 1}
    assert (row.undated, row.key) == (1, "2026-2027")
    assert rates(docs[1]) == dict.fromkeys(rates(docs[1]), LEFT_OUT)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (Cut.REQUIREMENT, ["E_BOARD", "WEBSITE"]),
        (Cut.TOPIC_AREA, ["DAO_TAO", None]),
        (Cut.UNIT, ["K_CK", "K_DT"]),
        (Cut.TIER, ["MAJOR", "ROUTINE"]),
        (Cut.MONTH, ["2026-10", "2026-11"]),
    ],
)
def test_rows_are_in_the_order_of_their_keys_and_what_has_none_is_last(by: Cut, keys: list[str | None]) -> None:
    others = {"requirement": "E_BOARD", "topic_area": None, "unit": "K_DT", "tier": "MAJOR", "month": "2026-10"}
    rows = figures([obligation("MISSED"), obligation("MISSED", **others)], NOW, by=by)
    assert [row.key for row in rows] == keys
    assert all(row.on_time == Rate(0, 1) for row in rows)


def test_a_year_without_obligations_is_one_row_of_nothing() -> None:
    (row,) = figures([], NOW, whole="2030-2031")
    assert (row.key, row.on_time.ratio, sum(row.counts.values())) == ("2030-2031", None, 0)
    assert figures([], NOW, by=Cut.UNIT) == ()


def test_the_digest_is_of_the_sorted_lines_of_all_obligations_void_ones_too() -> None:
    late = obligation("LATE", discharged_at=AFTER_ALL, obligation_id="b")
    docs = [void("CANCELLED", AFTER_ALL, obligation_id="c"), late, obligation("OPEN", obligation_id="a")]
    lines = [["a", "MISSED", DUE, None, None], ["b", "LATE", DUE, "c-1", AFTER_ALL], ["c", "VOID", DUE, None, None]]
    found = digest_of(evidence_line(doc, NOW) for doc in docs)
    assert found == digest(lines) == digest_of(evidence_line(doc, NOW) for doc in reversed(docs))
    assert found.removeprefix("sha256:") == hashlib.sha256(rfc8785.dumps(lines)).hexdigest()


def test_what_people_took_away_after_due_is_listed_by_name() -> None:
    docs = [
        waived(AFTER_DUE, obligation_id="w"),
        waived(BEFORE_ALL, obligation_id="in-time"),
        void("CLASSIFIED", AFTER_ALL, obligation_id="k"),
        void("CANCELLED", AFTER_ALL, obligation_id="cancelled"),
        obligation("MISSED", obligation_id="m"),
    ]
    found = [(one.obligation_id, one.how, one.at, one.by, one.reason) for one in taken_away(docs, NOW)]
    assert found == [("w", "WAIVED", AFTER_DUE, "head", "trùng bài"), ("k", "CLASSIFIED", AFTER_ALL, None, None)]
    assert sum(strict_state(doc, NOW) is State.MISSED for doc in docs) == len(found) + 1


def test_an_event_is_unconfirmed_from_a_day_after_its_end() -> None:
    event = {"unconfirmed_from": NOW}
    assert is_unconfirmed(event, NOW)
    assert not is_unconfirmed(event, AFTER_ALL)
    assert not is_unconfirmed({"unconfirmed_from": None}, NOW)
    assert not is_unconfirmed(None, NOW)
