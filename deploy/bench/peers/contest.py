"""Ours against the peers on one log, turn by turn; a time never counts when the documents come to something else."""

import asyncio
import contextlib
import shutil
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from deploy.bench.peers.environment import ROOT, Answer, Unavailable, answered, python_of
from deploy.bench.peers.task import TOPICS, Task
from deploy.bench.place import Place, say
from deploy.bench.results import Result, judged, not_measured
from services.monitoring.decisions import Sight

AT_MOST = 20_000  # five turns of each within minutes; a smaller log tells more of waiting than of work


@dataclass(frozen=True)
class Peer:
    """What a contender is called, and how many times as fast ours is to be."""

    title: str
    times: int


PEERS = {"quix": Peer("Quix Streams", 3), "faust": Peer("Faust Table", 10)}
HOW = "the peers keep the facts by key, and judge each event once, at the end, as ours does"


@dataclass
class Contest:
    """The times of so many messages, and why a peer has none.

    Shape:   environments is the folder in which each peer has its own.
    """

    messages: int
    environments: Path = ROOT / ".local" / "peers"
    ours: list[float] = field(default_factory=list)
    evidence: set[int] = field(default_factory=set)
    answers: dict[str, list[Answer]] = field(default_factory=lambda: {name: [] for name in PEERS})
    why: dict[str, str] = field(default_factory=dict)
    _pythons: dict[str, Path] = field(default_factory=dict)

    async def prepare(self) -> None:
        """Make the environments that are missing."""
        for name, peer in PEERS.items():
            with self._unless_unavailable(name):
                lock = ROOT / "requirements" / f"peer-{name}.txt"
                self._pythons[name] = await asyncio.to_thread(python_of, lock, self.environments / name)
                say(f"  {peer.title} is installed")

    def folded(self, seconds: float, evidence: int) -> None:
        """Count one time of ours."""
        self.ours.append(seconds)
        self.evidence.add(evidence)
        assert len(self.evidence) == 1, "two folds of the same log differ"

    async def turn(self, place: Place, sight: Sight) -> None:
        """Let each peer read the log that stands there, under a name and with a state that are new."""
        topics = (place.topic_prefix + TOPICS[0], place.topic_prefix + TOPICS[1])
        for name in [name for name in PEERS if name not in self.why]:
            run = f"{place.topic_prefix}{name}{len(self.answers[name])}"
            folder = place.folder / run
            folder.mkdir()
            task = Task(place.kafka_bootstrap, topics, self.messages, run, str(folder))
            task.keep(sight)
            with self._unless_unavailable(name):
                program = f"{__package__}.on_{name}"
                once = partial(answered, self._pythons[name], program, task, now=str(sight.now))
                self.took(name, await asyncio.to_thread(once))
            shutil.rmtree(folder)

    def took(self, name: str, answer: Answer) -> None:
        """Count one time of a peer, if its documents come to the same as ours.

        Raises:  Unavailable.
        """
        if {answer.evidence} != self.evidence:
            raise Unavailable("its documents come to something else than ours, so that its time does not count")
        self.answers[name].append(answer)

    @contextlib.contextmanager
    def _unless_unavailable(self, name: str) -> Iterator[None]:
        try:
            yield
        except Unavailable as error:
            self.why[name] = str(error)
            say(f"  {PEERS[name].title}: {error}")

    def results(self) -> list[Result]:
        """One line for each peer."""
        return [self._result(name, peer) for name, peer in PEERS.items()]

    def _result(self, name: str, peer: Peer) -> Result:
        measure, promise = f"fold-only replay of {self.messages:,} / {peer.title}", f">= {peer.times}x"
        if name in self.why:
            return not_measured("E1", measure, promise, why=self.why[name])
        theirs = [answer.seconds for answer in self.answers[name]]
        medians = [statistics.median(times) for times in (self.ours, theirs)]
        ratio, rates = medians[1] / medians[0], [self.messages / median for median in medians]
        found = f"{ratio:.2f}x ({rates[0]:,.0f}/s; {peer.title} {rates[1]:,.0f}/s)"
        versions = ", ".join(f"{package} {version}" for package, version in self.answers[name][0].versions.items())
        spread = f"ours {_range(self.ours)} s, theirs {_range(theirs)} s, {len(theirs)} turns each"
        return Result("E1", measure, promise, found, judged(ratio >= peer.times), f"{versions}; {spread}; {HOW}")


def _range(times: list[float]) -> str:
    return f"{min(times):.2f}-{max(times):.2f}"
