"""Files through the gate: whole or not at all, once, later versions over earlier ones; the same call for programs."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from contracts.envelope import event_key
from tests.monitoring.door.house import NOW, House, data, message, post, rules
from tests.monitoring.imports.files import EVENT, calendar, row, vevent, workbook

pytestmark = pytest.mark.live
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DESK = "/publicity/desk"


async def send(client: httpx2.AsyncClient, raw: bytes, key: str = "", **query: Any) -> httpx2.Response:
    """POST /api/imports with the file as the body."""
    kind = XLSX if raw.startswith(b"PK") else "text/calendar"
    headers = {"content-type": kind, "accept-language": "en"} | ({"Idempotency-Key": key} if key else {})
    return await client.post("/api/imports", content=raw, params={"unit": "K_CK"} | query, headers=headers)


def outcomes(answer: httpx2.Response) -> list[str]:
    """What became of each row."""
    assert answer.status_code in (200, 201), answer.text
    return [one["outcome"] for one in answer.json()["rows"]]


TWO = workbook(EVENT, row(event_id=None, kind="Sẽ diễn ra", title="Ngày hội", ended_at="30/11/2026 11:00"))


async def test_a_file_is_announced_whole_under_the_desks_source(house: House) -> None:
    answer = await send(await house.person("contributor"), TWO)
    assert answer.status_code == 201, answer.text
    assert answer.json()["counts"] == {"new": 2, "changed": 0, "unchanged": 0, "older": 0}
    held, scheduled = await house.announced()
    assert (held.name, held.data.event_id, held.subject) == ("event-held", "CLB-1", event_key(DESK, "CLB-1"))
    assert (scheduled.name, scheduled.data.title, scheduled.data.revision) == ("event-scheduled", "Ngày hội", None)
    assert {one.data.origin.source for one in (held, scheduled)} == {DESK}
    assert [one["event_key"] for one in answer.json()["rows"]] == [held.subject, scheduled.subject]
    (kept,) = await house.docs("received")
    assert (kept["body"], kept["via"]["account_id"]) == (TWO, "contributor")
    assert len(await house.docs("receipts")) == 2


async def test_the_same_file_again_has_no_second_effect_whoever_sends_it(house: House) -> None:
    await send(await house.person("contributor"), TWO)
    before = await house.announced()
    house.clock.at += timedelta(days=2)
    again = await send(await house.person("editor"), TWO)
    assert outcomes(again) == ["UNCHANGED", "UNCHANGED"]
    assert await house.announced() == before
    assert len(await house.docs("receipts")) == 2


async def test_a_repeated_call_answers_as_the_first_did(house: House) -> None:
    editor = await house.person("editor")
    first = await send(editor, TWO, "k-1")
    assert (await send(editor, workbook(row(title="Khác")), "k-1")).json() == first.json()
    assert len(await house.announced()) == 2


async def test_later_content_rules_and_so_does_what_came_back(house: House) -> None:
    editor = await house.person("editor")
    contents = [
        row(), row(title="Đổi tên"), row(), row(kind="Hủy"), row(kind="Sẽ diễn ra", ended_at="30/11/2026 08:00")
    ]  # fmt: skip
    seen = [outcomes(await send(editor, workbook(content))) for content in contents]
    assert seen == [["NEW"], *[["CHANGED"]] * 4]
    said = await house.announced()
    assert [one.data.revision for one in said] == [None, 2, 3, 4, 5]
    assert [one.name for one in said][2:] == ["event-held", "event-cancelled", "event-scheduled"]
    assert len({one.id for one in said}) == 5


async def test_a_change_says_what_it_changes(house: House) -> None:
    editor = await house.person("editor")
    await send(editor, workbook(row()))
    answer = await send(editor, workbook(row(title="Đổi tên")), check=True)
    assert answer.json()["rows"][0]["changes"] == [["title", "Hội thảo Cơ điện tử", "Đổi tên"]]


async def test_one_fault_and_nothing_of_the_file_counts(house: House) -> None:
    editor = await house.person("editor")
    bad = workbook(
        EVENT, row(event_id="2", title=None, ended_at="11/20/2026 8:00"), row(event_id="3", ended_at="19/11/2026 8:00")
    )
    answer = await send(editor, bad)
    assert answer.status_code == 422
    assert rules(answer) == [
        ("date-month-first", "/F3"), ("field-missing", "/C3"), ("ended-before-started", "/F4")
    ]  # fmt: skip
    assert answer.json()["errors"][0]["detail"].startswith("F3: The month is greater than 12")
    for name in ("received", "receipts", "imported", "imports", "commands", "outbox"):
        assert await house.docs(name) == [], name


async def test_the_intakes_own_rules_name_the_cell_or_the_property(house: House) -> None:
    editor = await house.person("editor")
    header = (
        "Mã sự kiện",
        "Tình trạng",
        "Tên sự kiện",
        "Đơn vị",
        "Bắt đầu",
        "Kết thúc",
        "Trang giới thiệu",
        "Cấp đề nghị",
    )
    good = ("1", "Đã diễn ra", "a", "K_CK", "20/11/2026 08:00", "20/11/2026 09:00", None, "Trọng điểm")
    rows = [
        (*good[:2], "x" * 301, *good[3:]), (*good[:5], "22/11/2026 09:00", *good[6:]), (*good[:6], "ftp://x", "Rất lớn")
    ]  # fmt: skip
    answer = await send(editor, workbook(*rows, header=header))
    assert rules(answer) == [
        ("text-too-long", "/C2"), ("ended-in-future", "/F3"), ("url-invalid", "/G4"), ("tier-unknown", "/H4")
    ]  # fmt: skip
    answer = await send(editor, calendar(vevent(DTEND="20261119T000000Z")))
    assert rules(answer) == [("ended-before-started", "/VEVENT 1/DTEND")]
    answer = await editor.post("/api/imports", content=calendar(vevent()))
    assert rules(answer) == [("field-missing", "/VEVENT 1")]


async def test_one_event_twice_in_a_file_with_other_content_is_refused(house: House) -> None:
    editor = await house.person("editor")
    answer = await send(editor, workbook(row(), row(event_id="2"), row(title="Khác")))
    assert rules(answer) == [("event-twice", "/4")]
    assert "at 2" in answer.json()["errors"][0]["detail"]
    assert outcomes(await send(editor, workbook(row(), row()))) == ["NEW", "UNCHANGED"]
    assert len(await house.announced()) == 1


async def test_an_older_version_of_a_calendar_changes_nothing(house: House) -> None:
    editor = await house.person("editor")
    new, old = (calendar(vevent(f"SEQUENCE:{version}", SUMMARY=f"Bản {version}")) for version in (4, 3))
    assert outcomes(await send(editor, new)) == ["NEW"]
    assert outcomes(await send(editor, old)) == ["OLDER"]
    both = calendar(vevent("SEQUENCE:5", SUMMARY="Bản 5"), vevent("SEQUENCE:4", SUMMARY="Bản 4"))
    assert outcomes(await send(editor, both)) == ["CHANGED", "OLDER"]
    assert [one.data.title for one in await house.announced()] == ["Bản 4", "Bản 5"]


async def test_looking_leaves_nothing_behind(house: House) -> None:
    editor = await house.person("editor")
    answer = await send(editor, TWO, check=True)
    assert (answer.status_code, outcomes(answer)) == (200, ["NEW", "NEW"])
    for name in ("received", "receipts", "imported", "imports", "commands", "outbox", "known", "sequences"):
        assert await house.docs(name) == [], name


async def test_an_unknown_unit_is_taken_and_flagged(house: House) -> None:
    answer = await send(await house.person("editor"), workbook(row(unit="CLB Guitar")))
    assert answer.json()["rows"][0]["flags"] == ["unit-unknown"]


async def test_an_event_of_the_form_is_changed_by_its_code(house: House) -> None:
    editor = await house.person("editor")
    given = {"kind": "held", **data(event_id="CLB-1", revision=3)}
    await editor.post("/api/desk/events", json=given)
    # what the engine will have learnt of it by Kafka
    (said,) = await house.announced()
    fact = {"kind": "held", "source": said.source, "id": said.id, "time": "2026-11-21T02:00:00.000000Z", "revision": 3}
    fact |= {"recorded": "2026-11-21T02:00:00.000000Z", "event": said.subject, "event_id": "CLB-1"}
    fact |= {"origin_source": DESK, "origin_id": said.id, "authenticated": True}
    await house.store.raw("events").insert_one({"_id": said.subject, "root": said.subject, "facts": [fact]})
    assert outcomes(await send(editor, workbook(row()))) == ["CHANGED"]
    assert [one.data.revision for one in await house.announced()] == [3, 4]


async def test_a_change_that_another_door_has_overtaken_is_refused(house: House) -> None:
    editor = await house.person("editor")
    await send(editor, workbook(row()))
    given = {"kind": "held", **data(event_id="CLB-1", revision=2, title="Từ biểu mẫu")}
    assert (await editor.post("/api/desk/events", json=given)).status_code == 201
    answer = await send(editor, workbook(row(title="Từ tệp")))
    assert (answer.status_code, rules(answer)) == (409, [("revision-raced", "/2")])
    assert len(await house.announced()) == 2


@pytest.mark.parametrize("role", ["viewer", "rectorate", "auditor"])
async def test_who_does_not_record_events_finds_the_door_closed(house: House, role: str) -> None:
    person = await house.person(role)
    for address in ("/import", "/import/template.xlsx", "/import/x", "/api/imports/x"):
        assert (await person.get(address)).status_code == 403, address
    assert (await send(person, TWO)).status_code == 403
    assert (await send(house.client(), b"x" * 9_000_000)).status_code == 401
    token = await house.system()
    assert (await send(token, TWO)).status_code == 401
    assert (await post(token, message(source=DESK))).status_code == 403


async def test_a_form_with_a_file_is_the_same_call(house: House) -> None:
    editor = await house.person("editor")
    answer = await editor.post("/api/imports", files={"file": ("thư/mục/a.xlsx", TWO, XLSX)})
    assert (answer.status_code, answer.json()["file"]) == (201, "a.xlsx")
    found = await editor.get(f"/api/imports/{answer.json()['id']}")
    assert found.json() == answer.json()
    other = await house.person("contributor")
    assert (await other.get(f"/api/imports/{answer.json()['id']}")).status_code == 404
    assert (await (await house.person("operator")).get(f"/api/imports/{answer.json()['id']}")).status_code == 200


BAD: tuple[tuple[bytes, str, int, str], ...] = (
    (b"x" * 2_300_000, XLSX, 413, "file-too-large"),
    (b"x" * 2_100_000, XLSX, 413, "file-too-large"),
    (b"x", XLSX, 415, "file-kind-unknown"),
    (b"", "", 415, "file-kind-unknown"),
    (b"--a\r\n\r\n--a--", "multipart/form-data; boundary=a", 400, ""),
    (b"x", "multipart/form-data", 400, ""),
    (b'--a\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--a--', "multipart/form-data; boundary=a", 415,
     "file-kind-unknown"),
)  # fmt: skip


@pytest.mark.parametrize(("raw", "kind", "status", "rule"), BAD, ids=[f"{n}-{row[3]}" for n, row in enumerate(BAD)])
async def test_what_is_no_file_is_told_so(house: House, raw: bytes, kind: str, *, status: int, rule: str) -> None:
    editor = await house.person("editor")
    answer = await editor.post("/api/imports", content=raw, headers={"content-type": kind})
    assert answer.status_code == status, answer.text
    assert rules(answer) == ([(rule, "")] if rule else [])


async def test_a_thousand_rows_are_one_act(house: House) -> None:
    raw = workbook(*(row(event_id=f"E-{number}", title=f"Sự kiện {number}") for number in range(1000)))
    answer = await send(await house.person("editor"), raw)
    assert answer.json()["counts"]["new"] == 1000
    assert len(await house.announced()) == 1000
    assert {one["at"] for one in await house.docs("receipts")} == {NOW.isoformat().replace("+00:00", ".000000Z")}
