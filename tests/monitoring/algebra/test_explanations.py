"""The obligation: every due date explains itself in both languages; A3, 3.4, 3.6."""

import pytest

from contracts.envelope import Message
from tests.monitoring.algebra.builders import SHIPPED, calendar, classified, held, key, owes, policy, scheduled

# (rule, messages, Vietnamese, English)
AFTER: tuple[tuple[str, tuple[Message, ...], str, str], ...] = (
    (
        "the rules' own example",
        (held(),),
        "Kết thúc 20/11 · không tính ngày diễn ra · +3 ngày -> hết ngày 23/11",
        "Ended 20 Nov · event day not counted · +3 days -> end of 23 Nov",
    ),
    (
        "A3 rolled over a day off with its name",
        (held(ended_at="2026-11-21 16:00"),),
        "Kết thúc 21/11 · không tính ngày diễn ra · +3 ngày · 24/11 là ngày nghỉ (Ngày Văn hóa Việt Nam)"
        " -> hết ngày 25/11",
        "Ended 21 Nov · event day not counted · +3 days · 24 Nov is a day off (Ngày Văn hóa Việt Nam) -> end of 25 Nov",
    ),
    (
        "A3 rolled over a weekend",
        (held(ended_at="2026-11-11 16:00"),),
        "Kết thúc 11/11 · không tính ngày diễn ra · +3 ngày · 14/11 là Thứ Bảy, 15/11 là Chủ nhật -> hết ngày 16/11",
        "Ended 11 Nov · event day not counted · +3 days · 14 Nov is a Saturday, 15 Nov is a Sunday -> end of 16 Nov",
    ),
    (
        "A3 rolled over days off in a row",
        (held(ended_at="2026-02-13 16:00"),),
        "Kết thúc 13/02 · không tính ngày diễn ra · +3 ngày · 16/02–20/02 là ngày nghỉ (Tết Nguyên đán Bính Ngọ), "
        "21/02 là Thứ Bảy, 22/02 là Chủ nhật -> hết ngày 23/02",
        "Ended 13 Feb · event day not counted · +3 days · 16 Feb–20 Feb are days off (Tết Nguyên đán Bính Ngọ), "
        "21 Feb is a Saturday, 22 Feb is a Sunday -> end of 23 Feb",
    ),
    (
        "A4 an end of 00:00 counts to the day before",
        (held(started_at="2026-11-20 20:00", ended_at="2026-11-21 00:00"),),
        "Kết thúc 20/11 lúc 24:00 · không tính ngày diễn ra · +3 ngày -> hết ngày 23/11",
        "Ended 20 Nov at 24:00 · event day not counted · +3 days -> end of 23 Nov",
    ),
    (
        "A4 but not what began then",
        (held(ended_at="2026-11-20 00:00"),),
        "Kết thúc 20/11 · không tính ngày diễn ra · +3 ngày -> hết ngày 23/11",
        "Ended 20 Nov · event day not counted · +3 days -> end of 23 Nov",
    ),
    (
        "working days by policy",
        (held(), policy("p2", "2026-11-01 08:00", unit="WORKING", days=1, roll="NONE")),
        "Kết thúc 20/11 · không tính ngày diễn ra · +1 ngày làm việc · 21/11 là Thứ Bảy, 22/11 là Chủ nhật"
        " -> hết ngày 23/11",
        "Ended 20 Nov · event day not counted · +1 working day · 21 Nov is a Saturday, 22 Nov is a Sunday"
        " -> end of 23 Nov",
    ),
    (
        "the year is said where it changes",
        (held(ended_at="2026-12-30 16:00"), calendar("y", "2026-06-01 08:00", ("2026-09-01", "2027-08-31"))),
        "Kết thúc 30/12/2026 · không tính ngày diễn ra · +3 ngày · 02/01/2027 là Thứ Bảy, 03/01/2027 là Chủ nhật"
        " -> hết ngày 04/01/2027",
        "Ended 30 Dec 2026 · event day not counted · +3 days · 2 Jan 2027 is a Saturday, 3 Jan 2027 is a Sunday"
        " -> end of 4 Jan 2027",
    ),
    (
        "a provisional calendar is named as such",
        (held(), calendar("t", "2026-06-01 08:00", ("2026-11-01", "2026-11-30"), provisional=True)),
        "Kết thúc 20/11 · không tính ngày diễn ra · +3 ngày · theo lịch nghỉ tạm -> hết ngày 23/11",
        "Ended 20 Nov · event day not counted · +3 days · by a provisional calendar -> end of 23 Nov",
    ),
    (
        "a provisional calendar of days that the count does not ask about",
        (held(), calendar("t", "2026-06-01 08:00", ("2026-11-20", "2026-11-22"), provisional=True)),
        "Kết thúc 20/11 · không tính ngày diễn ra · +3 ngày -> hết ngày 23/11",
        "Ended 20 Nov · event day not counted · +3 days -> end of 23 Nov",
    ),
    (
        "working days ask about every day",
        (
            held(),
            calendar("t", "2026-06-01 08:00", ("2026-11-20", "2026-11-23"), provisional=True),
            policy("p2", "2026-11-01 08:00", unit="WORKING", days=2, roll="NONE"),
        ),
        "Kết thúc 20/11 · không tính ngày diễn ra · +2 ngày làm việc · 21/11 là Thứ Bảy, 22/11 là Chủ nhật, "
        "24/11 là ngày nghỉ (Ngày Văn hóa Việt Nam) · theo lịch nghỉ tạm -> hết ngày 25/11",
        "Ended 20 Nov · event day not counted · +2 working days · 21 Nov is a Saturday, 22 Nov is a Sunday, "
        "24 Nov is a day off (Ngày Văn hóa Việt Nam) · by a provisional calendar -> end of 25 Nov",
    ),
    (
        "no calendar says so",
        (held(ended_at="2027-03-01 16:00"),),
        "Kết thúc 01/03 · không tính ngày diễn ra · +3 ngày · chưa có lịch nghỉ cho ngày 04/03/2027 -> chưa có hạn",
        "Ended 1 Mar · event day not counted · +3 days · no calendar covers 4 Mar 2027 -> no due date yet",
    ),
    (
        "no calendar for the next year",
        (held(ended_at="2026-12-30 16:00"),),
        "Kết thúc 30/12/2026 · không tính ngày diễn ra · +3 ngày · chưa có lịch nghỉ cho ngày 02/01/2027"
        " -> chưa có hạn",
        "Ended 30 Dec 2026 · event day not counted · +3 days · no calendar covers 2 Jan 2027 -> no due date yet",
    ),
)


