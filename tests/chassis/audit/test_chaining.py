"""Acts in the real MongoDB: put down with their command, chained once and in one line, whoever else chains or dies."""

import asyncio
import random
import signal
import sys
from contextlib import suppress
from typing import Any

import pytest
from pymongo.errors import BulkWriteError, PyMongoError

from services.chassis.app import Service
from services.chassis.audit import chaining
from services.chassis.audit.acts import Act
from services.chassis.audit.chain import ORIGIN, Head, entry_after
from services.chassis.audit.verifying import Fault, Kind
from services.chassis.decision import Refused
from services.chassis.unit import Unit, VersionConflict
from tests.chassis.audit.deeds import EDITOR, chain_all, do, do_many, verified
from tests.chassis.ledger import NOW

pytestmark = pytest.mark.live


async def rows(service: Service) -> list[dict[str, Any]]:
    return [doc["row"] for doc in await service.store.find("acts", {})]


async def test_an_act_is_put_down_with_its_command_and_says_what_was_announced(service: Service) -> None:
    await do(service, "k1", reason="Vì vậy", details={"channel": "VI_WEB"})
    (row,) = await rows(service)
    recorded_at = row.pop("recorded_at")
    assert recorded_at.endswith("Z")
    assert row == {
        "id": "k1",
        "source": "/publicity/planning",
        "at": "2026-11-23T03:42:07.000000Z",
        "actor": "a-1",
        "roles": ["editor"],
        "act": "plan-drafted",
        "subject": "l-k1",
        "reason": "Vì vậy",
        "details": {"channel": "VI_WEB"},
        "facts": ["m-k1"],
        "facts_count": 1,
    }


async def test_a_refused_command_leaves_no_act_and_a_repeated_one_leaves_one(service: Service) -> None:
    with pytest.raises(Refused):
        await do(service, "k1", refuse=True)
    assert await rows(service) == []
    answers = await asyncio.gather(*(do(service, "k1") for _ in range(6)))
    assert answers == [{"done": "k1"}] * 6
    await chain_all(service)
    await do(service, "k1")
    assert [row["id"] for row in await rows(service)] == ["k1"]


async def test_the_commit_pays_one_inserted_row_and_no_digest(service: Service) -> None:
    await do(service, "k1")
    doc = await service.store.get("acts", "k1")
    assert doc is not None
    assert (doc["n"], "hash" in doc, await chaining.stored_head(service.store)) == (0, False, ORIGIN)


async def test_acts_are_chained_in_their_order_over_several_pages(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chaining, "PAGE_ROWS", 4)
    for number in range(11):
        await do(service, f"k{number:02}")
    while await chaining.chain_page(service.store, NOW):
        pass
    entries = await chaining.entries_after(service.store, 0, limit=0)
    assert [entry["row"]["subject"] for entry in entries] == [f"l-k{number:02}" for number in range(11)]
    checked = await verified(service)
    assert (checked.count, checked.faults) == (11, ())


async def test_a_chained_entry_does_not_change_when_others_follow(service: Service) -> None:
    await do_many(service, 5)
    await chain_all(service)
    before = await service.store.raw("acts").find({}, sort=[("n", 1)]).to_list(None)
    await do_many(service, 5, prefix="x")
    await chain_all(service)
    after = await service.store.raw("acts").find({"n": {"$lte": 5}}, sort=[("n", 1)]).to_list(None)
    assert after == before


async def test_those_who_chain_at_once_never_fork_the_chain(service: Service) -> None:
    others = [Service(service.definition, service.settings, service.clock) for _ in range(3)]

    async def chain_on(one: Service) -> None:
        for _ in range(25):
            with suppress(VersionConflict, PyMongoError):  # too many at once: the next try finds what is left
                await chaining.chain_page(one.store, NOW)
            await asyncio.sleep(random.uniform(0, 0.02))

    await asyncio.gather(*(chain_on(one) for one in (service, *others)), do_many(service, 120))
    await chain_all(service)
    checked = await verified(service)
    assert (checked.count, checked.faults) == (120, ())
    for one in others:
        one.store.client.close()


async def test_what_is_cut_off_while_it_chains_leaves_whole_pages_or_nothing(service: Service) -> None:
    for round_ in range(12):
        await do_many(service, 8, prefix=f"r{round_:02}-")
        chaining_now = asyncio.create_task(chain_all(service))
        await asyncio.sleep(random.uniform(0, 0.012))
        chaining_now.cancel()
        await asyncio.gather(chaining_now, return_exceptions=True)
        assert (await verified(service)).faults == ()
    await chain_all(service)
    checked = await verified(service)
    assert (checked.count, checked.faults) == (96, ())


