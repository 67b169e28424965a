"""Kafka and MongoDB as children of this process, for tests and tools; never what `make up` runs."""

import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import jars, processes, topics
from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongo
from deploy.local.say import Say
from deploy.local.trouble import Trouble, tail

START_S = 60.0
STOP_S = 30.0


def cache_folder(home: Path | None = None) -> Path:
    """Where fetched jars are kept: PUBLICITY_CACHE, or `.local/cache` of the repository."""
    default = (home or Path(__file__).parents[2]) / ".local" / "cache"
    return Path(os.environ.get("PUBLICITY_CACHE") or default).absolute()


class Platform:
    """A real Kafka and a real MongoDB under a folder; a port of 0 takes a free one.

    Shape:   kafka_bootstrap and mongo_url are what services are given.
    Raises:  Trouble when either does not start.
    """

    def __init__(
        self, root: Path, *, kafka_port: int = 0, controller_port: int = 0, mongo_port: int = 0, say: Say | None = None
    ) -> None:
        self.root = root.absolute()
        free = iter(processes.free_ports(3))
        ports = [given or next(free) for given in (kafka_port, controller_port, mongo_port)]
        self._say = say or Say(quiet=True)
        self._ports = ports
        self._kafka: Kafka | None = None
        self.mongo = Mongo(self.root / "mongo", ports[2])
        self.kafka_bootstrap = f"127.0.0.1:{ports[0]}"
        self.mongo_url = self.mongo.url
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start both at once and wait until both take work."""
        processes.check_disk(self.root)
        processes.end(processes.marked(self.root))
        self._kafka = Kafka(
            self.root / "kafka", self._ports[0], self._ports[1], jars.fetch(cache_folder(), say=self._say)
        )
        self.mongo.prepare()
        self._spawn("mongod", self.mongo.command())
        self._kafka.prepare()
        self._spawn("kafka", self._kafka.command())
        with ThreadPoolExecutor(2) as both:
            for waiting in (both.submit(self._wait_mongo), both.submit(self._wait_kafka)):
                waiting.result()

    def create_topics(self, prefix: str = "") -> None:
        """Create and check the topics of the contract, their names after the prefix."""
        topics.ensure(self.kafka_bootstrap, prefix=prefix)

    def stop(self) -> None:
        """Stop both; the data stay."""
        self._end("kafka")
        self._end("mongod")

    def stop_kafka(self, *, kill: bool = False) -> None:
        """Stop the broker as for maintenance, or kill -9 it."""
        self._end("kafka", kill=kill)

    def start_kafka(self) -> None:
        """Start the stopped broker again, on the same port and data, and wait until it takes work."""
        if self._kafka is None:
            raise RuntimeError("the platform was never started")
        self._spawn("kafka", self._kafka.command())
        self._wait_kafka()

    def stop_mongo(self, *, kill: bool = False) -> None:
        """Stop the database server, or kill -9 it."""
        self._end("mongod", kill=kill)

    def start_mongo(self) -> None:
        """Start the stopped database server again, and wait until it takes writes."""
        self._spawn("mongod", self.mongo.command())
        self._wait_mongo()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def log(self, name: str) -> Path:
        """The log of "kafka" or "mongod"."""
        return self.root / f"{name}.log"

    def _spawn(self, name: str, command: list[str]) -> None:
        setpriv = shutil.which("setpriv")  # so that a killed test run leaves no server behind
        guard = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with self.log(name).open("ab") as log:
            self._children[name] = subprocess.Popen(
                [*guard, *command],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, processes.MARK: str(self.root)},
            )

    def _end(self, name: str, *, kill: bool = False) -> None:
        child = self._children.pop(name, None)
        if child is None:
            return
        with suppress(ProcessLookupError):
            child.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _wait_mongo(self) -> None:
        try:
            self.mongo.initiate(within_s=START_S)
        except TimeoutError as error:
            raise self._silent("mongod", str(error)) from error

    def _wait_kafka(self) -> None:
        until = time.monotonic() + START_S
        while not topics.answers(self.kafka_bootstrap):
            if time.monotonic() > until or self._children["kafka"].poll() is not None:
                raise self._silent("kafka", f"nobody listens at {self.kafka_bootstrap}")
            time.sleep(0.05)
        topics.names(self.kafka_bootstrap, within_s=START_S)

    def _silent(self, name: str, why: str) -> Trouble:
        log = self.log(name).read_text(errors="replace")
        return Trouble(f"{name} does not start", why=f"{why}\n{tail(log)}", do=f"Its log: {self.log(name)}")
