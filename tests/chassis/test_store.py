"""The unit of work on a real MongoDB: all or nothing, one after the other, and every command once."""

import asyncio
import time
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ASCENDING, IndexModel
from pymongo.errors import NetworkTimeout

from contracts.envelope import decode, message_id
from contracts.registry import BY_MODEL
from services.chassis.app import Service
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Announcement, CommandIdUsed
from services.chassis.store import Store, create_client, is_transient
from services.chassis.unit import Cause, Collection, SchemaTooNew, TooLarge, Unit, VersionConflict
from tests.chassis.ledger import CAUSE, NOW, message, withdrawal

NOBODY = Actor("", "", frozenset())

pytestmark = pytest.mark.live
HOUR_US = 3_600_000_000


async def put(service: Service, doc: dict[str, Any]) -> None:
    async def work(unit: Unit) -> None:
        await unit.get("ledgers", doc["_id"])
        unit.put("ledgers", doc)

    await service.store.transact(CAUSE, NOW, work)


async def add_one(unit: Unit) -> None:
    doc = await unit.get("ledgers", "p1") or {"_id": "p1", "count": 0}
    unit.put("ledgers", doc | {"count": doc["count"] + 1})


async def rows(service: Service) -> list[dict[str, Any]]:
    return await service.store.raw("outbox").find({}, sort=[("o", 1)]).to_list(None)


async def traces(service: Service) -> int:
    names = ("ledgers", "outbox", "seen", "commands")
    return sum([await service.store.raw(name).count_documents({}) for name in names])


def announce(unit: Unit, plan_id: str, number: int) -> None:
    unit.announce(Announcement(withdrawal(plan_id, number), plan_id, number, discriminator=str(number)))


async def test_a_unit_sees_its_own_changes_and_nobody_else_does_before_it_ends(service: Service) -> None:
    async def work(unit: Unit) -> None:
        unit.put("ledgers", {"_id": "p1", "count": 1})
        assert await unit.get("ledgers", "p1") == {"_id": "p1", "count": 1}
        assert await service.store.get("ledgers", "p1") is None
        unit.delete("ledgers", "p1")
        assert await unit.get("ledgers", "p1") is None
        unit.put("ledgers", {"_id": "p1", "count": 2})

    await service.store.transact(CAUSE, NOW, work)
    assert (await service.store.get("ledgers", "p1") or {})["count"] == 2


async def test_what_is_found_shows_the_unit_its_own_changes(service: Service) -> None:
    for plan_id in ("p1", "p2", "p3"):
        await put(service, {"_id": plan_id, "open": True})

    async def work(unit: Unit) -> list[Any]:
        doc = await unit.get("ledgers", "p1")
        assert doc is not None
        unit.put("ledgers", doc | {"open": False})
        await unit.get("ledgers", "p2")
        unit.delete("ledgers", "p2")
        found = await unit.find("ledgers", {"open": True}, sort=[("_id", 1)])
        return [(doc["_id"], doc["open"]) for doc in found]

    assert await service.store.transact(CAUSE, NOW, work) == [("p1", False), ("p3", True)]
    assert await service.store.raw("ledgers").count_documents({}) == 2


async def test_twenty_writers_at_once_lose_no_update(service: Service) -> None:
    await asyncio.gather(*(service.store.transact(CAUSE, NOW, add_one) for _ in range(20)))
    doc = await service.store.raw("ledgers").find_one({"_id": "p1"})
    assert doc is not None
    assert (doc["count"], doc["v"]) == (20, 20)


async def test_a_unit_that_came_second_is_decided_again_on_what_the_first_left(service: Service) -> None:
    await put(service, {"_id": "p1", "count": 1})
    seen: list[int] = []

    async def work(unit: Unit) -> None:
        doc = await unit.get("ledgers", "p1")
        assert doc is not None
        seen.append(doc["count"])
        if len(seen) == 1:
            await put(service, {"_id": "p1", "count": 5})
        unit.put("ledgers", doc | {"count": doc["count"] * 10})

    await service.store.transact(CAUSE, NOW, work)
    assert seen == [1, 5]
    assert (await service.store.get("ledgers", "p1") or {})["count"] == 50


