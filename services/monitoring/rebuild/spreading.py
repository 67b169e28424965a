"""The parts of a rebuild done by several processes at once; it must never write to a database, nor reach Kafka.

A process that folds gets the name of a file and gives documents that are encoded already: who stores them has little
left to do.
"""

import asyncio
import gc
import os
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import NamedTuple, TypeVar

from services.monitoring.decisions import Sight
from services.monitoring.rebuild.folding import fold, gather
from services.monitoring.rebuild.known import Known
from services.monitoring.rebuild.spill import Buckets
from services.monitoring.rebuild.staging import Rows, rows_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Folding:
    """What is the same for every part: where the records are, and under what they are judged.

    Shape:   shared_keys as `fold` takes them; order as `Staging.order` gives it.
    """

    buckets: Buckets
    sight: Sight
    shared_keys: frozenset[str]
    order: int


class Folded(NamedTuple):
    """One part: its documents, and what has to be noted of its records."""

    bucket: int
    rows: Rows
    reported: dict[str, int]
    strays: dict[str, Known]
    unreadable: int


_given: list[Folding] = []


def _begin(folding: Folding) -> None:
    """Keep in this process what is the same for every part: what is counted once for many events is, too.

    Facts and documents hold no rings; to look for some costs a third of the time that it takes to make them.
    """
    gc.disable()
    _given[:] = [folding]


def _fold_given(bucket: int) -> Folded:
    return fold_bucket(_given[0], bucket)


def fold_bucket(folding: Folding, bucket: int) -> Folded:
    """Fold one part; raises OSError when its file cannot be read."""
    gathered = gather(folding.buckets.read(bucket))
    settled = fold(gathered.known, folding.sight, folding.shared_keys)
    rows = rows_of(settled, folding.order)
    return Folded(bucket, rows, gathered.reported(), gathered.strays, gathered.unreadable)


def hands_for(parts: int) -> int:
    """How many processes so many parts are worth; a process takes a second to start."""
    return min(len(os.sched_getaffinity(0)), parts)


async def folded_ahead(folding: Folding, buckets: Sequence[int], *, hands: int) -> AsyncGenerator[Folded, None]:
    """Yield the parts one after the other, while as many more as there are hands are folded.

    Raises:  OSError; BrokenProcessPool when a process was killed.
    """
    if hands > 1:
        pool, work = _processes(hands, partial(_begin, folding)), _fold_given
    else:
        pool, work = _thread(), partial(fold_bucket, folding)
    running: deque[asyncio.Future[Folded]] = deque()
    try:
        for bucket in buckets:
            running.append(asyncio.wrap_future(pool.submit(work, bucket)))
            if len(running) > hands:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


async def spread(work: Callable[[T], None], tasks: Sequence[T], *, hands: int) -> None:
    """Do all the tasks, as many at a time as there are hands.

    Raises:  what the first one that failed did; BrokenProcessPool when a process was killed.
    """
    count = min(hands, len(tasks))
    pool = _processes(count) if count > 1 else _thread()
    try:
        await asyncio.gather(*(asyncio.wrap_future(pool.submit(work, one)) for one in tasks))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _processes(count: int, begin: Callable[[], None] | None = None) -> Executor:
    """Processes that are begun anew: what this one has open must not be shared with them."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=begin)


def _thread() -> Executor:
    """The one hand that there is, beside this process's own work."""
    return ThreadPoolExecutor(1, "rebuild")
