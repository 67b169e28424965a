"""The Kafka and MongoDB of a test run: embedded by default, containers with TEST_PLATFORM=containers; started once.

Shape:   what the fixture `platform` yields is a TestPlatform.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from deploy.local import processes, topics
from deploy.local.platform import Platform

START_KAFKA = "/tmp/start-kafka.sh"
ALREADY_INITIATED = 23


class TestPlatform(Protocol):
    """What tests may use of either platform."""

    __test__ = False
    kafka_bootstrap: str
    mongo_url: str

    def stop_kafka(self, *, kill: bool = False) -> None:
        """Take the broker away, as for maintenance or by kill -9."""

    def start_kafka(self) -> None:
        """Give it back, with its data, at the same address."""

    def stop_mongo(self, *, kill: bool = False) -> None:
        """Take the database server away, as for maintenance or by kill -9."""

    def start_mongo(self) -> None:
        """Give it back, with its data, at the same address."""


class Containers:
    """Kafka and MongoDB as two containers; images from KAFKA_IMAGE and MONGO_IMAGE."""

    def __init__(self) -> None:
        kafka_image = os.environ.get("KAFKA_IMAGE", "apache/kafka:4.3.1")
        mongo_image = os.environ.get("MONGO_IMAGE", "mongo:8.0")
        # fixed, because a stopped container comes back with others
        self._port, mongo_port = processes.free_ports(2)
        self.kafka_bootstrap = f"127.0.0.1:{self._port}"
        wait = f"while [ ! -f {START_KAFKA} ]; do sleep 0.1; done; exec sh {START_KAFKA}"
        self._kafka = (
            DockerContainer(kafka_image)
            .with_bind_ports(9092, self._port)
            .with_kwargs(entrypoint=["sh", "-c", wait], user="root")
            .with_env("KAFKA_MESSAGE_MAX_BYTES", "4194304")
            .with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
            .with_env("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
            .with_env("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
            .with_env("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
            .with_env("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
            .with_env("KAFKA_NODE_ID", "1")
            .with_env("KAFKA_PROCESS_ROLES", "broker,controller")
            .with_env("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
            .with_env("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
            .with_env("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093")
            .with_env("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT")
        )
        self._mongo = (
            DockerContainer(mongo_image)
            .with_bind_ports(27017, mongo_port)
            .with_command("mongod --replSet rs0 --bind_ip_all --setParameter transactionLifetimeLimitSeconds=5")
        )
        self.mongo_url = ""

    def start(self) -> None:
        """Start both and wait until both take work."""
        self._mongo.start()
        self._kafka.start()
        script = f"export KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://{self.kafka_bootstrap}\nexec /etc/kafka/docker/run\n"
        self._kafka.copy_into_container(script.encode(), START_KAFKA)
        wait_for_logs(self._mongo, "(?i)waiting for connections", timeout=60)
        host, port = self._mongo.get_container_host_ip(), self._mongo.get_exposed_port(27017)
        self.mongo_url = f"mongodb://{host}:{port}/?directConnection=true"
        initiate(self.mongo_url)
        wait_for_logs(self._kafka, "Kafka Server started", timeout=90)

    def stop(self) -> None:
        """Remove both."""
        for container in (self._kafka, self._mongo):
            container.stop()

    def stop_kafka(self, *, kill: bool = False) -> None:
        """Stop the broker's container, or kill it; its data stay in it."""
        _halt(self._kafka, kill)

    def start_kafka(self) -> None:
        """Start it again at the same port and wait until it takes work."""
        self._kafka.get_wrapped_container().start()
        topics.names(self.kafka_bootstrap, within_s=90)

    def stop_mongo(self, *, kill: bool = False) -> None:
        """Stop the database's container, or kill it; its data stay in it."""
        _halt(self._mongo, kill)

    def start_mongo(self) -> None:
        """Start it again at the same port and wait until it takes writes."""
        self._mongo.get_wrapped_container().start()
        initiate(self.mongo_url)


def _halt(container: DockerContainer, kill: bool) -> None:
    wrapped = container.get_wrapped_container()
    if kill:
        wrapped.kill()
    else:
        wrapped.stop(timeout=30)


def initiate(url: str, *, within_s: float = 60) -> None:
    """Make a server in a container a replica set of one, and wait until it takes writes."""
    until = time.monotonic() + within_s
    with MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=2000) as client:
        while time.monotonic() < until:
            try:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": "localhost"}]})
            except OperationFailure as error:
                if error.code != ALREADY_INITIATED:
                    raise
            except PyMongoError:
                pass
            time.sleep(0.2)
    raise TimeoutError(f"MongoDB in its container takes no writes after {within_s:.0f} s")


def _is_embedded() -> bool:
    kind = os.environ.get("TEST_PLATFORM", "embedded")
    if kind not in ("embedded", "containers"):
        raise ValueError(f"TEST_PLATFORM={kind}: it is embedded or containers")
    return kind == "embedded"


@contextmanager
def running(folder: Path) -> Iterator[TestPlatform]:
    """The platform of this run, by TEST_PLATFORM: embedded (default) or containers."""
    chosen = Platform(folder) if _is_embedded() else Containers()
    try:
        chosen.start()
        yield chosen
    finally:
        chosen.stop()


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """The address of a MongoDB for tests that need no Kafka: by itself where it is embedded."""
    if not _is_embedded():
        with running(folder) as platform:
            yield platform.mongo_url
        return
    alone = Platform(folder)
    alone.mongo.prepare()
    try:
        alone.start_mongo()
        yield alone.mongo_url
    finally:
        alone.stop()


@pytest.fixture(scope="session", name="platform")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestPlatform]:
    """A real Kafka and a real MongoDB, started when the first test asks for them."""
    with running(tmp_path_factory.mktemp("platform")) as platform:
        yield platform
