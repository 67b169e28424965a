"""The pages of publishing: every page in both languages, every form on the path of the API, every door by role."""

import re
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from contracts.events import EventHeld, EventScheduled
from services.chassis.decision import Actor
from services.publishing.app import create_routers
from tests.marked import unmarked
from tests.publishing.builders import (
    AUDITOR,
    CONTRIBUTOR,
    DAY,
    EDITOR,
    EVENT,
    NOW,
    OTHER_EVENT,
    STRANGER,
    VIEWER,
    approved,
    assessed,
    reported,
)
from tests.publishing.house import ROLES, TEXTS, House
from tests.publishing.test_media import encoded

pytestmark = pytest.mark.live
PAGE = f"/submit?event={EVENT}"
PHOTO = {"alt_text": "Hai robot thi đấu", "origin": "AI_EDITED", "public_event_notice": "true"}


async def submitted(client: httpx2.AsyncClient, *, raw: bytes = b"", **form: Any) -> httpx2.Response:
    """The submission form sent as a browser sends it."""
    fields = {"event": EVENT, "page": PAGE, "command_id": "c-1", **TEXTS, **form}
    return await client.post("/submit", data=fields, files={"file": ("anh.jpg", raw)})


async def stored(house: House) -> list[dict[str, Any]]:
    return await house.service.store.find("contents", {}, sort=[("submitted_at", 1)])


async def furnished(house: House) -> str:
    """The id of shown content with a photo, amid work, events and a plan."""
    await house.hear(
        reported(EventHeld, id="e-1"),
        approved(1, "Ngày hội việc làm"),
        assessed(1),
        assessed(2, "ON_TIME", obligation_id="ob-2", requirement="E_BOARD", channels=["E_BOARD"]),
        assessed(3, "MISSED", obligation_id="ob-3", due_at="2026-11-20T17:00:00Z", event=OTHER_EVENT),
        assessed(4, obligation_id="ob-4", due_at=None, event=OTHER_EVENT, requirement="EN_WEB", channels=["EN_WEB"]),
    )
    contributor = await house.person(CONTRIBUTOR)
    answer = await submitted(contributor, raw=encoded("JPEG"), **PHOTO, minors_visible="true", consent_reference="ĐY-1")
    assert answer.status_code == 303, answer.text
    content_id = answer.headers["location"].rpartition("=")[2]
    editor = await house.person(EDITOR)
    await editor.post(f"/api/contents/{content_id}/publications", json={"channel": "VI_WEB"})
    return content_id


PAGES: tuple[tuple[Actor, str], ...] = (
    (AUDITOR, "/"),
    (AUDITOR, "/?only=overdue"),
    (AUDITOR, "/?only=soon"),
    *((EDITOR, f"/?cell=ob-{n}&seen_as={channel}") for n in (1, 3) for channel in ("", "E_BOARD", "SOCIAL")),
    (AUDITOR, "/?cell=none"),
    (AUDITOR, "/?unit=FIT&requirement=WEBSITE"),
    (EDITOR, "/batch"),
    (EDITOR, "/batch?cell=ob-3&cell=ob-4"),
    (VIEWER, "/"),
    (AUDITOR, "/contents"),
    (AUDITOR, "/contents?which=waiting"),
    (EDITOR, "/contents/{id}"),
    (CONTRIBUTOR, "/contents/{id}"),
    (EDITOR, "/contents/{id}/record"),
    (EDITOR, "/contents/{id}/correct?channel=VI_WEB"),
    (EDITOR, "/contents/{id}/correct?channel=PRESS"),
    (EDITOR, "/contents/{id}/withdraw?channel=VI_WEB"),
    (EDITOR, "/contents/{id}/withdraw?channel=PRESS"),
    (EDITOR, "/contents/{id}/move"),
    (EDITOR, "/contents/{id}/failure"),
    (CONTRIBUTOR, "/contents/{id}/edit"),
    (CONTRIBUTOR, "/contents/{id}/new-photo"),
    (CONTRIBUTOR, "/submit"),
    (CONTRIBUTOR, "/submit?q=hoi thao"),
    (CONTRIBUTOR, "/submit?free=true"),
    (CONTRIBUTOR, "/submit?event=chua-den"),
    (CONTRIBUTOR, "/submit?plan_item_id=kh-tin"),
    (CONTRIBUTOR, "/mine"),
    (CONTRIBUTOR, "/plan"),
    (AUDITOR, "/plan"),
)


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_every_page_is_shown_in_both_languages(house: House, lang: str) -> None:
    content_id = await furnished(house)
    for actor, path in PAGES:
        client = await house.person(actor)
        answer = await client.get(path.replace("{id}", content_id), params={"lang": lang})
        assert answer.status_code == 200, (path, answer.text)
        assert f'<html lang="{lang}"' in answer.text
        assert unmarked(answer.text, *(one.name for one, _ in PAGES)) == [], path
        assert not re.search(r"<script(?![^>]* src=)| style=| on[a-z]+=", answer.text), "CSP: nothing inline"
    async with await house.person(AUDITOR) as office:
        empty = await house.service.store.raw("work").delete_many({})
        assert empty.deleted_count
        assert (await office.get("/", params={"lang": lang})).status_code == 200