async def test_a_document_changed_meanwhile_is_not_deleted_unseen(service: Service) -> None:
    await put(service, {"_id": "p1", "count": 1})
    runs = 0

    async def work(unit: Unit) -> None:
        nonlocal runs
        runs += 1
        doc = await unit.get("ledgers", "p1")
        if runs == 1:
            await put(service, {"_id": "p1", "count": 5})
        if doc and doc["count"] < 5:
            unit.delete("ledgers", "p1")

    await service.store.transact(CAUSE, NOW, work)
    assert runs == 2
    assert (await service.store.get("ledgers", "p1") or {})["count"] == 5


async def test_a_guard_that_does_not_match_leaves_no_trace(service: Service) -> None:
    await put(service, {"_id": "p1", "count": 1})

    async def work(unit: Unit) -> None:
        doc = await unit.get("ledgers", "p1")
        assert doc is not None
        unit._versions["ledgers", "p1"] = 7  # as if the snapshot had not held
        unit.put("ledgers", doc)
        unit.put("ledgers", {"_id": "p2"})

    with pytest.raises(VersionConflict):
        await service.store.transact(CAUSE, NOW, work)
    assert await service.store.get("ledgers", "p2") is None


async def test_what_was_put_is_what_is_stored_whatever_changed_in_it(service: Service) -> None:
    kept: dict[str, Any] = {"same": 1, "rows": [1, {"a": 1}], "was": None}
    puts: list[dict[str, Any]] = [
        {"_id": "p1", "count": 1, "gone": "x", "nested": {"deep": {"a": 1}}, **kept},
        {"_id": "p1", "count": None, "nested": {"deep": {"a": 1, "b": 2}}, "new": [], **kept},
        {"_id": "p1", "count": None, "nested": {"deep": {"b": 2}}, "new": [[]], **kept},
        {"_id": "p1"},
    ]
    for times, doc in enumerate(puts, start=1):
        await put(service, doc)
        stored = await service.store.raw("ledgers").find_one({"_id": "p1"})
        assert stored == doc | {"v": times, "o": 0, "schema_version": 1}


async def test_a_document_that_no_unit_wrote_is_guarded_as_well(service: Service) -> None:
    await service.store.raw("ledgers").insert_one({"_id": "p1", "count": 3})
    await asyncio.gather(*(service.store.transact(CAUSE, NOW, add_one) for _ in range(3)))
    assert (await service.store.get("ledgers", "p1") or {})["count"] == 6


async def test_a_document_asked_for_twice_at_once_is_guarded_as_ever(service: Service) -> None:
    await put(service, {"_id": "p1", "count": 1})

    async def work(unit: Unit) -> None:
        doc = (await unit.get_many("ledgers", ["p1", "p1"]))["p1"]
        unit.put("ledgers", doc | {"count": 2})

    await service.store.transact(CAUSE, NOW, work)
    assert (await service.store.get("ledgers", "p1") or {})["count"] == 2


async def test_two_who_create_the_same_document_at_once_leave_one_and_the_second_sees_it(service: Service) -> None:
    async def work(unit: Unit) -> bool:
        if await unit.get("ledgers", "p1"):
            return False
        await asyncio.sleep(0.05)
        unit.put("ledgers", {"_id": "p1"})
        return True

    made = await asyncio.gather(*(service.store.transact(CAUSE, NOW, work) for _ in range(4)))
    assert sorted(made) == [False, False, False, True]


async def test_a_clash_that_does_not_go_away_is_given_up_soon_and_leaves_no_trace(service: Service) -> None:
    await service.store.raw("ledgers").create_indexes([IndexModel([("name", ASCENDING)], unique=True)])
    await put(service, {"_id": "p1", "name": "taken"})
    runs, begun = 0, time.monotonic()

    async def work(unit: Unit) -> None:
        nonlocal runs
        runs += 1
        announce(unit, "p2", runs)
        unit.put("ledgers", {"_id": "p2", "name": "taken"})

    with pytest.raises(Exception, match="duplicate key") as clash:
        await service.store.transact(CAUSE, NOW, work)
    assert runs <= 12
    assert time.monotonic() - begun < 10
    assert not is_transient(clash.value)
    assert await traces(service) == 1


async def test_an_error_leaves_no_trace(service: Service) -> None:
    async def work(unit: Unit) -> None:
        announce(unit, "p1", 1)
        unit.put("ledgers", {"_id": "p1"})
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await service.store.transact(CAUSE, NOW, work)
    assert await traces(service) == 0
    assert not service.store.woken.is_set()


