"""The parts of a rebuild folded by several processes at once; it must never reach a database or Kafka.

A process gets the name of a file and gives documents that are encoded already: who stores them has little left to do.
"""

import asyncio
import gc
import os
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import NamedTuple

from services.monitoring.decisions import Sight
from services.monitoring.rebuild.folding import fold, gather
from services.monitoring.rebuild.known import Known
from services.monitoring.rebuild.spill import Buckets
from services.monitoring.rebuild.staging import Rows, rows_of


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
    pool = _pool(hands)
    running: deque[asyncio.Future[Folded]] = deque()
    try:
        for bucket in buckets:
            running.append(asyncio.wrap_future(pool.submit(fold_bucket, folding, bucket)))
            if len(running) > hands:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(hands: int) -> Executor:
    """Processes of their own, begun anew: what this one has open must not be shared with them.

    Facts and documents hold no rings; to look for some costs a third of the time that it takes to make them.
    """
    if hands > 1:
        return ProcessPoolExecutor(hands, mp_context=get_context("spawn"), initializer=gc.disable)
    return ThreadPoolExecutor(1, "fold")
