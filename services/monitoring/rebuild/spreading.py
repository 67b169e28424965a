"""The parts of a rebuild done by several processes at once; it must never write to a database, nor reach Kafka.

A process that folds gets the name of a file and gives documents that are encoded already: who stores them has little
left to do.
"""

import asyncio
import gc
import os
import pickle
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
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
    work: Callable[[int], Folded] = partial(fold_bucket, folding)
    if hands > 1:
        given = folding.buckets.folder / "folding"
        given.write_bytes(pickle.dumps(folding))
        work = partial(_fold_given, given)
    running: deque[asyncio.Future[Folded]] = deque()
    async with _hands(hands) as pool:
        for bucket in buckets:
            running.append(asyncio.wrap_future(pool.submit(work, bucket)))
            if len(running) > hands:
                yield await running.popleft()
        while running:
            yield await running.popleft()


def _fold_given(given: Path, bucket: int) -> Folded:
    return fold_bucket(_read(given), bucket)


@lru_cache(maxsize=1)
def _read(given: Path) -> Folding:
    """What is the same for every part, read once by each process, so that due dates are counted once for all parts."""
    return pickle.loads(given.read_bytes())  # type: ignore[no-any-return]


async def spread(work: Callable[[T], None], tasks: Sequence[T], *, hands: int) -> None:
    """Do all the tasks, as many at a time as there are hands; when one fails, those that have begun end first.

    Raises:  what the first one that failed did; BrokenProcessPool when a process was killed.
    """
    async with _hands(min(hands, len(tasks))) as pool:
        await asyncio.gather(*(asyncio.wrap_future(pool.submit(work, one)) for one in tasks))


@asynccontextmanager
async def _hands(count: int) -> AsyncIterator[Executor]:
    """Processes that are begun anew: what this one has open must not be shared with them; one hand is a thread."""
    if count > 1:
        pool: Executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin)
    else:
        pool = ThreadPoolExecutor(1, "rebuild")
    try:
        yield pool
    finally:
        await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)


def _begin() -> None:
    """What a process does first: it makes no rings of objects worth looking for, and ends with the one it works for.

    To look for rings costs a third of the time that it takes to make facts and documents.
    """
    gc.disable()
    owner = parent_process()
    if owner is not None:
        threading.Thread(target=_end_with, args=(owner.sentinel,), daemon=True).start()


def _end_with(owner: int) -> None:
    connection.wait([owner])
    os._exit(1)
