"""Directives by API and by form: one path, once per key, seen at once, and by whom."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from contracts.envelope import decode
from services.monitoring.supervision.web_directives import DirectiveItem, DirectivePage
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import NOW, ROLES, House
from tests.monitoring.reading.story import at, event, key

pytestmark = pytest.mark.live
E1, E2 = key("E1"), key("E2")
ISSUERS, READERS = (
    {"office_head", "rectorate", "operator"},
    {"office_head", "rectorate", "operator", "editor", "auditor"},
)


def told(to: str = "contributor", **changed: Any) -> dict[str, Any]:
    due_at = (NOW + timedelta(hours=6)).isoformat()
    return {"scope": {"topic_area": "DAO_TAO"}, "to": to, "text": "Rà soát tin tháng 11.", "due_at": due_at} | changed


async def issued(client: httpx2.AsyncClient, to: str = "contributor", **changed: Any) -> str:
    answer = await client.post("/api/directives", json=told(to, **changed))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["directive_id"])


async def listed(client: httpx2.AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/api/directives{query}")
    assert answer.status_code == 200, answer.text
    return [one["directive_id"] for one in DirectivePage.model_validate(answer.json()).model_dump()["items"]]


def rules_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(error["rule"], error["pointer"]) for error in answer.json()["errors"]]


async def announced(house: House) -> list[Any]:
    rows = await house.store.find("outbox", {"topic": "compliance"}, sort=[("o", 1)])
    messages = [(row["key"].decode(), decode(row["value"])) for row in rows]
    return [(key, one.name, one.sequence, one.subject) for key, one in messages if one.name.startswith("directive")]


async def test_a_directive_is_given_once_read_and_closed(house: House) -> None:
    head, writer = await house.person("office_head"), await house.person("contributor")
    first = await head.post("/api/directives", json=told(), headers={"Idempotency-Key": "k1"})
    assert (first.status_code, first.json()["state"]) == (201, "ISSUED")
    assert (await head.post("/api/directives", json=told(), headers={"Idempotency-Key": "k1"})).json() == first.json()
    one = first.json()["directive_id"]
    assert await listed(writer) == [one]
    answer = await writer.post(f"/api/directives/{one}/acknowledge", json={"note": "Chiều nay."})
    assert (answer.status_code, answer.json()["state"]) == (201, "ACKNOWLEDGED")
    assert rules_of(await writer.post(f"/api/directives/{one}/acknowledge", json={})) == [("already-acknowledged", "")]
    assert rules_of(await head.post(f"/api/directives/{one}/close", json={})) == [("missing", "/note")]
    assert (await head.post(f"/api/directives/{one}/close", json={"note": "Xong."})).json()["state"] == "CLOSED"
    seen = DirectiveItem.model_validate((await writer.get(f"/api/directives/{one}")).json())
    assert [(line.step, line.by, line.note) for line in seen.history] == [
        ("ISSUE", "id-office_head", None),
        ("ACKNOWLEDGE", "id-contributor", "Chiều nay."),
        ("CLOSE", "id-office_head", "Xong."),
    ]
    names = ["directive-issued", "directive-acknowledged", "directive-closed"]
    assert await announced(house) == [(one, name, n, one) for n, name in enumerate(names, 1)]


async def test_a_key_of_another_person_is_another_command(house: House) -> None:
    same = {"Idempotency-Key": "k1"}
    head, rector = await house.person("office_head"), await house.person("rectorate")
    made = [(await one.post("/api/directives", json=told(), headers=same)).json() for one in (head, rector)]
    assert made[0] != made[1]


async def test_a_directive_to_somebody_else_is_not_there(house: House) -> None:
    head = await house.person("office_head")
    one = await issued(head, "K_XD")
    for role in ROLES:
        client = await house.person(role)  # of unit PTT
        answer = await client.get(f"/api/directives/{one}")
        assert (answer.status_code == 200) is (role in READERS), role
        assert (await listed(client) == [one]) is (role in READERS), role
        assert ((await client.get(f"/directives/{one}")).status_code == 200) is (role in READERS), role
    writer = await house.person("contributor")
    answer = await writer.post(f"/api/directives/{one}/acknowledge", json={})
    assert (answer.status_code, rules_of(answer)) == (404, [("directive-unknown", "")])
    editor = await house.person("editor")
    answer = await editor.post(f"/api/directives/{one}/acknowledge", json={})
    assert (answer.status_code, rules_of(answer)) == (403, [("not-addressed", "")])


DOORS = (
    ("POST", "/api/directives", ISSUERS),
    ("POST", "/api/directives/x/close", ISSUERS),
    ("POST", "/api/directives/x/acknowledge", set(ROLES)),
    ("GET", "/api/directives", set(ROLES)),
    ("GET", "/api/directives/x", set(ROLES)),
    ("GET", "/directives", set(ROLES)),
    ("GET", "/directives/new", ISSUERS),
    ("POST", "/directives/new", ISSUERS),
    ("POST", "/directives/x/close", ISSUERS),
    ("POST", "/directives/x/acknowledge", set(ROLES)),
)


async def test_doors_open_to_their_roles_alone(house: House) -> None:
    await house.check_roles(DOORS)
    nobody, reader = house.browser(), await house.system("read")
    for method, path, _ in DOORS:
        for client in (nobody, reader):
            assert (await client.request(method, path, json={})).status_code in (401, 303), (method, path)


async def test_lists_are_filtered_ordered_and_paged(house: House) -> None:
    await house.hear(say.held("E1", at=at(20, 18), **event(20)))
    head = await house.person("office_head")
    soon = await issued(head, due_at=(NOW + timedelta(hours=1)).isoformat())
    about = await issued(head, "K_CK", scope={"event": E1, "channel": "E_BOARD"})
    unit = await issued(head, "PTT", scope={"unit": "QHQT"}, due_at=(NOW + timedelta(days=2)).isoformat())
    done = await issued(head, scope={"channel": "VI_WEB"}, due_at=(NOW + timedelta(days=3)).isoformat())
    await head.post(f"/api/directives/{done}/close", json={"note": "Thôi."})
    house.clock.at += timedelta(hours=1)
    rows = (
        ("", [soon, about, unit, done]),
        ("?state=OPEN", [soon, about, unit]),
        ("?state=OVERDUE", [soon]),
        ("?state=CLOSED", [done]),
        ("?state=ACKNOWLEDGED", []),
        (f"?event={E1}", [about]),
        ("?topic_area=DAO_TAO", [soon]),
        ("?unit=QHQT", [unit]),
        ("?channel=E_BOARD", [about]),
        ("?to=PTT", [unit]),
        ("?event=nobody", []),
    )
    for query, found in rows:
        assert await listed(head, query) == found, query
    walked, query = list[str](), "?limit=1"
    while query:
        page = (await head.get(f"/api/directives{query}")).json()
        walked += [one["directive_id"] for one in page["items"]]
        query = f"?limit=1&after={page['next']}" if page["next"] else ""
    assert walked == [soon, about, unit, done]
    assert rules_of(await head.get("/api/directives?after=x")) == [("cursor-invalid", "/after")]


async def test_a_directive_on_an_event_is_found_by_every_key_of_it(house: House) -> None:
    await house.hear(*(say.held(name, at=at(20, 18), **event(20)) for name in ("E1", "E2")))
    head = await house.person("office_head")
    one = await issued(head, scope={"event": E2})
    await head.post(f"/api/events/{E2}/merge", json={"into": E1, "reason": "Cùng một"})
    for name in (E1, E2):
        assert await listed(head, f"?event={name}") == [one]
        assert f"/directives/{one}" in (await head.get(f"/events/{name}")).text
    assert await listed(head, f"?event={E1}") == [one]
    assert (await issued(head, scope={"event": E2})) in (await head.get(f"/events/{E1}")).text


async def test_today_shows_what_waits_to_whom_it_concerns(house: House) -> None:
    head, writer, viewer = [await house.person(role) for role in ("office_head", "contributor", "viewer")]
    one = await issued(head)
    waits = f'href="/directives/{one}"'
    assert waits in (await writer.get("/")).text
    assert waits not in (await head.get("/")).text
    assert waits not in (await viewer.get("/")).text
    answer = await writer.post(f"/directives/{one}/acknowledge", data={"page": "/"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/directives/{one}")
    assert waits not in (await writer.get("/")).text
    house.clock.at += timedelta(hours=6)
    for client in (writer, head):
        text = (await client.get("/")).text
        assert waits in text
        assert "Quá hạn" in text
    await head.post(f"/directives/{one}/close", data={"note": "Xong."})
    assert all([waits not in (await client.get("/")).text for client in (writer, head)])


async def test_the_form_is_filled_in_from_an_event_and_keeps_what_was_typed(house: House) -> None:
    await house.hear(say.held("E1", at=at(20, 18), title="Hội thảo <Năng lượng>", **event(20)))
    head = await house.person("office_head")
    assert f'href="/directives/new?event={E1}"' in (await head.get(f"/events/{E1}")).text
    assert "/directives/new" not in (await (await house.person("editor")).get(f"/events/{E1}")).text
    form = (await head.get(f"/directives/new?event={E1}&topic_area=DAO_TAO")).text
    assert f'value="{E1}"' in form
    assert "Hội thảo &lt;Năng lượng&gt;" in form
    assert '<option value="DAO_TAO" selected>' in form
    typed = {"page": "/directives/new", "to": "PTT", "text": "Bổ sung <ảnh>", "due_at": "1/1/2020 08:00", "event": E1}
    refused = await head.post("/directives/new", data=typed)
    assert refused.status_code == 422
    assert "Bổ sung &lt;ảnh&gt;</textarea>" in refused.text
    assert '<option value="PTT" selected>' in refused.text
    assert "Hạn đã qua." in refused.text
    nothing = await head.post("/directives/new", data=typed | {"event": "", "due_at": "25/11/2026 24:00"})
    assert "Chưa nêu chỉ đạo về việc gì." in nothing.text
    made = await head.post("/directives/new", data=typed | {"due_at": "25/11/2026 24:00", "event": f"/events/{E1}"})
    assert made.status_code == 303
    shown = (await head.get(made.headers["location"])).text
    assert "hạn 25/11/2026 24:00" in shown
    assert "Bổ sung &lt;ảnh&gt;" in shown
    assert f'href="/events/{E1}"' in shown


async def test_pages_are_shown_in_both_languages(house: House) -> None:
    await house.hear(say.held("E1", at=at(20, 18), title="Event", **event(20)))
    head, reader = await house.person("office_head", name="Head"), await house.person("office_head", name="Reader")
    reader.cookies.set("lang", "en")
    one = await issued(head, "contributor", scope={"event": E1, "unit": "QHQT", "channel": "VI_WEB"}, text="Text")
    letters = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
    for path in ("/directives", "/directives?state=CLOSED", "/directives/new", f"/directives/{one}", f"/events/{E1}"):
        vi = await head.get(path)
        assert vi.status_code == 200, (path, vi.text[:300])
        assert " style=" not in vi.text
        text = re.sub(r"<[^>]+>", "\n", (await reader.get(path)).text)
        lines = [line.strip() for line in text.splitlines() if letters.search(line)]
        assert [line for line in lines if line not in ("Tiếng Việt", ": Tiếng Việt", "VI")] == [], path
    assert (await head.get("/directives/none")).status_code == 404
    assert (await head.get("/directives?state=NONE")).status_code == 422
