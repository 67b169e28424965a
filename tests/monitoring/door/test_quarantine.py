"""The quarantine and the receipts: who sees what, edits, replays, discards; nothing received is lost."""

import base64
import json
from typing import Any

import httpx2
import pytest

from contracts.times import format_time
from services.chassis.unit import Cause
from services.monitoring.intake.acceptance import Permission
from services.monitoring.reference import issue_shipped
from tests.monitoring.door.house import HELD, NOW, House, Record, message, post, rules

pytestmark = pytest.mark.live
BROKEN = json.dumps(message("q-1", source="/library", title=" ", ended_at="2026-11-20T11:00")).encode()


async def one_set_aside(house: House, value: bytes | None = BROKEN, **given: Any) -> str:
    await house.receive(Record(value), **given)
    (item,) = await house.docs("quarantine", status="OPEN")
    return str(item["_id"])


async def act(client: httpx2.AsyncClient, item: str, deed: str, **given: Any) -> httpx2.Response:
    return await client.post(f"/api/quarantine/{item}/{deed}", json=given)


async def test_the_list_says_what_is_wrong_where_and_how_to_mend_it(house: House) -> None:
    item = await one_set_aside(house)
    operator = await house.person("operator")
    answer = (await operator.get("/api/quarantine", headers={"accept-language": "en"})).json()
    (row,) = answer["items"]
    assert answer["next"] is None
    assert (row["id"], row["topic"], row["source"], row["received_at"]) == (
        item, "event-inbox", "/library", format_time(NOW)
    )  # fmt: skip
    assert [(one["pointer"], one["rule"]) for one in row["errors"]] == [
        ("/data/title", "text-blank"), ("/data/ended_at", "instant-malformed")
    ]  # fmt: skip
    assert row["errors"][0] | {"detail": "Must not be blank.", "fix": "Write something."} == row["errors"][0]


async def test_one_shows_bytes_headers_and_text(house: House) -> None:
    headers = [("content-type", b"application/json"), ("ce_id", b"b-1"), ("ce_type", b"\xff"), ("x", None)]
    await house.receive(Record(b'{"title": "x"}', headers))
    operator = await house.person("operator")
    item = (await operator.get("/api/quarantine")).json()["items"][0]["id"]
    whole = (await operator.get(f"/api/quarantine/{item}")).json()
    assert base64.b64decode(whole["body_base64"]) == b'{"title": "x"}'
    assert [(one["name"], one["value"]) for one in whole["headers"]] == [
        ("content-type", "application/json"), ("ce_id", "b-1"), ("ce_type", "\ufffd"), ("x", None)
    ]  # fmt: skip
    assert json.loads(whole["text"]) == {"id": "b-1", "type": "\ufffd", "data": {"title": "x"}}


async def test_the_page_says_how_many_wait_and_marks_the_place_of_a_fault(house: House) -> None:
    item = await one_set_aside(house)
    operator = await house.person("operator")
    assert "Chờ xử lý (1)" in (await operator.get("/quarantine")).text
    shown = (await operator.get(f"/quarantine/{item}")).text
    assert shown.count("<mark>") == 2
    assert "Must not be blank." in (await operator.get(f"/quarantine/{item}?lang=en")).text
    assert f'action="/quarantine/{item}/discard"' not in shown
    assert f'action="/quarantine/{item}/discard"' in (await operator.get(f"/quarantine/{item}?step=discard")).text


async def test_a_form_that_still_fails_is_shown_again_with_what_was_typed(house: House) -> None:
    item = await one_set_aside(house)
    operator = await house.person("operator")
    body = json.dumps(message("q-1", source="/library", title=" "))
    form = {"body": body, "command_id": "c-1", "page": f"/quarantine/{item}"}
    answer = await operator.post(f"/quarantine/{item}/replay", data=form)
    assert answer.status_code == 422
    assert "/data/title Không được để trống." in answer.text
    mended = form | {"body": body.replace('" "', '"Tên"'), "command_id": "c-2"}
    assert (await operator.post(f"/quarantine/{item}/replay", data=mended)).status_code == 303
    shown = (await operator.get(f"/quarantine/{item}")).text
    assert "Đã sửa và chạy lại" in shown
    assert "<form" not in shown.partition("<main")[2].partition("</main>")[0]


