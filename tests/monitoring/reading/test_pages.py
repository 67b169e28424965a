"""The pages: every one in both languages for every role, what they answer in words, and what is safe in them."""

import re
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from services.chassis.clock import wall_now
from services.chassis.watermark import Beat
from services.monitoring import web
from tests.marked import unmarked
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import NOW, ROLES, House
from tests.monitoring.reading.story import at, event, key, milestone

pytestmark = pytest.mark.live
PAGES = (
    "/",
    "/events",
    "/events?q=hoa+binh&school_year=&unit=&flag=",
    "/events?q=nothing+like+it",
    "/events?flag=UNAUTHENTICATED",
    "/obligations",
    "/obligations?state=MISSED",
    "/obligations?undated=true",
    "/obligations?event=nobody",
    "/compliance",
    "/compliance?by=unit&school_year=2026-2027",
    "/compliance?by=month&school_year=2031-2032",
    *(f"/events/{key(one)}" for one in ("MISS", "GOOD", "SOON", "WAIT", "ASKS", "ODD", "GONE", "VOID", "SAME", "LAST")),
    f"/events/{milestone('le-20-11')}",
)


async def shown(client: httpx2.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.text[:500])
    return answer.text


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_every_page_is_shown_in_both_languages(lived: House, lang: str) -> None:
    head = await lived.person("office_head")
    head.cookies.set("lang", lang)
    for path in PAGES:
        answer = await head.get(path)
        assert answer.status_code == 200, (path, answer.text[:500])
        assert f'<html lang="{lang}"' in answer.text
        assert " style=" not in answer.text, f"{path} has a style of its own, which the policy of the pages forbids"
        assert "<script>" not in answer.text


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_is_shown_to_every_role(lived: House, role: str) -> None:
    client = await lived.person(role)
    for path in ("/", "/events", "/obligations", "/compliance", f"/events/{key('MISS')}"):
        assert (await client.get(path)).status_code == 200, path


async def test_english_pages_have_no_vietnamese_of_ours(lived: House) -> None:
    viewer = await lived.person("viewer", name="Nobody")
    viewer.cookies.set("lang", "en")
    for path in PAGES:
        assert unmarked((await viewer.get(path)).text, "Ngày Văn hóa Việt Nam") == [], path


async def test_today_shows_what_is_missed_due_and_asked(lived: House) -> None:
    text = await shown(await lived.person("office_head"), "/")
    counted = re.findall(r"<strong>([\d.]+\+?)</strong><small>", text)[:4]
    assert counted == ["5", "5", "2", "4"], "MISS 1, TWIN 2, PRE 2; SOON 2, LINK 3; WAIT, ASKS; ODD 2, LAST 2"
    assert '<span class="count miss">5<span class="hidden"> quá hạn</span></span>' in text, "the bar on top"
    assert "Tọa đàm hòa bình" in text
    assert "còn 13 giờ 17 phút" in text
    assert "hạn hôm nay 24:00" in text
    assert "Đã diễn ra chưa?" in text
    assert "Nguồn đề xuất Trọng điểm, đang tính Thường xuyên" in text
    assert "Nguồn chưa xác thực báo sự kiện này" in text
    assert "2 chưa có hạn vì thiếu lịch nghỉ" in text
    assert "Lịch nghỉ chỉ đến hết 31/12/2026" in text


async def test_what_should_be_confirmed_is_answered_on_the_page_by_who_may(lived: House) -> None:
    text = await shown(await lived.person("operator"), "/")
    assert text.count(f'action="/events/{key("WAIT")}/answer"') == 2, "held, or not"
    assert "/answer" not in await shown(await lived.person("viewer"), "/")
    assert f'action="/events/{key("WAIT")}/answer"' in await shown(
        await lived.person("editor"), f"/events/{key('WAIT')}"
    )


async def test_publishing_that_is_not_heard_is_said(lived: House) -> None:
    viewer, last = await lived.person("viewer"), lived.service.heartbeats.last
    last.clear()
    assert "chưa nghe dịch vụ đăng tải từ khi phòng này khởi động" in await shown(viewer, "/")
    beat = Beat(NOW, wall_now())
    last["publishing"] = beat
    assert "chưa nghe dịch vụ đăng tải" not in await shown(viewer, "/")
    last["publishing"] = replace(beat, heard_at=wall_now() - timedelta(minutes=16))
    assert "Quá hạn, chưa xác nhận: chưa nghe dịch vụ đăng tải từ" in await shown(viewer, "/")
    last.clear()


async def test_why_is_this_late_and_who_says_so(lived: House) -> None:
    text = await shown(await lived.person("viewer"), f"/events/{key('MISS')}")
    assert "Kết thúc 10/11 · không tính ngày diễn ra · +3 ngày → hết ngày 13/11" in text
    assert "Bài đã gửi từ 11/11/2026 09:00, đến hạn vẫn chưa đăng." in text
    assert "Máy xác định từ dữ kiện" in text
    assert "quá 9 ngày 10 giờ" in text
    assert "trễ 9 giờ" in text
    assert "báo lần 1, hạn 13/11/2026 24:00" in text
    assert "/sis báo: sự kiện đã diễn ra, 10/11/2026 14:00–16:00" in text
    assert "ctv gửi bài" in text
    assert "Hạn 13/11/2026 24:00, đăng 14/11/2026 09:00: trễ 9 giờ." in text
    assert "Hạn 13/11/2026 24:00, vẫn chưa đăng." in text
    assert "/sis báo là đã diễn ra" in text
    assert text.count("Tính trong tỷ lệ mặc định, chặt và trừ khách quan.") == 2


