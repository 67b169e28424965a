"""The steps of a rebuild, one after the other; each can be broken off, and the next run goes on from there.

It must never touch a live document before the staged ones are whole.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from services.chassis.unit import Cause
from services.chassis.watermark import Offsets
from services.monitoring import storage
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.algebra.plans import Reference
from services.monitoring.decisions import Doc, Sight
from services.monitoring.rebuild import journal, swapping
from services.monitoring.rebuild.comparing.comparison import Comparison
from services.monitoring.rebuild.comparing.sides import Sides, compare, compare_some
from services.monitoring.rebuild.folding import Gathered, Groups
from services.monitoring.rebuild.journal import KEYED, Journal
from services.monitoring.rebuild.known import BEHIND, Known
from services.monitoring.rebuild.progress import Progress
from services.monitoring.rebuild.shared import Shared, raise_sequences
from services.monitoring.rebuild.spill import Buckets, Line, buckets_for
from services.monitoring.rebuild.spreading import Folded, Folding, folded_ahead, hands_for
from services.monitoring.rebuild.staging import CHUNK, Staging
from services.monitoring.reference import References
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

SMALL = 500  # so few records may be left for the moment in which nobody judges
ROUNDS, TRIES, TURNS = 8, 3, 10
PAUSE_S = 1.0


@dataclass
class Outcome:
    """What a rebuild found and did.

    Shape:   behind is how many events the sweep has to judge; held_s is None when nothing was put in place.
    """

    comparison: Comparison
    records: int = 0
    unreadable: int = 0
    lacking: int = 0
    behind: int = 0
    held_s: float | None = None
    notes: list[str] = field(default_factory=list)


class Rebuild:
    """One rebuild of a service's documents; with check=True nothing live is ever written."""

    def __init__(
        self, service: "Service", folder: Path, *, check: bool, progress: Progress, topics: Journal | None = None
    ) -> None:
        assert isinstance(service.settings, Settings)
        self._service, self._check, self._progress = service, check, progress
        self._references = References(service.settings.reference())
        self._journal, self._staging = topics or Journal(service), Staging(service)
        self._folder = folder
        self._shared, self._strays = Shared(), dict[str, Known]()
        self._reference, self._count = Reference(), 0
        self._at: Offsets = {}
        self._hands = 1
        self.outcome = Outcome(Comparison())

    async def run(self) -> Outcome:
        """Fold, compare, and put in place."""
        await self._fold_all()
        self.outcome.comparison = await self._compared()
        self._sides.forget()
        if not self._check:
            await self._put_in_place()
        await self._staging.clear()
        return self.outcome

    def _sight(self, now: str = "") -> Sight:
        settings = self._service.settings
        assert isinstance(settings, Settings)
        at = now or to_stamp(self._service.clock.now())
        return Sight(self._count, self._reference, at, approaching_s=settings.approaching_s)

    @property
    def _sides(self) -> Sides:
        service, folder = self._service, self._folder / "compared"
        url = service.settings.mongo_url.get_secret_value()
        return Sides(service.store, self._staging, url=url, folder=folder, hands=self._hands)

    async def _fold_all(self) -> None:
        notes = await self._begin()
        self._at, sight_at = journal.from_doc(notes["ends"]), notes["now"]
        buckets = Buckets(self._folder / "records", KEYED, notes["buckets"])
        done = frozenset(notes["done"])
        self._hands = hands_for(buckets.count)
        try:
            await self._read(buckets, done)
            await self._open_reference()
            sight = self._sight(sight_at)
            await self._fold_buckets(buckets, done, sight)
        finally:
            buckets.remove()
        self._progress.say("building indexes")
        await self._staging.index()
        await self._judge_waiting()
        await self._catch_up()

    async def _begin(self) -> Doc:
        """The notes of the run that was broken off, else new ones over an empty stage."""
        notes = await self._staging.begun()
        if notes is not None and notes["check"] == self._check:
            self._progress.say(
                f"going on where it was broken off: {len(notes['done'])} of {notes['buckets']} parts done"
            )
            return notes
        await self._staging.clear()
        ends = await self._journal.ends()
        keyed = {tp: end for tp, end in ends.items() if tp.topic in {self._service.topic(name) for name in KEYED}}
        fresh = {"ends": journal.to_doc(ends), "now": to_stamp(self._service.clock.now()), "check": self._check}
        await self._staging.note(**fresh, buckets=buckets_for(sum(keyed.values())), done=[])
        return await self._staging.begun() or {}

    async def _read(self, buckets: Buckets, done: frozenset[int]) -> None:
        """Lay down the records, while others note what will be replaced: reading is one process's work."""
        if self._check:
            return await self._spill(buckets, done)
        both = [asyncio.ensure_future(one) for one in (self._sides.note_live(), self._spill(buckets, done))]
        try:
            await asyncio.gather(*both)
        finally:  # when one has failed the other one ends before the folder goes
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _spill(self, buckets: Buckets, done: frozenset[int]) -> None:
        buckets.open(done)
        with self._progress.of("reading", await self._journal.count({}, self._at)) as step:
            async for lines in self._journal.read({}, self._at):
                await asyncio.to_thread(self._sort, lines, buckets)
                step(len(lines))
                self.outcome.records += len(lines)
        buckets.close()

    def _sort(self, lines: list[Line], buckets: Buckets) -> None:
        for line in lines:
            self._shared.hear(line)
            if line.topic in KEYED:
                buckets.add(line)

    async def _open_reference(self) -> None:
        """The reference data under which all is judged: the live one's, which is given what it lacks."""
        if self._check:
            docs = self._shared.docs()
            self._reference, self._count = self._references.made(docs), len(docs)
            return
        store, now = self._service.store, self._service.clock.now()
        cause = Cause(self._service.source, "rebuild")
        self.outcome.lacking += await store.transact(cause, now, self._shared.add_to)
        await self._look_at_reference()

    async def _look_at_reference(self) -> None:
        store, now = self._service.store, self._service.clock.now()
        self._count, self._reference = await store.transact(
            Cause(self._service.source, "rebuild"), now, self._references.look
        )

    async def _fold_buckets(self, buckets: Buckets, done: frozenset[int], sight: Sight) -> None:
        shared_keys = frozenset(self._shared.targets | self._reference.milestones.keys())
        folding = Folding(buckets, sight, shared_keys, await self._staging.order())
        left = [bucket for bucket in range(buckets.count) if bucket not in done]
        parts = folded_ahead(folding, left, hands=min(self._hands, len(left)))
        with self._progress.of("judging", buckets.count, unit="parts") as step:
            step(len(done))
            async with aclosing(parts):  # broken off, the processes end with it
                async for folded in parts:
                    await self._store(folded)
                    buckets.forget(folded.bucket)
                    step(1)

    async def _store(self, folded: Folded) -> None:
        await self._note_read(folded.unreadable, folded.strays, folded.reported)
        await self._staging.insert(folded.rows)
        if not folded.strays:  # they are in nobody's notes: the next run has to meet them again
            await self._staging.done(folded.bucket)

    async def _note_read(self, unreadable: int, strays: dict[str, Known], reported: dict[str, int]) -> None:
        self.outcome.unreadable += unreadable
        for key, stray in strays.items():
            self._strays.setdefault(key, Known()).facts.extend(stray.facts)
        if not self._check:
            self.outcome.lacking += await raise_sequences(self._service, reported)

    async def _judge_waiting(self) -> None:
        """What hangs together with others, now that all are there, and what came under another event's key."""
        where = {"judged_under": {"$lt": self._count, "$ne": BEHIND}}
        behind = self._staging.raw("events").find(where, projection={"_id": 1})
        waiting = {doc["_id"] async for doc in behind}
        keys = sorted({*waiting, *self._reference.milestones, *self._strays})
        if not keys:
            return
        groups = Groups(self._staging, self._sight)
        with self._progress.of("judging what hangs together", len(keys), unit="events") as step:
            for place in range(0, len(keys), CHUNK):
                await groups.judge(keys[place : place + CHUNK], self._strays)
                step(len(keys[place : place + CHUNK]))
        self._strays.clear()

    async def _catch_up(self, *, hold: bool = False) -> int:
        """Read on to where the topics end now; how many records that were.

        Shape:   hold: what is judged otherwise than announced is put back to what was announced.
        """
        ends, gathered, count = await self._journal.ends(), Gathered(), 0
        async for lines in self._journal.read(self._at, ends):
            for line in lines:
                self._shared.hear(line)
                if line.topic in KEYED:
                    gathered.hear(line)
            count += len(lines)
        self._at = ends
        await self._note_read(gathered.unreadable, gathered.strays, gathered.reported())
        groups = Groups(self._staging, self._sight)
        await groups.judge(*await self._news(gathered))
        if hold:
            await self._staging.hold_untold(sorted(groups.untold))
        self.outcome.records += count
        return count

    async def _news(self, gathered: Gathered) -> tuple[list[str], dict[str, Known]]:
        """The events to be judged again, with what is new of them: also milestones of plans approved meanwhile."""
        before, count = self._reference.milestones.keys(), self._count
        if self._check:
            await self._open_reference()
        else:
            await self._look_at_reference()
        opened = self._reference.milestones.keys() - before if count != self._count else set()
        news = {key: one for key, one in gathered.known.items() if not one.is_empty}
        for key, stray in self._strays.items():
            news.setdefault(key, Known()).facts.extend(stray.facts)
        self._strays.clear()
        return sorted(news.keys() | opened), news

    async def _compared(self) -> Comparison:
        """The comparison; what was changed while it ran is compared again, until it is the same or stays different.

        What is only to be checked is compared as it is at the end; what will be replaced, as it was at the beginning.
        """
        self._progress.say("comparing with the documents that are there")
        for turn in range(TRIES):
            if turn or self._check:
                await self._sides.note_live()
            now = self._sight().now
            await self._sides.note_staged(now)
            found = await compare(self._sides, now)
            if found.is_same:
                return found
            again = await self._again(found)
            if again.count:
                found.count, found.words, found.keys = again.count, again.words, again.keys
                return found
        self.outcome.notes.append(f"{len(found.keys)} events changed while they were compared, and are the same now")
        found.count = 0
        return found

    async def _again(self, found: Comparison) -> Comparison:
        """The events that differed, once more when the service has had time; at once where too many did."""
        again = found
        for turn in range(0 if found.is_full else TURNS):
            await asyncio.sleep(PAUSE_S)
            read = await self._catch_up()
            await self._judge_waiting()
            again = await compare_some(self._sides, self._sight().now, keys=sorted(found.keys))
            # what was announced may be ahead of the live documents while the deadline loop has work
            has_work = await storage.waits_for_evidence(self._service.store, self._sight().now)
            if again.is_same or (turn and not read and not has_work):
                break
        return again

    async def _put_in_place(self) -> None:
        self.outcome.behind = await self._staging.hold_untold()
        for left in reversed(range(TRIES)):
            for _ in range(ROUNDS):
                if await self._catch_up(hold=True) <= SMALL:
                    break
            try:
                self.outcome.held_s = await swapping.swap(self._service.store, self._staging, last=self._last)
                return
            except swapping.NotStill as why:
                self._progress.say(f"not yet: {why}")
                if not left:
                    raise
                await asyncio.sleep(PAUSE_S)

    async def _last(self) -> None:
        await self._catch_up(hold=True)
