"""The deadline loop: due dates come near and pass; what that means is announced once its evidence is all in.

When a date passes, its miss is made ready; once its evidence is in, it is released, and the documents are told of it
afterwards. It must never trust a due date alone: a publication in time may still be on its way (see `Confirmation`).
Any replica may run it; a version guard and the miss's own message id make the announcement one.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from services.chassis.clock import wall_now
from services.chassis.unit import Cause, Unit
from services.chassis.watermark import Offsets
from services.monitoring import storage
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.judging import Judge, judge_of
from services.monitoring.reference import counted
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

LOOK_S, GIVE_WAY_S = 0.25, 5.0
MANY, CHUNK, AT_ONCE = 3_000, 100, 3
EVIDENCE = ("events", "approvals", "publications")
PUBLISHER = "publishing"


class Confirmation:
    """Up to when nothing that was in time can still be on its way.

    Publishing says by Heartbeat that all it committed before `drained_at` is in Kafka; from the ends of the topics
    taken after that, once this service's whole group has committed up to them, all of it is also in the documents.
    """

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._began = wall_now()
        self._asked: tuple[datetime, Offsets] | None = None
        self.until: datetime | None = None

    async def advance(self) -> None:
        """Move `until` on as far as heartbeats and positions allow; raises KafkaError while Kafka is away."""
        target = self._target()
        if self._asked is None and target is not None and (self.until is None or target > self.until):
            self._asked = target, await self._service.positions.ends(EVIDENCE)
        if self._asked is not None and await self._service.positions.reached(self._asked[1]):
            self.until, self._asked = self._asked[0], None

    def _target(self) -> datetime | None:
        """What publishing said last; when it has been silent for too long, the present: then nobody is waited for."""
        if self._is_silent_for(self._settings.silent_announce_s):
            return self._service.clock.now()
        beat = self._service.heartbeats.last.get(PUBLISHER)
        return beat.drained_at if beat else None

    @property
    def near(self) -> datetime | None:
        """Up to when due dates may be called near: a word too many does less harm than none.

        That is why nobody waits for a publishing of which the page already says that it is silent.
        """
        return self._service.clock.now() if self._is_silent_for(self._settings.silent_warn_s) else self.until

    @property
    def _settings(self) -> Settings:
        assert isinstance(self._service.settings, Settings)
        return self._service.settings

    def _is_silent_for(self, seconds: int) -> bool:
        return wall_now() - self.heard_at >= timedelta(seconds=seconds)

    @property
    def heard_at(self) -> datetime:
        """Wall time at which publishing was last heard; the start of this process when it never was."""
        beat = self._service.heartbeats.last.get(PUBLISHER)
        return beat.heard_at if beat else self._began


class Deadlines:
    """Looks after due dates for the life of the service."""

    def __init__(self, service: "Service", judge: Judge) -> None:
        self._service, self._judge = service, judge
        self.confirmation = Confirmation(service)
        self._leaving_since: float | None = None

    async def run(self) -> None:
        """Look again and again; raises what stops the store or Kafka, after which it is started again."""
        while True:
            if not await self._look():
                await asyncio.sleep(LOOK_S)

    async def _look(self) -> bool:
        """Deal with many events; whether there may be more at once."""
        store, now = self._service.store, self._service.clock.now()
        if not await storage.waits_for_evidence(store, to_stamp(now)):
            return False
        try:
            await self.confirmation.advance()
        except (KafkaError, OSError, TimeoutError):
            await self._service.positions.close()
        until, nearby = self.confirmation.until, self.confirmation.near
        confirmed, near = to_stamp(until) if until else None, to_stamp(nearby) if nearby else None
        told = confirmed
        if confirmed is not None:
            await storage.release_misses(store, now, confirmed, count=await counted(store))
            told = None if await self._gives_way() else confirmed
        is_second = self._service.relay.lease.is_elsewhere
        limit = 2 * MANY if is_second else MANY
        keys = await storage.events_to_look_at(store, to_stamp(now), told, near=near, limit=limit)
        if is_second:  # two processes would judge the same
            keys = keys[len(keys) // 2 :]

        async def judge(some: Sequence[str]) -> None:
            async def work(unit: Unit) -> None:
                await self._judge.judge_again(unit, some, confirmed=confirmed, near=near)

            with self._service.metrics.timed("deadlines"):
                await store.transact(Cause(self._service.source, "deadlines"), self._service.clock.now(), work)

        await self._in_chunks(judge, keys)
        return bool(keys)

    async def _gives_way(self) -> bool:
        """Whether documents of misses wait: those that were released are on their way, and have the machine first."""
        if not await storage.is_any_leaving(self._service.store):
            self._leaving_since = None
            return False
        now = time.monotonic()
        self._leaving_since = self._leaving_since or now
        return now - self._leaving_since < GIVE_WAY_S

    @staticmethod
    async def _in_chunks(judge: Callable[[Sequence[str]], Awaitable[None]], keys: Sequence[str]) -> None:
        chunks = parted(keys)
        random.shuffle(chunks)  # so that replicas seldom work on the same
        for place in range(0, len(chunks), AT_ONCE):
            outcomes = await asyncio.gather(*map(judge, chunks[place : place + AT_ONCE]), return_exceptions=True)
            failures = [one for one in outcomes if one]
            if failures:
                raise failures[0]


def parted(keys: Sequence[str]) -> list[list[str]]:
    """Event keys in chunks for one transaction each: few in one, of many those with the same first letter together.

    So the chunks of two replicas mostly have the same keys or none in common, whenever each of them looked.
    """
    if len(keys) <= CHUNK:
        return [list(keys)] if keys else []
    by_letter: dict[str, list[str]] = {}
    for key in keys:
        by_letter.setdefault(key[:1], []).append(key)
    return [some[place : place + CHUNK] for some in by_letter.values() for place in range(0, len(some), CHUNK)]


class Sweep:
    """Judges again, chunk by chunk, what was judged under earlier reference data."""

    def __init__(self, service: "Service", judge: Judge) -> None:
        self._service, self._judge = service, judge

    async def run(self) -> None:
        """Look again and again; raises what stops the store, after which it is started again."""
        while True:
            if not await self._chunk():
                await asyncio.sleep(LOOK_S)

    async def _chunk(self) -> bool:
        store = self._service.store
        if not await storage.is_any_behind(store, await counted(store)):
            return False

        async def work(unit: Unit) -> bool:
            count, _ = await self._judge.references.read(unit)
            keys = await storage.events_behind(unit, count, limit=CHUNK)
            await self._judge.judge_again(unit, keys)
            return bool(keys)

        with self._service.metrics.timed("judge-again"):
            return await store.transact(Cause(self._service.source, "judge-again"), self._service.clock.now(), work)


async def watch_deadlines(service: "Service") -> None:
    """Turn and announce what is due, for the life of the service."""
    await Deadlines(service, judge_of(service)).run()


async def judge_again(service: "Service") -> None:
    """Judge anew what new reference data touch, for the life of the service."""
    await Sweep(service, judge_of(service)).run()
