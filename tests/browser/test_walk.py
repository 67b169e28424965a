"""One walk through the five rooms, by the forms alone: from a drafted plan to the issued report."""

import io
import re
from datetime import datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import person
from tests.live.system import System, until

pytestmark = [pytest.mark.live, pytest.mark.browser]
NOW = datetime.fromisoformat("2026-08-31T09:00:00+07:00")
HELD = datetime.fromisoformat("2026-11-20T16:30:00+07:00")
TITLE = "Kế hoạch thông tin tuyên truyền năm học 2026–2027"
EVENT = "Lễ kỷ niệm Ngày Nhà giáo Việt Nam"

ITEMS = {
    "ROUTINE": {"title": "Tin hằng tuần", "topic_area": "DAO_TAO", "recurrence": "FREQ=WEEKLY;BYDAY=MO"},
    "FOCAL": {
        "title": "Khai giảng năm học",
        "topic_area": "SU_KIEN_TRUONG",
        "starts_at": "07/09/2026 07:30",
        "ends_at": "07/09/2026 10:00",
    },
}


def press(page: Page, name: str) -> None:
    send(page, page.get_by_role("button", name=name, exact=True).first)


def send(page: Page, button: Locator) -> None:
    """Press and wait for the page that answers."""
    with page.expect_navigation():
        button.click()


def add(page: Page, address: str, **fields: str) -> None:
    """Open a part's form, fill it in and save it."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, f"{address}: {page.locator('main').inner_text()[:400]}"
    for name, value in fields.items():
        control = page.locator(f"main [name={name}]").first
        if control.evaluate("e => e.type") in ("radio", "checkbox"):
            page.locator(f"main [name={name}][value='{value}']").check()
        elif control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    press(page, "Lưu")
    assert "/edit/" not in page.url, page.locator("main").inner_text()[:600]


def draft(page: Page) -> None:
    """A complete plan of one internal and one external channel."""
    page.locator("[name=title]").fill(TITLE)
    press(page, "Lập kế hoạch")
    plan = page.url.partition("#")[0]
    expect(page.locator("#locked")).to_contain_text("R01")
    for kind in ("QUALITY_POLICY", "QUALITY_OBJECTIVE", "OFFICE_WORK_PLAN", "CHANNEL_PROFILE"):
        add(page, f"{plan}/edit/bases", kind=kind, reference=f"Văn bản {kind}")
    for channel in ("E_BOARD", "VI_WEB"):
        add(page, f"{plan}/edit/channels", channel=channel, aims="Kịp thời, chính xác.")
        add(page, f"{plan}/edit/groups", channel=channel, members="ctv-1")
    for kind, fields in ITEMS.items():
        add(page, f"{plan}/edit/items?kind={kind}", channel="VI_WEB", kind=kind, tier=kind, **fields)
    page.goto(plan)
    press(page, "Trình duyệt")


def test_a_year_walks_through_the_five_rooms_in_a_browser(system: System, chromium: Browser) -> None:
    system.step(NOW)
    drafter = person(chromium, system.urls, "drafter")
    draft(drafter.open("planning"))
    drafter.is_well()
    system.rooms.settle()

    head = person(chromium, system.urls, "head")
    page = head.open("approval")
    page.get_by_role("link", name=re.compile("Kế hoạch thông tin")).first.click()
    page.locator("[name=note]").fill("Đồng ý.")
    send(page, page.locator("button[name=verdict][value=APPROVED]"))
    expect(page.locator("main")).to_contain_text("Đã duyệt")
    head.is_well()
    system.rooms.settle()

    system.step(HELD + timedelta(hours=2))
    operator = person(chromium, system.urls, "operator")
    page = operator.open("monitoring", "/events/new")
    page.locator("[name=title]").fill(EVENT)
    page.locator("[name=unit]").select_option("TCHC")
    page.locator("[name=started_at]").fill("20/11/2026 14:00")
    page.locator("[name=ended_at]").fill("20/11/2026 16:30")
    press(page, "Ghi nhận")
    system.rooms.settle()
    page.get_by_role("link", name="Mở trang sự kiện").click()
    main = page.locator("main")
    expect(main).to_contain_text("Kết thúc 20/11 · không tính ngày diễn ra · +3 ngày → hết ngày 23/11")
    event_page = page.url
    operator.is_well()

    contributor = person(chromium, system.urls, "contributor", viewport={"width": 390, "height": 844}, has_touch=True)
    page = contributor.open("publishing", "/submit")
    page.get_by_role("link", name=re.compile(EVENT)).first.click()
    page.locator("[name=title]").fill("Trường kỷ niệm Ngày Nhà giáo Việt Nam")
    page.locator("[name=text]").fill("Sáng 20/11, trường tổ chức lễ kỷ niệm.\n\nĐông đủ thầy cô và người học dự.")
    photo = io.BytesIO()
    Image.effect_noise((1200, 800), 60).convert("RGB").save(photo, "JPEG")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    page.locator("[name=alt_text]").fill("Toàn cảnh hội trường")
    page.locator("[name=origin][value=PHOTO]").check()
    page.locator("[name=public_event_notice]").check()
    press(page, "Gửi cho biên tập")
    contributor.is_well()

    editor = person(chromium, system.urls, "editor")
    page = editor.open("publishing")
    expect(page.locator("main")).to_contain_text(EVENT)
    page = editor.open("publishing", "/contents")
    page.get_by_role("link", name=re.compile("Trường kỷ niệm")).first.click()
    press(page, "Đăng lên trang tin ngay")
    content = page.url.partition("#")[0]
    editor.is_well()
    page.goto(f"{content}/record")
    page.locator("[name=channel]").first.select_option("E_BOARD")
    page.locator("[name=published_at]").fill("20/11/2026 18:00")
    page.locator("[name=url]").fill("https://example.edu.vn/bang-dien-tu")
    send(page, page.locator("main form button[type=submit]").first)
    editor.is_well()
    system.rooms.settle()

    stranger = chromium.new_context().new_page()
    stranger.goto(system.urls["publishing"] + "/news")
    stranger.get_by_role("link", name=re.compile("Trường kỷ niệm")).first.click()
    expect(stranger.locator("main")).to_contain_text("Đông đủ thầy cô")

    page = operator.page
    page.goto(event_page)
    assert page.locator(".bd.ok").count() >= 2, main.inner_text()[:1500]
    operator.is_well()

    system.step(datetime.fromisoformat("2027-08-16T09:00:00+07:00"))
    system.rooms.settle()
    page = head.open("reporting", "/reports/2026-2027")
    expect(page.locator("main")).to_contain_text("100,0 %")
    issue = page.locator("form[action$='/issue']")
    if not issue.is_visible():
        page.locator("details:has(form[action$='/issue']) > summary").click()
    for tick in issue.locator("input[type=checkbox]").all():
        tick.check()
    send(page, issue.locator("button[type=submit]"))
    expect(page.locator("main")).to_contain_text("Bản chụp đóng băng")
    head.is_well()
    until(lambda: not system.rooms._waiting("reporting"), what="the report is sent")
