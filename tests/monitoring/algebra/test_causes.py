"""The obligation, Cause: why something was missed, the first that applies; A14."""

from typing import Any

import pytest

from contracts.envelope import Message
from services.monitoring.algebra.causes import Owing, cause_of
from tests.monitoring.algebra.builders import (
    SIS,
    act,
    approved,
    cancelled,
    classified,
    failed,
    held,
    item,
    key,
    merged,
    milestone,
    owes,
    published,
    scheduled,
    submitted,
)

EVENT = key()
# due at 24/11 00:00: 24 hours before it is 23/11 00:00
DUE, LAST = "2026-11-24 00:00", "2026-11-23 23:59:59.999999"
EXACTLY, LESS = "2026-11-23 00:00", "2026-11-23 00:00:00.000001"
EARLY = "2026-11-21 08:00"


def on(*messages: Message, slot: str = "WEBSITE POST", root: str | None = None) -> str | None:
    """The cause of the miss."""
    return str(owes(*messages, root=root)[slot]["cause"])


def told(recorded: str, **given: Any) -> Message:
    return held(recorded=recorded, **given)


def cause(cause: str, when: str = EARLY, **given: Any) -> Message:
    return act("cause-set", EVENT, "WEBSITE", when, cause=cause, **given)


FAILED, SENT = failed(EVENT, "VI_WEB", EARLY), submitted(EVENT, EARLY)

# (rule, messages, cause): the order, and each boundary
CAUSES: tuple[tuple[str, tuple[Message, ...], str], ...] = (
    ("nothing was submitted", (told(EARLY),), "NO_SUBMISSION"),
    ("A14 exactly 24 h were left", (told(EXACTLY),), "NO_SUBMISSION"),
    ("A14 less than 24 h were left", (told(LESS),), "LATE_NOTICE"),
    ("A14 recorded after due", (told("2026-12-01 08:00"),), "LATE_NOTICE"),
    ("A14 recordedtime, not time", (held(time="2026-12-01 08:00", recorded=EARLY),), "NO_SUBMISSION"),
    ("A14 the first EventHeld", (told(EARLY), told(LESS, revision=2, title="Sửa")), "NO_SUBMISSION"),
    ("A14 the first EventHeld, of whatever revision", (told(LESS), told(EARLY, revision=9)), "NO_SUBMISSION"),
    ("A14 EventScheduled tells nothing of what was held", (scheduled(), told(LESS, revision=2)), "LATE_NOTICE"),
    ("a CauseSet comes first", (told(LESS), FAILED, SENT, cause("UNKNOWN")), "UNKNOWN"),
    ("the last CauseSet", (told(LESS), cause("UNKNOWN", DUE), cause("APPROVAL_DELAY", EARLY)), "UNKNOWN"),
    (
        "the last CauseSet by issued_at",
        (told(EARLY), cause("UNKNOWN", DUE, time=EARLY), cause("APPROVAL_DELAY")),
        "UNKNOWN",
    ),
    (
        "a CauseSet applies whenever issued",
        (told(EARLY), cause("APPROVAL_DELAY", "2027-01-01 08:00")),
        "APPROVAL_DELAY",
    ),
    ("LATE_NOTICE before CHANNEL_FAILURE", (told(LESS), FAILED, SENT), "LATE_NOTICE"),
    ("CHANNEL_FAILURE before NO_SUBMISSION", (told(EARLY), FAILED), "CHANNEL_FAILURE"),
    ("CHANNEL_FAILURE before APPROVAL_DELAY", (told(EARLY), FAILED, SENT), "CHANNEL_FAILURE"),
    ("DeliveryFailed before due", (told(EARLY), failed(EVENT, "VI_WEB", LAST)), "CHANNEL_FAILURE"),
    ("DeliveryFailed at due", (told(EARLY), failed(EVENT, "VI_WEB", DUE)), "NO_SUBMISSION"),
    ("DeliveryFailed of another channel", (told(EARLY), failed(EVENT, "E_BOARD", EARLY)), "NO_SUBMISSION"),
    ("ContentSubmitted before due by recordedtime", (told(EARLY), submitted(EVENT, LAST)), "APPROVAL_DELAY"),
    ("ContentSubmitted at due", (told(EARLY), submitted(EVENT, DUE)), "NO_SUBMISSION"),
    ("material for whichever channel", (told(EARLY), submitted(EVENT, EARLY, channel="E_BOARD")), "APPROVAL_DELAY"),
    ("LATE has a cause too", (told(EARLY), published(EVENT, "VI_WEB", DUE)), "NO_SUBMISSION"),
    (
        "WAIVED after due too",
        (told(EARLY), act("obligation-waived", EVENT, "WEBSITE", DUE)),
        "NO_SUBMISSION",
    ),
    # room: the first EventHeld is asked of the reports that count, not of a stranger's beside an authenticated one
    ("an unauthenticated EventHeld of a known sender's event", (told(EARLY, known=False), told(LESS)), "LATE_NOTICE"),
)


