"""The obligation, States: the first that applies, and `missed_at`."""

from typing import Any

import pytest

from contracts.envelope import Message
from contracts.monitoring import ObligationAssessed
from services.monitoring.algebra.obligations import state_at, to_assessed, vanished
from tests.monitoring.algebra.builders import (
    act,
    cancelled,
    classified,
    held,
    key,
    merged,
    owed_id,
    owes,
    published,
    scheduled,
    stamp,
    withdrawn,
)

EVENT = key()
DUE, LAST = "2026-11-24 00:00", "2026-11-23 23:59:59.999999"
IN_TIME, TOO_LATE, LONG_AFTER = "2026-11-21 08:00", "2026-11-25 08:00", "2026-12-01 08:00"


def shown(when: str, **given: Any) -> Message:
    return published(EVENT, "VI_WEB", when, **given)


def waived(when: str, **given: Any) -> Message:
    return act("obligation-waived", EVENT, "WEBSITE", when, **given)


def revoked(when: str, **given: Any) -> Message:
    return act("obligation-waiver-revoked", EVENT, "WEBSITE", when, **given)


# (rule, messages beside EventHeld, now, state, whether missed_at is due_at; else it is null)
STATES: tuple[tuple[str, tuple[Message, ...], str, str, bool], ...] = (
    ("nothing yet, before due", (), LAST, "OPEN", False),
    ("now >= due_at, nothing yet", (), DUE, "MISSED", True),
    ("published in the last microsecond", (shown(LAST),), LONG_AFTER, "ON_TIME", False),
    ("due_at is exclusive", (shown(DUE),), LONG_AFTER, "LATE", True),
    ("published after due", (shown(TOO_LATE),), LONG_AFTER, "LATE", True),
    ("evidence that comes late", (shown(IN_TIME, time=LONG_AFTER),), LONG_AFTER, "ON_TIME", False),
    ("taken back: nothing yet", (shown(IN_TIME), withdrawn(EVENT, "VI_WEB", LONG_AFTER)), LONG_AFTER, "MISSED", True),
    ("waived before due", (waived(IN_TIME),), LONG_AFTER, "WAIVED", False),
    ("waived before due, not yet due", (waived(IN_TIME),), LAST, "WAIVED", False),
    ("waived in the last microsecond", (waived(LAST),), LONG_AFTER, "WAIVED", False),
    ("waived at due", (waived(DUE),), LONG_AFTER, "WAIVED", True),
    ("waived after due", (waived(TOO_LATE),), LONG_AFTER, "WAIVED", True),
    ("a waiver applies whenever issued, also after `now`", (waived(LONG_AFTER),), LAST, "WAIVED", True),
    ("ON_TIME before WAIVED", (waived(IN_TIME), shown(LAST)), LONG_AFTER, "ON_TIME", False),
    ("WAIVED before LATE", (waived(IN_TIME), shown(TOO_LATE)), LONG_AFTER, "WAIVED", False),
    ("waived after due, then published", (waived(DUE), shown(TOO_LATE)), LONG_AFTER, "WAIVED", True),
    ("a waiver not to what was discharged before it", (shown(TOO_LATE), waived(LONG_AFTER)), LONG_AFTER, "LATE", True),
    ("discharged when it was waived", (shown(TOO_LATE), waived(TOO_LATE)), LONG_AFTER, "WAIVED", True),
    (
        "discharged after all no more",
        (shown(TOO_LATE), waived(LONG_AFTER), withdrawn(EVENT, "VI_WEB", LONG_AFTER)),
        LONG_AFTER,
        "WAIVED",
        True,
    ),
    ("revoked", (waived(IN_TIME), revoked(LAST)), LONG_AFTER, "MISSED", True),
    ("revoked before due", (waived(IN_TIME), revoked(LAST)), LAST, "OPEN", False),
    ("revoked, whichever comes first", (revoked(LAST), waived(IN_TIME)), LONG_AFTER, "MISSED", True),
    ("a revocation before the waiver revokes nothing", (revoked(IN_TIME), waived(LAST)), LONG_AFTER, "WAIVED", False),
    (
        "by issued_at, not by when it was told",
        (waived(IN_TIME, time=LONG_AFTER), revoked(LAST, time=LAST)),
        LONG_AFTER,
        "MISSED",
        True,
    ),
    ("waived again after a revocation", (waived(IN_TIME), revoked(LAST), waived(DUE)), LONG_AFTER, "WAIVED", True),
    ("a second waiver changes nothing", (waived(IN_TIME), waived(TOO_LATE)), LONG_AFTER, "WAIVED", False),
    # room: "until the first is revoked": a waiver given while another holds is void, so a revocation ends both
    ("a second waiver, the first revoked", (waived(IN_TIME), waived(LAST), revoked(DUE)), LONG_AFTER, "MISSED", True),
    ("at the same instant the later message", (waived(LAST), revoked(LAST, time=DUE)), LONG_AFTER, "MISSED", True),
    ("VOID before all", (shown(IN_TIME), waived(IN_TIME), cancelled(revision=2)), LONG_AFTER, "VOID", False),
)


