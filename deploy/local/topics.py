"""The topics of the contract on a broker: created where missing, checked where not; never changed in silence."""

import asyncio
import socket
import time
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from contracts.topics import ALL_TOPICS, Topic
from deploy.local.trouble import Trouble

EXISTS = 36
REPLICAS = 3


def configuration(topic: Topic) -> dict[str, str]:
    """What a topic is created with, and what is checked."""
    return {
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(topic.max_bytes),
        "retention.ms": str(topic.retention_ms),
        "cleanup.policy": "delete",
    }


def ensure(bootstrap: str, *, prefix: str = "", topics: Sequence[Topic] = ALL_TOPICS, within_s: float = 60.0) -> int:
    """Create what is missing and check every topic; return how many were created.

    Raises:  Trouble when Kafka does not answer, refuses, or holds a topic that differs from the contract.
    """
    return asyncio.run(_ensure(bootstrap, prefix=prefix, topics=topics, within_s=within_s))


def answers(bootstrap: str) -> bool:
    """Whether somebody listens at the first address."""
    host, _, port = bootstrap.split(",", maxsplit=1)[0].rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except (OSError, ValueError):
        return False


def names(bootstrap: str, *, within_s: float = 30.0) -> list[str]:
    """The topics that a broker holds, its own internal ones left out."""

    async def ask() -> list[str]:
        admin = await _connect(bootstrap, within_s=within_s)
        try:
            return sorted(name for name in await admin.list_topics() if not name.startswith("__"))
        finally:
            await admin.close()

    return asyncio.run(ask())


async def _connect(bootstrap: str, *, within_s: float) -> AIOKafkaAdminClient:
    until = time.monotonic() + within_s
    why = f"nobody listens at {bootstrap}"
    while time.monotonic() < until:
        if await asyncio.to_thread(answers, bootstrap):
            admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000)
            try:
                await admin.start()
                return admin
            except (KafkaError, OSError) as error:
                why = f"{type(error).__name__}: {error}"
                await admin.close()
        await asyncio.sleep(0.1)
    raise Trouble(
        f"Kafka at {bootstrap} does not answer",
        why=f"{why} (waited {within_s:.0f} s)",
        do="make logs shows why an embedded one does not start; for one that runs elsewhere, check KAFKA_BOOTSTRAP.",
    )


async def _ensure(bootstrap: str, *, prefix: str, topics: Sequence[Topic], within_s: float) -> int:
    admin = await _connect(bootstrap, within_s=within_s)
    try:
        there = set(await admin.list_topics())
        wanted = {prefix + topic.name: topic for topic in topics}
        missing = [name for name in wanted if name not in there]
        if missing:
            await _create(admin, {name: wanted[name] for name in missing})
        faults = [*await _partition_faults(admin, wanted), *await _config_faults(admin, wanted)]
    finally:
        await admin.close()
    if faults:
        raise Trouble(
            "topics differ from contracts/topics.py",
            why="\n".join(faults),
            do="Change them on the broker (kafka-configs), or, where nothing is lost by it, make reset.",
        )
    return len(missing)


async def _create(admin: AIOKafkaAdminClient, wanted: dict[str, Topic]) -> None:
    brokers = len((await admin.describe_cluster())["brokers"])
    new = [
        NewTopic(name, topic.partitions, min(REPLICAS, brokers), topic_configs=configuration(topic))
        for name, topic in wanted.items()
    ]
    answer = await admin.create_topics(new, timeout_ms=30_000)
    refused = [error for error in answer.topic_errors if error[1] not in (0, EXISTS)]
    if refused:
        raise Trouble(
            "Kafka refuses to create topics",
            why="\n".join(
                f"{name}: {for_code(code).__name__} {' '.join(map(str, rest))}" for name, code, *rest in refused
            ),
            do="Give this user the right to create topics, or create them after contracts/topics.py.",
        )


async def _partition_faults(admin: AIOKafkaAdminClient, wanted: dict[str, Topic]) -> list[str]:
    until = time.monotonic() + 15
    while True:
        found = {row["topic"]: row for row in await admin.describe_topics(list(wanted))}
        counts = {name: len(found[name]["partitions"]) if name in found else 0 for name in wanted}
        ready = all(part["leader"] >= 0 for row in found.values() for part in row["partitions"])
        if (all(counts.values()) and ready) or time.monotonic() > until:
            break
        await asyncio.sleep(0.1)
    return [
        f"{name}: {counts[name]} partitions, not {topic.partitions}"
        for name, topic in wanted.items()
        if counts[name] != topic.partitions
    ]


async def _config_faults(admin: AIOKafkaAdminClient, wanted: dict[str, Topic]) -> list[str]:
    asked = [
        ConfigResource(ConfigResourceType.TOPIC, name, configs=configuration(topic)) for name, topic in wanted.items()
    ]
    faults = []
    for response in await admin.describe_configs(asked):
        for _, _, _, name, entries in response.resources:
            expected = configuration(wanted[name])
            found = {entry[0]: entry[1] for entry in entries}
            faults += [
                f"{name}: {key} is {found.get(key)}, not {value}"
                for key, value in expected.items()
                if found.get(key) != value
            ]
    return faults
