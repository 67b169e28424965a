"""Monitoring's documents made again from a real Kafka while it runs; the topics made again from the journals."""

import asyncio
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient

from contracts.envelope import event_key
from contracts.topics import TOPICS
from deploy.local import topics
from deploy.local.republish import Place, republish
from deploy.local.say import Say
from tests.live.system import ROOT, SERVICES, System, until
from tests.live.test_deadlines import hold, publish

pytestmark = pytest.mark.live
NOW = datetime.fromisoformat("2026-09-07T17:00:00+07:00")
DUE = datetime.fromisoformat("2026-09-11T00:00:00+07:00")
KEPT = [topic.name for topic in TOPICS if topic.name != "heartbeats"]


@pytest.fixture(scope="module")
def token(system: System) -> str:
    """A year's beginning: held, shown, missed, waived."""
    token = system.token("/sis")
    keys = [hold(system, token, f"E-{n}") for n in range(6)]
    publish(system, keys[0], ("VI_WEB", "E_BOARD"), NOW)
    system.rooms.settle()
    system.step(DUE + timedelta(minutes=2))
    until(lambda: states(system, token, "E-1") == {"MISSED"}, what="missed")
    owed = (system.event(token, keys[2]) or {})["obligations"][0]["obligation_id"]
    place = f"monitoring/api/obligations/{owed}/waiver"
    system.rooms.call("head", "POST", place, given={"reason": "Trùng nội dung."})
    publish(system, keys[3], ("E_BOARD",), NOW)
    system.rooms.settle()
    return token


def states(system: System, token: str, event_id: str) -> set[str]:
    found = system.event(token, event_key("/sis", event_id)) or {}
    return {one["state"] for one in found["obligations"]}


def rebuild(system: System, *given: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.monitoring", "rebuild", *given]
    told = system.environment("monitoring") | {"LOG_LEVEL": "ERROR"}
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False, timeout=120)


def announced(system: System) -> dict[str, int]:
    """How many rows each service's journal has."""
    with MongoClient[dict[str, Any]](system.mongo_url) as client:
        return {name: client[f"{system.mongo_prefix}{name}"]["outbox"].count_documents({}) for name in SERVICES}


def on_kafka(system: System) -> dict[str, list[bytes]]:
    """The values of each key of each topic, in their order."""

    async def read() -> dict[str, list[bytes]]:
        consumer = AIOKafkaConsumer(bootstrap_servers=system.kafka_bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            found: dict[str, list[bytes]] = {}
            partitions = [TopicPartition(system.prefix + name, n) for name in KEPT for n in range(6)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning()
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for tp, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        found.setdefault(f"{tp.topic} {record.key!r}", []).append(record.value)
            return found
        finally:
            await consumer.stop()

    return asyncio.run(read())


def test_check_finds_all_the_same(system: System, token: str) -> None:
    done = rebuild(system, "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "documents are the same" in done.stdout


def test_the_documents_are_replaced_under_the_running_service(system: System, token: str) -> None:
    before = announced(system)
    done = rebuild(system)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was announced again" in done.stdout
    system.rooms.settle()
    assert announced(system) == before
    assert states(system, token, "E-1") == {"MISSED"}


def test_it_goes_on_as_if_nothing_had_been(system: System, token: str) -> None:
    with MongoClient[dict[str, Any]](system.mongo_url) as client:
        client[f"{system.mongo_prefix}monitoring"]["obligations"].delete_many({})
    assert rebuild(system, "--check").returncode == 1
    assert rebuild(system).returncode == 0
    before = announced(system)
    hold(system, token, "E-9", ended=DUE)
    publish(system, event_key("/sis", "E-4"), ("VI_WEB", "E_BOARD"), DUE + timedelta(minutes=1))
    until(lambda: states(system, token, "E-4") == {"LATE"}, what="late")
    system.rooms.settle()
    assert announced(system)["monitoring"] > before["monitoring"]
    assert rebuild(system, "--check").returncode == 0


def test_after_the_loss_of_kafka_the_journals_make_the_topics_again(system: System, token: str) -> None:
    system.rooms.settle()
    before, said = on_kafka(system), announced(system)
    system.stop()
    asyncio.run(lose(system))
    topics.ensure(system.kafka_bootstrap, prefix=system.prefix)
    place = Place(system.mongo_url, system.mongo_prefix, system.kafka_bootstrap, system.prefix, {})
    republish(place, say=Say(quiet=True))
    assert on_kafka(system) == before
    system.processes.clear()
    for name in SERVICES:
        system.start_one(name)
    system.wait_ready()
    system.rooms.settle()
    assert announced(system) == said
    assert states(system, token, "E-1") == {"MISSED"}


async def lose(system: System) -> None:
    """Every topic of this system is gone, with all positions in it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=system.kafka_bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([name for name in await admin.list_topics() if name.startswith(system.prefix)])
        while any(name.startswith(system.prefix) for name in await admin.list_topics()):
            await asyncio.sleep(0.1)
    finally:
        await admin.close()
