"""Records of the inboxes: good ones are announced, every kind of bad one is quarantined whole; once and for all."""

import json
from dataclasses import replace
from typing import Any

import pytest
from faststream.kafka import KafkaRouter, TestKafkaBroker
from faststream.middlewares import AckPolicy

from services.chassis.app import Service
from services.monitoring import inboxes
from services.monitoring.intake.acceptance import Permission
from services.monitoring.settings import Settings
from tests.monitoring.door.house import BATCH, HELD, NOW, STRUCTURED, House, Record, data, message

pytestmark = pytest.mark.live
SIS = Permission("/sis")
GOOD = json.dumps(message("good", event_id="G", source="/library")).encode()
WRONG_FIELD = json.dumps(message("f", title=7, source="/library")).encode()
TYPED = (("content-type", STRUCTURED.encode()),)


def binary(**attributes: bytes | None) -> list[tuple[str, bytes | None]]:
    stated = {"specversion": b"1.0", "id": b"bin", "source": b"/library", "type": HELD.encode()} | attributes
    return [("content-type", b"application/json"), *((f"ce_{name}", value) for name, value in stated.items())]


# what is wrong -> value, headers, first rule and pointer
BAD: dict[str, tuple[bytes | None, Any, str, str]] = {
    "no JSON": (b"{not json", TYPED, "json-malformed", ""),
    "not UTF-8": (b'{"id": "\xff"}', TYPED, "json-not-utf8", ""),
    "lone surrogate": (b'{"id": "\\ud800", "\\udfff": 1}', TYPED, "json-character", "/?"),
    "wrong field": (WRONG_FIELD, TYPED, "text-expected", "/data/title"),
    "wrong type": (json.dumps(message("t", type="other", source="/library")).encode(), TYPED, "type-unknown", "/type"),
    "our own source": (json.dumps(message("o", source="/publicity/x")).encode(), TYPED, "source-reserved", "/source"),
    "header not UTF-8": (GOOD, [*TYPED, ("x", b"\xff\xfe")], "header-not-utf8", ""),
    "header without value": (GOOD, [*TYPED, ("ce_x", None)], "header-null", "/x"),
    "no content type": (GOOD, [], "content-type-missing", ""),
    "no headers at all": (GOOD, None, "content-type-missing", ""),
    "another media type": (GOOD, [("content-type", b"text/plain")], "media-type-unsupported", ""),
    "a batch": (b"[" + GOOD + b"]", [("content-type", BATCH.encode())], "batch-in-record", ""),
    "encoded": (GOOD, [*TYPED, ("content-encoding", b"gzip")], "content-encoding-unsupported", ""),
    "tombstone": (None, TYPED, "record-empty", ""),
    "two megabytes": (b'{"pad": "' + b"x" * 2_000_000 + b'"}', TYPED, "body-too-large", ""),
    "binary without an id": (json.dumps(data()).encode(), binary(id=None), "header-null", "/id"),
    "a thousand attributes": (GOOD[:-1] + b"," + b",".join(b'"a%d":[]' % n for n in range(1000)) + b"}", TYPED,
                              "attribute-type", "/a0"),
}  # fmt: skip


async def state(house: House) -> list[Any]:
    names = ("received", "receipts", "quarantine", "known", "stated", "sequences")
    return [await house.docs(name) for name in names] + [[one.id for one in await house.announced()]]


async def test_every_kind_of_bad_record_is_kept_whole_with_its_place_and_a_fix(house: House) -> None:
    records = [
        Record(value, headers, offset=n, key=None if n % 2 else b"\xff\x00")
        for n, (value, headers, _, _) in enumerate(BAD.values())
    ]
    await house.receive(*records, Record(GOOD, offset=len(records)))
    found = {one["via"]["offset"]: one for one in await house.docs("quarantine")}
    assert len(found) == len(BAD)
    for n, (name, (value, headers, rule, pointer)) in enumerate(BAD.items()):
        item = found[n]
        assert (item["faults"][0]["rule"], item["faults"][0]["pointer"]) == (rule, pointer), name
        assert item["via"] == {"topic": "event-inbox", "partition": 0, "offset": n}
        kept = await house.store.get("received", item["received"])
        assert kept is not None
        assert (kept["body"], kept["key"]) == (value, records[n].key), name
        assert [tuple(pair) for pair in kept["headers"]] == list(headers or ()), name
    (said,) = await house.announced()
    assert (said.data.event_id, said.data.origin.authenticated) == ("G", False)