@pytest.mark.parametrize("row", AFTER, ids=[row[0] for row in AFTER])
def test_a_due_date_after_the_event_explains_itself(row: tuple[str, tuple[Message, ...], str, str]) -> None:
    _, messages, vi, en = row
    assert owes(*messages)["WEBSITE POST"]["explanation"] == {"vi": vi, "en": en}


def test_without_a_policy_it_says_so() -> None:
    doc = owes(SHIPPED[0], held(), shipped=False)["WEBSITE POST"]
    assert doc["explanation"] == {
        "vi": "Kết thúc 20/11 · không tính ngày diễn ra · chưa có quy định cách tính hạn -> chưa có hạn",
        "en": "Ended 20 Nov · event day not counted · no policy says how to count -> no due date yet",
    }


def test_a_due_date_before_the_event_explains_itself() -> None:
    doc = owes(scheduled(started_at="2026-11-20 07:05"), classified(key(), tier="FOCAL"))["WEBSITE PRE"]
    assert doc["explanation"] == {
        "vi": "Trước sự kiện · hạn là lúc bắt đầu -> 07:05 ngày 20/11",
        "en": "Before the event · due when it starts -> 07:05 on 20 Nov",
    }


def test_a_count_of_no_days_asks_about_the_day_itself_alone() -> None:
    only = calendar("t", "2026-06-01 08:00", ("2026-11-20", "2026-11-20"), provisional=True)
    today = policy("p2", "2026-11-01 08:00", unit="WORKING", days=0, roll="NONE")
    doc = owes(SHIPPED[1], held(), only, today, shipped=False)["WEBSITE POST"]
    assert doc["explanation"]["en"].endswith("by a provisional calendar -> end of 20 Nov")
