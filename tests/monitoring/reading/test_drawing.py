"""The due track, the lanes, the words and the cursors: pure values, as tables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, read_reference
from services.chassis.web.formats import Formats
from services.monitoring.pages.track import badge_of, track
from services.monitoring.pages.view_home import bars, calendar_ends, spark
from services.monitoring.pages.words import Words
from services.monitoring.reading.board import YearFigures, recent_days
from services.monitoring.reading.figures import Cut, Rate, Row
from services.monitoring.reading.filters import Cursor, CursorInvalid, EventFilter, ObligationFilter, State
from services.monitoring.reading.web_acts import key_in

REFERENCE = read_reference(UNITS_FILE, TOPIC_AREAS_FILE)
# Friday 20 November; due Monday 23, 24:00
DUE, MONDAY = "2026-11-23T17:00:00.000000Z", "2026-11-23T03:00:00.000000Z"


def words(language: str = "vi") -> Words:
    return Words(Formats(language, lambda: datetime(2026, 11, 23, 3, 42, 7, tzinfo=UTC)), REFERENCE)


def obligation(state: str = "OPEN", **changed: Any) -> dict[str, Any]:
    given = {"state": state, "phase": "POST", "due_at": DUE, "strict_due_at": DUE, "discharged_at": None}
    times = {"started_at": "2026-11-20T00:30:00.000000Z", "ended_at": "2026-11-20T04:15:00.000000Z"}
    return given | times | changed


def test_a_track_has_the_events_day_then_one_cell_for_each_day_that_counts() -> None:
    found = track(obligation(), MONDAY, words())
    assert found is not None
    assert [cell.kind for cell in found.cells] == ["event", "day", "day", "day"]
    assert found.kind == "due"
    assert [round(cell.filled / cell.width, 2) for cell in found.cells] == [0, 1, 1, 0.42]
    assert found.label.params == {"due": "23/11/2026 24:00", "end": "20/11/2026"}


def test_days_that_roll_over_added_are_drawn_as_such() -> None:
    # Ended Wednesday 18: three days end on Saturday 21, rolled over to Monday 23.
    doc = obligation(
        started_at="2026-11-18T01:00:00.000000Z",
        ended_at="2026-11-18T03:00:00.000000Z",
        strict_due_at="2026-11-21T17:00:00.000000Z",
    )
    found = track(doc, MONDAY, words())
    assert found is not None
    assert [cell.kind for cell in found.cells] == ["event", "day", "day", "day", "rolled", "rolled"]


def test_an_event_that_ends_at_midnight_ends_the_day_before() -> None:
    doc = obligation(started_at="2026-11-20T12:00:00.000000Z", ended_at="2026-11-20T17:00:00.000000Z")
    found = track(doc, MONDAY, words())
    assert found is not None
    assert len(found.cells) == 4


@pytest.mark.parametrize(
    ("doc", "kind", "end"),
    [
        (obligation(due_at="2026-11-25T17:00:00.000000Z"), "open", ""),
        (obligation("MISSED"), "miss", "arrow"),
        (obligation("LATE", discharged_at="2026-11-24T02:00:00.000000Z"), "late", "dot"),
        (obligation("ON_TIME", discharged_at="2026-11-21T08:42:00.000000Z"), "ok", "dot"),
        (obligation("ON_TIME", phase="PRE", discharged_at="2026-11-10T08:42:00.000000Z"), "ok", "dot"),
    ],
)
def test_the_end_of_a_track_says_what_happened(doc: dict[str, Any], kind: str, end: str) -> None:
    found = track(doc, "2026-11-23T18:00:00.000000Z", words())
    assert found is not None
    assert (found.kind, found.end) == (kind, end)
    if end == "dot":
        assert (found.dot_x > found.due_x) is (doc["state"] == "LATE")


@pytest.mark.parametrize("doc", [obligation("WAIVED"), obligation("VOID"), obligation(due_at=None)])
def test_no_track_is_drawn_for_what_is_waived_void_or_without_a_date(doc: dict[str, Any]) -> None:
    assert track(doc, MONDAY, words()) is None


def test_due_soon_is_within_a_day() -> None:
    assert badge_of(obligation(), "2026-11-22T16:59:59.000000Z") == "OPEN"
    assert badge_of(obligation(), "2026-11-22T17:00:00.000000Z") == "DUE_SOON"
    assert badge_of(obligation("MISSED"), DUE) == "MISSED"


@pytest.mark.parametrize(
    ("start", "end", "vi", "en"),
    [
        ("2026-11-20T00:30", "2026-11-20T04:15", "20/11/2026 07:30–11:15", "20 Nov 2026, 07:30–11:15"),
        ("2026-11-20T12:00", "2026-11-20T17:00", "20/11/2026 19:00–24:00", "20 Nov 2026, 19:00–24:00"),
        ("2026-11-20T12:00", "2026-11-20T12:00", "20/11/2026 19:00", "20 Nov 2026, 19:00"),
        ("2026-11-20T12:00", "2026-11-21T04:00", "20/11/2026 19:00 – 21/11/2026 11:00",
         "20 Nov 2026, 19:00 – 21 Nov 2026, 11:00"),
    ],
)  # fmt: skip
def test_a_period_says_its_day_once(start: str, end: str, vi: str, en: str) -> None:
    start, end = f"{start}:00.000000Z", f"{end}:00.000000Z"
    assert (words("vi").period(start, end), words("en").period(start, end)) == (vi, en)


def test_days_are_named_in_the_readers_language() -> None:
    assert (words("vi").day(MONDAY), words("en").day(MONDAY)) == ("T2 23/11", "Mon 23 Nov")
    assert (words("vi").weekday(MONDAY), words("en").weekday(MONDAY)) == ("Thứ Hai", "Monday")
    assert words("en").sender("/publicity/desk") == "The desk"
    assert words().sender("/sis") == "/sis"


@pytest.mark.parametrize("place", [Cursor(DUE, "o-1"), Cursor(None, "o-1"), Cursor("x", "ẳ")])
def test_a_cursor_comes_back_as_it_was(place: Cursor) -> None:
    assert Cursor.read(place.text()) == place


@pytest.mark.parametrize("text", ["é", "W10", "bnVsbA", "WzEsMl0", "eyJhIjoxfQ", "[]", "A" * 500, "W1tbW1s"])
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(CursorInvalid):
        Cursor.read(text)


def test_a_deep_page_asks_from_its_place_on_and_undated_come_last() -> None:
    first, *rest = ObligationFilter(unit="K_CK").steps(MONDAY)
    assert first == {"unit": "K_CK", "due_at": {"$gt": ""}}
    assert rest == [{"unit": "K_CK", "due_at": None}]
    deep = ObligationFilter().steps(MONDAY, Cursor(DUE, "o-1"))
    assert deep == [{"due_at": {"$eq": DUE}, "_id": {"$gt": "o-1"}}, {"due_at": {"$gt": DUE}}, {"due_at": None}]
    assert ObligationFilter().steps(MONDAY, Cursor(None, "o-1")) == [{"due_at": None, "_id": {"$gt": "o-1"}}]
    assert ObligationFilter(due_before=DUE).steps(MONDAY) == [{"due_at": {"$gt": "", "$lt": DUE}}]


def test_open_and_missed_are_asked_as_they_are_now() -> None:
    (dated, undated) = ObligationFilter(state=State.OPEN).steps(MONDAY, Cursor("2026-01-01", "o"))[1:]
    assert dated == {"state": "OPEN", "due_at": {"$gt": MONDAY}}
    assert undated == {"state": "OPEN", "due_at": None}
    (missed,) = ObligationFilter(state=State.MISSED).steps(MONDAY)
    turned = {"state": "OPEN", "due_at": {"$gt": "", "$lte": MONDAY}}
    assert missed == {"$or": [{"state": "MISSED", "due_at": {"$gt": ""}}, turned]}


def test_words_are_looked_for_as_words_and_not_as_a_pattern() -> None:
    (asked,) = EventFilter("Hòa (bình)").steps()
    assert asked["$and"] == [{"words": "hoa"}, {"words": {"$regex": "^binh"}}]


def test_bars_and_the_line_of_months_are_drawn_from_the_same_rows() -> None:
    rows = [Row("2026-10", Rate(9, 10)), Row("2026-11", Rate(8, 10)), Row("2026-12")]
    rows[0].counts[State.ON_TIME], rows[0].counts[State.LATE] = 9, 1
    drawn = spark(rows, words())
    assert [(point.month, point.ratio) for point in drawn] == [("10/2026", 0.9), ("11/2026", 0.8)]
    assert drawn[0].y < drawn[1].y
    bar = next(bar for bar in bars(rows, Cut.MONTH, "2026-2027", words=words()) if bar.name == "10/2026")
    assert (bar.on_time, bar.late, bar.missed) == (90, 10, 0)
    assert bar.address == "/obligations?month=2026-10&school_year=2026-2027"
    assert spark([], words()) == ()
    assert YearFigures("2026-2027", MONDAY, rows[0], {}, (), recent_days(MONDAY), ()).taken == ()


def test_the_end_of_the_calendar_is_told_sixty_days_before() -> None:
    assert calendar_ends("2027-01-23", MONDAY) is None
    assert calendar_ends("2027-01-22", MONDAY) == "2027-01-22"
    assert calendar_ends(None, MONDAY) == ""


@pytest.mark.parametrize(
    "typed", ["k-1", " k-1 ", "http://x/events/k-1", "http://x/room/events/k-1?lang=en", "/events/k-1/"]
)
def test_a_key_may_be_pasted_as_the_address_of_its_page(typed: str) -> None:
    assert key_in(typed) == "k-1"