async def test_the_same_records_again_change_nothing(house: House) -> None:
    records = [Record(value, headers, offset=n) for n, (value, headers, _, _) in enumerate(BAD.values())]
    records.append(Record(GOOD, offset=len(records)))
    await house.receive(*records)
    before = await state(house)
    house.clock.at = NOW.replace(day=25)
    await house.receive(*records)
    await house.receive(*reversed(records))
    assert await state(house) == before


async def test_a_duplicate_under_another_offset_has_no_second_effect(house: House) -> None:
    await house.receive(Record(GOOD), Record(GOOD, offset=1), Record(GOOD, offset=2, partition=3))
    assert len(await house.announced()) == len(await house.docs("receipts")) == 1


async def test_a_record_in_binary_mode_is_taken(house: House) -> None:
    await house.receive(Record(json.dumps(data()).encode(), binary()))
    (said,) = await house.announced()
    assert said.data.origin.id == "bin"


async def test_an_inbox_of_its_own_speaks_for_its_source_alone(house: House) -> None:
    mine, foreign = Record(json.dumps(message("a")).encode(), topic="event-inbox-sis"), Record(GOOD, offset=1)
    await house.receive(mine, replace(foreign, topic="event-inbox-sis"), permission=SIS)
    (said,) = await house.announced()
    assert said.data.origin.authenticated
    (item,) = await house.docs("quarantine")
    assert (item["faults"][0]["rule"], item["source"], item["title"]) == (
        "source-foreign",
        "/library",
        "Hội thảo Cơ điện tử",
    )


@pytest.mark.parametrize("house", [{"inbox_open": "quarantine"}], indirect=True)
async def test_a_closed_open_door_sets_aside_what_nobody_checked(house: House) -> None:
    await house.receive(Record(GOOD))
    assert await house.announced() == []
    (item,) = await house.docs("quarantine")
    assert [one["rule"] for one in item["faults"]] == ["sender-unknown"]
    await house.receive(Record(GOOD, offset=1))
    assert len(await house.docs("quarantine")) == 1


async def test_a_record_is_judged_by_the_time_at_which_it_was_first_received(house: House) -> None:
    early = Record(json.dumps(message("e", ended_at="2026-11-21T10:00:00+07:00")).encode())
    await house.receive(early)
    house.clock.at = NOW.replace(day=22)
    await house.receive(early)
    (item,) = await house.docs("quarantine")
    assert (item["faults"][0]["rule"], item["received_at"]) == ("ended-in-future", "2026-11-21T02:00:00.000000Z")


async def test_more_than_one_transaction_can_take_goes_in_several(house: House) -> None:
    large = [Record(b"x" * 3_900_000, offset=n) for n in range(6)]
    await house.receive(*large)
    assert len(await house.docs("quarantine", **{"via.topic": "event-inbox"})) == 6


@pytest.mark.parametrize("slugs", [{"SIS": "/sis"}, {"sis": "/publicity/x"}, {"sis": "sis"}, {"sis": "/sis/../x"}])
def test_an_inbox_for_what_is_no_source_is_refused_at_the_start(slugs: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"slug|INBOX_SLUGS"):
        Settings(environment="test", inbox_slugs=slugs)


async def test_each_inbox_is_subscribed_to_and_speaks_for_its_own_source(settings: Settings) -> None:
    def subscribe(service: Service) -> KafkaRouter:
        router = KafkaRouter(ack_policy=AckPolicy.NACK_ON_ERROR)
        inboxes.include(router, service)
        return router

    slugs = settings.model_copy(update={"inbox_slugs": {"sis": "/sis"}})
    house = House(slugs, handlers=subscribe)
    await house.open()
    assert sorted(house.service.topics) == ["event-inbox", "event-inbox-sis"]
    async with TestKafkaBroker(house.service.broker) as broker:
        for topic, id in (("event-inbox", "a"), ("event-inbox-sis", "b")):
            raw = json.dumps(message(id, event_id=id)).encode()
            headers = {"content-type": STRUCTURED}
            await broker.publish(raw, topic=house.service.topic(topic), key=b"k", headers=headers)
    said = {one.data.origin.id: one.data.origin.authenticated for one in await house.announced()}
    assert said == {"a": False, "b": True}
    await house.close()
