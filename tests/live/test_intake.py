"""An event posted in any mode is a fact with obligations within two seconds; due dates are the golden ones."""

import asyncio
import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaProducer

from contracts.envelope import event_key
from contracts.registry import TYPES
from contracts.times import parse_time
from tests.live.system import System, until

pytestmark = pytest.mark.live
NOW = datetime.fromisoformat("2026-12-20T09:00:00+07:00")
HELD = TYPES["event-held"].type
GOLDEN = list(csv.DictReader((Path(__file__).parents[1] / "monitoring" / "due_dates.csv").open()))


@pytest.fixture(scope="module")
def token(system: System) -> str:
    return system.token("/sis")


def held(event_id: str, ended_at: str = "2026-12-19T11:00:00+07:00") -> dict[str, Any]:
    ended = parse_time(ended_at)
    started = (ended - timedelta(hours=1)).isoformat()
    return {
        "event_id": event_id,
        "title": "Hội thảo Cơ điện tử",
        "unit": "K_CK",
        "started_at": started,
        "ended_at": ended_at,
    }


def post(system: System, token: str, *, headers: dict[str, str], body: bytes) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}", **headers}
    return httpx2.post(system.urls["monitoring"] + "/api/events", headers=headers, content=body, timeout=10)


def binary(message_id: str, source: str = "/sis") -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": message_id,
        "ce-source": source,
        "ce-type": HELD,
    }


def structured(message_id: str, data: dict[str, Any], source: str = "/sis") -> dict[str, Any]:
    return {"specversion": "1.0", "id": message_id, "source": source, "type": HELD, "data": data}


def obligations(system: System, token: str, key: str) -> list[dict[str, Any]]:
    found = system.event(token, key)
    return found["obligations"] if found else []


def test_an_event_posted_in_binary_mode_has_its_obligations_within_two_seconds(system: System, token: str) -> None:
    answer = post(system, token, headers=binary("m-1"), body=json.dumps(held("SK-1")).encode())
    assert answer.status_code == 202, answer.text
    receipt = answer.json()["receipts"][0]
    assert receipt["status"] == "ACCEPTED"
    assert receipt["event_key"] == event_key("/sis", "SK-1")
    owed = until(lambda: obligations(system, token, receipt["event_key"]), within_s=2, what="obligations")
    assert {(one["requirement"], one["phase"]) for one in owed} == {("WEBSITE", "POST"), ("E_BOARD", "POST")}


def test_a_structured_record_in_the_open_inbox_has_its_obligations_within_two_seconds(
    system: System, token: str
) -> None:
    send(system, [(json.dumps(structured("k-1", held("SK-K1"), "/library")).encode(), STRUCTURED)])
    key = event_key("/library", "SK-K1")
    owed = until(lambda: obligations(system, token, key), within_s=2, what="obligations")
    assert len(owed) == 2


STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


def send(system: System, records: list[tuple[bytes | None, Any]], topic: str = "event-inbox") -> None:
    async def go() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=system.kafka_bootstrap, max_request_size=5_000_000)
        await producer.start()
        try:
            for value, headers in records:
                await producer.send_and_wait(system.prefix + topic, value, key=b"k", headers=headers, partition=0)
        finally:
            await producer.stop()

    asyncio.run(go())


def test_a_batch_is_taken_whole_and_receipts_stand_in_its_order(system: System, token: str) -> None:
    batch = [structured(f"b-{n}", held(f"SK-B{n}")) for n in range(3)]
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    answer = post(system, token, headers=headers, body=json.dumps(batch).encode())
    assert answer.status_code == 202, answer.text
    assert [receipt["message_id"] for receipt in answer.json()["receipts"]] == ["b-0", "b-1", "b-2"]


def test_the_same_message_again_is_a_duplicate_and_other_content_is_quarantined(system: System, token: str) -> None:
    body = json.dumps(held("SK-D")).encode()
    first = post(system, token, headers=binary("d-1"), body=body).json()["receipts"][0]
    again = post(system, token, headers=binary("d-1"), body=body).json()["receipts"][0]
    other = json.dumps(held("SK-D") | {"title": "Tên khác"}).encode()
    changed = post(system, token, headers=binary("d-1"), body=other).json()["receipts"][0]
    assert (first["status"], again["status"], changed["status"]) == ("ACCEPTED", "DUPLICATE", "QUARANTINED")
    assert first["id"] == again["id"]


def test_a_refusal_names_pointer_rule_and_fix(system: System, token: str) -> None:
    bad = held("SK-R") | {"title": " ", "ended_at": "2026-12-19 11:00"}
    answer = post(system, token, headers=binary("r-1"), body=json.dumps(bad).encode())
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/data/title", "/data/ended_at"}
    assert all(error["rule"] and error["detail"] and error["fix"] for error in answer.json()["errors"])


