"""POST /api/events as strangers' clients see it: modes, statuses, receipts, and what is announced."""

import json
from typing import Any

import pytest

from contracts.envelope import event_key, message_id
from contracts.times import format_time
from services.monitoring import sources
from tests.monitoring.door.house import BATCH, CANCELLED, HELD, NOW, SCHEDULED, House, data, message, post, rules

pytestmark = pytest.mark.live


def binary(id: str = "m-1", **attributes: str) -> dict[str, str]:
    stated = {"specversion": "1.0", "id": id, "source": "/sis", "type": HELD} | attributes
    return {f"ce-{name}": value for name, value in stated.items()}


async def test_an_event_in_structured_mode_is_announced_with_its_origin(house: House) -> None:
    sis = await house.system()
    answer = await post(sis, message(time="x", **{"title": "Hội thảo"}) | {"time": "2026-11-20T11:05:00+07:00"})
    assert answer.status_code == 202, answer.text
    (receipt,) = answer.json()["receipts"]
    key = event_key("/sis", "SK-1")
    assert receipt == {
        "id": receipt["id"],
        "message_id": "m-1",
        "source": "/sis",
        "type": HELD,
        "status": "ACCEPTED",
        "event_key": key,
        "href": f"/api/receipts/{receipt['id']}",
    }
    (said,) = await house.announced()
    assert (said.id, said.subject, said.sequence) == (message_id("/sis", "m-1", HELD, discriminator=key), key, 1)
    assert (said.source, said.causationid, said.recordedtime) == ("/publicity/monitoring", "m-1", NOW)
    assert format_time(said.time) == "2026-11-20T04:05:00.000000Z"
    assert said.data.to_data() | {} == {
        "event_id": "SK-1",
        "title": "Hội thảo",
        "unit": "K_CK",
        "started_at": "2026-11-20T01:00:00.000000Z",
        "ended_at": "2026-11-20T04:00:00.000000Z",
        "event": key,
        "origin": {"source": "/sis", "id": "m-1", "authenticated": True},
    }


async def test_binary_mode_and_batches_are_taken_too(house: House) -> None:
    sis = await house.system()
    body = json.dumps(data(event_id="B-1")).encode()
    one = await post(sis, body, "application/json", **binary("b-1", source="/sis/%E1%BB%83"))
    assert rules(one) == [("source-malformed", "/source")]
    one = await post(sis, body, "application/json", **binary("b-%31", source="/sis/x"))
    assert one.json()["receipts"][0]["message_id"] == "b-1"
    batch = [message(f"c-{n}", event_id="C", type=kind) for n, kind in enumerate((SCHEDULED, HELD, CANCELLED))]
    batch[2]["data"] = {"event_id": "C", "reason": "Mưa bão"}
    answer = await post(sis, batch, BATCH)
    assert [one["message_id"] for one in answer.json()["receipts"]] == ["c-0", "c-1", "c-2"]
    said = (await house.announced())[1:]
    assert [(one.name, one.sequence) for one in said] == [
        ("event-scheduled", 1),
        ("event-held", 2),
        ("event-cancelled", 3),
    ]


async def test_an_empty_batch_has_no_receipts(house: House) -> None:
    answer = await post(await house.system(), [], BATCH)
    assert (answer.status_code, answer.json()) == (202, {"receipts": []})
    assert await house.docs("received") == []


async def test_a_batch_is_taken_whole_or_not_at_all(house: House) -> None:
    sis = await house.system()
    answer = await post(sis, [message("a"), message("b", title=" "), message("c", source="/library")], BATCH)
    assert answer.status_code == 403
    assert rules(answer) == [("text-blank", "/1/data/title"), ("source-foreign", "/2/source")]
    assert await house.announced() == await house.docs("receipts") == await house.docs("known") == []


DEEP: Any = 1
for _ in range(40):
    DEEP = [DEEP]