async def test_the_desk_shows_what_is_owed_what_there_is_and_where_it_lives(house: House) -> None:
    content_id = await furnished(house)
    office = await house.person(AUDITOR)
    text = (await office.get("/")).text
    assert f'href="http://127.0.0.1:8003/news/{content_id}"' in text, "the live link"
    assert "chờ giám sát ghi nhận" in text
    assert text.index("quá 3 ngày") < text.index("còn 2 ngày"), "the first due comes first"
    assert "chưa có hạn" in text, "an obligation without a calendar says so"
    assert 'href="/?cell=ob-1"' in text, "a cell opens beside the matrix"
    assert f'href="/contents/{content_id}"' in (await office.get("/?cell=ob-1")).text
    assert f'href="/submit?event={OTHER_EVENT}"' in (await (await house.person(EDITOR)).get("/?cell=ob-3")).text
    assert "sắp đến hạn đăng" not in text, "nothing is due within a day"
    await house.hear(assessed(3, due_at="2026-11-24T17:00:00Z"))
    text = (await (await house.person(AUDITOR)).get("/")).text
    assert '<span class="count">1<span class="hidden"> sắp đến hạn đăng</span></span>' in text


async def test_an_old_miss_stands_under_its_own_tab(house: House) -> None:
    await house.hear(assessed(1, "MISSED", due_at="2026-09-20T17:00:00Z", title="Việc năm ngoái"))
    office = await house.person(AUDITOR)
    assert "Việc năm ngoái" not in (await office.get("/")).text
    assert "Việc năm ngoái" in (await office.get("/?only=overdue")).text


async def test_a_contributor_sends_text_and_photo_in_one_form(house: House) -> None:
    await house.hear(reported(EventHeld, id="e-1"), assessed(1))
    contributor = await house.person(CONTRIBUTOR)
    shown = await contributor.get(PAGE)
    assert "Hội thảo khoa học sinh viên" in shown.text
    assert 'class="track' in shown.text
    answer = await submitted(contributor, raw=encoded("JPEG"), **PHOTO)
    assert answer.status_code == 303
    arrived = await contributor.get(answer.headers["location"])
    assert "Đã gửi cho biên tập" in arrived.text
    assert (await submitted(contributor, raw=encoded("JPEG"), **PHOTO)).headers["location"] == answer.headers[
        "location"
    ]
    (doc,) = await stored(house)
    assert (doc["link"], doc["photo"]["origin"]) == ({"event": EVENT}, "AI_EDITED")
    photo = await contributor.get(f"/contents/{doc['_id']}/photo")
    assert photo.content.startswith(b"\xff\xd8\xff")
    assert "no-store" in photo.headers["cache-control"]