@pytest.mark.parametrize(
    ("token_of", "source", "status"),
    [("nobody", "/sis", 401), ("sis", "/library", 403), ("sis", "/sisx", 403), ("sis", "/sis/x", 202)],
)
def test_a_token_speaks_for_its_source_alone(
    system: System, token: str, *, token_of: str, source: str, status: int
) -> None:
    bearer = token if token_of == "sis" else "wrong"
    answer = post(system, bearer, headers=binary(f"t-{source}", source), body=json.dumps(held("SK-T")).encode())
    assert answer.status_code == status, answer.text
    assert status != 401 or answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("row", GOLDEN, ids=[row["ended_at"] for row in GOLDEN])
def test_the_running_system_reproduces_the_golden_due_dates(system: System, token: str, row: dict[str, str]) -> None:
    event_id = f"GOLD-{row['ended_at']}"
    body = json.dumps(held(event_id, row["ended_at"])).encode()
    answer = post(system, token, headers=binary(event_id.replace("+", "p")), body=body)
    assert answer.status_code == 202, answer.text
    key = event_key("/sis", event_id)
    owed = until(lambda: obligations(system, token, key), within_s=5, what="obligations")

    def last_day(instant: str) -> str:
        """The last local day on which publishing was in time; due instants are exclusive."""
        return str((parse_time(instant).astimezone(UTC) + timedelta(hours=7) - timedelta(days=1)).date())

    for one in owed:
        found = [last_day(one[name]) for name in ("strict_due_at", "due_at", "working_due_at")]
        assert found == [row["strict"], row["default"], row["working"]], one["explanation"]


def test_bad_records_of_each_kind_are_quarantined_and_what_comes_behind_is_processed(
    system: System, token: str
) -> None:
    good = json.dumps(structured("q-good", held("SK-Q"), "/library")).encode()
    wrong_type = json.dumps(structured("q-type", held("SK-Q2"), "/library") | {"type": "org.example.other"}).encode()
    wrong_field = json.dumps(structured("q-field", held("SK-Q3") | {"title": 7}, "/library")).encode()
    bad = [
        (b"{not json", STRUCTURED),
        (wrong_field, STRUCTURED),
        (wrong_type, STRUCTURED),
        (good.replace(b"q-good", b"q-head"), [*STRUCTURED, ("x", b"\xff\xfe")]),
        (None, STRUCTURED),
        (b'{"pad": "' + b"x" * 2_000_000 + b'"}', STRUCTURED),
        (good.replace(b"q-good", b"q-plain"), []),
    ]
    before = len(quarantined(system))
    send(system, [*bad, (good, STRUCTURED)])
    until(lambda: obligations(system, token, event_key("/library", "SK-Q")), within_s=5, what="the good one behind")
    found = until(lambda: (q := quarantined(system)) and len(q) >= before + len(bad) and q, what="quarantine")
    assert len(found) == before + len(bad)
    assert all(item["errors"] and item["errors"][0]["rule"] for item in found)


def quarantined(system: System) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = system.rooms.call("operator", "GET", "monitoring/api/quarantine")["items"]
    return found


@pytest.mark.parametrize("topic", ["events", "plans", "approvals", "publications", "compliance", "reports"])
def test_a_bad_record_on_our_own_topics_is_dead_lettered_by_every_reader_and_holds_nobody_up(
    system: System, token: str, topic: str
) -> None:
    unknown = json.dumps(structured("x-1", {}, "/publicity/x") | {"type": "org.example.unknown"}).encode()
    wrong = json.dumps(structured("x-2", {"title": 7}, "/publicity/x")).encode()
    send(system, [(b"{not json", []), (unknown, []), (wrong, []), (None, []), (wrong, [("x", b"\xff")])], topic)
    readers = {"events": ["publishing", "reporting", "monitoring"], "plans": ["approval", "monitoring", "reporting"],
               "approvals": ["planning", "publishing", "monitoring", "reporting"],
               "publications": ["monitoring", "reporting"], "compliance": ["publishing", "reporting"],
               "reports": ["planning", "monitoring"]}[topic]  # fmt: skip
    for reader in readers:
        until(lambda reader=reader: (system.ready(reader) or {}).get("kafka", {}).get("lag", {}).get(topic) == 0,
              what=f"{reader} past the bad records of {topic}")  # fmt: skip
        assert (system.ready(reader) or {})["dead_letters"] >= 5, reader
