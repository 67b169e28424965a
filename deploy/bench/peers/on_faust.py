"""The fold on Faust: an agent over both topics, its Table in memory with a changelog topic.

It must never run in .venv: its environment is requirements/peer-faust.txt.
"""

import asyncio
import time
from typing import Any

import faust

from contracts.topics import PARTITIONS
from deploy.bench.peers.stepping import Facts, learnt, owed
from deploy.bench.peers.task import Task

LINGER_S, BATCH_BYTES = 0.05, 1 << 19  # each change of the table is told by itself: a third faster than as delivered


def main() -> None:
    """Read, keep the state by key, judge at the end; the clock runs from the first message to the last change told."""
    asyncio.run(_run(Task.given()))


async def _run(task: Task) -> None:
    sight, states, times = task.sight(), dict[str, Facts](), list[float]()
    done = asyncio.Event()
    app = faust.App(
        task.name, broker=f"kafka://{task.kafka_bootstrap}", store="memory://", datadir=task.folder,
        consumer_auto_offset_reset="earliest", topic_partitions=PARTITIONS, topic_disable_leader=True,
        web_enabled=False, producer_linger=LINGER_S, producer_max_batch_size=BATCH_BYTES,
    )  # fmt: skip
    table = app.Table("facts", partitions=PARTITIONS, key_type=str)
    log = app.topic(*task.topics, key_type=str, value_type=bytes, key_serializer="raw", value_serializer="raw")

    async def fold(stream: Any) -> None:
        left = task.messages
        async for key, value in stream.items():
            if not times:
                times.append(time.perf_counter())
            facts = learnt(table.get(key), value)
            if facts is not None:
                table[key] = states[key] = facts
            left -= 1
            if not left:
                done.set()

    app.agent(log)(fold)
    await app.start()
    await done.wait()
    await app.producer.flush()
    obligations = list(owed(states, sight))
    seconds = time.perf_counter() - times[0]
    task.answer(seconds, obligations, "faust-streaming", "aiokafka")
    await app.stop()


if __name__ == "__main__":
    main()