FORMS: tuple[tuple[str, dict[str, Any], bytes, tuple[str, ...]], ...] = (
    ("a blank title", {"title": " "}, b"", ('id="title"',)),
    ("a photo without description", {**PHOTO, "alt_text": ""}, b"x", ('id="alt_text"',)),
    ("a description without photo", PHOTO, b"", ("phải chọn lại tệp",)),
    (
        "text and photo at once",
        {"title": "", "alt_text": "", "origin": ""},
        b"x",
        ('href="#title"', 'href="#alt_text"'),
    ),
    (
        "minors without consent or description",
        {**PHOTO, "minors_visible": "true", "alt_text": ""},
        encoded("JPEG"),
        ('href="#consent_reference"', 'href="#alt_text"'),
    ),
    ("a hostile photo", PHOTO, b"<html>", ('href="#file"', "JPEG, PNG")),
    ("a photo far too heavy", PHOTO, bytes(13 * 1024 * 1024), ('href="#file"', "12 MB")),
    ("a day that is none", {"not_before": "31/11/2026 10:00"}, b"", ('href="#not_before"',)),
)


@pytest.mark.parametrize(("form", "raw", "words"), [row[1:] for row in FORMS], ids=[row[0] for row in FORMS])
async def test_a_refused_form_comes_back_with_what_was_typed(
    house: House, form: dict[str, Any], raw: bytes, words: tuple[str, ...]
) -> None:
    contributor = await house.person(CONTRIBUTOR)
    answer = await submitted(contributor, raw=raw, **{"text": "Bài dài đã gõ", **form})
    assert answer.status_code in (413, 415, 422)
    assert 'class="summary"' in answer.text
    assert "Bài dài đã gõ" in answer.text
    assert f'value="{EVENT}"' in answer.text, "what it is about is kept"
    assert all(word in answer.text for word in words)
    assert await stored(house) == []


async def test_what_is_offered_is_found_without_marks_and_ones_own_unit_comes_first(house: House) -> None:
    await house.hear(
        assessed(1, title="Hội thảo Năng lượng", unit="K_DDT"),
        assessed(2, obligation_id="ob-2", event=OTHER_EVENT, title="Hiến máu nhân đạo", unit="DOAN_HOI"),
        reported(EventScheduled, id="e-9", started_at=NOW + DAY, ended_at=NOW + 2 * DAY, title="Ngày hội", unit="CTSV"),
        approved(1),
    )
    contributor = await house.person(Actor("acc-x", "CTV", frozenset({"contributor"}), "DOAN_HOI"))
    text = (await contributor.get("/submit")).text
    assert text.index("Hiến máu nhân đạo") < text.index("Hội thảo Năng lượng")
    assert "Tin tuần" in text
    found = (await contributor.get("/submit?q=NANG LUONG")).text
    assert "Hội thảo Năng lượng" in found
    assert "Hiến máu" not in found


async def test_the_editors_forms_do_what_the_api_does(house: House) -> None:
    content_id = await house.sent(event=EVENT)
    editor, path = await house.person(EDITOR), f"/contents/{content_id}"

    async def done(act: str, form: dict[str, str], raw: bytes = b"") -> None:
        answer = await editor.post(f"{path}/{act}", data=form, files={"file": ("minh-chung.png", raw)})
        assert (answer.status_code, answer.headers.get("location")) == (303, path), answer.text

    await done("edit", TEXTS | {"title": "Tên sửa"})
    await done("photo", PHOTO, encoded("PNG"))
    await done("publications", {"channel": "VI_WEB"})
    recorded = {"channel": "E_BOARD", "recorded": "true", "published_at": "24/11/2026 09:30", "url": ""}
    await done("publications", recorded, encoded("PNG"))
    await done("corrections", {"channel": "VI_WEB", "title": "Tên đính chính", "text": TEXTS["text"]})
    await done("failures", {"channel": "SOCIAL", "outcome": "UNKNOWN", "detail": ""})
    await done("links", {"about": f"event:{OTHER_EVENT}"})
    await done("withdrawals", {"channel": "VI_WEB", "reason": "CONSENT"})
    (doc,) = await stored(house)
    board, site = sorted(doc["publications"], key=lambda p: str(p["channel"]))
    assert (board["published_at"], board["evidence"]["media_type"]) == ("2026-11-24T02:30:00.000000Z", "image/jpeg")
    assert (site["title"], site["reason"], doc["link"]["event"]) == ("Tên đính chính", "CONSENT", OTHER_EVENT)
    desk = (await editor.get("/")).text
    assert "Đồng ý đã rút, còn phải gỡ" in desk
    assert "Gỡ khỏi Bảng thông tin điện tử" in (await editor.get(path)).text


