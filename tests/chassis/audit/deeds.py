"""What people do in the tiny service of the chassis: commands that leave an act each."""

import asyncio
from typing import Any

from services.chassis.app import Service
from services.chassis.audit.acts import Act
from services.chassis.audit.chaining import PAGE_ROWS, chain_page, entries_after, stored_head
from services.chassis.audit.verifying import Verification, verify
from services.chassis.decision import Actor, Refusal, Refused
from services.chassis.unit import Unit
from tests.chassis.ledger import NOW

EDITOR = Actor("a-1", "Người soạn", frozenset({"editor"}))


async def do(service: Service, key: str, *, refuse: bool = False, **about: Any) -> Any:
    """Give a command that writes a ledger; `about` is what its act says more."""

    async def work(unit: Unit) -> dict[str, str]:
        if refuse:
            raise Refused(Refusal("plan-unknown", "?"))
        unit.put("ledgers", {"_id": f"l-{key}"})
        unit.send(f"m-{key}", "plans", key=key.encode(), value=b"{}")
        return {"done": key}

    return await service.store.command(key, NOW, work, act=Act(EDITOR, "plan-drafted", f"l-{key}", **about))


async def do_many(service: Service, count: int, *, prefix: str = "k") -> None:
    """Give many commands, all at once."""
    await asyncio.gather(*(do(service, f"{prefix}{number:04}") for number in range(count)))


async def chain_all(service: Service) -> None:
    """Chain what waits."""
    while await chain_page(service.store, NOW) == PAGE_ROWS:
        pass


async def verified(service: Service) -> Verification:
    """The verification of all that is stored, against the stored head."""
    head = await stored_head(service.store)
    return verify(await entries_after(service.store, 0, limit=0), [head])
