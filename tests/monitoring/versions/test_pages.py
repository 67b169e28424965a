"""The pages of versions: what they say, the way from a day to its issue, and what a refused form keeps."""

import re
from html import unescape
from urllib.parse import urlencode

import httpx2
import pytest

from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import ROLES, House
from tests.monitoring.reading.story import at, event

pytestmark = pytest.mark.live
VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


async def shown(client: httpx2.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.text[:800])
    return answer.text


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the page's last form."""
    form = text.rpartition('<form method="post"')[2]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}


async def test_a_year_is_drawn_with_each_day_off_by_its_name(house: House) -> None:
    text = await shown(await house.person("viewer"), "/calendars?year=2026")
    assert text.count('<section class="year-month"') == 12
    assert '<b>24</b> <span aria-hidden="true">●</span> Ngày Văn hóa Việt Nam' in text
    assert '<b>10</b> <span aria-hidden="true">+</span> làm bù cho 02/01/2026' in text
    assert "Có lịch đến hết ngày 31/12/2026." in text
    assert "kèm theo phần mềm" in text
    assert "?day=" not in text, "a viewer changes nothing"
    assert "Năm 2027 có ngày chưa có lịch nghỉ" in await shown(await house.person("viewer"), "/calendars?year=2027")


async def test_a_day_is_changed_by_way_of_its_preview(house: House) -> None:
    await house.hear(say.held("E1", at=at(21, 18), title="Hội thao", **event(21)))
    operator = await house.person("operator")
    text = await shown(operator, "/calendars?day=2026-11-24")
    assert "Xem trước: cho làm việc" in text
    form = {"page": "/calendars?day=2026-11-24", "day": "24/11/2026", "is_off": "false", "expected_last": "vn-2026.1"}
    asked = await operator.post("/calendars/preview", data=form | {"based_on": "vn-2026.1"})
    assert asked.status_code == 303, asked.text
    preview = await shown(operator, asked.headers["location"])
    assert "Hạn thay đổi: 2 nghĩa vụ" in preview
    assert "Hội thao" in preview
    assert "nghỉ: Ngày Văn hóa Việt Nam → làm việc" in preview
    sent = hidden(preview)
    blank = await operator.post("/calendars", data=sent | {"page": asked.headers["location"], "reason": ""})
    assert blank.status_code == 422
    assert 'id="reason" name="reason" required aria-invalid="true"' in blank.text
    done = await operator.post("/calendars", data=sent | {"reason": "Quyết định 12"})
    assert (done.status_code, done.headers["location"]) == (303, "/calendars?issued=vn-2026.2&year=2026")
    after = await shown(operator, done.headers["location"])
    assert "Đã ban hành bản vn-2026.2" in after
    assert "Quyết định 12" in after
    stale = await operator.post("/calendars/preview", data=form | {"based_on": "vn-2026.1"})
    assert stale.status_code == 409
    assert "vừa được ban hành sau khi bạn mở trang" in stale.text


async def test_a_new_year_is_typed_one_day_a_line(house: House) -> None:
    operator = await house.person("operator")
    form = {"page": "/calendars?year=2026", "first": "01/01/2027", "last": "31/12/2027", "version": "vn-2027.1"}
    wrong = await operator.post("/calendars/preview", data=form | {"days_off": "01/01/2027 Tết\nnghỉ lễ"})
    assert wrong.status_code == 422
    assert "Dòng 2 không đọc được." in wrong.text
    assert "01/01/2027 Tết\nnghỉ lễ</textarea>" in wrong.text
    lines = {"days_off": "01/01/2027 Tết Dương lịch\n\n02/09/2027: Quốc khánh", "provisional": "true"}
    asked = await operator.post("/calendars/preview", data=form | lines)
    assert asked.status_code == 303, asked.text
    preview = await shown(operator, asked.headers["location"])
    assert "365 ngày trước đây chưa có lịch nghỉ." in preview
    done = await operator.post("/calendars", data=hidden(preview) | {"reason": "Lịch tạm"})
    text = await shown(operator, done.headers["location"])
    assert "Lịch tạm" in text
    assert "Quốc khánh" in text
    home = await shown(operator, "/")
    assert "Lịch nghỉ chỉ đến hết" not in home
    assert "Lịch nghỉ tạm <strong>vn-2027.1</strong>" in home