async def test_a_cancelled_unit_holds_nothing(service: Service) -> None:
    async def hang(unit: Unit) -> None:
        await add_one(unit)
        await unit.flush()
        await asyncio.sleep(60)

    hanging = asyncio.create_task(service.store.transact(CAUSE, NOW, hang))
    await asyncio.sleep(0.3)
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    begun = time.monotonic()
    await service.store.transact(CAUSE, NOW, add_one)
    assert time.monotonic() - begun < 2
    assert (await service.store.get("ledgers", "p1") or {})["count"] == 1


async def test_announcements_are_messages_whose_ids_follow_from_the_cause(service: Service) -> None:
    async def work(unit: Unit) -> list[str]:
        unit.cause = Cause.of(message("p1", 4))
        made = unit.announce(Announcement(withdrawal("p1"), "p1", 9))
        return [(one.id, one.sequence, one.causationid, one.correlationid, one.time, one.recordedtime) for one in made]  # type: ignore[misc]

    kind = BY_MODEL[type(withdrawal("p1"))].type
    expected = message_id("/publicity/test", "p1-4", kind, discriminator="p1")
    assert await service.store.transact(CAUSE, NOW, work) == [(expected, 9, "p1-4", "p1-4", NOW, NOW)]
    (row,) = await rows(service)
    assert (row["_id"], row["topic"], row["key"], row["st"]) == (expected, "plans", b"p1", 0)
    assert decode(row["value"]).source == "/publicity/planning"
    assert service.store.woken.is_set()


async def test_rows_of_one_document_rise_even_when_the_clock_of_the_machine_goes_back(service: Service) -> None:
    ahead = time.time_ns() // 1000 + HOUR_US
    await put(service, {"_id": "p1"})
    await service.store.raw("ledgers").update_one({}, {"$set": {"o": ahead}})  # written by a machine an hour ahead
    for number in (1, 2):

        async def work(unit: Unit, number: int = number) -> None:
            announce(unit, "p1", number)
            announce(unit, "p1", number + 10)
            doc = await unit.get("ledgers", "p1")  # read after it was announced: no matter
            assert doc is not None
            unit.put("ledgers", doc)

        await service.store.transact(CAUSE, NOW, work)
    found = await rows(service)
    assert [decode(row["value"]).sequence for row in found] == [1, 11, 2, 12]
    assert [row["o"] - ahead for row in found] == [1, 2, 3, 4]


async def test_a_unit_without_rows_keeps_the_place_of_its_document(service: Service) -> None:
    ahead = time.time_ns() // 1000 + HOUR_US
    await put(service, {"_id": "p1"})
    await service.store.raw("ledgers").update_one({}, {"$set": {"o": ahead}})
    await put(service, {"_id": "p1", "count": 1})
    assert (await service.store.raw("ledgers").find_one({}) or {})["o"] == ahead


async def test_a_row_announced_again_comes_last(service: Service) -> None:
    async def work(unit: Unit) -> None:
        for row_id, value in ((b"a", b"1"), (b"b", b"2"), (b"a", b"3")):
            unit.send(row_id.decode(), "plans", key=b"p1", value=value)

    await service.store.transact(CAUSE, NOW, work)
    assert [row["value"] for row in await rows(service)] == [b"2", b"3"]


async def test_what_its_topic_would_refuse_is_refused_before_it_is_stored(service: Service) -> None:
    async def work(unit: Unit) -> None:
        unit.put("ledgers", {"_id": "p1"})
        unit.send("1", "plans", key=b"p1", value=b"x" * 1_048_576)

    with pytest.raises(TooLarge, match="too many for plans"):
        await service.store.transact(CAUSE, NOW, work)
    assert await traces(service) == 0


async def test_the_same_command_at_once_and_later_has_one_effect_and_one_answer(service: Service) -> None:
    async def work(unit: Unit) -> dict[str, int]:
        await add_one(unit)
        return {"count": ((await unit.get("ledgers", "p1")) or {})["count"]}

    answers = await asyncio.gather(*(service.store.command("k1", NOW, work, act=None) for _ in range(8)))
    assert answers == [{"count": 1}] * 8
    assert await service.store.command("k1", NOW, work, act=None) == {"count": 1}
    assert await service.store.command("k2", NOW, work, act=None) == {"count": 2}


