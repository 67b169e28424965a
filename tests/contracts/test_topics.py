"""The topic table, row by row as the contract has it."""

import re

import pytest

from contracts.registry import BY_MODEL, BY_TYPE, REPORTS, TYPES
from contracts.topics import ALL_TOPICS, BY_NAME, DLQS, INBOXES, TOPICS, dlq_name, inbox_topic

DAY = 86_400_000
CONTRACT = {  # name: (key, writer, readers, number of messages, partitions, retention)
    "events": ("event key", "monitoring", {"publishing", "reporting", "monitoring"}, 5, 6, -1),
    "plans": ("plan id", "planning", {"approval", "monitoring", "reporting"}, 2, 6, -1),
    "approvals": ("plan id", "approval", {"planning", "publishing", "monitoring", "reporting"}, 4, 6, -1),
    "publications": ("event key, else plan item id", "publishing", {"monitoring", "reporting"}, 5, 6, -1),
    "compliance": ("event key, else directive id", "monitoring", {"publishing", "reporting"}, 12, 6, -1),
    "reports": ("school year", "reporting", {"planning", "monitoring"}, 2, 6, -1),
    "heartbeats": (
        "service",
        "every service",
        {"planning", "approval", "publishing", "monitoring", "reporting"},
        1,
        1,
        DAY,
    ),
}


@pytest.mark.parametrize("name", CONTRACT)
def test_a_topic_is_as_the_contract_says(name: str) -> None:
    topic = BY_NAME[name]
    assert (
        topic.key,
        topic.writer,
        set(topic.readers),
        len(topic.messages),
        topic.partitions,
        topic.retention_ms,
    ) == CONTRACT[name]


def test_there_are_no_other_topics() -> None:
    assert {topic.name for topic in TOPICS} == set(CONTRACT)
    assert {topic.name for topic in INBOXES} == {"event-inbox"}
    assert {topic.name for topic in DLQS} == {f"{topic.name}-dlq" for topic in (*TOPICS, *INBOXES)}
    assert len(BY_NAME) == len(ALL_TOPICS)


def test_names_have_small_letters_digits_and_hyphens() -> None:
    assert all(re.fullmatch("[a-z0-9-]+", topic.name) for topic in ALL_TOPICS)


def test_inboxes_are_kept_30_days_and_take_4_mebibytes() -> None:
    for inbox in (*INBOXES, inbox_topic("sis")):
        assert (inbox.retention_ms, inbox.max_bytes, inbox.readers) == (30 * DAY, 4 * 2**20, ("monitoring",))
        assert set(inbox.messages) == {"event-held", "event-scheduled", "event-cancelled"} == set(REPORTS)
    assert inbox_topic("doan-thanh-nien").name == "event-inbox-doan-thanh-nien"


@pytest.mark.parametrize("slug", ["SIS", "a_b", "-a", "a--b", "a.b", "trường", "a\n"])
def test_a_slug_that_is_no_part_of_a_topic_name_is_refused(slug: str) -> None:
    with pytest.raises(ValueError, match="slug"):
        inbox_topic(slug)


def test_dead_letters_are_kept_90_days() -> None:
    assert dlq_name("plans") == "plans-dlq"
    assert all((topic.retention_ms, topic.max_bytes) == (90 * DAY, 4 * 2**20) for topic in DLQS)


def test_every_type_has_one_topic_one_model_and_its_writer_as_producer() -> None:
    listed = [name for topic in TOPICS for name in topic.messages]
    assert sorted(listed) == sorted(TYPES)
    assert len(listed) == len(set(listed)) == len(BY_TYPE) == len(BY_MODEL)
    for name, kind in TYPES.items():
        assert kind.type == f"vn.edu.hcmute.publicity.{name}.v1"
        assert kind.dataschema == f"urn:vn.edu.hcmute.publicity:{name}:v1"
        assert kind.model.__name__ == "".join(word.capitalize() for word in name.split("-"))
        assert kind.producer == BY_NAME[kind.topic].writer
