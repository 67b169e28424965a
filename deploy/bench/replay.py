"""E1: reading the log and folding it, against a loop that only reads it, and against peers on a smaller log.

It must never write to the database.
"""

import asyncio
import statistics
import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import PARTITIONS
from deploy.bench.fixture import Told, evidence_of, pairs
from deploy.bench.peers.contest import AT_MOST, Contest
from deploy.bench.peers.task import TOPICS
from deploy.bench.place import Place, prepared, say, send
from deploy.bench.results import Result, judged
from services.monitoring.decisions import Sight
from services.monitoring.rebuild.folding import fold, gather
from services.monitoring.rebuild.journal import FETCH_BYTES, Journal
from services.monitoring.rebuild.spill import Line

REPEATS = 5
PROMISE = ">= 0.4x"


def run(place: Place, messages: int) -> list[Result]:
    """Measure; the folded documents must come to what the fixture says, or the time does not count."""
    return asyncio.run(_run(place.fresh(), place.fresh(), messages))


async def _run(place: Place, smaller: Place, messages: int) -> list[Result]:
    told, bare, folded = Told(), list[float](), list[float]()
    contest = Contest(min(messages, AT_MOST))
    await contest.prepare()
    async with prepared(place) as (service, sight), prepared(smaller) as (small, same):
        await send(place, log_of(messages, told))
        await send(smaller, log_of(contest.messages, Told()))
        say(f"  log of {told.messages:,} messages, sha256 {told.sha256}")
        expected: int | None = None
        for turn in range(REPEATS):
            bare.append(await _bare(place))
            seconds, evidence = await _fold(Journal(service), sight)
            folded.append(seconds)
            assert expected in (None, evidence), "two folds of the same log differ"
            expected = evidence
            say(f"  {turn + 1} of {REPEATS}: bare {bare[-1]:.2f} s, folded {folded[-1]:.2f} s")
            contest.folded(*await _fold(Journal(small), same))
            await contest.turn(smaller, same)
    ratio = statistics.median(bare) / statistics.median(folded)
    rates = [messages / statistics.median(times) for times in (bare, folded)]
    found = f"{ratio:.3f}x ({rates[1]:,.0f}/s; bare {rates[0]:,.0f}/s)"
    spread = (
        f"bare {min(bare):.2f}-{max(bare):.2f} s, folded {min(folded):.2f}-{max(folded):.2f} s, {REPEATS} turns each"
    )
    measure = f"fold-only replay of {messages:,} / bare getmany"
    note = f"log sha256 {told.sha256[:16]}...; {spread}"
    return [Result("E1", measure, PROMISE, found, judged(ratio >= 0.4), note), *contest.results()]


def log_of(messages: int, told: Told) -> list[Line]:
    lines = []
    for pair in pairs(messages):
        for line in pair.lines:
            told.see(line)
            lines.append(line)
    return lines


async def _bare(place: Place) -> float:
    """Only read: what any Python program on this client pays at the least."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=place.kafka_bootstrap, auto_offset_reset="earliest", max_partition_fetch_bytes=FETCH_BYTES
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(place.topic_prefix + topic, n) for topic in TOPICS for n in range(PARTITIONS)]
        consumer.assign(partitions)
        left = sum((await consumer.end_offsets(partitions)).values())
        began = time.perf_counter()
        while left > 0:
            left -= sum(map(len, (await consumer.getmany(timeout_ms=500, max_records=5_000)).values()))
        return time.perf_counter() - began
    finally:
        await consumer.stop()


async def _fold(journal: Journal, sight: Sight) -> tuple[float, int]:
    """Read, gather by event, judge; returns seconds and the sum of the evidence."""
    ends = await journal.ends()
    began = time.perf_counter()
    lines = [line async for some in journal.read({}, ends, TOPICS) for line in some]
    settled = fold(gather(lines).known, sight, frozenset())
    seconds = time.perf_counter() - began
    now = str(sight.now)
    return seconds, sum(evidence_of(doc, now) for doc in settled.obligations) % 2**256