REFUSED = (
    (b"{", "application/cloudevents+json", 400, "json-malformed"),
    (b"\xef\xbb\xbf{}", "application/cloudevents+json", 400, "json-bom"),
    (b'{"id":"\\ud800"}', "application/cloudevents+json", 400, "json-character"),
    (b'{"id":1e999}', "application/cloudevents+json", 400, "json-number"),
    (b'{"id":1,"id":2}', "application/cloudevents+json", 400, "json-duplicate-name"),
    (b"[]", "application/cloudevents+json", 400, "not-an-object"),
    (b"{}", "application/cloudevents-batch+json", 400, "batch-not-an-array"),
    (message(x=DEEP), "application/cloudevents+json", 400, "json-depth"),
    (message() | {"specversion": "0.3"}, "application/cloudevents+json", 400, "specversion-unsupported"),
    (message(source="/sis/../x"), "application/cloudevents+json", 400, "source-segments"),
    (message(source="/library"), "application/cloudevents+json", 403, "source-foreign"),
    (message(source="/sisx"), "application/cloudevents+json", 403, "source-foreign"),
    (message(source="/publicity/desk"), "application/cloudevents+json", 403, "source-reserved"),
    (b"x" * 256 * 1024 + b"x", "application/cloudevents+json", 413, "body-too-large"),
    (b"x" * 1024 * 1024 + b"x", "application/cloudevents-batch+json", 413, "body-too-large"),
    ([message(str(n)) for n in range(101)], "application/cloudevents-batch+json", 413, "batch-too-long"),
    (message(), "application/json", 415, "media-type-unsupported"),
    (message(), "text/plain", 415, "media-type-unsupported"),
    (message(), "application/cloudevents+json; charset=latin-1", 415, "charset-unsupported"),
    (message(type="org.example.other"), "application/cloudevents+json", 422, "type-unknown"),
    (message(title=7), "application/cloudevents+json", 422, "text-expected"),
    (message(ended_at="2026-11-20T07:00:00+07:00"), "application/cloudevents+json", 422, "ended-before-started"),
    (message(ended_at="2026-11-21T09:05:01+07:00"), "application/cloudevents+json", 422, "ended-in-future"),
    (message(tier="BIG"), "application/cloudevents+json", 422, "tier-unknown"),
    (message(revision=2.0), "application/cloudevents+json", 422, "revision-invalid"),
)


@pytest.mark.parametrize(("body", "content_type", "status", "rule"), REFUSED, ids=[row[3] for row in REFUSED])
async def test_a_refusal_names_status_rule_and_place_and_leaves_no_trace(
    house: House, body: Any, content_type: str, *, status: int, rule: str
) -> None:
    answer = await post(await house.system(), body, content_type)
    assert answer.status_code == answer.json()["status"] == status, answer.text
    assert rule in [name for name, _ in rules(answer)]
    assert await house.docs("received") == await house.docs("quarantine") == []


async def test_an_encoded_body_is_not_taken(house: House) -> None:
    answer = await post(await house.system(), message(), **{"content-encoding": "gzip"})
    assert (answer.status_code, rules(answer)) == (415, [("content-encoding-unsupported", "")])


async def test_a_body_that_grows_past_its_limit_is_cut_off_while_it_is_read(house: House) -> None:
    sis, sent = await house.system(), 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 65_536

    answer = await sis.post("/api/events", content=endless(), headers={"content-type": BATCH})
    assert (answer.status_code, rules(answer)) == (413, [("body-too-large", "")])
    assert answer.headers["connection"] == "close"
    assert sent < 50


