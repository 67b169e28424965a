"""The API of publishing as a program sees it: submissions, publications, corrections, withdrawals, evidence."""

from typing import Any

import httpx2
import pytest

from contracts.events import EventHeld
from contracts.times import format_time
from services.publishing.media import photos
from tests.publishing.builders import (
    AUDITOR,
    CONTRIBUTOR,
    DAY,
    EDITOR,
    EVENT,
    HOUR,
    NOW,
    OTHER_EVENT,
    STRANGER,
    VIEWER,
    approved,
    assessed,
    reported,
)
from tests.publishing.house import TEXTS, House, rules_of
from tests.publishing.test_media import HOSTILE, encoded

pytestmark = pytest.mark.live
RECORDED = {"channel": "E_BOARD", "recorded": True, "published_at": format_time(NOW - HOUR)}
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
ABOUT = {"alt_text": "Sinh viên trình bày", "origin": "PHOTO", "public_event_notice": "true"}


async def test_material_walks_from_submission_to_withdrawal(house: House) -> None:
    contributor, editor = await house.person(CONTRIBUTOR), await house.person(EDITOR)
    key = {"Idempotency-Key": "k-1"}
    made = await contributor.post("/api/contents", json={"event": EVENT, **TEXTS}, headers=key)
    assert (made.status_code, made.json()["revision"]) == (201, 1)
    assert (await contributor.post("/api/contents", json={"event": EVENT, **TEXTS}, headers=key)).json() == made.json()
    path = f"/api/contents/{made.json()['content_id']}"
    shown = await editor.post(f"{path}/publications", json={"channel": "VI_WEB"}, headers=key)
    assert shown.json() == made.json() | {"revision": 2, "channel": "VI_WEB", "published_at": format_time(NOW)}
    recorded = await editor.post(f"{path}/publications", json=RECORDED)
    assert recorded.json()["published_at"] == format_time(NOW - HOUR)
    given: dict[str, Any] = {"channel": "VI_WEB", "title": "Tên mới"}
    assert (await editor.post(f"{path}/corrections", json=given)).json()["revision"] == 4
    given = {"channel": "VI_WEB", "reason": "CORRECTION"}
    assert (await editor.post(f"{path}/withdrawals", json=given)).status_code == 201
    assert (await editor.post(f"{path}/links", json={"event": OTHER_EVENT})).status_code == 201
    given = {"channel": "SOCIAL", "outcome": "REFUSED"}
    assert (await editor.post(f"{path}/failures", json=given)).status_code == 201
    found = (await contributor.get(path)).json()
    deeds = [entry["deed"] for entry in found["history"]]
    assert deeds == ["SUBMITTED", "PUBLISHED", "RECORDED", "CORRECTED", "WITHDRAWN", "WITHDRAWN", "RELINKED", "FAILED"]
    assert (found["link"]["event"], found["unplanned"]) == (OTHER_EVENT, True)
    assert await house.service.store.raw("outbox").count_documents({}) == 9


REFUSED: tuple[tuple[str, dict[str, Any], list[tuple[str, str]]], ...] = (
    ("A5 the clock", RECORDED | {"published_at": format_time(NOW + HOUR)}, [("published-at-ahead", "/published_at")]),
    ("A5 no time", {"channel": "PRESS", "recorded": True}, [("published-at-missing", "/published_at")]),
    ("A5 no proof", RECORDED | {"channel": "SOCIAL"}, [("proof-missing", "/url")]),
    ("an unknown channel", {"channel": "RADIO"}, [("enum", "/channel")]),
    ("a time that is none", RECORDED | {"published_at": "31/11/2026 10:00"}, [("time", "/published_at")]),
    ("a naive time", RECORDED | {"published_at": "2026-11-24T10:00:00"}, [("time", "/published_at")]),
    ("a foreign address", RECORDED | {"url": "javascript:alert(1)"}, [("address", "/url")]),
    ("nothing", {}, [("missing", "/channel")]),
)


