"""Events of a calendar as reports: zones, whole days, what recurs, what is cancelled, what is private."""

import pytest

from services.monitoring.imports.files.rows import LeftOut
from tests.monitoring.imports.files import calendar, faults, read, vevent

HELD = {
    "event_id": "u-1",
    "title": "Hội thảo",
    "unit": "K_CK",
    "started_at": "2026-11-20T01:00:00+00:00",
    "ended_at": "2026-11-20T04:30:00+00:00",
}


def times(raw: bytes) -> list[tuple[str, str]]:
    """Start and end of each row, short."""
    rows = read(raw).rows
    return [(row.data["started_at"][:16], row.data["ended_at"][:16]) for row in rows]


def test_an_event_is_the_report_it_says_without_what_people_wrote_in_it() -> None:
    own = ("DESCRIPTION:mật khẩu phòng họp", "ORGANIZER:mailto:a@b.vn", "ATTENDEE:mailto:c@d.vn", "SEQUENCE:3")
    said = vevent(
        *own, "LOCATION:Hội trường\\, tầng 2", "URL:https://a.vn/x", "BEGIN:VALARM", "SUMMARY:z", "END:VALARM"
    )
    (row,) = read(calendar(said), held=True).rows
    assert (row.place, row.name, row.version) == ("VEVENT 1", "event-held", 3)
    assert row.data == HELD | {"place": "Hội trường, tầng 2", "url": "https://a.vn/x"}
    assert row.place_of("started_at") == "VEVENT 1, DTSTART"


def test_what_a_calendar_says_was_scheduled_unless_it_is_told_that_it_was_held() -> None:
    later = vevent(uid="u-2", start="DTSTART:20261201T010000Z", DTEND="20261201T043000Z")
    assert [row.name for row in read(calendar(vevent(), later)).rows] == ["event-scheduled"] * 2
    assert [row.name for row in read(calendar(vevent(), later), held=True).rows] == ["event-held", "event-scheduled"]


ZONES = (
    "DTSTART:20261120T010000Z",
    "DTSTART:20261120T080000",
    "DTSTART;TZID=Asia/Ho_Chi_Minh:20261120T080000",
    'DTSTART;TZID="Asia/Saigon":20261120T080000',
    "DTSTART;TZID=SE Asia Standard Time:20261120T080000",
    "DTSTART;TZID=/freeassociation.sourceforge.net/Asia/Ho_Chi_Minh:20261120T080000",
    'DTSTART;TZID="(UTC+07:00) Bangkok, Hanoi, Jakarta":20261120T080000',
    "DTSTART;TZID=Europe/Paris:20261120T020000",
    "DTSTART;VALUE=DATE-TIME;TZID=UTC:20261120T010000",
)


@pytest.mark.parametrize("start", ZONES)
def test_a_time_is_that_of_its_zone_and_without_one_that_of_the_place(start: str) -> None:
    assert times(calendar(vevent(start=start))) == [("2026-11-20T01:00", "2026-11-20T04:30")]