@pytest.mark.parametrize("row", CAUSES, ids=[f"Cause: {row[0]}" for row in CAUSES])
def test_the_first_cause_that_applies(row: tuple[str, tuple[Message, ...], str]) -> None:
    _, messages, expected = row
    assert on(*messages) == expected


def test_what_is_not_missed_has_no_cause() -> None:
    for given in (
        published(EVENT, "VI_WEB", LAST),
        act("obligation-waived", EVENT, "WEBSITE", LAST),
        cancelled(revision=2),
    ):
        assert owes(told(EARLY), cause("UNKNOWN"), given)["WEBSITE POST"]["cause"] is None
    assert owes(told(EARLY), now=LAST)["WEBSITE POST"]["cause"] is None
    assert cause_of(Owing("o", "POST", (), None), (), None) is None


def test_a_cause_is_set_for_one_obligation() -> None:
    assert on(told(EARLY), cause("UNKNOWN"), slot="E_BOARD POST") == "NO_SUBMISSION"


def test_a_new_due_date_asks_again() -> None:
    moved = held(ended_at="2026-11-16 16:00", revision=2, recorded="2026-11-26 08:00")
    assert on(told(EARLY), moved) == "LATE_NOTICE"
    assert on(told(EARLY), SENT, held(ended_at="2026-11-19 16:00", revision=2, recorded=DUE)) == "APPROVAL_DELAY"


# before the event: it starts on 20/11 at 16:00
FOCAL = classified(EVENT, "2026-11-01 08:00", tier="FOCAL")
DAY_BEFORE, LESS_THAN_A_DAY = "2026-11-19 16:00", "2026-11-19 16:00:00.000001"
ITEM = item("r1", tier="FOCAL")
BEFORE: tuple[tuple[str, tuple[Message, ...], str], ...] = (
    ("the first EventScheduled, exactly 24 h", (FOCAL, scheduled(recorded=DAY_BEFORE)), "NO_SUBMISSION"),
    ("the first EventScheduled, less than 24 h", (FOCAL, scheduled(recorded=LESS_THAN_A_DAY)), "LATE_NOTICE"),
    (
        "or the approval of its plan item",
        (scheduled(recorded=LESS_THAN_A_DAY, plan_item_id="r1"), approved(1, "2026-09-05 08:00", ITEM)),
        "NO_SUBMISSION",
    ),
    (
        "the approval by recordedtime",
        (scheduled(recorded=LESS_THAN_A_DAY, plan_item_id="r1"), approved(1, "2026-09-05 08:00", ITEM, recorded=DUE)),
        "LATE_NOTICE",
    ),
    (
        "approval of a revision without the item tells nothing",
        (
            scheduled(recorded=LESS_THAN_A_DAY, plan_item_id="r1"),
            approved(1, "2026-09-05 08:00"),
            approved(2, "2026-11-20 08:00", ITEM),
        ),
        "LATE_NOTICE",
    ),
    (
        "EventHeld tells nothing of what is to come",
        (FOCAL, scheduled(recorded=DUE), told(EARLY, revision=2)),
        "LATE_NOTICE",
    ),
)


@pytest.mark.parametrize("row", BEFORE, ids=[f"Cause, PRE: {row[0]}" for row in BEFORE])
def test_the_cause_of_a_miss_before_the_event(row: tuple[str, tuple[Message, ...], str]) -> None:
    _, messages, expected = row
    assert on(*messages, slot="WEBSITE PRE") == expected


def test_the_approval_of_a_milestone_is_its_notice() -> None:
    focal = item("f1", starts_at="2026-11-20 16:00")
    late = approved(1, "2026-11-20 08:00", focal)
    early = approved(1, "2026-11-18 08:00", focal)
    assert on(late, slot="WEBSITE PRE", root=milestone("f1")) == "LATE_NOTICE"
    assert on(early, slot="WEBSITE PRE", root=milestone("f1")) == "NO_SUBMISSION"


# fine print, Links and merges: facts of several keys counted as one; a merged key's causes do not count
OTHER = key("e2")
TOGETHER: tuple[tuple[str, tuple[Message, ...], str], ...] = (
    ("the other key's EventHeld", (told(EARLY),), "NO_SUBMISSION"),
    ("material for the other key", (submitted(EVENT, EARLY),), "APPROVAL_DELAY"),
    ("delivery for the other key", (failed(EVENT, "VI_WEB", EARLY),), "CHANNEL_FAILURE"),
    ("but no CauseSet of the other key", (told(EARLY), cause("UNKNOWN")), "NO_SUBMISSION"),
)


@pytest.mark.parametrize("row", TOGETHER, ids=[f"fine print: {row[0]}" for row in TOGETHER])
def test_the_cause_of_events_counted_as_one(row: tuple[str, tuple[Message, ...], str]) -> None:
    _, messages, expected = row
    notice = LESS if any(one.name == "event-held" for one in messages) else EARLY
    own = held("e2", source=SIS, recorded=notice, time="2026-11-20 20:00")
    assert on(own, merged(EVENT, OTHER), *messages, root=OTHER) == expected
