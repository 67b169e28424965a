"""The pages of imports: upload, preview of every row, one confirmation; in both languages, and without script."""

import re
from datetime import timedelta

import httpx2
import pytest

from tests.monitoring.door.house import House
from tests.monitoring.imports.files import EVENT, calendar, row, vevent, workbook

pytestmark = pytest.mark.live
TWO = workbook(EVENT, row(event_id="CLB-2", title="Ngày <hội>", unit="Khoa Cơ khí"))


async def upload(person: httpx2.AsyncClient, raw: bytes, name: str = "a.xlsx", **form: str) -> httpx2.Response:
    """Send the form with the file."""
    given = {"command_id": f"c-{name}-{len(raw)}", "page": "/import", "unit": ""} | form
    return await person.post("/import", data=given, files={"file": (name, raw)})


async def preview(person: httpx2.AsyncClient, raw: bytes, name: str = "a.xlsx", **form: str) -> tuple[str, str]:
    """The address and the text of a preview."""
    answer = await upload(person, raw, name, **form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], (await person.get(answer.headers["location"])).text


def seen_in(text: str) -> str:
    """What the preview's form says was seen."""
    found = re.search(r'name="seen" value="([^"]+)"', text)
    assert found, text
    return found[1]


async def test_a_file_is_looked_at_then_confirmed_once(house: House) -> None:
    person = await house.person("contributor")
    address, text = await preview(person, TWO)
    assert "Sẽ ghi 2 sự kiện mới và 0 thay đổi" in text
    assert "Ngày &lt;hội&gt;" in text
    assert await house.announced() == []
    form = {"seen": seen_in(text), "command_id": "k-1", "page": address}
    for _ in range(2):
        answer = await person.post(f"{address}/confirmation", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, address)
    said = await house.announced()
    assert len(said) == 2
    shown = (await person.get(address)).text
    assert "Đã ghi 2 sự kiện mới" in shown
    assert f"/events/{said[0].subject}" in shown
    (kept,) = await house.docs("imports")
    assert "body" not in kept
    assert "drop_at" not in kept
    assert "2 mới" in (await person.get("/import")).text
    other = await person.post(f"{address}/confirmation", data=form | {"command_id": "k-2"})
    assert other.status_code == 409
    assert "đã xong hoặc đã bỏ" in other.text


async def test_faults_are_listed_with_their_cells_and_nothing_can_be_confirmed(house: House) -> None:
    person = await house.person("contributor")
    bad = workbook(row(title=None, ended_at="11/20/2026 8:00"), row(title="=A1"))
    _, text = await preview(person, bad)
    for words in (
        "3 chỗ cần sửa",
        "C2: Thiếu trường title.",
        "F2: Tháng lớn hơn 12",
        "C3: Ô có công thức",
        "Chưa nhập gì",
    ):
        assert words in text, words
    assert 'name="seen"' not in text
    _, text = await preview(person, bad, "b.xlsx", page="/import?lang=en")
    person.cookies.set("lang", "en")
    text = (await person.get((await upload(person, bad)).headers["location"])).text
    assert "F2: The month is greater than 12" in text
    assert "3 places to correct" in text


async def test_what_changed_since_the_preview_is_shown_again_before_it_counts(house: House) -> None:
    person, other = await house.person("contributor"), await house.person("editor")
    address, text = await preview(person, TWO)
    await other.post("/api/imports", content=workbook(row(title="Khác")))
    form = {"seen": seen_in(text), "command_id": "k-1", "page": address}
    answer = await person.post(f"{address}/confirmation", data=form)
    assert answer.status_code == 409
    assert "Từ lúc xem trước, có sự kiện đã thay đổi." in answer.text
    assert "Sẽ ghi 1 sự kiện mới và 1 thay đổi" in answer.text
    assert "<del>" in answer.text
    again = await person.post(
        f"{address}/confirmation", data=form | {"seen": seen_in(answer.text), "command_id": "k-2"}
    )
    assert again.status_code == 303
    assert len(await house.announced()) == 3


async def test_a_file_without_anything_new_needs_no_confirmation_and_can_be_dropped(house: House) -> None:
    person = await house.person("contributor")
    await person.post("/api/imports", content=TWO)
    address, text = await preview(person, TWO)
    assert "Không có gì mới" in text
    assert 'name="seen"' not in text
    assert "Bỏ tệp này?" in (await person.get(f"{address}?step=drop")).text
    assert (await person.post(f"{address}/drop", data={"command_id": "d-1"})).headers["location"] == "/import"
    assert "Tệp đã bỏ" in (await person.get(address)).text
    assert all("body" not in doc for doc in await house.docs("imports"))


async def test_a_calendar_is_previewed_with_what_is_left_out(house: House) -> None:
    person = await house.person("contributor")
    raw = calendar(
        vevent(), vevent("CLASS:PRIVATE", uid="p", SUMMARY="Việc riêng"), vevent("STATUS:TENTATIVE", uid="t")
    )
    _, text = await preview(person, raw, "lich.ics", unit="K_CK", held="true")
    assert "Đã diễn ra" in text
    assert "Khoa Cơ khí" in text
    assert "Để lại VEVENT 2" in text
    assert "Việc riêng" not in text
    assert "chưa chắc chắn: Hội thảo" in text


@pytest.mark.parametrize(
    ("raw", "words"), [(b"x", "Tệp không phải .xlsx hay .ics."), (b"x" * 2_150_000, "Tệp lớn hơn 2 MB.")]
)
async def test_what_is_no_file_is_told_at_the_field_and_not_kept(house: House, raw: bytes, words: str) -> None:
    answer = await upload(await house.person("contributor"), raw)
    assert answer.status_code in (413, 415)
    assert f'<a href="#file">{words}</a>' in answer.text
    assert await house.docs("imports") == []


async def test_nobody_sees_the_file_of_another_but_who_keeps_the_door(house: House) -> None:
    address, _ = await preview(await house.person("contributor"), TWO)
    editor, operator = await house.person("editor"), await house.person("operator")
    assert (await editor.get(address)).status_code == 404
    answer = await editor.post(f"{address}/confirmation", data={"seen": "x", "command_id": "k"})
    assert answer.status_code == 404
    assert (await operator.get(address)).status_code == 200
    assert "Các lần nhập của tôi" not in (await editor.get("/import")).text


async def test_a_waiting_file_is_judged_as_of_its_upload_and_kept_for_a_week(house: House) -> None:
    person = await house.person("contributor")
    later = workbook(row(kind=None, started_at="21/11/2026 08:00", ended_at="21/11/2026 10:00"))
    address, text = await preview(person, later, held="true")
    assert "Sẽ diễn ra" in text
    house.clock.at += timedelta(hours=3)
    assert seen_in((await person.get(address)).text) == seen_in(text)
    (kept,) = await house.docs("imports")
    assert timedelta(days=6) < kept["drop_at"] - kept["drop_at"].now(kept["drop_at"].tzinfo) <= timedelta(days=7)


async def test_the_template_is_a_workbook_to_keep(house: House) -> None:
    answer = await (await house.person("contributor")).get("/import/template.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="mau-su-kien.xlsx"'
    assert answer.content.startswith(b"PK")
    assert "/import" in (await (await house.person("contributor")).get("/events/new")).text