def test_a_zone_is_never_taken_from_the_file() -> None:
    zone = ("BEGIN:VTIMEZONE", "TZID:Nowhere", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0900")
    zone = (*zone, "TZOFFSETTO:+0900", "RRULE:FREQ=SECONDLY", "END:STANDARD", "END:VTIMEZONE")
    said = vevent(start="DTSTART;TZID=Nowhere:20261120T080000")
    assert faults(calendar(said, lines=zone)) == [("VEVENT 1, DTSTART", "timezone-unknown")]
    assert times(calendar(vevent(), lines=zone)) == [("2026-11-20T01:00", "2026-11-20T04:30")]


@pytest.mark.parametrize(
    ("start", "end", "until"),
    [
        ("DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261122", "2026-11-21T17:00"),
        ("DTSTART;VALUE=DATE:20261120", "", "2026-11-20T17:00"),
        ("DTSTART;VALUE=DATE:20261120", "DURATION:P2D", "2026-11-21T17:00"),
        ("DTSTART;TZID=Asia/Ho_Chi_Minh:20261120T000000", "DURATION:PT3H30M", "2026-11-19T20:30"),
        ("DTSTART;TZID=Asia/Ho_Chi_Minh:20261120T000000", "", "2026-11-19T17:00"),
    ],
)
def test_the_end_is_stated_or_follows(start: str, end: str, *, until: str) -> None:
    assert times(calendar(vevent(*filter(None, [end]), start=start, DTEND=""))) == [("2026-11-19T17:00", until)]


def test_folded_lines_are_one_even_where_they_part_a_letter() -> None:
    raw = calendar(vevent(SUMMARY="Hội thảo Cơ điện tử"))
    place = raw.index("ộ".encode()) + 1
    (row,) = read(raw[:place] + b"\r\n " + raw[place:]).rows
    assert row.data["title"] == "Hội thảo Cơ điện tử"


@pytest.mark.parametrize(("line", "lines"), [("STATUS:CANCELLED", ()), ("STATUS:CONFIRMED", ("METHOD:CANCEL",))])
def test_what_is_cancelled_is_a_cancellation(line: str, lines: tuple[str, ...]) -> None:
    (row,) = read(calendar(vevent(line), lines=lines)).rows
    assert (row.name, row.data) == ("event-cancelled", {"event_id": "u-1"})


def test_private_and_tentative_events_are_left_out_and_said_to_be() -> None:
    said = (vevent("CLASS:PRIVATE"), vevent("STATUS:TENTATIVE"), vevent("CLASS:PUBLIC", "STATUS:CONFIRMED"))
    reading = read(calendar(*said))
    assert [row.place for row in reading.rows] == ["VEVENT 3"]
    assert reading.left_out == (
        LeftOut("VEVENT 1", "", "private"), LeftOut("VEVENT 2", "Hội thảo", "tentative")
    )  # fmt: skip


def test_each_time_of_what_recurs_is_an_event_of_its_own() -> None:
    start = "DTSTART;TZID=Asia/Ho_Chi_Minh:20261120T080000"
    weekly = vevent("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Asia/Ho_Chi_Minh:20261204T080000", start=start)
    rows = read(calendar(weekly)).rows
    assert [row.data["event_id"] for row in rows] == [
        "u-1/20261120T010000Z", "u-1/20261127T010000Z", "u-1/20261211T010000Z"
    ]  # fmt: skip
    assert {row.data["ended_at"][10:] for row in rows} == {"T04:30:00+00:00"}


def test_one_time_can_be_moved_or_cancelled_by_an_event_of_its_own() -> None:
    weekly = vevent("RRULE:FREQ=WEEKLY;COUNT=3")
    moved = vevent("RECURRENCE-ID:20261127T010000Z", start="DTSTART:20261128T010000Z", DTEND="20261128T020000Z")
    off = vevent("RECURRENCE-ID:20261204T010000Z", "STATUS:CANCELLED")
    rows = {row.data["event_id"][4:]: row for row in read(calendar(weekly, moved, off)).rows}
    assert {name: row.name for name, row in rows.items()} == {
        "20261120T010000Z": "event-scheduled", "20261127T010000Z": "event-scheduled",
        "20261204T010000Z": "event-cancelled",
    }  # fmt: skip
    assert rows["20261127T010000Z"].data["started_at"] == "2026-11-28T01:00:00+00:00"


def test_an_hour_stays_the_hour_where_summer_time_ends() -> None:
    start = "DTSTART;TZID=Europe/Paris:20261020T100000"
    said = vevent("RRULE:FREQ=WEEKLY;COUNT=2", start=start, DTEND="", DURATION="PT1H")
    assert times(calendar(said)) == [("2026-10-20T08:00", "2026-10-20T09:00"), ("2026-10-27T09:00", "2026-10-27T10:00")]


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("FREQ=DAILY;UNTIL=20261124T010000Z", 5),
        ("FREQ=DAILY;UNTIL=20261124", 5),
        ("FREQ=MONTHLY;BYMONTHDAY=20;COUNT=3", 3),
        ("FREQ=WEEKLY;BYDAY=FR,MO;COUNT=200", 200),
    ],
)
def test_recurrence_goes_on_as_far_as_it_says(rule: str, count: int) -> None:
    assert len(read(calendar(vevent(f"RRULE:{rule}"))).rows) == count