ACTS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("record", "publications", {"channel": "SOCIAL", "recorded": "true", "published_at": "24/11/2026 09:3"}, "09:3"),
    ("record", "publications", {"channel": "PRESS", "recorded": "true", "published_at": "25/11/2026 09:30"}, "09:30"),
    ("correct?channel=VI_WEB", "corrections", {"channel": "VI_WEB", **TEXTS}, TEXTS["title"]),
    ("withdraw?channel=VI_WEB", "withdrawals", {"channel": "VI_WEB"}, "Thiếu thông tin này."),
    ("withdraw?channel=PRESS", "withdrawals", {"channel": "PRESS", "reason": "OTHER"}, "Bài không hiện"),
    ("move", "links", {"about": ""}, "Chọn một dòng"),
    ("move", "links", {"about": f"event:{EVENT}"}, "Chưa có gì thay đổi"),
    ("failure", "failures", {"channel": "VI_WEB", "outcome": "UNKNOWN", "detail": "máy chủ"}, "máy chủ"),
    ("edit", "edit", {"title": "Tên gõ dở", "text": "x"}, "Tên gõ dở"),
    ("new-photo", "photo", PHOTO, "Hai robot"),
)


@pytest.mark.parametrize("row", ACTS, ids=[f"{act} {n}" for n, (act, *_) in enumerate(ACTS, 1)])
async def test_a_refused_act_comes_back_on_its_page(house: House, row: tuple[str, str, dict[str, str], str]) -> None:
    content_id = await house.shown(event=EVENT)
    act, target, form, word = row
    editor, path = await house.person(EDITOR), f"/contents/{content_id}"
    answer = await editor.post(f"{path}/{target}", data=form | {"page": f"{path}/{act}"})
    assert answer.status_code == 422
    assert 'class="summary"' in answer.text
    assert word in answer.text


async def test_material_before_its_event_is_published_with_the_rule_beside_the_button(house: House) -> None:
    start = {"started_at": NOW + DAY, "ended_at": NOW + 2 * DAY}
    await house.hear(reported(EventScheduled, id="e-1", **start))
    content_id = await house.sent(event=EVENT)
    text = (await (await house.person(EDITOR)).get(f"/contents/{content_id}")).text
    assert "website và bảng điện tử vẫn còn nợ tin sau sự kiện" in text