@pytest.mark.parametrize(("given", "rules"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_bad_input_is_refused_with_a_pointer(
    house: House, given: dict[str, Any], rules: list[tuple[str, str]]
) -> None:
    content_id = await house.sent()
    editor = await house.person(EDITOR)
    answer = await editor.post(f"/api/contents/{content_id}/publications", json=given)
    assert answer.status_code == 422
    assert rules_of(answer) == rules
    assert all(error["detail"] and error["fix"] for error in answer.json()["errors"])


async def test_all_faults_of_a_submission_are_named(house: House) -> None:
    contributor = await house.person(CONTRIBUTOR)
    answer = await contributor.post("/api/contents", json={"title": " ", "text": "a\x00", "channel": 7})
    assert [pointer for _, pointer in rules_of(answer)] == ["/title", "/text", "/channel"]
    json = {"Content-Type": "application/json"}
    assert (await contributor.post("/api/contents", content=b"{", headers=json)).status_code == 400
    key = {"Idempotency-Key": "có dấu".encode()}
    assert (await contributor.post("/api/contents", json=TEXTS, headers=key)).status_code == 400
    assert (await contributor.post("/api/contents", json=TEXTS | {"text": "x" * 30_001})).status_code == 422
    assert (await contributor.post("/api/contents", content=bytes(2_000_000), headers=json)).status_code == 413


async def test_the_language_of_a_refusal_is_the_readers(house: House) -> None:
    editor = await house.person(EDITOR)
    path = f"/api/contents/{await house.sent()}/withdrawals?lang=en"
    answer = await editor.post(path, json={"channel": "VI_WEB", "reason": "OTHER"})
    assert answer.json()["errors"][0]["detail"] == "This channel does not show the item."


async def test_contributors_see_their_own_and_the_office_sees_all(house: House) -> None:
    own, other = await house.sent(), await house.sent(STRANGER)
    seen = {}
    for actor in (CONTRIBUTOR, STRANGER, AUDITOR):
        listed = (await (await house.person(actor)).get("/api/contents")).json()["items"]
        seen[actor.account_id] = {item["content_id"] for item in listed}
    assert seen == {"acc-ctv": {own}, "acc-ctv-2": {other}, "acc-auditor": {own, other}}
    assert (await (await house.person(STRANGER)).get(f"/api/contents/{own}")).status_code == 404
    assert (await (await house.person(VIEWER)).get("/api/contents")).status_code == 403


async def test_lists_are_paged_and_filtered(house: House) -> None:
    ids = {await house.sent(title=f"Tin {n}") for n in range(4)} | {await house.shown()}
    auditor = await house.person(AUDITOR)
    found, after = [], ""
    while after is not None:
        answer = (await auditor.get("/api/contents", params={"limit": 2, "after": after})).json()
        found += [item["content_id"] for item in answer["items"]]
        after = answer.get("next")
    assert (len(found), set(found)) == (5, ids)
    shown = (await auditor.get("/api/contents", params={"which": "shown"})).json()["items"]
    assert [item["publications"][0]["channel"] for item in shown] == ["VI_WEB"]
    assert len((await auditor.get("/api/contents", params={"which": "waiting"})).json()["items"]) == 4
    assert (await auditor.get("/api/contents", params={"limit": 0})).status_code == 422


async def test_the_work_names_the_material_there_is(house: House) -> None:
    await house.hear(assessed(1), assessed(2, obligation_id="ob-2", due_at="2026-11-25T17:00:00Z"))
    content_id = await house.sent(event=EVENT)
    items = (await (await house.person(AUDITOR)).get("/api/work")).json()["items"]
    assert [item["obligation_id"] for item in items] == ["ob-2", "ob-1"]
    assert items[0]["contents"] == [{"content_id": content_id, "title": TEXTS["title"], "channels": []}]
    assert items[0]["state"] == "OPEN"


async def test_unplanned_ends_when_the_event_arrives(house: House) -> None:
    content_id = await house.sent(event=EVENT)
    auditor = await house.person(AUDITOR)
    assert (await auditor.get(f"/api/contents/{content_id}")).json()["unplanned"] is True
    await house.hear(reported(EventHeld, id="e-1"))
    assert (await auditor.get(f"/api/contents/{content_id}")).json()["unplanned"] is False


async def test_an_embargo_holds_the_own_site_back(house: House) -> None:
    content_id = await house.sent(not_before=format_time(NOW + DAY))
    editor = await house.person(EDITOR)
    path = f"/api/contents/{content_id}/publications"
    assert rules_of(await editor.post(path, json={"channel": "VI_WEB"})) == [("embargo", "/published_at")]
    assert (await editor.post(path, json=RECORDED)).status_code == 201, "what was shown elsewhere is a fact"


async def put_photo(client: httpx2.AsyncClient, content_id: str, raw: bytes, **about: str) -> httpx2.Response:
    return await client.put(f"/api/photos/{content_id}", data=ABOUT | about, files={"file": ("anh.jpg", raw)})


async def test_a_photo_comes_out_bare_and_goes_with_its_statement(house: House) -> None:
    contributor = await house.person(CONTRIBUTOR)
    content_id = await house.sent()
    answer = await put_photo(contributor, content_id, encoded("PNG"))
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)
    photo = (await contributor.get(f"/api/contents/{content_id}")).json()["photo"]
    assert (photo["alt_text"], photo["public_event_notice"], photo["width"]) == ("Sinh viên trình bày", True, 320)
    assert (await (await house.person(STRANGER)).get(f"/contents/{content_id}/photo")).status_code == 404
    minors = await put_photo(contributor, content_id, encoded("PNG"), minors_visible="true")
    assert rules_of(minors) == [("consent-missing", "/consent_reference")]
    assert rules_of(await put_photo(contributor, content_id, b"")) == [("photo-missing", "/file")]
    assert (await contributor.delete(f"/api/photos/{content_id}")).json()["revision"] == 3
    assert "photo" not in (await contributor.get(f"/api/contents/{content_id}")).json()


@pytest.mark.parametrize(("make", "rule"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
async def test_a_hostile_photo_is_refused_and_nothing_is_kept(house: House, make: Any, rule: str) -> None:
    contributor = await house.person(CONTRIBUTOR)
    answer = await put_photo(contributor, await house.sent(), make())
    assert (answer.status_code, rules_of(answer)) in [(status, [(rule, "/file")]) for status in (413, 415, 422)]
    assert await house.service.store.database["media.files"].count_documents({}) == 0


async def test_an_upload_without_end_is_cut_off(house: House) -> None:
    contributor = await house.person(CONTRIBUTOR)
    answer = await put_photo(contributor, await house.sent(), bytes(41 * 1024 * 1024))
    assert answer.status_code == 413


async def test_a_proof_is_kept_and_read_by_the_office_alone(house: House) -> None:
    editor = await house.person(EDITOR)
    kept = {}
    for name, raw in (("bang.png", encoded("PNG")), ("cong-van.pdf", PDF)):
        answer = await editor.post("/api/evidence", files={"file": (name, raw)})
        assert answer.status_code == 201, answer.text
        kept[answer.json()["media_type"]] = answer.json()
    content_id = await house.sent()
    given = RECORDED | {"channel": "SOCIAL", "evidence": kept["image/jpeg"]}
    assert (await editor.post(f"/api/contents/{content_id}/publications", json=given)).status_code == 201
    auditor = await house.person(AUDITOR)
    picture = await auditor.get(kept["image/jpeg"]["href"])
    assert picture.content.startswith(b"\xff\xd8\xff")
    assert photos.clean(picture.content).width == 320
    document = await auditor.get(kept["application/pdf"]["href"])
    assert (document.content, document.headers["content-type"]) == (PDF, "application/pdf")
    assert document.headers["content-disposition"].startswith("attachment"), "no browser runs it here"
    assert (await (await house.person(CONTRIBUTOR)).get(kept["image/jpeg"]["href"])).status_code == 403
    assert (await auditor.get("/api/evidence/" + "0" * 64)).status_code == 404


PROOFS: tuple[tuple[str, bytes, str], ...] = (
    ("a page that says it is a proof", b"<html><script>1</script>", "photo-unknown-kind"),
    ("half a PDF", b"%PDF-1.7\n1 0 obj", "proof-damaged"),
    ("a PDF that is too heavy", PDF + bytes(photos.LARGEST_BYTES) + b"%%EOF", "proof-too-heavy"),
    ("nothing", b"", "photo-missing"),
)


@pytest.mark.parametrize(("raw", "rule"), [row[1:] for row in PROOFS], ids=[row[0] for row in PROOFS])
async def test_what_is_no_proof_is_refused(house: House, raw: bytes, rule: str) -> None:
    editor = await house.person(EDITOR)
    assert rules_of(await editor.post("/api/evidence", files={"file": ("x", raw)})) == [(rule, "/file")]


async def test_the_proof_of_a_page_is_exactly_what_was_shown(house: House) -> None:
    auditor, content_id = await house.person(AUDITOR), await house.shown(event=EVENT)
    (shown,) = (await auditor.get(f"/api/contents/{content_id}")).json()["publications"]
    assert shown["url"] == f"http://127.0.0.1:8003/news/{content_id}"
    proof = (await auditor.get(shown["evidence"]["href"])).json()
    assert (proof["title"], proof["published_at"]) == (TEXTS["title"], format_time(NOW))
    assert "acc-" not in str(proof)


async def test_the_approved_plan_is_read_and_acknowledged(house: House) -> None:
    await house.hear(approved(1, "Ngày hội việc làm"))
    contributor, auditor = await house.person(CONTRIBUTOR), await house.person(AUDITOR)
    (plan,) = (await contributor.get("/api/plans")).json()["items"]
    assert [item["title"] for item in plan["items"]] == ["Tin tuần", "Ngày hội việc làm"]
    path = f"/api/plans/{plan['plan_id']}/acknowledgements"
    assert (await contributor.post(path, json={"revision": 1})).status_code == 201
    assert rules_of(await contributor.post(path, json={"revision": 2})) == [("plan-outdated", "/revision")]
    (read,) = (await auditor.get("/api/plans")).json()["items"][0]["acknowledgements"]
    assert (read["name"], read["at"]) == ("Cộng tác viên", format_time(NOW))
    stranger = await house.person(STRANGER)
    assert (await stranger.get("/api/plans")).json()["items"][0]["acknowledgements"] == []


async def test_the_api_describes_itself_with_its_refusals(house: House) -> None:
    described = (await house.browser().get("/openapi.json")).json()
    doors = {
        path: item for path, item in described["paths"].items() if path.startswith("/api/") and "/audit" not in path
    }
    assert len(doors) == 14
    for path, item in doors.items():
        for method, operation in item.items():
            problems = {code for code, one in operation["responses"].items() if "application/problem+json" in str(one)}
            assert {"400", "401", "403", "404", "422", "503"} <= problems, (method, path)
            has_key = any(one["name"] == "idempotency-key" for one in operation.get("parameters", ()))
            assert has_key is (method != "get" and path != "/api/evidence"), (method, path)
    assert "HTTPValidationError" not in str(doors)
    assert not any(path.startswith(("/news", "/submit", "/contents")) for path in described["paths"])