def test_added_dates_are_times_too() -> None:
    assert [one[0] for one in times(calendar(vevent("RDATE:20261122T010000Z,20261125T010000Z")))] == [
        "2026-11-20T01:00", "2026-11-22T01:00", "2026-11-25T01:00"
    ]  # fmt: skip


def test_an_id_that_is_too_long_is_shortened_and_stays_the_same() -> None:
    ids = [read(calendar(vevent(uid="x" * length))).rows[0].data["event_id"] for length in (128, 129, 129, 130)]
    assert ids[0] == "x" * 128
    assert ids[1] == ids[2] != ids[3]
    assert len(ids[1]) == 36


FAULTS: tuple[tuple[str, str, str], ...] = (
    (vevent(uid=""), "UID", "property-missing"),
    (vevent(start="X-A:b"), "DTSTART", "property-missing"),
    (vevent(SUMMARY=""), "SUMMARY", "property-missing"),
    (vevent(start="DTSTART:2026-11-20"), "DTSTART", "property-unreadable"),
    (vevent(DTEND="20261340T000000Z"), "DTEND", "property-unreadable"),
    (vevent(start="DTSTART;TZID=Mars/Olympus:20261120T080000"), "DTSTART", "timezone-unknown"),
    (vevent(start="DTSTART;VALUE=DATE:20261120"), "DTEND", "end-kind"),
    (vevent("RRULE:FREQ=DAILY"), "RRULE", "recurrence-endless"),
    (vevent("RRULE:FREQ=DAILY;COUNT=201"), "RRULE", "recurrence-too-many"),
    (vevent("RRULE:FREQ=DAILY;UNTIL=20300101T000000Z"), "RRULE", "recurrence-too-many"),
    (vevent("RRULE:FREQ=HOURLY;COUNT=2"), "RRULE", "recurrence-unsupported"),
    (vevent("RRULE:FREQ=WEEKLY;COUNT=2", "RRULE:FREQ=DAILY;COUNT=2"), "RRULE", "recurrence-unsupported"),
    (vevent("RECURRENCE-ID;RANGE=THISANDFUTURE:20261127T010000Z"), "RECURRENCE-ID", "recurrence-unsupported"),
    (vevent("RDATE;VALUE=PERIOD:20261122T010000Z/PT1H"), "RDATE", "recurrence-unsupported"),
)


@pytest.mark.parametrize(("said", "name", "rule"), FAULTS, ids=[f"{row[2]}-{row[1]}" for row in FAULTS])
def test_a_fault_names_the_event_and_the_property(said: str, name: str, *, rule: str) -> None:
    assert faults(calendar(vevent(uid="good"), said)) == [(f"VEVENT 2, {name}", rule)]


FILES: tuple[tuple[bytes, str], ...] = (
    (calendar(), "nothing-in-it"),
    (calendar(vevent(SUMMARY="x")).replace(b"x", b"\xff"), "calendar-not-utf8"),
    (calendar("BEGIN:VEVENT", "UID:1"), "calendar-broken"),
    (calendar(vevent())[:-20], "calendar-broken"),
    (calendar(vevent()) + b"END:VCALENDAR\r\n", "calendar-broken"),
    (calendar(*(["BEGIN:X"] * 9), *(["END:X"] * 9)), "calendar-broken"),
    (calendar(*[vevent(uid=str(number)) for number in range(1001)]), "too-many-events"),
    (calendar(*[vevent("RRULE:FREQ=DAILY;COUNT=200", uid=str(number)) for number in range(6)]), "too-many-events"),
)


@pytest.mark.parametrize(("raw", "rule"), FILES, ids=[f"{n}-{row[1]}" for n, row in enumerate(FILES)])
def test_a_file_that_is_no_calendar_is_refused_whole(raw: bytes, rule: str) -> None:
    assert faults(raw) == [("", rule)]


def test_two_calendars_in_one_file_are_read_as_one() -> None:
    raw = calendar(vevent(uid="a")) + calendar(vevent(uid="b"))
    assert [row.data["event_id"] for row in read(b"\xef\xbb\xbf" + raw).rows] == ["a", "b"]


def test_a_line_that_is_none_is_told() -> None:
    assert faults(calendar(vevent("rubbish"))) == [("VEVENT 1", "property-unreadable")]