async def test_what_would_come_of_the_corrected_message_is_said_and_leaves_nothing(house: House) -> None:
    await house.store.transact(Cause(house.service.source, "shipped"), NOW, issue_shipped)
    raw = json.dumps(message("q-1", source="/library", ended_at="2026-11-20T11:00:00")).encode()
    item = await one_set_aside(house, raw)
    operator = await house.person("operator")
    sent_before = len(await house.docs("outbox"))
    shown = (await operator.get(f"/quarantine/{item}")).text
    assert "2026-11-20T11:00:00+07:00" in shown
    assert "Sự kiện sẽ có 2 nghĩa vụ" in shown
    assert shown.count("hạn 23/11/2026 24:00") == 2
    assert 'aria-current="page"' in shown.partition('class="card flush others"')[2].partition("</nav>")[0]
    form = {"command_id": "c-1", "page": f"/quarantine/{item}", "reason": " "}
    wrong = await operator.post(f"/quarantine/{item}/check", data=form | {"body": raw.decode()})
    assert wrong.status_code == 200
    assert "Bản ở dưới chưa nhận được" in wrong.text
    kept = [await house.docs(name) for name in ("events", "obligations", "receipts", "outbox")]
    assert [len(docs) for docs in kept] == [0, 0, 1, sent_before]
    mended = raw.decode().replace("11:00:00", "11:00:00+07:00")
    given = form | {"body": mended, "reason": "Nguồn xác nhận giờ Việt Nam"}
    assert (await operator.post(f"/quarantine/{item}/replay", data=given)).status_code == 303
    after = (await operator.get(f"/quarantine/{item}")).text
    assert "Nguồn xác nhận giờ Việt Nam" in after
    assert (await operator.get(f"/quarantine/{item}/original")).content == raw


async def test_the_list_goes_on_from_its_cursor(house: House) -> None:
    await house.receive(*[Record(b"{", offset=n) for n in range(5)])
    auditor = await house.person("auditor")
    seen, address = [], "/api/quarantine?limit=2"
    while address:
        answer = (await auditor.get(address)).json()
        seen += [row["id"] for row in answer["items"]]
        address = answer["next"] and f"/api/quarantine?limit=2&after={answer['next']}"
    assert len(seen) == len(set(seen)) == 5


async def test_an_edited_message_is_replayed_as_of_when_it_was_received(house: House) -> None:
    item = await one_set_aside(house)
    house.clock.at = NOW.replace(day=23)
    operator = await house.person("operator")
    mended = json.dumps(message("q-1", source="/library"))
    answer = await operator.post(
        f"/api/quarantine/{item}/replay", json={"body": mended}, headers={"Idempotency-Key": "k"}
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "REPLAYED")
    (said,) = await house.announced()
    assert (said.recordedtime, said.time, said.data.origin.authenticated) == (NOW, NOW, False)
    again = await operator.post(
        f"/api/quarantine/{item}/replay", json={"body": mended}, headers={"Idempotency-Key": "k"}
    )
    assert again.json() == answer.json()
    late = await act(operator, item, "replay", body=mended)
    assert (late.status_code, rules(late)) == (409, [("quarantine-closed", "")])
    (doc,) = await house.docs("quarantine")
    assert (doc["tries"][0]["by"], doc["tries"][0]["at"]) == ("operator", format_time(NOW.replace(day=23)))
    kept = {one["_id"]: one["body"] for one in await house.docs("received")}
    assert kept[doc["received"]] == BROKEN
    assert kept[doc["tries"][0]["received"]] == mended.encode()
    assert len(await house.announced()) == 1


async def test_a_replay_that_fails_again_says_why_and_stays(house: House) -> None:
    item = await one_set_aside(house)
    operator = await house.person("operator")
    for body, found in (
        (None, [("text-blank", "/data/title"), ("instant-malformed", "/data/ended_at")]),
        (json.dumps(message("q-1", source="/library", title="\u202e")), [("text-bidi", "/data/title")]),
        ("[]", [("not-an-object", "")]),
        ("{", [("json-malformed", "")]),
        ('"\ud800"', [("string-unicode", "/body")]),
    ):
        raw = json.dumps({"body": body} if body else {})
        answer = await operator.post(
            f"/api/quarantine/{item}/replay", content=raw.encode(), headers={"content-type": "application/json"}
        )
        assert answer.status_code == 422, answer.text
        assert rules(answer) == found
    (doc,) = await house.docs("quarantine", status="OPEN")
    assert len(doc["tries"]) == 4
    assert await house.announced() == []


async def test_a_replay_keeps_to_what_the_records_sender_may_do(house: House) -> None:
    item = await one_set_aside(house, permission=Permission("/library"))
    answer = await act(await house.person("operator"), item, "replay", body=json.dumps(message("q-1")))
    assert (answer.status_code, rules(answer)) == (422, [("source-foreign", "/source")])


async def test_an_id_used_twice_is_replayed_under_a_new_id(house: House) -> None:
    sis, operator = await house.system(), await house.person("operator")
    await post(sis, message())
    receipt = (await post(sis, message(title="Khác"))).json()["receipts"][0]
    unchanged = await act(operator, receipt["id"], "replay")
    assert rules(unchanged) == [("id-reused", "/id")]
    body = json.dumps(message("m-2", title="Khác"))
    answer = await act(operator, receipt["id"], "replay", body=body)
    assert answer.json()["receipt"]["message_id"] == "m-2"
    assert [one.data.origin.authenticated for one in await house.announced()] == [True, True]
    assert (await post(sis, message(title="Khác"))).json()["receipts"][0]["status"] == "QUARANTINED"


