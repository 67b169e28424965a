"""SIGKILL of services, of Kafka and of MongoDB at random moments under load: what was acknowledged is there, once."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx2
import pytest

from contracts.envelope import Message, event_key
from services.monitoring.algebra.obligations import Assessment, to_assessed
from tests.live.log import read
from tests.live.system import SERVICES, System, until
from tests.monitoring.algebra.builders import SHIPPED, assessed

pytestmark = [pytest.mark.live, pytest.mark.soak]
NOW = datetime.fromisoformat("2026-09-07T17:00:00+07:00")
SEED, KEYS, PAUSE_S = 11, 40, 0.03


@dataclass
class Sender:
    """A source system that tells of events again and again, each time a revision on, and does not give up."""

    system: System
    token: str
    accepted: dict[str, str] = field(default_factory=dict)  # message id -> event key
    sent: set[str] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send until told to stop; an answer that did not come is asked for again under the same id."""
        dice, revisions = Random(SEED), dict.fromkeys(range(KEYS), 0)
        with httpx2.Client(timeout=20) as client:
            while not self.stop.is_set():
                n = dice.randrange(KEYS)
                revisions[n] += 1
                ended = NOW - timedelta(minutes=dice.randrange(60))
                self._tell(client, f"K-{n}", revisions[n], ended)
                time.sleep(PAUSE_S)

    def _tell(self, client: httpx2.Client, event_id: str, revision: int, ended: datetime) -> None:
        message_id = f"{event_id}-{revision}"
        self.sent.add(message_id)
        data = {"event_id": event_id, "title": f"Sự kiện {event_id}", "unit": "K_CK", "revision": revision}
        data |= {"started_at": ended.isoformat(), "ended_at": ended.isoformat()}
        headers = {"Authorization": f"Bearer {self.token}", "ce-specversion": "1.0", "ce-id": message_id}
        headers |= {"ce-source": "/sis", "ce-type": "vn.edu.hcmute.publicity.event-held.v1"}
        answer = until(lambda: self._post(client, data, headers), within_s=90, what="an answer of the intake")
        assert answer.status_code == 202, answer.text
        assert answer.json()["receipts"][0]["status"] in ("ACCEPTED", "DUPLICATE")
        self.accepted[message_id] = event_key("/sis", event_id)

    def _post(self, client: httpx2.Client, data: Any, headers: Any) -> httpx2.Response | None:
        try:
            answer = client.post(f"{self.system.urls['monitoring']}/api/events", json=data, headers=headers)
        except httpx2.TransportError:
            return None
        return answer if answer.status_code < 500 else None


def strikes(system: System, platform: Any, dice: Random) -> list[Callable[[], None]]:
    """Something to kill and to start again, of each kind, in a random order."""

    def service(name: str) -> None:
        system.kill(name)
        time.sleep(dice.random())
        system.start_one(name)

    def kafka() -> None:
        platform.stop_kafka(kill=True)
        time.sleep(dice.random() * 3)
        platform.start_kafka()

    def mongo() -> None:
        platform.stop_mongo(kill=True)
        time.sleep(dice.random() * 3)
        platform.start_mongo()

    services = [lambda name=name: service(name) for name in (*SERVICES, "monitoring")]
    chosen: list[Callable[[], None]] = [*services, kafka, mongo, mongo]
    dice.shuffle(chosen)
    return chosen


@pytest.fixture(scope="module")
def told(system: System, platform: object) -> Sender:
    """What a sender got acknowledged while everything was killed around it."""
    dice, sender = Random(SEED), Sender(system, system.token("/sis"))
    thread = threading.Thread(target=sender.run)
    thread.start()
    try:
        for strike in strikes(system, platform, dice):
            time.sleep(1 + 2 * dice.random())
            strike()
        time.sleep(2)
    finally:
        sender.stop.set()
        thread.join(120)
    system.wait_ready()
    system.rooms.settle()
    return sender


@pytest.fixture(scope="module")
def log(system: System, told: Sender) -> list[Message]:
    """What stands on `events`, in the order of each key, each message where it stands first."""
    return read(system, "events")


def test_what_was_acknowledged_is_on_the_log_and_nothing_else_is(told: Sender, log: list[Message]) -> None:
    found: dict[str, str] = {one.data.origin.id: one.subject for one in log}  # type: ignore[attr-defined]
    assert len(told.accepted) > 5 * KEYS, "there was no load"
    assert found == told.accepted
    assert len(log) == len(told.accepted), "a message stands there under two ids"


def test_the_messages_of_an_event_stand_in_the_order_in_which_they_were_acknowledged(log: list[Message]) -> None:
    for key in {one.subject for one in log}:
        revisions = [one.data.revision for one in log if one.subject == key]  # type: ignore[attr-defined]
        assert revisions == sorted(revisions)


@pytest.fixture(scope="module")
def judged(log: list[Message]) -> dict[str, Assessment]:
    """What the pure core makes of the log, by event."""
    return assessed(*SHIPPED, *log, now=NOW, shipped=False)


def test_every_event_owes_what_its_messages_say(system: System, judged: dict[str, Assessment]) -> None:
    token = system.token("/sis")
    for key, assessment in judged.items():
        said = {doc["obligation_id"]: to_assessed(doc).to_data() for doc in assessment.obligations}
        answer = system.event(token, key)
        assert answer is not None
        found = {one["obligation_id"]: one for one in answer["obligations"]}
        assert found.keys() == said.keys()
        for obligation_id, expected in said.items():
            assert {name: found[obligation_id].get(name) for name in expected} == expected


def test_others_heard_the_last_word_on_each_obligation(system: System, judged: dict[str, Assessment]) -> None:
    expected = {doc["obligation_id"]: to_assessed(doc) for one in judged.values() for doc in one.obligations}
    last: dict[str, Any] = {}
    for message in read(system, "compliance"):
        if message.name == "obligation-assessed":
            last[message.data.obligation_id] = message.data  # type: ignore[attr-defined]
    assert last == expected
