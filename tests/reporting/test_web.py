"""The doors of reporting as a browser and a program see them: years, a report, its rows, issue, proposals."""

import csv
import io
import json
import re
from typing import Any

import httpx2
import pytest

from services.reporting.refusals import REFUSALS
from tests.marked import unmarked
from tests.reporting.builders import YEAR, a_year, assessed, at, published, snapshot, stamp
from tests.reporting.conftest import House

pytestmark = pytest.mark.live
ROLES = ("viewer", "contributor", "editor", "office_head", "rectorate", "operator", "auditor", "administrator")
PAGE, API = f"/reports/{YEAR}", f"/api/reports/{YEAR}"
WHOLE = snapshot(*a_year())


def rules_of(answer: httpx2.Response) -> list[str]:
    """The rules that an answer says no by."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return [error["rule"] for error in answer.json()["errors"]]


async def head_of(house: House) -> httpx2.AsyncClient:
    """The office head's browser, the year being told."""
    await house.deliver(*a_year())
    return await house.person("office_head")


async def test_the_live_report_as_json(house: House) -> None:
    head = await head_of(house)
    found = (await head.get(API)).json()
    assert (found["school_year"], found["status"], found["issued"]) == (YEAR, "OPEN", None)
    assert found["as_of"] == stamp("2026-08-15 17:00")
    assert found["digest"] == WHOLE.digest
    assert found["figures"] == WHOLE.figures
    assert found["figures"]["on_time"] == {"numerator": 3, "denominator": 5}
    assert found["rows"] == {"href": f"{API}/rows", "obligations": 7, "events": 3, "occurrences": 49}


