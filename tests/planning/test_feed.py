"""A plan as a calendar: what stands in it and what never does, and the private address that programs ask."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar

from services.chassis.app import Service
from services.chassis.unit import Cause, Unit
from services.planning import decisions, recurrence, storage
from services.planning.feed.addresses import LASTS
from services.planning.feed.written import Dated, written
from services.planning.settings import Settings
from tests.clock import StoppedClock
from tests.planning.builders import DATES, NOW, approved, channel, content, data, focal, routine
from tests.planning.conftest import opened
from tests.planning.test_rooms import drafted
from tests.planning.test_web import House


@pytest.fixture
async def house(settings: Settings, service: Service) -> AsyncIterator[House]:
    async with opened(House(settings, service)) as made:
        yield made


def calendar(*items: dict[str, object], is_approved: bool = True) -> Calendar:
    plan = content(channel_plans=[channel("VI_WEB", *items)])
    dated = Dated(plan, DATES, 3, NOW, is_approved)
    return Calendar.from_ical(written([dated], [DATES], say=lambda text, **_: text, lang="en", at=NOW))


def test_a_milestone_stands_with_its_times_and_nothing_about_people_or_money() -> None:
    made = calendar(focal(title="Lễ, 20/11; lớn", note="riêng", partner="Công ty", cost_minor=1, lead_unit="DT"))
    due, event = made.events
    assert (due["uid"], due.start.isoformat()) == ("plan-due-2026-2027@planning.publicity", "2026-09-05")
    assert (event["uid"], event["summary"]) == ("20-11@planning.publicity", "Lễ, 20/11; lớn")
    assert (event.start, event.end) == (
        datetime(2026, 11, 20, 0, 30, tzinfo=UTC),
        datetime(2026, 11, 20, 4, 0, tzinfo=UTC),
    )
    assert set(event) == {
        *("UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "DESCRIPTION", "STATUS", "DTSTART", "DTEND"),
    }
    assert (event["status"], calendar(focal(), is_approved=False).events[1]["status"]) == ("CONFIRMED", "TENTATIVE")


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
        "FREQ=WEEKLY",
        "FREQ=DAILY;INTERVAL=10;COUNT=500",
        "FREQ=DAILY;COUNT=3",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=20;UNTIL=20280101",
        "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231T170000Z",
    ],
)
def test_a_routine_item_recurs_there_on_the_days_on_which_it_recurs_here(text: str) -> None:
    event = calendar(routine(recurrence=text)).events[1]
    first = datetime.combine(event.start, datetime.min.time())
    rule = rrulestr(event["rrule"].to_ical().decode(), dtstart=first)
    assert [at.date() for at in rule] == [at.date() for at in recurrence.occurrences(text, DATES)]


def test_what_never_comes_in_the_year_or_is_no_recurrence_is_left_out() -> None:
    never = [routine("a", recurrence="FREQ=HOURLY"), routine("b", recurrence="FREQ=DAILY;UNTIL=20200101")]
    assert [event["uid"] for event in calendar(*never).events] == ["plan-due-2026-2027@planning.publicity"]


async def approve(house: House, path: str) -> None:
    plan_id = path.rpartition("/")[2]
    answer = approved().model_copy(update={"plan_id": plan_id})

    async def learn(unit: Unit) -> None:
        plan = await storage.load(unit, plan_id)
        assert plan is not None
        after = decisions.learn(plan, answer, NOW)
        assert after is not None
        unit.put("plans", storage.to_doc(after))

    await house.service.store.transact(Cause("/publicity/approval", plan_id), NOW, learn)


def key_in(page: httpx2.Response) -> str:
    found = re.search(r"calendar\.ics\?key=([\w-]{43})&", html.unescape(page.text))
    assert found is not None, page.text[:300]
    return found[1]


def titles(answer: httpx2.Response) -> list[str]:
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8", answer.text
    return [str(event["summary"]) for event in Calendar.from_ical(answer.content).events]


@pytest.mark.live
async def test_a_plan_is_taken_along_as_a_file_by_whoever_is_signed_in(house: House) -> None:
    editor, viewer = await house.person("editor"), await house.person("viewer")
    path, base = await drafted(editor)
    assert f'href="{path}/calendar.ics"' in (await viewer.get(path)).text
    assert titles(await viewer.get(f"{path}/calendar.ics?lang=en")) == ["Plan of 2026-2027 due", "Tin tuần", "Lễ 20/11"]
    await editor.post(f"/api{path}/submission")
    await editor.post(f"/api{path}/withdrawal", json={"reason": "Sửa"})
    other = {"content": data(channel_plans=[channel("VI_WEB", focal(title="Khác"))]), "base_hash": base}
    await editor.put(f"/api{path}", json=other)
    assert "Khác" in titles(await editor.get(f"{path}/calendar.ics"))
    assert "Lễ 20/11" in titles(await editor.get(f"{path}/calendar.ics?revision=1"))
    for missing in (f"{path}/calendar.ics?revision=9", "/plans/none/calendar.ics"):
        assert (await editor.get(missing)).status_code == 404
    assert (await house.browser().get(f"{path}/calendar.ics")).status_code in (303, 401)


@pytest.mark.live
async def test_a_private_address_shows_what_is_approved_until_it_ends(house: House, clock: StoppedClock) -> None:
    editor, nobody = await house.person("editor"), house.browser()
    path, _ = await drafted(editor)
    await editor.post(f"/api{path}/submission")
    made = await editor.post("/calendar", data={"command_id": "make-1"})
    feed = f"/calendar.ics?key={key_in(made)}"
    assert titles(await nobody.get(feed)) == ["Hạn trình kế hoạch năm học 2026-2027"], "nothing is approved yet"
    await approve(house, path)
    assert titles(await nobody.get(feed)) == ["Hạn trình kế hoạch năm học 2026-2027", "Tin tuần", "Lễ 20/11"]
    assert "calendar.ics?key" not in (await editor.get("/calendar")).text, "it is shown once"
    again = await editor.post("/calendar", data={"command_id": "make-1"})
    assert "đã hiện ở lần gửi trước" in again.text
    stored = await house.service.store.raw("calendar_addresses").find({}).to_list(None)
    assert key_in(made) not in str(stored), "the key itself is not kept"
    for wrong in ("", "?key=", "?key=x", f"?key={'a' * 43}"):
        assert (await nobody.get(f"/calendar.ics{wrong}")).status_code == 404
    clock.at = NOW + LASTS
    assert (await nobody.get(feed)).status_code == 404


@pytest.mark.live
async def test_an_address_ends_by_its_owner_by_a_new_one_and_by_the_office(house: House) -> None:
    editor, head, nobody = await house.person("editor"), await house.person("office_head"), house.browser()
    first, second = [f"/calendar.ics?key={key_in(await editor.post('/calendar'))}" for _ in range(2)]
    other = f"/calendar.ics?key={key_in(await head.post('/calendar'))}"
    answers = {feed: (await nobody.get(feed)).status_code for feed in (first, second, other)}
    assert answers == {first: 404, second: 200, other: 200}
    assert (await editor.post("/calendar/end")).status_code == 303
    assert [(await nobody.get(feed)).status_code for feed in (second, other)] == [404, 200]
    assert (await editor.post("/calendar/end-all")).status_code == 403
    assert "end-all" not in (await editor.get("/calendar")).text
    assert "end-all" in (await head.get("/calendar")).text
    assert (await head.post("/calendar/end-all")).status_code == 303
    assert (await nobody.get(other)).status_code == 404
    assert "Chưa có địa chỉ nào" in (await head.get("/calendar")).text
    assert (await nobody.get("/calendar")).status_code == 303