async def test_a_revision_stated_twice_is_replayed_with_a_higher_one(house: House) -> None:
    sis, operator = await house.system(), await house.person("operator")
    await post(sis, message(revision=1))
    receipt = (await post(sis, message("m-2", revision=1, title="Khác"))).json()["receipts"][0]
    assert rules(await act(operator, receipt["id"], "replay")) == [("revision-conflict", "/data/revision")]
    answer = await act(operator, receipt["id"], "replay", body=json.dumps(message("m-2", revision=2, title="Khác")))
    assert (answer.status_code, len(await house.announced())) == (200, 2)


@pytest.mark.parametrize("house", [{"inbox_open": "quarantine"}], indirect=True)
async def test_a_person_lets_in_what_the_closed_door_set_aside(house: House) -> None:
    raw = json.dumps(message(source="/library")).encode()
    item = await one_set_aside(house, raw)
    assert (await act(await house.person("office_head"), item, "replay")).status_code == 200
    (said,) = await house.announced()
    assert not said.data.origin.authenticated
    await house.receive(Record(raw, offset=9))
    assert await house.docs("quarantine", status="OPEN") == []


async def test_what_is_discarded_stays_with_its_reason_and_cannot_come_back(house: House) -> None:
    item = await one_set_aside(house)
    operator = await house.person("operator")
    assert rules(await act(operator, item, "discard", reason=" ")) == [("blank", "/reason")]
    assert (await act(operator, item, "discard", reason="Thử máy")).json() == {"id": item, "status": "DISCARDED"}
    assert (await act(operator, item, "replay")).status_code == 409
    assert (await act(operator, item, "discard", reason="x")).status_code == 409
    (row,) = (await operator.get("/api/quarantine?status=DISCARDED")).json()["items"]
    whole = (await operator.get(f"/api/quarantine/{row['id']}")).json()
    assert (whole["closed"]["reason"], whole["closed"]["by"]) == ("Thử máy", "operator")
    assert base64.b64decode(whole["body_base64"]) == BROKEN


ROLES = ("viewer", "contributor", "editor", "rectorate", "auditor", "operator", "office_head", "administrator")


@pytest.mark.parametrize("role", ROLES)
async def test_the_quarantine_is_open_to_those_who_run_the_office(house: House, role: str) -> None:
    item = await one_set_aside(house)
    person = await house.person(role)
    may_read, may_act = role in ROLES[4:], role in ROLES[5:]
    for address in ("/api/quarantine", f"/api/quarantine/{item}", "/quarantine", f"/quarantine/{item}"):
        assert (await person.get(address)).status_code == (200 if may_read else 403)
    assert (await act(person, item, "discard", reason="x")).status_code == (200 if may_act else 403)
    assert (await house.client().get("/api/quarantine")).status_code == 401
    assert (await person.get("/api/quarantine/none")).status_code == (404 if may_read else 403)


async def test_a_receipt_is_read_by_its_source_and_by_people_of_the_office(house: House) -> None:
    sis = await house.system("/sis", "events:write")
    receipt = (await post(sis, message(source="/sis/x"))).json()["receipts"][0]
    own = await sis.get(receipt["href"])
    assert (own.status_code, own.json()) == (200, receipt | {"at": format_time(NOW)})
    callers = [
        (await house.system("/sis/x"), 200),
        (await house.system("/sis/y"), 404),
        (await house.system("/library"), 404),
        (house.client(), 401),
        (house.client(authorization="Bearer x"), 401),
        *[(await house.person(role), 404) for role in ROLES[:2]],
        *[(await house.person(role), 200) for role in ("editor", "auditor", "operator", "office_head")],
    ]
    for client, status in callers:
        answer = await client.get(receipt["href"])
        assert answer.status_code == status, answer.text
    assert (await sis.get("/api/receipts/none")).status_code == 404


async def test_the_receipt_of_what_is_quarantined_says_why(house: House) -> None:
    sis = await house.system()
    await post(sis, message())
    receipt = (await post(sis, message(title="Khác"))).json()["receipts"][0]
    found = (await sis.get(receipt["href"])).json()
    assert (found["status"], found["reasons"], found["type"]) == ("QUARANTINED", receipt["reasons"], HELD)
    assert found["reasons"][0]["fix"] == "Send new content under a new id."
    await act(await house.person("operator"), receipt["id"], "discard", reason="Gửi nhầm")
    after = (await sis.get(receipt["href"])).json()
    assert after == found | {"resolution": {"status": "DISCARDED", "at": format_time(NOW), "reason": "Gửi nhầm"}}
