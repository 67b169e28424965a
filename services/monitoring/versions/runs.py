"""Figures under other rules, counted in the background so that a page can say how far it is; one at a time.

It must never write, nor keep more than a few results, each for a short while.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from services.monitoring.algebra.instants import to_stamp
from services.monitoring.algebra.obligations import Assessment
from services.monitoring.algebra.plans import Reference
from services.monitoring.reading import queries
from services.monitoring.versions import what_if
from services.monitoring.versions.knowing import Lens
from services.monitoring.versions.refusals import refused
from services.monitoring.versions.replay import reference_of, replay
from services.monitoring.versions.what_if import Comparison

if TYPE_CHECKING:
    from services.chassis.app import Service

# Units: seconds of the machine.
KEPT_S, PATIENCE_S = 30.0, 4.0
MOST_KEPT = 8


class Asked(NamedTuple):
    """Which year under which rules; None leaves the kind as it was."""

    school_year: str
    policy: str | None
    calendar: str | None


@dataclass(slots=True)
class Run:
    """One count, running or done. Shape: total is how many events the year has today."""

    comparison: Comparison
    total: int
    task: "asyncio.Task[None]"
    until_s: float = field(default=float("inf"))

    @property
    def is_done(self) -> bool:
        """Whether all events were counted."""
        return self.task.done()


class Runs:
    """Counts what is asked for, the same question once while its answer is fresh."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._runs: dict[Asked, Run] = {}
        self._turn = asyncio.Semaphore(1)

    async def begin(self, asked: Asked) -> Run:
        """The count of what is asked; raises Refused for a version that nobody issued."""
        self._runs = {key: run for key, run in self._runs.items() if time.monotonic() < run.until_s}
        known = self._runs.get(asked)
        if known is not None:
            return known
        store, reference = self._service.store, await reference_of(self._service)
        versions, refusals = what_if.hypothetical(reference.versions, asked.policy, asked.calendar)
        if versions is None:
            raise refused(*refusals)
        plans = [revision for plan in reference.plans.values() for revision in plan]
        other = Reference(plans, versions, units=reference.units, topic_areas=reference.topic_areas)
        now = to_stamp(self._service.clock.now())
        total = int(await store.raw("events").count_documents({"school_year": asked.school_year}))
        comparison = Comparison(asked.school_year, now)
        run = Run(comparison, total, asyncio.create_task(self._count(asked, comparison, Lens(other, now))))
        self._runs = dict([*self._runs.items()][1 - MOST_KEPT :]) | {asked: run}
        return run

    async def _count(self, asked: Asked, comparison: Comparison, lens: Lens) -> None:
        try:
            async with self._turn:
                async for chunk in replay(self._service.store, asked.school_year, lens):
                    await self._look(comparison, chunk.assessments)
        finally:
            run = self._runs.get(asked)
            if run is not None:
                run.until_s = time.monotonic() + KEPT_S

    async def _look(self, comparison: Comparison, judged: Mapping[str, Assessment]) -> None:
        stored = await queries.obligations_of(self._service.store, list(judged))
        for root, one in judged.items():
            comparison.look(stored[root], one.obligations)


async def finished(run: Run, patience_s: float | None = None) -> bool:
    """Wait for the count, as long as one is patient; raises what stopped it."""
    await asyncio.wait([run.task], timeout=patience_s)
    if run.is_done:
        run.task.result()
    return run.is_done


@cache
def runs_of(service: "Service") -> Runs:
    """The one keeper of counts of a running service."""
    return Runs(service)