async def test_both_times_of_a_fact_are_told(house: House) -> None:
    await house.hear(say.held("E1", at=at(20, 18), **event(20)))
    late = say.published(key("E1"), "VI_WEB", at(21), content_id="c")
    await house.hear(replace(late, recordedtime=at(22, 8)))
    text = await shown(await house.person("viewer"), f"/events/{key('E1')}")
    assert (
        '<time datetime="2026-11-21T02:00:00.000000Z">21/11/2026 09:00<small>ghi nhận 22/11/2026 08:00</small>' in text
    )


async def test_a_title_is_found_without_marks_and_only_what_holds_it(lived: House) -> None:
    viewer = await lived.person("viewer")
    for words in ("hoa binh", "HÒA BÌNH", "hoà bình", "toa dam"):
        text = (await viewer.get("/events", params={"q": words})).text
        assert "Tọa đàm hòa bình" in text
        assert "Chung kết Robot" not in text
    assert "Không tìm thấy “.*(”" in (await viewer.get("/events", params={"q": ".*("})).text


async def test_lists_are_paged_by_links_that_lose_and_repeat_nothing(house: House) -> None:
    await house.hear_at_once(say.held(f"E{n}", at=at(20, 18), **event(1 + n % 20)) for n in range(60))
    viewer = await house.person("viewer")
    for start, rows in (("/events", 60), ("/events?school_year=", 60), ("/obligations?state=&unit=K_CK", 120)):
        address, found, pages = start, list[str](), 0
        while address:
            text = (await viewer.get(address)).text
            found += re.findall(r"<tr data-row>(.*?)</tr>", text, re.DOTALL)
            following = re.search(r'rel="next" href="([^"]+)"', text)
            address, pages = (following[1].replace("&amp;", "&") if following else ""), pages + 1
        assert (len(found), len(set(found)), pages) == (rows, rows, -(-rows // 25))


async def test_a_page_with_a_bad_filter_says_what_is_wrong(lived: House) -> None:
    viewer = await lived.person("viewer")
    for path in ("/obligations?state=DONE", "/events?flag=ODD", "/compliance?by=colour", "/obligations?after=x"):
        answer = await viewer.get(path)
        assert answer.status_code == 422, path
        assert "<h1>" in answer.text
    assert (await viewer.get("/events/nobody")).status_code == 404


async def test_what_others_wrote_is_only_text(lived: House) -> None:
    text = await shown(await lived.person("viewer"), f"/events/{key('GOOD')}")
    assert "Hội thảo &lt;Năng lượng&gt;" in text
    assert "<Năng" not in text


async def test_figures_name_what_was_taken_away_after_due(house: House) -> None:
    await house.hear(say.held("E1", at=at(10, 18), title="Giao lưu", **event(10)))
    head = await house.person("office_head")
    answer = (await head.get(f"/api/events/{key('E1')}")).json()
    for one in answer["obligations"]:
        await head.post(f"/api/obligations/{one['obligation_id']}/waiver", json={"reason": "Mất điện cả tuần"})
    text = await shown(head, "/compliance?by=requirement")
    assert text.count("Mất điện cả tuần") == 2
    assert "Office_Head" in text
    assert "0/2" in text


async def test_the_strip_names_the_calendar_and_asks_no_kafka(lived: House) -> None:
    strip = await web.strip_of(lived.service)
    assert [(item.name, item.value) for item in strip.items if item.name == "Lịch nghỉ"] == [("Lịch nghỉ", "vn-2026.1")]
    assert "vn-2026.1" in await shown(await lived.person("viewer"), "/")


async def test_events_that_may_be_the_same_are_proposed_and_no_others(house: House) -> None:
    same = {"title": "Giao lưu Văn nghệ", **event(12)}
    await house.hear(
        say.held("A", at=at(12, 18), **same),
        say.held("B", at=at(12, 18), **same | {"title": "giao luu van nghe"}),
        say.held("C", at=at(12, 18), **same | {"unit": "QHQT"}),
        say.held("D", at=at(13, 18), **same | event(13)),
        say.held("E", at=at(12, 18), **same | {"title": "Giao lưu khác"}),
    )
    text = await shown(await house.person("editor"), f"/events/{key('A')}")
    (proposed,) = re.findall(r'<div class="twins">.*?</div>', text, re.DOTALL)
    assert re.findall(r'href="/events/([^"]+)"', proposed) == [key("B")]
    assert f'name="into" aria-describedby="into-hint " maxlength="400" type="text" value="{key("B")}"' in text
    assert "twins" not in await shown(await house.person("viewer"), f"/events/{key('A')}")