CHAINER = """
import asyncio, sys
from services.chassis.audit.chaining import chain_page
from services.chassis.clock import wall_now
from services.chassis.store import Store, create_client

async def run():
    store = Store(create_client(sys.argv[1]), sys.argv[2], source="/publicity/planning", collections=())
    print("ready", flush=True)
    while True:
        await chain_page(store, wall_now())

asyncio.run(run())
"""


async def test_chainers_that_are_killed_leave_a_chain_that_the_next_goes_on_with(service: Service) -> None:
    settings = service.settings
    told = (settings.mongo_url.get_secret_value(), service.store.database.name)
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", CHAINER, *told, stdout=asyncio.subprocess.PIPE)
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        await process.stdout.readline()
    writing = asyncio.create_task(do_many(service, 150))
    for process in started:
        await asyncio.sleep(random.uniform(0.05, 0.3))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    await writing
    await chain_when_let(service)
    checked = await verified(service)
    assert (checked.count, checked.faults) == (150, ())


async def chain_when_let(service: Service) -> None:
    """Chain what waits as the service does, again and again: what a killed one had begun keeps its place for 7 s."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await chain_all(service)
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
            await asyncio.sleep(0.2)


async def test_a_lost_head_stops_the_chain_instead_of_forking_it(service: Service) -> None:
    await do_many(service, 3)
    await chain_all(service)
    await service.store.raw("chain").delete_many({})
    await do(service, "later")
    with pytest.raises(BulkWriteError, match="duplicate key"):
        await chaining.chain_page(service.store, NOW)
    assert await service.store.raw("acts").count_documents({"n": 0}) == 1


async def tampered(service: Service, n: int, change: dict[str, Any] | None) -> tuple[Fault, ...]:
    """What the watch finds after somebody changed, or removed, an entry in the database itself."""
    acts = service.store.raw("acts")
    await (acts.update_one({"n": n}, {"$set": change}) if change else acts.delete_one({"n": n}))
    return (await service.audit.look(whole=True)).faults


async def test_the_watch_finds_what_is_changed_in_the_database(service: Service) -> None:
    await do_many(service, 6)
    await chain_all(service)
    check = await service.audit.look()
    assert (check.count, check.head.n, check.faults, check.at) == (6, 6, (), NOW)
    assert await tampered(service, 2, {"row.actor": "a-2"}) == (Fault(Kind.CHANGED, 2, 2),)
    assert await tampered(service, 2, {"row.actor": "a-1"}) == ()
    assert await tampered(service, 4, None) == (Fault(Kind.DROPPED, 4, 4),)


async def test_the_watch_remembers_the_head_when_the_database_forgets_the_end(service: Service) -> None:
    await do_many(service, 6)
    await chain_all(service)
    await service.audit.look()
    fifth = await service.store.raw("acts").find_one({"n": 5})
    assert fifth is not None
    await service.store.raw("chain").update_one({}, {"$set": {"n": 5, "hash": fifth["hash"]}})
    assert await tampered(service, 6, None) == (Fault(Kind.CUT, 6, 6),)
    forged = entry_after(Head(5, fifth["hash"]), {"id": "forged"})
    await service.store.raw("acts").insert_one({"_id": "forged"} | forged)
    assert (await service.audit.look(whole=True)).faults == (Fault(Kind.REPLACED, 6, 6),)


async def test_the_watch_looks_at_what_is_new_and_at_all_from_time_to_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await do_many(service, 3)
    await chain_all(service)
    await service.audit.look()
    await do(service, "later")
    await chain_all(service)
    check = await service.audit.look()
    assert (check.count, check.faults) == (4, ())
    assert await tampered(service, 1, {"row.reason": "khác"}) != ()
    monkeypatch.setattr(chaining, "WHOLE_EACH_S", 0.0)
    assert (await service.audit.look()).faults == (Fault(Kind.CHANGED, 1, 1),)


async def test_the_task_chains_and_checks_by_itself(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaining, "EACH_S", 0.02)
    running = asyncio.create_task(service.audit.run())
    await do_many(service, 5)
    async with asyncio.timeout(10):
        while service.audit.check is None or service.audit.check.count < 5:
            await asyncio.sleep(0.02)
    running.cancel()
    assert service.audit.check.faults == ()


async def test_an_act_of_a_unit_that_fails_is_not_put_down(service: Service) -> None:
    async def work(unit: Unit) -> None:
        unit.put("ledgers", {"_id": "x"})
        raise ValueError("nobody thought of this")

    with pytest.raises(ValueError, match="nobody"):
        await service.store.command("k1", NOW, work, act=Act(EDITOR, "plan-drafted", "x"))
    assert await rows(service) == []