async def test_a_refused_command_may_be_given_again(service: Service) -> None:
    async def refuse(unit: Unit) -> dict[str, int]:
        raise ValueError("no")

    async def allow(unit: Unit) -> dict[str, int]:
        return {"count": 1}

    with pytest.raises(ValueError, match="no"):
        await service.store.command("k1", NOW, refuse, act=None)
    assert await service.store.command("k1", NOW, allow, act=None) == {"count": 1}


@pytest.mark.parametrize("other", [Act(NOBODY, "plan-edited", "p1"), Act(NOBODY, "plan-drafted", "p2"), None])
async def test_an_id_that_something_else_was_done_under_is_refused(service: Service, other: Act | None) -> None:
    async def work(unit: Unit) -> dict[str, int]:
        await add_one(unit)
        return {}

    first = Act(NOBODY, "plan-drafted", "p1")
    await service.store.command("k1", NOW, work, act=first)
    before = await traces(service)
    with pytest.raises(CommandIdUsed):
        await service.store.command("k1", NOW, work, act=other)
    assert (await service.store.command("k1", NOW, work, act=first), await traces(service)) == ({}, before)


async def test_an_index_may_take_longer_than_a_connection_may_be_silent(service: Service) -> None:
    await service.store.raw("ledgers").insert_many([{"name": f"{n}" * 50} for n in range(20_000)])
    url = service.settings.mongo_url.get_secret_value()
    hasty = AsyncIOMotorClient[dict[str, Any]](url, socketTimeoutMS=1)
    slow = Collection("ledgers", indexes=(IndexModel([("name", ASCENDING)], name="by_name"),))
    store = Store(hasty, service.store.database.name, source="/x", collections=(slow,))
    with pytest.raises(NetworkTimeout):
        await store.raw("ledgers").create_indexes([IndexModel([("other", ASCENDING)])])
    await store.create_indexes("ledgers")
    assert "by_name" in await service.store.raw("ledgers").index_information()
    hasty.close()


def lifted(service: Service, version: int) -> Store:
    """A store of a release in which ledgers have the version."""
    upcasts = {1: lambda doc: doc | {"tags": []}, 2: lambda doc: doc | {"count": doc.pop("n", 0)}}
    collection = Collection("ledgers", version, upcasts={n: upcasts[n] for n in range(1, version)})
    return Store(service.store.client, service.store.database.name, source="/x", collections=(collection,))


async def test_a_document_of_an_older_release_is_lifted_and_written_in_todays_shape(service: Service) -> None:
    await put(service, {"_id": "p1", "n": 4})
    newer = lifted(service, 3)
    assert await newer.get("ledgers", "p1") is not None
    assert (await newer.find("ledgers", {}))[0]["count"] == 4

    async def work(unit: Unit) -> None:
        doc = await unit.get("ledgers", "p1")
        assert doc is not None
        unit.put("ledgers", doc)

    await newer.transact(CAUSE, NOW, work)
    stored = await service.store.raw("ledgers").find_one({}) or {}
    assert {key: stored[key] for key in ("count", "tags", "schema_version")} == {
        "count": 4,
        "tags": [],
        "schema_version": 3,
    }


async def test_a_document_of_a_newer_release_is_refused(service: Service) -> None:
    await service.store.raw("ledgers").insert_one({"_id": "p1", "schema_version": 2})
    with pytest.raises(SchemaTooNew, match="start the newer release"):
        await service.store.get("ledgers", "p1")
    with pytest.raises(SchemaTooNew):
        await service.store.transact(CAUSE, NOW, add_one)


async def test_replicas_that_start_together_prepare_one_database(service: Service, mongo_url: str) -> None:
    name = f"{service.store.database.name}_twice"
    stores = [Store(create_client(mongo_url), name, source="/x", collections=()) for _ in range(4)]
    await asyncio.gather(*(store.prepare() for store in stores))
    assert "outbox" in await stores[0].database.list_collection_names()
    await stores[0].client.drop_database(name)
    for store in stores:
        store.client.close()


async def test_without_a_database_a_unit_ends_soon_and_says_that_later_may_help(service: Service) -> None:
    away = Store(create_client("mongodb://127.0.0.1:9/"), "none", source="/x", collections=(Collection("ledgers"),))
    begun = time.monotonic()
    with pytest.raises(Exception, match="refused") as error:
        await away.transact(CAUSE, NOW, add_one)
    assert is_transient(error.value)
    assert time.monotonic() - begun < 9
    away.client.close()
