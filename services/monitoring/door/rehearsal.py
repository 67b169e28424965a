"""A unit of work done and undone: what would happen, by the very code that makes it happen.

It must never leave anything behind.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from services.chassis.store import Store
from services.chassis.unit import Cause, Unit

T = TypeVar("T")


class _Seen(Exception):
    """Ends the unit before anything is written, with what was to be seen."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


async def rehearse(store: Store, now: datetime, work: Callable[[Unit], Awaitable[T]]) -> T:
    """Return what `work` returns; nothing that it put or announced is stored."""

    async def work_and_stop(unit: Unit) -> None:
        raise _Seen(await work(unit))

    try:
        await store.transact(Cause(store.source, "rehearsal"), now, work_and_stop)
    except _Seen as seen:
        return seen.result  # type: ignore[no-any-return]
    raise RuntimeError("a rehearsal ends by what was seen")
