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
from functools import partial
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from services.chassis.clock import wall_now
from services.chassis.relay.outbox import release
from services.chassis.unit import Cause, Unit
from services.chassis.watermark import Offsets
from services.monitoring import storage
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.judging import Judge, judge_of
from services.monitoring.reference import counted
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

LOOK_S, AGAIN_S, GIVE_WAY_S = 0.25, 0.1, 5.0
LATE = timedelta(seconds=2)
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
    """Looks after due dates for the life of the service.

    Shape:   give_way_s is for how many seconds documents wait for misses that are on their way.
    """

    def __init__(self, service: "Service", judge: Judge, *, give_way_s: float = GIVE_WAY_S) -> None:
        self._service, self._judge = service, judge
        self._give_way_s = give_way_s
        self.confirmation = Confirmation(service)
        self._leaving_since: float | None = None

    async def run(self) -> None:
        """Look again and again; raises what stops the store or Kafka, after which it is started again."""
        while True:
            if rest_s := await self.look():
                await asyncio.sleep(rest_s)

    async def look(self) -> float:
        """Deal with many events; in how many seconds there may be more."""
        store, now = self._service.store, self._service.clock.now()
        if not await storage.waits_for_evidence(store, to_stamp(now)):
            return LOOK_S
        try:
            await self.confirmation.advance()
        except (KafkaError, OSError, TimeoutError):
            await self._service.positions.close()
        until, nearby = self.confirmation.until, self.confirmation.near
        confirmed, near = to_stamp(until) if until else None, to_stamp(nearby) if nearby else None
        is_second = self._service.relay.lease.is_elsewhere
        gives_way = confirmed is not None and await self._release(now, confirmed, is_second=is_second)
        told = None if gives_way else confirmed
        limit = 2 * MANY if is_second else MANY
        due = partial(storage.events_to_look_at, store, storage.looked_for(to_stamp(now), told, near))
        keys = await due(limit=limit)
        if is_second:  # two processes would judge the same
            keys = keys[len(keys) // 2 :]

        async def judge(some: Sequence[str]) -> None:
            left = await due(among=some)  # another process may have judged the rest by now
            if not left:
                return

            async def work(unit: Unit) -> None:
                await self._judge.judge_again(unit, left, confirmed=confirmed, near=near)

            with self._service.metrics.timed("deadlines"):
                await store.transact(Cause(self._service.source, "deadlines"), self._service.clock.now(), work)

        await self._in_chunks(judge, keys)
        if keys:
            return 0
        return LOOK_S if gives_way else AGAIN_S

    async def _release(self, now: datetime, confirmed: Stamp, *, is_second: bool) -> bool:
        """Let the misses travel whose evidence is in; whether their documents wait while they have the machine.

        Whoever sends them releases them: a second process would only be in its way, and does so when it is late.
        """
        store = self._service.store
        count = await counted(store)
        mine = min(confirmed, to_stamp(now - LATE)) if is_second else confirmed
        await release(store, storage.ready_misses(now, mine, count=count))
        if not await storage.is_any_leaving(store, storage.ready_misses(now, confirmed, count=count)):
            self._leaving_since = None
            return False
        self._leaving_since = self._leaving_since or time.monotonic()
        return time.monotonic() - self._leaving_since < self._give_way_s

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