async def test_a_contributor_reads_the_plan_and_says_so(house: House) -> None:
    await house.hear(approved(1))
    contributor = await house.person(CONTRIBUTOR)
    assert "Đọc và xác nhận" in (await contributor.get("/mine")).text
    answer = await contributor.post("/plan/plan-1/acknowledgements", data={"revision": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/plan")
    assert "Đọc và xác nhận" not in (await contributor.get("/mine")).text
    assert "Cộng tác viên: 24/11/2026 10:00" in (await (await house.person(AUDITOR)).get("/plan")).text


# Deny by default: which roles a door lets in; everybody else gets 403, nobody signed in 401 (or is sent to sign in).
SUBMIT = {"contributor", "editor", "office_head"}
PUBLISH = {"editor", "office_head"}
READ = PUBLISH | {"rectorate", "auditor", "operator"}
DOORS: tuple[tuple[str, str, set[str]], ...] = (
    ("GET", "/", set(ROLES)),
    ("GET", "/batch", PUBLISH),
    ("GET", "/batch/x", PUBLISH),
    ("POST", "/batch", PUBLISH),
    ("POST", "/filters", READ),
    ("POST", "/filters/removal", READ),
    ("POST", "/api/publications", PUBLISH),
    ("GET", "/contents", READ),
    ("GET", "/contents/x", READ | SUBMIT),
    ("GET", "/contents/x/photo", READ | SUBMIT),
    *(("GET", f"/contents/x/{act}", PUBLISH) for act in ("record", "correct", "withdraw", "move", "failure")),
    *(("GET", f"/contents/x/{act}", SUBMIT) for act in ("edit", "new-photo")),
    *(("POST", f"/contents/x/{act}", SUBMIT) for act in ("edit", "photo")),
    *(
        ("POST", f"{root}/contents/x/{act}", PUBLISH)
        for root in ("", "/api")
        for act in ("publications", "corrections", "withdrawals", "links", "failures")
    ),
    ("GET", "/submit", SUBMIT),
    ("POST", "/submit", SUBMIT),
    ("GET", "/mine", SUBMIT),
    ("GET", "/plan", READ | SUBMIT),
    ("POST", "/plan/x/acknowledgements", SUBMIT),
    ("POST", "/api/contents", SUBMIT),
    ("PUT", "/api/contents/x", SUBMIT),
    ("PUT", "/api/photos/x", SUBMIT),
    ("DELETE", "/api/photos/x", SUBMIT),
    ("POST", "/api/plans/x/acknowledgements", SUBMIT),
    ("GET", "/api/contents", READ | SUBMIT),
    ("GET", "/api/contents/x", READ | SUBMIT),
    ("GET", "/api/plans", READ | SUBMIT),
    ("GET", "/api/work", READ),
    ("POST", "/api/evidence", PUBLISH),
    ("GET", "/api/evidence/x", READ),
)
OPEN = {
    "/news",
    "/news/{content_id}",
    "/news/{content_id}/photo/{sha256}",
    "/board",
    "/board/{content_id}/photo/{sha256}",
}


async def test_doors_open_to_their_roles_alone(house: House) -> None:
    people = {role: await house.role(role) for role in ROLES}
    nobody = house.browser()
    for method, path, roles in DOORS:
        for role in ROLES:
            given = {"json": {**TEXTS, "channel": "VI_WEB"}} if method in ("POST", "PUT") else {}
            answer = await people[role].request(method, path, **given)
            assert (answer.status_code != 403) is (role in roles), (method, path, role, answer.status_code)
            assert answer.status_code < 500, (method, path, role)
        assert (await nobody.request(method, path)).status_code in (401, 303, 422), (method, path)


async def test_every_door_is_in_the_table_or_open_to_all_on_purpose(house: House) -> None:
    routes = [route for router in create_routers(house.service) for route in router.routes]
    there = {(method, route.path) for route in routes if isinstance(route, APIRoute) for method in route.methods}
    told = {(method, path.replace("/x", "/{id}")) for method, path, _ in DOORS}

    def bare(path: str) -> str:
        return (
            path.replace("{content_id}", "{id}")
            .replace("{command}", "{id}")
            .replace("{plan_id}", "{id}")
            .replace("{sha256}", "{id}")
        )

    assert {(m, bare(path)) for m, path in there if path not in OPEN} == told


async def test_a_foreign_page_cannot_publish_in_a_persons_name(house: House) -> None:
    content_id = await house.sent()
    editor = await house.person(EDITOR)
    given = {"json": {"channel": "VI_WEB"}, "headers": {"Origin": "http://evil.example"}}
    assert (await editor.post(f"/api/contents/{content_id}/publications", **given)).status_code == 403


async def test_what_is_another_persons_is_not_there(house: House) -> None:
    content_id = await house.sent()
    stranger = await house.person(STRANGER)
    for path in (f"/contents/{content_id}", f"/contents/{content_id}/edit", f"/contents/{content_id}/photo"):
        assert (await stranger.get(path)).status_code == 404
