"""The real platform: it starts, it keeps its data, what dies comes back, and what was killed is cleaned up."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from contracts.topics import ALL_TOPICS
from deploy.local import processes, running, settings, topics
from deploy.local.platform import Platform
from deploy.local.say import Say
from deploy.local.supervision import Supervisor
from deploy.local.trouble import Trouble

pytestmark = pytest.mark.live
QUIET = Say(quiet=True)


def until(check: Callable[[], object], *, within_s: float = 20) -> None:
    """Wait for something to be so."""
    end = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


@pytest.fixture
def setup() -> Iterator[settings.Setup]:
    """A setup on free ports with stand-ins for the services; its folder has a short name, as sockets need."""
    home = Path(tempfile.mkdtemp(prefix="pub"))
    names = [*settings.OWN_PORTS, *(f"{name.upper()}_PORT" for name in settings.SERVICE_PORTS)]
    ports = map(str, processes.free_ports(len(names)))
    read = settings.read("up", dict(zip(names, ports, strict=True)), home=home)
    made = replace(read, command=("-m", "tests.deploy.stand_in", "{name}"))
    try:
        yield made
    finally:
        Supervisor(made).stop()
        shutil.rmtree(home)


def test_up_tells_the_password_once_and_goes_on_with_its_data(setup: settings.Setup) -> None:
    password = running.start(setup, say=QUIET)
    told = running.readiness(setup, "approval") or {}
    assert told["ADMIN_PASSWORD"] == password != ""
    assert told["PORT"] == str(setup.service_ports["approval"])
    with MongoClient[dict[str, object]](setup.mongo_url) as client:
        client["kept"]["rows"].insert_one({"_id": "a row"})
    assert running.start(setup, say=QUIET) == ""
    Supervisor(setup).stop()
    assert processes.marked(setup.folder) == []
    assert running.start(setup, say=QUIET) == ""
    assert topics.ensure(setup.kafka_bootstrap) == 0
    with MongoClient[dict[str, object]](setup.mongo_url) as client:
        assert client["kept"]["rows"].count_documents({}) == 1


def test_what_dies_is_started_again_and_a_killed_run_is_cleaned_up(setup: settings.Setup) -> None:
    running.start(setup, say=QUIET)
    supervisor = Supervisor(setup)
    for name in ("kafka", "mongod", "monitoring"):
        old = supervisor.programs()[name]["pid"]
        os.kill(old, signal.SIGKILL)
        until(lambda name=name, old=old: supervisor.programs()[name]["pid"] not in (0, old))
    running.start(setup, say=QUIET)
    os.kill(supervisor.call("getPID"), signal.SIGKILL)
    until(lambda: not supervisor.answers())
    orphans = {process.pid for process in processes.marked(setup.folder)}
    assert len(orphans) >= 7
    running.start(setup, say=QUIET)
    assert not orphans & {process.pid for process in processes.marked(setup.folder)}


def test_a_service_that_cannot_start_is_told_with_its_last_words(
    setup: settings.Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_FAILS", "reporting")
    with pytest.raises(Trouble) as trouble:
        running.start(setup, say=QUIET)
    assert "reporting does not become ready" in str(trouble.value)
    assert "mend these" in trouble.value.why


def test_the_platform_of_tests_survives_a_killed_broker_other_ports_and_a_cut_off_format(tmp_path: Path) -> None:
    half = tmp_path / "kafka" / "data"
    half.mkdir(parents=True)
    (half / "meta.properties").write_text("cut off")
    with Platform(tmp_path) as first:
        first.create_topics("a-")
        first.stop_kafka(kill=True)
        first.start_kafka()
    with Platform(tmp_path) as second:  # on other ports: the data say the old ones
        assert len(topics.names(second.kafka_bootstrap)) == len(ALL_TOPICS)
        assert_a_topic_that_differs_is_told(second.kafka_bootstrap)


def assert_a_topic_that_differs_is_told(bootstrap: str) -> None:
    async def make() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            await admin.create_topics([NewTopic("b-events", 3, 1, topic_configs={"retention.ms": "1000"})])
        finally:
            await admin.close()

    asyncio.run(make())
    with pytest.raises(Trouble) as trouble:
        topics.ensure(bootstrap, prefix="b-")
    assert "b-events: 3 partitions, not 6" in trouble.value.why
    assert "b-events: retention.ms is 1000, not -1" in trouble.value.why
