"""A lease is one process's at a time: of one that was killed it is free at once, of one that stands still later."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from services.chassis.app import Service
from services.chassis.relay import lease
from services.chassis.relay.lease import LEASE_S, Lease
from services.chassis.store import Document, create_client

pytestmark = pytest.mark.live


def lease_of(service: Service, owner: str) -> Lease:
    """The lease as a process sees it: the first is another one, the second this one."""
    client = "publicity first" if owner == "first" else service.client_name
    return Lease(service.store, "work", owner=owner, client=client)


@pytest.fixture
async def connected(service: Service) -> AsyncIterator[list[AsyncIOMotorClient[Document]]]:
    """The connections of another process, called `first`; to close them is what its end does."""
    client = create_client(service.settings.mongo_url.get_secret_value(), name="publicity first")
    await client.admin.command("ping")
    yield [client]
    client.close()


async def test_it_is_of_one_and_free_when_it_is_given_back(service: Service, connected: object) -> None:
    first, second = lease_of(service, "first"), lease_of(service, "second")
    assert [await first.is_held(), await second.is_held(), await first.is_held()] == [True, False, True]
    await first.give_back()
    assert [await second.is_held(), await second.is_held()] == [True, True]


async def test_while_its_holder_is_connected_it_stays_with_it(service: Service, connected: object) -> None:
    assert await lease_of(service, "first").is_held()
    second = lease_of(service, "second")
    assert not any([await second.is_held() for _ in range(10)])


async def test_of_a_holder_that_was_killed_it_is_free_at_once(
    service: Service, connected: list[AsyncIOMotorClient[Document]]
) -> None:
    first, second = lease_of(service, "first"), lease_of(service, "second")
    assert await first.is_held()
    assert not await second.is_held()
    connected[0].close()
    async with asyncio.timeout(LEASE_S - 1):
        while not await second.is_held():
            await asyncio.sleep(0.05)
    first._held_until = 0.0  # its own time to renew
    assert not await first.is_held(), "if it lives after all it finds another in its place"


async def test_a_holder_that_is_back_a_moment_later_keeps_it(
    service: Service, connected: list[AsyncIOMotorClient[Document]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "AGAIN_S", 2.0)
    first, second = lease_of(service, "first"), lease_of(service, "second")
    assert await first.is_held()
    assert not await second.is_held()
    connected[0].close()
    await asyncio.sleep(0.5)
    taking = asyncio.create_task(second.is_held())
    await asyncio.sleep(0.5)
    back = create_client(service.settings.mongo_url.get_secret_value(), name="publicity first")
    await back.admin.command("ping")
    assert not await taking
    back.close()


async def test_a_lease_that_names_no_connection_runs_out_as_it_says(service: Service) -> None:
    """An earlier release does not name its own."""
    first, second = lease_of(service, "first"), lease_of(service, "second")
    assert await first.is_held()
    await service.store.raw("leases").update_one({"_id": "work"}, {"$unset": {"client": ""}})
    assert not any([await second.is_held() for _ in range(3)])


async def test_whom_nobody_saw_connected_is_not_taken_for_dead(service: Service) -> None:
    """The database may not tell of its connections."""
    first, second = lease_of(service, "first"), lease_of(service, "second")
    assert await first.is_held()
    assert not any([await second.is_held() for _ in range(3)])
    assert (first.is_elsewhere, second.is_elsewhere) == (False, True)