@pytest.mark.parametrize(
    ("header", "rule"), [(None, "token-missing"), ("Basic eDp5", "token-missing"), ("Bearer nobody", "token-invalid")]
)
async def test_who_is_not_known_is_told_so_before_anything_is_read(house: House, header: str, rule: str) -> None:
    client = house.client(**({"authorization": header} if header else {}))
    answer = await post(client, b"x" * 2_000_000, "text/plain")
    assert (answer.status_code, [name for name, _ in rules(answer)]) == (401, [rule])
    assert answer.headers["www-authenticate"].startswith('Bearer realm="publicity"')
    assert ('error="invalid_token"' in answer.headers["www-authenticate"]) == (rule == "token-invalid")


async def test_a_token_needs_its_scope_and_ends_when_revoked(house: House) -> None:
    reader = await house.system("/sis", "read")
    answer = await post(reader, b"{")
    assert (answer.status_code, [name for name, _ in rules(answer)]) == (403, ["scope-missing"])
    operator, sis = await house.person("operator"), await house.system()
    rows = (await operator.get("/api/tokens")).json()["items"]
    for row in rows:
        assert (await operator.delete(f"/api/tokens/{row['token_id']}")).status_code == 204
    assert (await post(sis, message())).status_code == 401


async def test_another_method_names_the_one_that_is_taken(house: House) -> None:
    answer = await (await house.system()).put("/api/events")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_refusals_speak_the_language_that_is_asked_for(house: House) -> None:
    client = house.client(authorization=f"Bearer {await house.token()}")
    for headers, detail in (({}, "Không được để trống."), ({"accept-language": "en-GB"}, "Must not be blank.")):
        answer = await post(client, message(title=" "), **headers)
        assert answer.json()["errors"][0]["detail"] == detail


@pytest.mark.parametrize("house", [{"quota_per_minute": 3}], indirect=True)
async def test_the_quota_counts_events_that_keep_the_rules_and_is_each_sources_own(house: House) -> None:
    sis, library = await house.system(), await house.system("/library")
    for _ in range(5):
        assert (await post(sis, message(title=" "))).status_code == 422
    assert (await post(sis, [message("1"), message("2")], BATCH)).status_code == 202
    answer = await post(sis, [message("3"), message("4")], BATCH)
    assert (answer.status_code, [name for name, _ in rules(answer)]) == (429, ["quota-exceeded"])
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert (await post(library, message(source="/library"))).status_code == 202
    assert (await post(sis, message("3"))).status_code == 202


@pytest.mark.parametrize("house", [{"quota_per_minute": 1}], indirect=True)
async def test_who_has_spent_its_minute_is_not_looked_up_in_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sis, library = await house.system(), await house.system("/library")
    assert [(await post(sis, message(id))).status_code for id in ("1", "2")] == [202, 429]
    await house.store.raw("tokens").delete_many({"source": "/sis"})
    answer = await post(sis, message("3"))
    assert (answer.status_code, [name for name, _ in rules(answer)]) == (429, ["quota-exceeded"])
    assert (await post(library, message(source="/library"))).status_code == 202
    monkeypatch.setattr(sources, "WINDOW_S", 0.0)  # its minute is over
    assert (await post(sis, message("4"))).status_code == 401


async def test_unknown_codes_are_taken_and_flagged(house: House) -> None:
    given = message(unit="KHÔNG CÓ", topic_area="x", plan_item_id="y") | {"time": "2026-12-01T00:00:00Z"}
    (receipt,) = (await post(await house.system(), given)).json()["receipts"]
    assert receipt["status"] == "ACCEPTED"
    assert receipt["flags"] == ["time-ahead", "unit-unknown", "topic-area-unknown", "plan-item-unknown"]
    (said,) = await house.announced()
    assert said.time == NOW


async def test_what_was_received_is_kept_byte_for_byte_without_the_token(house: House) -> None:
    raw = json.dumps(message()).encode() + b" \n"
    await post(await house.system(), raw, **{"x-note": "1"})
    (kept,) = await house.docs("received")
    assert kept["body"] == raw
    names = [name for name, _ in kept["headers"]]
    assert ["x-note", b"1"] in kept["headers"]
    assert "authorization" not in names
