"""What the pages of planning work out of a plan: calendar, words of recurrences, versions of a part, second steps."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest

from contracts.planning import PlanContent
from services.chassis.app import Service
from services.chassis.decision import Actor
from services.chassis.web.identity import open_session
from services.planning.app import create_app
from services.planning.pages import parts
from services.planning.pages.month import Month, month_of
from services.planning.pages.rhythm import OFFERED, WEEKDAYS, On, Rhythm, rhythm
from services.planning.pages.views import Known, plan_view
from services.planning.pages.week import week_of
from services.planning.settings import Settings
from tests.planning.builders import BASES, DATES, NOW, WINDOW, YEAR, channel, content, data, focal, group, plan, routine
from tests.planning.conftest import opened

TODAY = date(2026, 11, 23)
DAYS = (("MO", "thứ Hai"), ("SU", "Chủ nhật"))


def month(made: PlanContent, asked: str = "2026-11", today: date = TODAY) -> Month:
    return month_of(made, DATES, asked, today=today)


def titles(shown: Month) -> dict[str, list[str]]:
    return {str(day.on): [entry.item.title for entry in day.entries] for day in shown.filled}


def test_a_month_begins_on_monday_and_marks_today_weekends_and_the_days_of_other_months() -> None:
    shown = month(content())
    assert [week[0].on.weekday() for week in shown.weeks] == [0] * len(shown.weeks)
    days = [day for week in shown.weeks for day in week]
    assert [day.on for day in days if day.is_today] == [TODAY]
    assert {day.on.weekday() for day in days if day.is_weekend} == {5, 6}
    assert all(day.is_outside is (day.on.month != 11) for day in days)
    assert (shown.name, shown.year, shown.before, shown.after) == ("Tháng 11", 2026, "2026-10", "2026-12")


def test_milestones_and_occurrences_stand_on_their_local_days() -> None:
    found = titles(month(content()))
    assert found["2026-11-20"] == ["Lễ 20/11"]
    assert [on for on, names in found.items() if "Tin tuần" in names] == [
        *("2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30")
    ]


@pytest.mark.parametrize(
    ("starts", "ends", "days"),
    [
        ("2026-11-20T00:30:00Z", "2026-11-21T17:00:00Z", ["2026-11-20", "2026-11-21"]),
        ("2026-10-30T17:30:00Z", "2026-11-01T02:00:00Z", ["2026-11-01"]),
        ("2026-11-19T17:00:00Z", "2026-11-19T17:00:00Z", ["2026-11-20"]),
    ],
    ids=["24:00 ends the day before", "begun in the month before", "of no length at midnight"],
)
def test_a_milestone_of_several_days_stands_on_each(starts: str, ends: str, days: list[str]) -> None:
    made = content(channel_plans=[channel("VI_WEB", focal(milestone={"starts_at": starts, "ends_at": ends}))])
    assert list(titles(month(made))) == days


@pytest.mark.parametrize("asked", ["", "x", "2026-13", "1999-01", "2027-09", "2026-8"])
def test_a_month_outside_the_school_year_is_todays_or_its_first(asked: str) -> None:
    assert month(content(), asked).key == "2026-11"
    assert month(content(), asked, today=date(2031, 1, 1)).key == "2026-09"
    first, last = month(content(), "2026-09"), month(content(), "2027-08")
    assert (first.before, last.after) == ("", "")


def test_a_recurrence_that_is_none_leaves_the_calendar_standing() -> None:
    made = content(channel_plans=[channel("VI_WEB", routine(recurrence="FREQ=HOURLY"), focal())])
    assert list(titles(month(made))) == ["2026-11-20"]


@pytest.mark.parametrize(
    ("asked", "today", "monday", "before", "after"),
    [
        ("2026-11-22", TODAY, "2026-11-16", "2026-11-09", "2026-11-23"),
        ("", TODAY, "2026-11-23", "2026-11-16", "2026-11-30"),
        ("2030-01-01", date(2031, 1, 1), "2026-08-31", "", "2026-09-07"),
        ("2027-08-31", TODAY, "2027-08-30", "2027-08-23", ""),
    ],
    ids=["a Sunday", "today's", "a year outside", "the last"],
)
def test_a_week_has_its_seven_days_and_ends_with_the_year(
    asked: str, today: date, monday: str, before: str, after: str
) -> None:
    shown = week_of(content(), DATES, asked, today=today)
    assert ([day.on.weekday() for day in shown.days], str(shown.days[0].on)) == ([0, 1, 2, 3, 4, 5, 6], monday)
    assert (shown.before, shown.after) == (before, after)
    titled = {str(day.on): [entry.item.title for entry in day.entries] for day in shown.days}
    assert titled.get("2026-11-20", ["Lễ 20/11"]) == ["Lễ 20/11"]


RHYTHMS: tuple[tuple[str, Rhythm | None], ...] = (
    ("FREQ=WEEKLY;BYDAY=MO,SU", Rhythm(tuple(On("%(day)s", WEEKDAYS[d]) for d, _ in DAYS), "hằng tuần", 1, None)),
    ("FREQ=WEEKLY", Rhythm((), "hằng tuần", 1, None)),
    ("FREQ=WEEKLY;INTERVAL=2", Rhythm((), "%(count)s tuần một lần", 2, None)),
    ("FREQ=MONTHLY;BYMONTHDAY=15", Rhythm((On("ngày %(n)s", n="15"),), "hằng tháng", 1, None)),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", Rhythm((On("ngày cuối"),), "hằng tháng", 1, None)),
    ("FREQ=MONTHLY;BYDAY=-1FR", Rhythm((On("%(day)s cuối cùng", "thứ Sáu"),), "hằng tháng", 1, None)),
    ("FREQ=MONTHLY;BYMONTHDAY=-2", None),
    ("FREQ=MONTHLY;BYDAY=4FR", None),
    ("FREQ=MONTHLY;BYDAY=FR", None),
    ("FREQ=WEEKLY;COUNT=3", None),
    ("FREQ=DAILY;BYDAY=MO", None),
    ("FREQ=DAILY;BYMONTHDAY=1", None),
    ("x", None),
)


@pytest.mark.parametrize("row", RHYTHMS, ids=[row[0] for row in RHYTHMS])
def test_a_recurrence_is_said_in_words_or_not_at_all(row: tuple[str, Rhythm | None]) -> None:
    assert rhythm(row[0]) == row[1]


def test_the_last_day_of_a_recurrence_is_said_and_all_that_is_offered_has_words() -> None:
    found = rhythm("FREQ=WEEKLY;UNTIL=20270531")
    assert found is not None
    assert found.until is not None
    assert found.until.isoformat() == "2027-05-31T23:59:59+07:00"
    assert all(words is not None for _, words in OFFERED)


def test_the_gate_names_each_basis_and_what_each_channel_has() -> None:
    made = content(
        bases=[{"kind": kind, "reference": "A"} for kind in BASES[:3]],
        channel_plans=[channel("BANNER", routine(), focal()), channel("VI_WEB")],
        contributor_groups=[group("BANNER", "a", "b"), group("BANNER", "b", "c", group_id="g2")],
    )
    view = plan_view(plan(made), Known(WINDOW, [], True), NOW)
    assert [(gate.kind.value, len(gate.cited)) for gate in view.gates] == list(zip(BASES, (1, 1, 1, 0), strict=True))
    rows = [row for _, side in view.channels for row in side]
    assert [(row.routine_count, row.focal_count, row.people_count, row.is_physical) for row in rows] == [
        (1, 1, 3, True),
        (0, 0, 0, False),
    ]


def test_two_versions_differ_where_they_say_different_things() -> None:
    known = parts.parts_of(content(), "items")["20-11"]
    stored = parts.values_of("items", known, {})
    same = dict(stored) | {"starts_at": "20/11/2026 07:30 ", "note": "\r\n"}
    assert parts.differences("items", stored, same) == ()
    typed = same | {"cost_minor": "12.000.000", "requirements": "WEBSITE:PRE"}
    assert [(one.field, one.stored, one.typed) for one in parts.differences("items", stored, typed)] == [
        ("requirements", (), ("WEBSITE:PRE",)),
        ("cost_minor", (), ("12000000",)),
    ]
    own = typed | {"was": json.dumps(stored)}
    assert parts.differences("items", stored, own) == (), "what only the person changed is no conflict"
    theirs = stored | {"note": "Khác", "cost_minor": "12000000"}
    assert [one.field for one in parts.differences("items", theirs, own)] == ["note"]


@pytest.mark.parametrize("was", ["", "x", "[]", "{", '{"note": 5}', "[" * 9000])
def test_what_a_form_says_of_its_opening_may_be_anything(was: str) -> None:
    stored = {"reference": "A", "kind": "QUALITY_POLICY", "text": ""}
    found = parts.differences("bases", stored, {"reference": "B", "kind": "QUALITY_POLICY", "was": was})
    assert [one.field for one in found] == ["reference"]


@pytest.mark.parametrize(
    ("name", "key", "goes"),
    [("bases", "0", ("Văn bản QUALITY_POLICY", 0, 0)), ("channels", "VI_WEB", ("VI_WEB", 1, 1)),
     ("items", "20-11", ("Lễ 20/11", 0, 0)), ("groups", "group-VI_WEB", ("VI_WEB", 0, 0))],
)  # fmt: skip
def test_what_goes_with_a_part_is_named(name: str, key: str, goes: tuple[str, int, int]) -> None:
    found = parts.going(content(), name, parts.parts_of(content(), name)[key])
    assert (found.name, len(found.items), len(found.groups)) == goes


class House:
    """The application on a database of its own."""

    def __init__(self, settings: Settings, service: Service) -> None:
        self.app = create_app(settings, service.clock)
        self.service: Service = self.app.state.service
        self.clients: list[httpx2.AsyncClient] = []

    async def person(self, *roles: str) -> httpx2.AsyncClient:
        actor = Actor("-".join(roles), "Người dùng", frozenset(roles), "PTT")
        token = await open_session(self.service, actor, datetime.now(UTC))
        headers = {"Origin": "http://127.0.0.1:8001", "cookie": f"publicity_session={token}"}
        transport = httpx2.ASGITransport(app=self.app)
        client = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001", headers=headers)
        self.clients.append(client)
        return client


@pytest.fixture
async def house(settings: Settings, service: Service) -> AsyncIterator[House]:
    async with opened(House(settings, service)) as made:
        yield made


async def drafted(client: httpx2.AsyncClient, **fields: Any) -> tuple[str, str]:
    answer = await client.post("/api/plans", json={"school_year": YEAR, "content": data(**fields)})
    assert answer.status_code == 201, answer.text
    return f"/plans/{answer.json()['plan_id']}", answer.json()["content_hash"]


@pytest.mark.live
async def test_the_plan_shows_its_months_as_links_and_as_a_list(house: House) -> None:
    editor, viewer = await house.person("editor"), await house.person("viewer")
    path, _ = await drafted(editor)
    shown = (await editor.get(f"{path}?month=2026-11")).text
    assert "Tháng 11/2026" in shown
    assert f'href="{path}?month=2026-12#calendar"' in shown
    assert f'href="{path}/edit/items?key=20-11"' in shown
    listed = (await viewer.get(f"{path}?month=2026-11&view=list&lang=en")).text
    assert "November 2026" in listed
    assert "Friday, 20 Nov 2026" in listed
    assert 'href="#item-20-11"' in listed
    assert "/edit/" not in listed
    week = (await editor.get(f"{path}?view=week&week=2026-11-20")).text
    assert "Tuần 16/11/2026 – 22/11/2026" in week
    assert (week.count("data-day="), week.count("không có mục nào")) == (7, 5)
    assert f'href="{path}?view=week&amp;week=2026-11-23#calendar"' in week
    assert f'href="{path}?month=2026-11#calendar"' in week


@pytest.mark.live
async def test_a_removal_is_asked_once_more_and_says_what_goes(house: House) -> None:
    editor = await house.person("editor")
    path, base = await drafted(editor)
    place = f"{path}/edit/channels/removal?key=VI_WEB"
    assert place in (await editor.get(path)).text
    asked = await editor.get(place)
    assert asked.status_code == 200
    assert "Lễ 20/11" in asked.text
    assert base in asked.text
    assert (await (await house.person("viewer")).get(place)).status_code == 403
    assert (await editor.get(f"{path}/edit/channels/removal?key=PRESS")).status_code == 404
    assert (await editor.post(place, data={"base_hash": base})).status_code == 303
    stale = await editor.post(f"{path}/edit/items/removal?key=tin-tuan", data={"base_hash": base, "page": path})
    assert stale.status_code == 409


@pytest.mark.live
async def test_a_withdrawal_has_a_page_of_its_own_while_there_is_something_to_withdraw(house: House) -> None:
    editor = await house.person("editor")
    path, _ = await drafted(editor)
    assert (await editor.get(f"{path}/withdrawal")).status_code == 409
    await editor.post(f"/api{path}/submission")
    asked = await editor.get(f"{path}/withdrawal")
    assert (asked.status_code, 'name="reason"' in asked.text) == (200, True)
    again = await editor.post(f"{path}/withdrawal", data={"reason": "", "page": f"{path}/withdrawal"})
    assert (again.status_code, 'aria-invalid="true"' in again.text) == (422, True)


@pytest.mark.live
@pytest.mark.parametrize(
    ("change", "said", "is_compared"),
    [
        ({"title": "Đổi tên"}, "vừa sửa phần khác", False),
        ({"channel_plans": [channel("E_BOARD", routine()), channel("VI_WEB", focal(title="Lễ lớn"))]}, "Lễ lớn", True),
        ({"channel_plans": [channel("E_BOARD", routine()), channel("VI_WEB")]}, "vừa xóa phần này", False),
    ],
    ids=["another part", "the same part", "the part is gone"],
)
async def test_of_two_editors_the_later_sees_both_versions(
    house: House, change: dict[str, Any], said: str, is_compared: bool
) -> None:
    editor, head = await house.person("editor"), await house.person("office_head")
    path, base = await drafted(editor)
    place = f"{path}/edit/items?key=20-11"
    stored = parts.values_of("items", parts.parts_of(content(), "items")["20-11"], {})
    assert (await editor.put(f"/api{path}", json={"content": data(**change), "base_hash": base})).status_code == 200
    typed = stored | {"page": place, "note": "Của tôi", "was": json.dumps(stored)}
    late = await head.post(place, data=typed | {"base_hash": base})
    assert late.status_code == 409
    assert said in late.text
    assert 'value="Lễ 20/11"' in late.text, "what was typed is kept"
    assert ("Bản của bạn" in late.text) is is_compared
    newest = (await head.get(f"/api{path}")).json()["content_hash"]
    assert f'name="base_hash" value="{newest}"' in late.text
    again = await head.post(place, data=typed | {"base_hash": newest})
    assert again.status_code == 303
    plans = (await head.get(f"/api{path}")).json()["content"]["channel_plans"]
    assert ("Lễ 20/11", "Của tôi") in [(i["title"], i.get("note")) for one in plans for i in one.get("items", [])]


@pytest.mark.live
async def test_the_page_says_late_and_ready_in_words(house: House) -> None:
    editor = await house.person("editor")
    path, _ = await drafted(editor)
    assert "trình được." in (await editor.get(path)).text
    house.service.clock.at = NOW + timedelta(days=60)  # type: ignore[attr-defined]
    assert "trình muộn" in (await editor.get(path)).text


@pytest.mark.live
async def test_what_is_typed_is_kept_for_its_writer_until_it_is_saved_or_forgotten(house: House) -> None:
    editor, head = await house.person("editor"), await house.person("office_head")
    path, base = await drafted(editor)
    place = f"{path}/edit/items?key=20-11"
    stored = parts.values_of("items", parts.parts_of(content(), "items")["20-11"], {})
    typed = stored | {"note": "Gõ dở", "was": json.dumps(stored), "base_hash": base}
    kept = await editor.post(f"{path}/edit/items/kept?key=20-11", data=typed)
    assert (kept.status_code, set(kept.json())) == (200, {"at"})
    assert "Gõ dở" not in (await editor.get(place)).text
    assert "chưa lưu" in (await editor.get(place)).text
    assert "chưa lưu" not in (await head.get(place)).text, "it is nobody else's"
    assert ">Gõ dở</textarea>" in (await editor.get(f"{place}&kept=true")).text
    assert "Gõ dở" not in (await editor.get(f"/api{path}")).text, "it is no part of the plan"

    assert (await head.post(place, data=stored | {"base_hash": base, "note": "Khác"})).status_code == 303
    reopened = (await editor.get(f"{place}&kept=true")).text
    assert f'name="base_hash" value="{base}"' in reopened, "so that the other's change is not written over unseen"
    late = await editor.post(place, data=typed | {"page": f"{place}&kept=true"})
    assert (late.status_code, "Hai bản cùng lúc" in late.text) == (409, True)
    newest = (await editor.get(f"/api{path}")).json()["content_hash"]
    assert (await editor.post(place, data=typed | {"base_hash": newest})).status_code == 303
    assert "chưa lưu" not in (await editor.get(place)).text
    await editor.post(f"{path}/edit/items/kept?key=20-11", data=typed)
    assert (await editor.post(f"{path}/edit/items/kept?key=20-11", data={"forget": "true"})).status_code == 303
    assert "chưa lưu" not in (await editor.get(place)).text
    assert (await (await house.person("viewer")).post(f"{path}/edit/items/kept", data=typed)).status_code == 403