async def test_issuing_freezes_the_year_and_announces_it_once(house: House) -> None:
    head = await head_of(house)
    first = await head.post(f"{API}/issue", json={}, headers={"Idempotency-Key": "k1"})
    assert first.status_code == 201, first.text
    assert first.json() == {
        "school_year": YEAR,
        "href": PAGE,
        "cut_off_at": stamp("2026-08-15 17:00"),
        "issued_at": stamp("2026-08-15 17:00"),
        "digest": WHOLE.digest,
        "signed_by": "acc-office_head",
    }
    again = await head.post(f"{API}/issue", json={}, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (201, first.json())
    (row,) = await house.sent()
    message = json.loads(row["value"])  # type: ignore[arg-type]
    assert (row["topic"], message["subject"], message["sequence"]) == ("reports", YEAR, "0000000001")
    assert message["data"]["digest"] == WHOLE.digest
    assert message["data"]["figures"]["on_time"] == {"numerator": 3, "denominator": 5}
    issued = (await head.get(API)).json()["issued"]
    assert issued["rebuilt"] == {"digest": WHOLE.digest, "matches": True}
    assert issued["addendum"] == []


async def test_a_second_issue_is_refused_with_its_reason(house: House) -> None:
    head, rector = await head_of(house), await house.person("rectorate")
    assert (await head.post(f"{API}/issue", headers={"Idempotency-Key": "k1"})).status_code == 201
    for client, key in ((head, "k2"), (rector, "k1")):
        answer = await client.post(f"{API}/issue", json={}, headers={"Idempotency-Key": key})
        assert (answer.status_code, rules_of(answer)) == (409, ["report-issued"])
        assert "15/08/2026 17:00" in answer.json()["errors"][0]["detail"]
    assert len(await house.sent()) == 1


async def test_the_cut_off_is_kept_to(house: House) -> None:
    head = await head_of(house)
    house.clock.at = at("2026-08-14 12:00")
    assert rules_of(await head.post(f"{API}/issue", json={})) == ["cut-off-not-reached"]
    future = await head.post(f"{API}/issue", json={"cut_off_at": "2026-08-20T00:00:00+07:00"})
    assert (future.status_code, rules_of(future)) == (422, ["cut-off-in-future"])
    assert rules_of(await head.post(f"{API}/issue", json={"cut_off_at": "20/08/2026"})) == ["time"]
    early = await head.post(f"{API}/issue", json={"cut_off_at": "2026-07-31T00:00:00+07:00"})
    assert (early.status_code, early.json()["cut_off_at"]) == (201, stamp("2026-07-31"))
    assert rules_of(await head.post("/api/reports/2024-2025/issue", json={})) == ["year-empty"]


async def test_later_facts_stand_in_the_addendum_and_the_frozen_year_stays(house: House) -> None:
    head = await head_of(house)
    await head.post(f"{API}/issue", json={})
    house.clock.at = at("2026-08-20 09:00")
    late = {"state": "LATE", "discharged_at": "2026-08-18 08:00", "missed_at": "2026-03-06", "sequence": 9}
    await house.deliver(assessed("b", ended="2026-03-02 11:00", when=at("2026-08-18 08:00"), **late))
    found = (await head.get(API)).json()
    assert found["issued"]["rebuilt"]["matches"] is True
    assert [(one["before"]["state"], one["after"]["state"]) for one in found["issued"]["addendum"]] == [
        ("MISSED", "LATE")
    ]
    assert found["digest"] != found["issued"]["digest"] == WHOLE.digest
    page = (await head.get(PAGE)).text
    assert "Dựng lại từ nhật ký: khớp" in page
    assert "Phụ lục: thay đổi sau ngày chốt" in page
    assert "Bản chụp đóng băng lúc" in page
    live = (await head.get(PAGE, params={"version": "live"})).text
    assert "Đây là số liệu hiện tại, không phải bản đã phát hành." in live
    rows = [(await head.get(f"{API}/rows", params={"state": "LATE", "version": v})).json() for v in ("", "live")]
    assert [one["count"] for one in rows] == [1, 2]


async def test_what_was_on_its_way_at_the_issue_shows_as_a_difference(house: House) -> None:
    head = await head_of(house)
    await head.post(f"{API}/issue", json={})
    told = {"state": "LATE", "discharged_at": "2026-03-07 08:00", "missed_at": "2026-03-06", "sequence": 9}
    await house.deliver(assessed("b", ended="2026-03-02 11:00", when=at("2026-03-07 08:00"), **told))
    assert (await head.get(API)).json()["issued"]["rebuilt"]["matches"] is False
    page = (await head.get(PAGE, params={"lang": "en"})).text
    assert "Rebuilt from the log: differs" in page
    assert "1 obligation differs" in page


async def test_the_form_issues_only_what_was_confirmed(house: House) -> None:
    head = await head_of(house)
    assert '<span class="count">1<span class="hidden"> chờ ban hành</span></span>' in (await head.get(PAGE)).text
    form = {"page": PAGE, "command_id": "c1"}
    refused = await head.post(f"{PAGE}/issue", data=form)
    assert refused.status_code == 422
    assert "Đánh dấu ô xác nhận rồi phát hành lại." in refused.text
    done = await head.post(f"{PAGE}/issue", data=form | {"confirmed": "true"})
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    assert f'action="{PAGE}/issue"' not in (await head.get(PAGE)).text


async def test_before_the_cut_off_the_page_says_from_when_it_may_be_issued(house: House) -> None:
    head = await head_of(house)
    house.clock.at = at("2026-06-01 08:00")
    page = (await head.get(PAGE)).text
    assert "Phát hành được từ 15/08/2026." in page
    assert "chờ ban hành" not in page
    assert f'action="{PAGE}/issue"' not in page


async def test_a_proposal_is_tied_to_a_gap_and_announced(house: House) -> None:
    head = await head_of(house)
    given = {"text": "Dịch trước phần cố định", "gap": {"figure": "on_time.E_BOARD", "value": 0.0}}
    first = await head.post(f"{API}/proposals", json=given, headers={"Idempotency-Key": "p"})
    again = await head.post(f"{API}/proposals", json=given, headers={"Idempotency-Key": "p"})
    assert (first.status_code, again.json()) == (201, first.json())
    (row,) = await house.sent()
    data = json.loads(row["value"])["data"]  # type: ignore[arg-type]
    assert data == {
        "proposal_id": first.json()["proposal_id"],
        "school_year": YEAR,
        "text": "Dịch trước phần cố định",
        "gap": {"figure": "on_time.E_BOARD", "value": 0.0},
        "by": "acc-office_head",
    }
    unmeasured = await head.post(f"{API}/proposals", json=given | {"gap": {"figure": "x"}})
    assert (unmeasured.status_code, rules_of(unmeasured)) == (422, ["gap-unmeasured"])
    other = await head.post(f"{API}/proposals", json=given | {"gap": {"figure": "on_time", "value": 0.9}})
    assert (other.status_code, rules_of(other)) == (409, ["gap-outdated"])
    form = {"figure": "cause.LATE_NOTICE", "text": "", "page": PAGE}
    assert (await head.post(f"{PAGE}/proposals", data=form)).status_code == 422
    done = await head.post(f"{PAGE}/proposals", data=form | {"text": "Nhắc đơn vị trước 24 giờ"})
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    page = (await head.get(PAGE)).text
    assert "Nhắc đơn vị trước 24 giờ" in page
    assert "Nguyên nhân: Báo sự kiện muộn" in page


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_every_page_is_shown_in_both_languages(house: House, lang: str) -> None:
    head = await head_of(house)
    tables = [f"{PAGE}/rows?figure={figure}" for figure in ("strict", "events", "plan_execution", "all&unit=none")]
    pages = ("/", PAGE, f"{PAGE}?view=table&by=month&rate=strict", *tables, "/reports/2024-2025")
    for is_issued in (False, True):
        if is_issued:
            await head.post(f"{API}/issue", json={})
        for address in pages:
            answer = await head.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")
            assert answer.status_code == 200, (address, answer.text)
            assert f'<html lang="{lang}"' in answer.text
            assert unmarked(answer.text) == [], address
    shown = (await head.get(PAGE, params={"lang": lang})).text
    assert ("Frozen snapshot of" in shown) is (lang == "en")


async def test_a_page_needs_no_script_and_no_inline_style(house: House) -> None:
    head = await head_of(house)
    page = (await head.get(PAGE)).text
    main = page[page.index("<main") : page.index("</main>")]
    assert "<script" not in main
    assert " style=" not in main
    for drawing in re.findall(r'<svg class="drawing"[^>]*>.*?</svg>', main, re.DOTALL):
        assert 'role="group"' in drawing
        assert "<title" in drawing
        assert "<desc" in drawing
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


async def test_every_number_of_the_page_opens_rows(house: House) -> None:
    head = await head_of(house)
    page = (await head.get(PAGE)).text
    links = {link.replace("&amp;", "&") for link in re.findall(rf'href="({PAGE}/rows[^"]*)"', page)}
    assert len(links) > 30
    for link in sorted(links):
        answer = await head.get(link)
        assert answer.status_code == 200, link
    rows = (await head.get(f"{PAGE}/rows", params={"figure": "causes"})).text
    assert 'href="http://127.0.0.1:8004/events/b"' in rows
    assert "Báo sự kiện muộn" in rows


async def test_rows_come_page_by_page_and_as_csv(house: House) -> None:
    head = await head_of(house)
    second = (await head.get(f"{PAGE}/rows", params={"figure": "plan_execution", "page": 1})).text
    assert "1–49 trong 49" not in second  # one page needs no pager
    await house.deliver(*(assessed(f"e{n:03}", title=f"=1+{n}") for n in range(120)))
    first = (await head.get(f"{API}/rows", params={"page": 1})).json()
    assert (first["table"], first["count"], len(first["items"]), first["next"]) == ("obligations", 127, 50, 2)
    last = (await head.get(f"{API}/rows", params={"page": 3})).json()
    assert (len(last["items"]), last["next"]) == (27, None)
    assert "101–127 trong 127" in (await head.get(f"{PAGE}/rows", params={"page": 3})).text
    answer = await head.get(f"{PAGE}/rows.csv", params={"figure": "all"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    table = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(table) == 127
    assert {row["title"][:3] for row in table if row["event"].startswith("e0")} == {"'=1"}


async def test_an_unknown_figure_or_year_is_not_found(house: House) -> None:
    head = await head_of(house)
    for address in (f"{API}/rows?figure=x", "/api/reports/2025", "/api/reports/2025-2027"):
        assert (await head.get(address)).status_code == 404, address
    assert (await head.get(f"{API}/rows?page=0")).status_code == 422


async def test_a_year_without_anything_says_what_will_come(house: House) -> None:
    head = await house.person("office_head")
    assert "Chưa có năm học nào để báo cáo" in (await head.get("/")).text
    assert "Chưa có gì của năm học này" in (await head.get(PAGE)).text
    assert (await head.get(API)).json()["figures"]["on_time"] == {"numerator": 0, "denominator": 0}


async def test_the_list_of_years_tells_their_state(house: House) -> None:
    head = await head_of(house)
    assert "đang mở" in (await head.get("/")).text
    await head.post(f"{API}/issue", json={})
    shown = (await head.get("/")).text
    assert "đã phát hành" in shown
    assert "đang mở" not in shown


READERS = {"office_head", "rectorate", "editor", "operator", "auditor", "viewer", "administrator"}
ISSUERS, PROPOSERS = {"office_head", "rectorate"}, {"office_head", "editor"}
DOORS = (
    ("GET", "/", READERS),
    ("GET", PAGE, READERS),
    ("GET", f"{PAGE}/rows", READERS),
    ("GET", f"{PAGE}/rows.csv", READERS),
    ("GET", API, READERS),
    ("GET", f"{API}/rows", READERS),
    ("POST", f"{API}/issue", ISSUERS),
    ("POST", f"{PAGE}/issue", ISSUERS),
    ("POST", f"{API}/proposals", PROPOSERS),
    ("POST", f"{PAGE}/proposals", PROPOSERS),
)


async def test_doors_open_to_their_roles_alone(house: House) -> None:
    for method, path, roles in DOORS:
        for role in ROLES:
            answer = await (await house.person(role)).request(method, path, json={})
            assert (answer.status_code != 403) is (role in roles), (method, path, role, answer.status_code)
        assert (await house.browser().request(method, path, json={})).status_code in (401, 303), (method, path)


async def test_who_may_not_issue_or_propose_sees_no_form(house: House) -> None:
    await head_of(house)
    page = (await (await house.person("viewer")).get(PAGE)).text
    assert "<form" not in page[page.index("<main") : page.index("</main>")]


async def test_a_foreign_page_cannot_issue_in_a_persons_name(house: House) -> None:
    head = await head_of(house)
    answer = await head.post(f"{API}/issue", json={}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert (await head.get(API)).json()["status"] == "OPEN"


async def test_two_who_issue_at_once_issue_once(house: House) -> None:
    import asyncio

    head, rector = await head_of(house), await house.person("rectorate")
    answers: list[Any] = await asyncio.gather(*(one.post(f"{API}/issue", json={}) for one in (head, rector, head)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert len(await house.sent()) == 1
    assert await house.service.store.raw("frozen").count_documents({}) == 4


async def test_news_that_comes_in_shows_at_once(house: House) -> None:
    head = await head_of(house)
    before = (await head.get(API)).json()["figures"]["publications"]["shown"]
    await house.deliver(published("a", "2025-11-22 08:00", channel="PRESS", content_id="bai-9"))
    assert (await head.get(API)).json()["figures"]["publications"]["shown"] == before + 1


def test_statuses_of_refusals_are_those_of_http() -> None:
    assert {row[0] for row in REFUSALS.values()} <= {403, 404, 409, 422}
