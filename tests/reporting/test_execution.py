"""How the plan was kept: on time, approved how fast, its routine work done or not."""

from typing import Any

import pytest

from services.reporting.execution import Occurrence
from services.reporting.school_years import local_day
from tests.reporting.builders import approved, drafted, published, revised, routine, snapshot, taken_back

ITEM = "tin-tuan"


def occurrences(
    *messages: Any, recurrence: str = "FREQ=WEEKLY;BYDAY=MO", as_of: str = "2025-09-30 08:00"
) -> list[Occurrence]:
    """The occurrences of one item that fell due."""
    return list(
        snapshot(approved("2025-08-29 08:00", 1, routine(ITEM, recurrence)), *messages, as_of=as_of).occurrences
    )


def days(found: list[Occurrence]) -> list[str]:
    """The periods as local days: 01/09-08/09."""
    return [f"{local_day(one.begins_at):%d/%m}-{local_day(one.ends_at):%d/%m}" for one in found]


RECURRENCES = (
    ("weekly, from Monday to Monday", "FREQ=WEEKLY;BYDAY=MO",
     ["01/09-08/09", "08/09-15/09", "15/09-22/09", "22/09-29/09"]),
    ("monthly: the period that began on the 5th has not ended", "FREQ=MONTHLY;BYMONTHDAY=5", []),
    ("until a day: the last period ends where the rule would come again",
     "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20250908T170000Z", ["01/09-08/09", "08/09-15/09"]),
    ("so many times", "COUNT=1;FREQ=WEEKLY;BYDAY=MO", ["01/09-08/09"]),
    ("what cannot be read has none", "tuần một lần", []),
)  # fmt: skip


@pytest.mark.parametrize(("recurrence", "periods"), [c[1:] for c in RECURRENCES], ids=[c[0] for c in RECURRENCES])
def test_periods_follow_the_rule(recurrence: str, periods: list[str]) -> None:
    assert days(occurrences(recurrence=recurrence)) == periods


DONE = (
    ("R21: named within its period", published(None, "2025-09-09 08:00", plan_item_id=ITEM),
     [False, True, False, False]),
    ("00:00 of the next period is the next one's", published(None, "2025-09-15 00:00", plan_item_id=ITEM),
     [False, False, True, False]),
    ("a publication of an event may name the item too", published("su-kien", "2025-09-02 08:00", plan_item_id=ITEM),
     [True, False, False, False]),
    ("another item", published(None, "2025-09-09 08:00", plan_item_id="khac"), [False] * 4),
)  # fmt: skip


@pytest.mark.parametrize(("message", "done"), [case[1:] for case in DONE], ids=[case[0] for case in DONE])
def test_an_occurrence_is_done_when_a_publication_names_it(message: Any, done: list[bool]) -> None:
    assert [one.done_at is not None for one in occurrences(message)] == done


def test_what_ended_before_the_plan_was_approved_was_not_asked_for() -> None:
    late = snapshot(approved("2025-09-10 08:00", 1, routine()), as_of="2025-09-30 08:00")
    assert days(list(late.occurrences))[0] == "08/09-15/09"


def test_an_unreadable_recurrence_is_said_to_be_uncounted() -> None:
    made = snapshot(approved("2025-08-29 08:00", 1, routine(ITEM, "FREQ=MỖI TUẦN")))
    assert made.figures["unread_items"] == ["Tin tuần"]
    assert made.figures["plan_execution"] == {"numerator": 0, "denominator": 0}


ON_TIME = (
    ("1.6, R05: submitted in August", (drafted("2025-08-26 08:00"),), True),
    ("R05: the last moment of 5 September", (drafted("2025-09-05 23:59"),), True),
    ("R05: 6 September is late", (drafted("2025-09-06 00:00"),), False),
    ("A21: a submission that was taken back completes nothing",
     (drafted("2025-08-26 08:00"), taken_back(1), drafted("2025-09-07 08:00", 2)), False),
    ("returned and submitted again: it was complete the first time",
     (drafted("2025-08-26 08:00"), drafted("2025-09-07 08:00", 2)), True),
    ("no plan", (), None),
)  # fmt: skip


@pytest.mark.parametrize(("messages", "is_on_time"), [case[1:] for case in ON_TIME], ids=[case[0] for case in ON_TIME])
def test_the_plan_is_on_time_when_it_was_submitted_before_its_due_date(messages: Any, is_on_time: bool | None) -> None:
    assert snapshot(*messages).figures["plan_on_time"]["on_time"] is is_on_time


def test_approval_lead_time_is_from_submission_to_approval_of_each_approved_revision() -> None:
    told = (drafted("2025-08-20 08:00"), drafted("2025-08-26 08:00", 2), approved("2025-08-28 08:00", 2))
    assert snapshot(*told).figures["approval_lead_time"] == {"median": 48.0, "of": 1}


def test_approval_lead_time_of_a_reviewers_revision_begins_with_the_submission_that_it_changed() -> None:
    told = (drafted("2025-08-26 08:00"), revised("2025-08-27 08:00", 2), approved("2025-08-28 08:00", 2))
    assert snapshot(*told).figures["approval_lead_time"] == {"median": 48.0, "of": 1}
