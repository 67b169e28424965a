"""The desk's form and its API call: the same rules, the same gate, once per command, in both languages."""

from typing import Any

import httpx2
import pytest

from contracts.envelope import event_key
from contracts.times import format_time
from tests.monitoring.door.house import ORIGIN, House, Record, data, message, post, rules

pytestmark = pytest.mark.live
DESK = "/publicity/desk"


def report(kind: str = "held", **changes: Any) -> dict[str, Any]:
    return {"kind": kind, **data(**{"event_id": ...} | changes)}


def typed(**changes: Any) -> dict[str, Any]:
    times = {"started_at": "20/11/2026 08:00", "ended_at": "20/11/2026 11h30"}
    blank = dict.fromkeys(("event_id", "place", "summary", "url", "tier", "revision", "reason"), "")
    return report() | times | blank | {"command_id": "c-1", "page": "/events/new"} | changes


async def record(client: httpx2.AsyncClient, given: dict[str, Any], key: str = "k-1") -> httpx2.Response:
    return await client.post("/api/desk/events", json=given, headers={"Idempotency-Key": key, "accept-language": "en"})


async def test_a_report_is_announced_once_under_the_desks_source(house: House) -> None:
    contributor = await house.person("contributor")
    answer = await record(contributor, report())
    assert (answer.status_code, answer.json()["status"]) == (201, "ACCEPTED")
    again = await record(contributor, report(title="Khác"))
    assert again.json() == answer.json()
    (said,) = await house.announced()
    assert said.data.origin.to_data() == {"source": DESK, "id": answer.json()["message_id"], "authenticated": True}
    assert said.data.event_id == answer.json()["message_id"]
    assert said.subject == answer.json()["event_key"] == event_key(DESK, said.data.event_id)
    other = await record(await house.person("editor"), report())
    assert other.json()["event_key"] != said.subject
    assert (await contributor.get(answer.json()["href"])).status_code == 404


async def test_a_key_that_something_else_was_done_under_is_refused(house: House) -> None:
    operator = await house.person("operator")
    paused = await operator.post("/operations/relay", data={"paused": "true"}, headers={"Idempotency-Key": "k-1"})
    assert paused.status_code == 303, paused.text
    answer = await record(operator, report())
    assert (answer.status_code, answer.json()["code"]) == (422, "command-id-used")
    assert "new UUID" in answer.text
    assert await house.announced() == []


async def test_an_event_is_corrected_and_cancelled_by_its_id(house: House) -> None:
    operator = await house.person("operator")
    for key, given in enumerate(
        (
            report("scheduled", event_id="CLB-1", ended_at="2026-12-01T11:00:00+07:00", revision=1),
            report("held", event_id="CLB-1"),
            {"kind": "cancelled", "event_id": "CLB-1", "reason": "Mưa bão"},
        )
    ):
        assert (await record(operator, given, str(key))).status_code == 201
    said = await house.announced()
    assert [(one.name, one.sequence) for one in said] == [
        ("event-scheduled", 1), ("event-held", 2), ("event-cancelled", 3)
    ]  # fmt: skip
    assert {one.subject for one in said} == {event_key(DESK, "CLB-1")}


REFUSED = (
    (report(title=...), 422, ("field-missing", "/title")),
    (report(title=" "), 422, ("blank", "/title")),
    (report(ended_at="2026-11-21T11:00:00+07:00"), 422, ("ended-in-future", "/ended_at")),
    (report(ended_at="32/11/2026 08:00"), 422, ("time", "/ended_at")),
    (report(started_at="20-11-2026"), 422, ("time", "/started_at")),
    (report(started_at="20/11/1999 08:00"), 422, ("started-too-early", "/started_at")),
    (report(title="a\u202eb"), 422, ("character", "/title")),
    ({"kind": "cancelled"}, 422, ("field-missing", "/event_id")),
    (report(kind="postponed"), 422, ("literal-error", "/kind")),
)


@pytest.mark.parametrize(("given", "status", "fault"), REFUSED, ids=[row[2][0] + row[2][1] for row in REFUSED])
async def test_what_is_wrong_points_to_the_field(
    house: House, given: dict[str, Any], status: int, *, fault: tuple[str, str]
) -> None:
    answer = await record(await house.person("editor"), given)
    assert answer.status_code == status, answer.text
    assert rules(answer) == [fault]
    assert await house.announced() == await house.docs("commands") == []


async def test_a_revision_stated_twice_is_refused_at_the_desk_and_not_set_aside(house: House) -> None:
    editor = await house.person("editor")
    await record(editor, report(event_id="CLB-1", revision=2))
    answer = await record(editor, report(event_id="CLB-1", revision=2, title="Khác"), "k-2")
    assert (answer.status_code, rules(answer)) == (409, [("revision-conflict", "/revision")])
    assert await house.docs("quarantine") == []


@pytest.mark.parametrize("role", ["viewer", "rectorate", "auditor"])
async def test_who_does_not_record_events_finds_the_desk_closed(house: House, role: str) -> None:
    person = await house.person(role)
    assert (await record(person, report())).status_code == 403
    assert (await person.get("/events/new")).status_code == 403
    assert (await record(house.client(), report())).status_code == 401


async def test_nobody_else_speaks_for_the_desk(house: House) -> None:
    answer = await post(await house.system(), message(source=DESK))
    assert rules(answer) == [("source-reserved", "/source")]
    await house.receive(Record(str(message(source=DESK)).replace("'", '"').encode()))
    assert [one["faults"][0]["rule"] for one in await house.docs("quarantine")] == ["source-reserved"]


async def test_the_form_takes_local_times_and_leads_to_the_event(house: House) -> None:
    editor = await house.person("editor")
    answer = await editor.post("/events/new", data=typed())
    assert answer.status_code == 303, answer.text
    (said,) = await house.announced()
    assert format_time(said.data.started_at) == "2026-11-20T01:00:00.000000Z"
    assert format_time(said.data.ended_at) == "2026-11-20T04:30:00.000000Z"
    shown = await editor.get(answer.headers["location"])
    assert "Đã ghi nhận" in shown.text
    assert f"/events/{said.subject}" in shown.text
    assert (await editor.post("/events/new", data=typed())).headers["location"] == answer.headers["location"]
    assert len(await house.announced()) == 1


@pytest.mark.parametrize(
    ("lang", "label", "fault"),
    [("vi", "Tên sự kiện", "ended_at sớm hơn started_at."), ("en", "Title of the event", "ended_at is before")],
)
async def test_a_refused_form_keeps_what_was_typed_in_either_language(
    house: House, lang: str, label: str, *, fault: str
) -> None:
    editor = await house.person("editor")
    page = f"/events/new?lang={lang}"
    shown = await editor.get(page)
    assert label in shown.text
    assert ("Faculty" in shown.text) == (lang == "en")
    wrong = typed(ended_at="20/11/2026 07:00", title="Tên <dài>", page=page)
    answer = await editor.post(page, data=wrong, headers={"referer": ORIGIN + page})
    assert answer.status_code == 422
    for text in (fault, "Tên &lt;dài&gt;", "20/11/2026 07:00", 'aria-invalid="true"'):
        assert text in answer.text