@pytest.mark.parametrize("row", STATES, ids=[f"States: {row[0]}" for row in STATES])
def test_the_first_state_that_applies(row: tuple[str, tuple[Message, ...], str, str, bool]) -> None:
    _, messages, now, state, is_missed = row
    doc = owes(held(), *messages, now=now)["WEBSITE POST"]
    assert (doc["state"], doc["missed_at"]) == (state, stamp(DUE) if is_missed else None)


def test_the_waiver_that_holds_is_shown() -> None:
    found = owes(held(), waived(IN_TIME), waived(LAST, by="ptt-2"))
    assert found["WEBSITE POST"]["waiver"] == {"by": "ptt-1", "reason": "Có lý do", "issued_at": stamp(IN_TIME)}
    assert found["E_BOARD POST"]["waiver"] is None


# Before the event: due at its start, so it is never LATE; it starts on 20/11 at 16:00
FOCAL = (scheduled(), classified(EVENT, tier="FOCAL"))
STARTS, JUST_BEFORE = "2026-11-20 16:00", "2026-11-20 15:59:59.999999"
BEFORE: tuple[tuple[str, tuple[Message, ...], str, str, bool], ...] = (
    ("open until the start", (), JUST_BEFORE, "OPEN", False),
    ("missed from the start on", (), STARTS, "MISSED", True),
    ("published before", (shown(JUST_BEFORE),), LONG_AFTER, "ON_TIME", False),
    ("published at the start: never LATE", (shown(STARTS),), LONG_AFTER, "MISSED", True),
    ("R13 waivable with reason", (waived(JUST_BEFORE, phase="PRE"),), LONG_AFTER, "WAIVED", False),
    ("R13 at the start it was missed", (waived(STARTS, phase="PRE"),), LONG_AFTER, "WAIVED", True),
)


@pytest.mark.parametrize("row", BEFORE, ids=[f"due_at, PRE: {row[0]}" for row in BEFORE])
def test_the_states_of_what_is_owed_before_the_event(row: tuple[str, tuple[Message, ...], str, str, bool]) -> None:
    _, messages, now, state, is_missed = row
    doc = owes(*FOCAL, *messages, now=now)["WEBSITE PRE"]
    assert (doc["state"], doc["missed_at"]) == (state, stamp(STARTS) if is_missed else None)


# No calendar: OPEN without a date, whatever was published; a person may waive it
UNDATED: tuple[tuple[str, tuple[Message, ...], str], ...] = (
    ("never missed", (), "OPEN"),
    ("published, but in time or not nobody can say", (shown("2027-03-02 08:00"),), "OPEN"),
    ("waived", (waived("2027-03-02 08:00"),), "WAIVED"),
    ("cancelled", (cancelled(revision=2),), "VOID"),
)


@pytest.mark.parametrize("row", UNDATED, ids=[f"No calendar: {row[0]}" for row in UNDATED])
def test_the_states_of_what_has_no_date(row: tuple[str, tuple[Message, ...], str]) -> None:
    _, messages, state = row
    doc = owes(held(ended_at="2027-03-01 16:00"), *messages, now="2029-01-01 00:00")["WEBSITE POST"]
    assert (doc["state"], doc["missed_at"], doc["cause"]) == (state, None, None)


def test_the_same_document_read_later_is_missed_with_its_cause() -> None:
    early, late = (owes(held(), now=now)["WEBSITE POST"] for now in (LAST, DUE))
    assert state_at(early, stamp(DUE)) == late
    assert state_at(early, stamp(LAST)) == early
    assert (early["cause"], late["cause"]) == (None, "NO_SUBMISSION")


def test_what_others_are_told_is_the_message_of_the_contract() -> None:
    doc = owes(held(topic_area="DAO_TAO"), shown(TOO_LATE), now=LONG_AFTER)["WEBSITE POST"]
    assert to_assessed(doc) == ObligationAssessed.from_data(
        {
            "obligation_id": owed_id(EVENT, "WEBSITE"),
            "event": EVENT,
            "requirement": "WEBSITE",
            "channels": ["VI_WEB"],
            "phase": "POST",
            "state": "LATE",
            "due_at": stamp(DUE),
            "strict_due_at": stamp(DUE),
            "working_due_at": stamp("2026-11-27 00:00"),
            "missed_at": stamp(DUE),
            "discharged_at": stamp(TOO_LATE),
            "content_id": "c1",
            "cause": "NO_SUBMISSION",
            "tier": "ROUTINE",
            "topic_area": "DAO_TAO",
            "unit": "K_CK",
            "school_year": "2026-2027",
            "title": "Lễ kỷ niệm",
            "planned": False,
            "policy_version": "3n.1",
            "calendar_version": "vn-2026.1",
        }
    )


def test_what_was_announced_under_a_merged_key_becomes_void() -> None:
    before = list(owes(held()).values())
    after = list(owes(held(), held("e2"), merged(EVENT, key("e2")), root=key("e2")).values())
    gone = vanished(before, after)
    assert [
        (doc["obligation_id"], doc["state"], doc["void_reason"], doc["missed_at"], doc["cause"]) for doc in gone
    ] == [(doc["obligation_id"], "VOID", "MERGED", None, None) for doc in before]
    assert vanished(before, before) == []
