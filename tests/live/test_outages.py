"""Kafka away, services killed: nothing acknowledged is lost, and the same story ends in the same digest."""

import threading
import time
from datetime import datetime
from pathlib import Path

import httpx2
import pytest

from contracts.envelope import event_key
from deploy.demo.story import tell
from deploy.demo.walk import BEGIN, Walk
from tests.live.system import ADMIN_PASSWORD, PASSWORD, System, until

pytestmark = pytest.mark.live
NOW = datetime.fromisoformat("2026-09-07T17:00:00+07:00")
OUTAGE_S = 30
EVENTS = 24


def test_kafka_away_for_half_a_minute_loses_nothing_and_stops_no_page(system: System, platform: object) -> None:
    token = system.token("/sis")
    pids = {name: process.pid for name, process in system.processes.items()}
    platform.stop_kafka()  # type: ignore[attr-defined]
    try:
        end, sent = time.monotonic() + OUTAGE_S, 0
        while time.monotonic() < end:
            data = {"event_id": f"OUT-{sent}", "title": "Sự kiện khi mất Kafka", "unit": "K_CK",
                    "started_at": NOW, "ended_at": NOW}  # fmt: skip
            answer = system.rooms.post_event(token, "held", about=("/sis", f"out-{sent}"), data=data)
            assert answer["receipts"][0]["status"] == "ACCEPTED"
            for name, url in system.urls.items():
                assert httpx2.get(url + "/health/ready", timeout=10).status_code == 200, name
            sent += 1
            time.sleep(0.5)
    finally:
        platform.start_kafka()  # type: ignore[attr-defined]
    for n in range(sent):
        key = event_key("/sis", f"OUT-{n}")
        found = until(lambda key=key: system.event(token, key), within_s=60, what=f"event {n} of {sent}")
        until(lambda key=key: len((system.event(token, key) or {})["obligations"]) == 2, what="its obligations")
        assert found["event_key"] == key
    assert {name: process.pid for name, process in system.processes.items()} == pids
    assert all(process.poll() is None for process in system.processes.values())


def walked(running: System, *, killed: tuple[str, ...]) -> str:
    """The digest of a small year; services in `killed` are killed one after the other and started again."""
    year = Walk(running.rooms, running.clock, seed=7, password=PASSWORD)
    year.open_accounts(ADMIN_PASSWORD)
    year.agree_on_the_plan()
    done = threading.Event()

    def strike() -> None:
        for name in killed:
            time.sleep(2)
            running.kill(name)
            time.sleep(0.5)
            running.start_one(name)
        done.set()

    striker = threading.Thread(target=strike)
    striker.start()
    year.live(tell(7, events=EVENTS), lambda _: None)
    striker.join()
    assert done.is_set()
    return str(year.close_the_year()["digest"])


@pytest.mark.soak
def test_a_year_with_every_service_killed_once_ends_in_the_digest_of_a_calm_one(
    platform: object, tmp_path: Path
) -> None:
    digests = []
    for killed in ((), ("monitoring", "publishing", "reporting", "planning", "approval")):
        folder = tmp_path / f"run{len(digests)}"
        folder.mkdir()
        running = System(platform.kafka_bootstrap, platform.mongo_url, folder)  # type: ignore[attr-defined]
        try:
            running.start(BEGIN)
            digests.append(walked(running, killed=killed))
        finally:
            running.stop()
    assert digests[0] == digests[1]
