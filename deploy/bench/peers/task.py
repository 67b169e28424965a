"""What a peer is told and what it answers; it must never judge whether the answer is right.

The obligations go into a file: whoever asked takes the sum of the evidence, by the same lines as of its own.
"""

import json
import pickle
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import orjson

from deploy.bench.peers.stepping import Doc
from services.monitoring.decisions import Sight

TOPICS = ("events", "publications")


@dataclass(frozen=True)
class Task:
    """One run: where the log is, how many messages it has, and a name and a folder that are new each time."""

    kafka_bootstrap: str
    topics: tuple[str, str]
    messages: int
    name: str
    folder: str

    @classmethod
    def given(cls) -> "Task":
        """The task on the command line."""
        told = json.loads(sys.argv[1])
        return cls(**(told | {"topics": tuple(told["topics"])}))

    @property
    def argument(self) -> str:
        """The task for the command line."""
        return json.dumps(asdict(self))

    @property
    def obligations(self) -> Path:
        """Where the answer's obligations go, one a line."""
        return Path(self.folder) / "obligations.jsonl"

    def keep(self, sight: Sight) -> None:
        """Put down under what is judged."""
        self._sight.write_bytes(pickle.dumps(sight))

    def sight(self) -> Sight:
        """Under what is judged."""
        kept = pickle.loads(self._sight.read_bytes())
        assert isinstance(kept, Sight)
        return kept

    def answer(self, seconds: float, obligations: Iterable[Doc], *packages: str) -> None:
        """Write down the obligations, and print the time and the versions."""
        with self.obligations.open("wb") as file:
            file.writelines(orjson.dumps(one) + b"\n" for one in obligations)
        print(json.dumps({"seconds": seconds, "versions": {name: version(name) for name in packages}}), flush=True)

    @property
    def _sight(self) -> Path:
        return Path(self.folder) / "sight.pickle"
