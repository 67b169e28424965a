"""The fold on Quix Streams: a StreamingDataFrame over both topics, its state in RocksDB with a changelog topic.

It must never run in .venv: its environment is requirements/peer-quix.txt.
"""

import time
from typing import Any

from quixstreams import Application, State

from deploy.bench.peers.stepping import Facts, learnt, owed
from deploy.bench.peers.task import Task

WAIT_S = 0.05  # for a record; a second, as delivered, is waited for in vain where some partitions are read to their end


def main() -> None:
    """Read, keep the state by key, judge at the end; the clock runs from the first message, to the last checkpoint."""
    task = Task.given()
    sight, states, began = task.sight(), dict[str, Facts](), list[float]()

    def step(value: bytes, key: str, *rest: Any) -> bytes:
        state: State = rest[-1]  # after the timestamp and the headers
        if not began:
            began.append(time.perf_counter())
        facts = learnt(state.get("facts"), value)
        if facts is not None:
            state.set("facts", facts)
            states[key] = facts
        return value

    app = Application(
        broker_address=task.kafka_bootstrap, consumer_group=task.name, state_dir=task.folder,
        auto_offset_reset="earliest", loglevel="WARNING", consumer_poll_timeout=WAIT_S,
    )  # fmt: skip
    events, publications = (
        app.dataframe(app.topic(name, key_deserializer="str", value_deserializer="bytes")) for name in task.topics
    )
    both = events.concat(publications)
    both.apply(step, stateful=True, metadata=True)
    app.run(count=task.messages, collect=False)
    obligations = list(owed(states, sight))
    task.answer(time.perf_counter() - began[0], obligations, "quixstreams", "confluent-kafka", "rocksdict")


if __name__ == "__main__":
    main()