async def test_what_a_form_asks_wrongly_is_said_at_its_own_field(house: House) -> None:
    operator = await house.person("operator")
    sunday = {"page": "/calendars?day=2026-11-29", "day": "29/11/2026", "is_off": "false"}
    year = {"page": "/calendars", "first": "31/12/2027", "last": "01/01/2027", "days_off": ""}
    for form, field in (
        (sunday | {"instead_of": ""}, "instead_of"),
        (sunday | {"instead_of": "25/11/2026"}, "instead_of"),
        (sunday | {"instead_of": "32/11/2026"}, "instead_of"),
        (year, "last"),
        (year | {"first": "01/01/2027", "last": "31/12/2027", "days_off": "01/01/2028 Tết"}, "days_off"),
        (year | {"first": "01/01/2027", "last": "31/12/2027", "version": "Lịch"}, "version"),
    ):
        answer = await operator.post("/calendars/preview", data=form)
        assert answer.status_code == 422, form
        assert re.search(rf'id="{field}" name="{field}"[^>]* aria-invalid="true"', answer.text), form
    policy = {"page": "/policies", "requirements": "WEBSITE", "unit": "CALENDAR", "roll": "NONE"}
    for form, field in ((policy | {"days": "99"}, "days"), (policy | {"days": "3", "grace_s": "999999"}, "grace_s")):
        answer = await operator.post("/policies/preview", data=form)
        assert re.search(rf'id="{field}" name="{field}"[^>]* aria-invalid="true"', answer.text), form


async def test_three_countings_stand_side_by_side(house: House) -> None:
    text = await shown(await house.person("viewer"), "/policies?ended_on=21/11/2026")
    assert re.findall(r"Hạn hết ngày (\S+)</p>", text) == ["25/11/2026", "24/11/2026", "26/11/2026"]
    assert "Dời sang ngày làm việc kế tiếp" in text
    assert "Ban hành cách tính mới" not in text
    far = await shown(await house.person("viewer"), "/policies?ended_on=2030-01-01")
    assert far.count("chưa có lịch nghỉ cho ngày cần xét") == 3


async def test_a_policy_is_issued_by_way_of_its_preview(house: House) -> None:
    await house.hear(say.held("E1", at=at(21, 18), **event(21)))
    head = await house.person("office_head")
    form = {"page": "/policies", "requirements": "WEBSITE", "days": "1", "unit": "CALENDAR", "roll": "NONE"}
    wrong = await head.post("/policies/preview", data=form | {"days": "nhiều"})
    assert wrong.status_code == 422
    assert 'id="days" name="days" required aria-invalid="true"' in wrong.text
    asked = await head.post("/policies/preview", data=form)
    preview = await shown(head, asked.headers["location"])
    assert "1 nghĩa vụ sẽ quá hạn ngay" in preview
    done = await head.post("/policies", data=hidden(preview) | {"reason": "Thử"})
    assert (done.status_code, done.headers["location"]) == (303, "/policies?issued=3n.2")
    assert "<code>3n.2</code>" in await shown(head, "/policies")


async def test_every_page_speaks_both_languages_to_every_role(house: House) -> None:
    given = urlencode({"given": '{"days":[{"date":"2026-11-24","is_off":false}]}'})
    paths = ["/calendars", "/calendars?day=2026-11-28", "/policies", f"/calendars/preview?{given}"]
    for role in ROLES:
        client = await house.person(role)
        for path in paths:
            may = role in ("operator", "office_head") or "preview" not in path
            assert (await client.get(path)).status_code == (200 if may else 403), (role, path)
    operator = await house.person("operator", name="Nobody")
    operator.cookies.set("lang", "en")
    data = ("Quốc khánh", "Tết", "hoán đổi", "Giỗ Tổ", "Ngày ", "Quốc tế", "Tiếng Việt")
    for path in paths:
        text = await shown(operator, path)
        assert " style=" not in text
        lines = [line.strip() for line in re.sub(r"<[^>]+>", "\n", text).splitlines() if VIETNAMESE.search(line)]
        assert [line for line in lines if not any(word in line for word in data)] == [], path


async def test_an_address_that_nobody_made_is_refused(house: House) -> None:
    operator = await house.person("operator")
    for given in ("{", "[]", '{"days":7}', '{"covers":["a","b"]}'):
        assert (await operator.get("/calendars/preview", params={"given": given})).status_code == 422, given
    assert (await operator.get("/calendars?day=31/02/2026")).status_code == 422


async def test_today_leads_to_the_calendars_before_they_end(house: House) -> None:
    text = await shown(await house.person("operator"), "/")
    assert "Lịch nghỉ chỉ đến hết 31/12/2026" in text
    assert 'href="/calendars?year=2027">Ban hành lịch nghỉ mới</a>' in text
    assert "Xem lịch nghỉ" in await shown(await house.person("viewer"), "/")
    house.clock.at = at(1, month=10)
    assert "Lịch nghỉ chỉ đến hết" not in await shown(await house.person("viewer"), "/")
