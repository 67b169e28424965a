"""E2, E3, E4: a rebuild into fresh collections as `make rebuild` does it; its time, growth and memory."""

import asyncio
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymongo import MongoClient

from deploy.bench.fixture import NOW, Told, announced, evidence_of, pairs
from deploy.bench.place import Place, prepared, say, send, watched
from deploy.bench.results import Result, judged
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.decisions import Sight
from services.monitoring.rebuild.spill import Line

SIZES = (10_000, 100_000, 1_000_000)
COMMAND = [sys.executable, "-m", "services.monitoring", "rebuild"]
BATCH = 1_000
GIGABYTE, FIVE_MINUTES_S, A_MILLION = 1 << 30, 300.0, 1_000_000


@dataclass(frozen=True)
class Measured:
    """One rebuild. Units: seconds; bytes."""

    messages: int
    seconds: float
    insert_s: float
    documents: int
    sizes: list[int]
    log: str


def run(place: Place, messages: int) -> list[Result]:
    """Rebuild at every size up to the given one; the documents must come to what the fixture says."""
    found = [measure(place.fresh(), size) for size in [*(one for one in SIZES if one < messages), messages]]
    last = found[-1]
    ratio = last.insert_s / last.seconds
    limit = FIVE_MINUTES_S * last.messages / A_MILLION
    said = f"{last.seconds:.1f} s ({last.messages / last.seconds:,.0f}/s), {ratio:.2f}x insert_many"
    note = (
        f"{last.documents:,} documents, byte-equal in a second run, nothing announced; insert_many alone"
        f" {last.insert_s:.1f} s; time limit by size {limit:.0f} s; log sha256 {last.log[:16]}..."
    )
    is_met = ratio >= 0.5 and last.seconds <= limit
    results = [
        Result("E2", f"rebuild of {messages:,}", ">= 0.5x insert_many; 1e6 <= 300 s", said, judged(is_met), note)
    ]
    if len(found) > 1:
        results.append(_growth(found))
    return [*results, _memory(last)]


def _growth(found: list[Measured]) -> Result:
    first, last = found[0], found[-1]
    slope = math.log(last.seconds / first.seconds) / math.log(last.messages / first.messages)
    points = [[float(one.messages), one.seconds] for one in found]
    told = ", ".join(f"{one.messages:,}: {one.seconds:.1f} s" for one in found)
    measure = f"growth {first.messages:,} -> {last.messages:,}"
    return Result("E3", measure, "slope <= 1.05", f"{slope:.2f}", judged(slope <= 1.05), told, {"rebuild": points})


def _memory(one: Measured) -> Result:
    half, most = one.sizes[len(one.sizes) // 2 :], max(one.sizes)
    grown = (max(half) - half[0]) / (1 << 20)
    found = f"{most / (1 << 20):.0f} MB at most"
    note = f"{grown:+.0f} MB in the second half of the run"
    return Result(
        "E4", f"memory in a rebuild of {one.messages:,}", "<= 1 GB, flat", found, judged(most <= GIGABYTE), note
    )


def measure(place: Place, messages: int) -> Measured:
    """One size: write the log and what was announced of it, rebuild, check, insert the same documents plainly."""
    told = asyncio.run(_write(place, messages))
    say(f"  {told.messages:,} messages and {told.announced:,} announcements; log sha256 {told.sha256}")
    seconds, sizes, output = watched(COMMAND, place.environment())
    say(f"  rebuilt in {seconds:.1f} s")
    assert "nothing was announced again" in output, output
    with MongoClient[dict[str, Any]](place.mongo_url) as client:
        database = client[place.database]
        _check(database, told)
        watched([*COMMAND, "--check"], place.environment())
        insert_s, documents = _insert(database)
    place.forget()
    return Measured(messages, seconds, insert_s, documents, sizes, told.sha256)


async def _write(place: Place, messages: int) -> Told:
    told = Told()
    async with prepared(place) as (_, sight):
        await send(place, _lines(messages, sight, told))
    return told


def _lines(messages: int, sight: Sight, told: Told) -> Iterator[Line]:
    began = time.monotonic()
    for number, pair in enumerate(pairs(messages)):
        for line in pair.lines:
            told.see(line)
            yield line
        yield from announced(pair, sight, told)
        if number % 50_000 == 49_999:
            say(f"  {told.messages:,} messages made, {told.messages / (time.monotonic() - began):,.0f}/s")


def _check(database: Any, told: Told) -> None:
    """The gate: the documents are those that the log makes, and the outbox has not grown."""
    now, total, evidence = to_stamp(NOW), 0, 0
    for doc in database["obligations"].find({}):
        total += 1
        evidence = (evidence + evidence_of(doc, now)) % 2**256
    assert (total, evidence) == (told.obligations, told.evidence), "the documents are not what the log makes"
    waiting = database["outbox"].count_documents({"st": 0})
    assert waiting == 0, f"{waiting} messages were announced by the rebuild"


def _insert(database: Any) -> tuple[float, int]:
    """Insert the same documents into empty collections without indexes: what the database takes at the most."""
    seconds, count = 0.0, 0
    for name in ("events", "obligations"):
        database.drop_collection(f"raw_{name}")
        cursor = database[name].find({}, batch_size=BATCH)
        while docs := [doc for _, doc in zip(range(BATCH), cursor, strict=False)]:
            began = time.perf_counter()
            database[f"raw_{name}"].insert_many(docs, ordered=False)
            seconds += time.perf_counter() - began
            count += len(docs)
    return seconds, count
