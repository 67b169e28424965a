"""The five services as five real processes on the test platform, with a step clock, and a person's way to them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from contracts.times import format_time
from deploy.demo.rooms import Rooms
from deploy.local import topics

ROOT = Path(__file__).parents[2]
SERVICES = ("planning", "approval", "publishing", "monitoring", "reporting")
ADMIN_PASSWORD = "the-first-key-of-all"
PASSWORD = "tests-have-no-secrets"


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def until(check: Callable[[], Any], *, within_s: float = 20.0, what: str = "") -> Any:
    """The first true answer of `check`; AssertionError with the last answer when there is none in time."""
    end, last = time.monotonic() + within_s, None
    while time.monotonic() < end:
        last = check()
        if last:
            return last
        time.sleep(0.05)
    raise AssertionError(f"not within {within_s} s: {what or check}; last answer: {last!r}")


@dataclass
class System:
    """Five processes of one test module: their own topics, databases, ports and clock."""

    kafka_bootstrap: str
    mongo_url: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    prefix: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:8]}-")

    def __post_init__(self) -> None:
        ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        self.ports = ports
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        self.clock = self.folder / "clock"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.rooms = Rooms(self.urls)

    @property
    def mongo_prefix(self) -> str:
        """The prefix of this system's databases."""
        return self.prefix.replace("-", "_")

    def step(self, now: datetime) -> None:
        """Set the domain time of all processes."""
        new = self.clock.with_suffix(".new")
        new.write_text(format_time(now))
        os.replace(new, self.clock)

    def start(self, now: datetime) -> None:
        """Make the topics, start all five and wait until each is ready."""
        self.step(now)
        with ThreadPoolExecutor(1) as apart:  # a test in a browser has an event loop of its own here
            apart.submit(topics.ensure, self.kafka_bootstrap, prefix=self.prefix).result()
        for name in SERVICES:
            self.start_one(name)
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until every service serves pages and reads Kafka."""
        for name in SERVICES:
            until(lambda name=name: self.reads(name), within_s=120, what=f"{name} ready; see {self.folder / name}.log")

    def reads(self, name: str) -> bool:
        """Whether the service is ready and its consumers have positions that can be asked for."""
        state = self.ready(name)
        return bool(state and state.get("kafka", {}).get("lag") is not None)

    def ready(self, name: str) -> dict[str, Any] | None:
        """The body of /health/ready when it is 200."""
        try:
            response = httpx2.get(self.urls[name] + "/health/ready", timeout=10)
        except httpx2.TransportError:
            return None
        return response.json() if response.status_code == 200 else None

    def environment(self, name: str) -> dict[str, str]:
        """What the process of a service is told."""
        own = {
            "ENVIRONMENT": "test",
            "KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "MONGO_URL": self.mongo_url,
            "MONGO_PREFIX": self.mongo_prefix,
            "TOPIC_PREFIX": self.prefix,
            "CLOCK_FILE": str(self.clock),
            "PORT": str(self.ports[name]),
            "ROOM_URLS": json.dumps(self.urls),
            "ADMIN_PASSWORD": ADMIN_PASSWORD,
            "LOG_LEVEL": "INFO",
            **self.settings,
        }
        return {**os.environ, **own}

    def start_replica(self, name: str) -> str:
        """Start one more process of a service, at a port of its own; the name by which it is killed."""
        replica = f"{name}-{sum(other.startswith(name) for other in self.ports) + 1}"
        self.ports[replica] = free_ports(1)[0]
        self.urls[replica] = f"http://127.0.0.1:{self.ports[replica]}"
        self.start_one(name, as_name=replica)
        until(lambda: self.reads(replica), within_s=60, what=f"{replica} ready")
        return replica

    def start_one(self, name: str, *, as_name: str = "") -> None:
        """Start one service as a process of its own; its log is in the folder."""
        called = as_name or name
        log = (self.folder / f"{called}.log").open("ab")
        command = [sys.executable, "-m", f"services.{name}"]
        self.processes[called] = subprocess.Popen(
            command, cwd=ROOT, env=self.environment(called), stdout=log, stderr=subprocess.STDOUT
        )

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash would; nobody asks a replica for its state any more."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()
        if name not in SERVICES:
            self.urls.pop(name)

    def stop(self) -> None:
        """End all processes in order."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()

    def open_accounts(self, **people: str) -> None:
        """Make and sign in an account for each name=role; the administrator is signed in as well."""
        self.rooms.sign_in("admin", ADMIN_PASSWORD)
        for name, role in people.items():
            self.open_account(name, role)

    def open_account(self, name: str, role: str) -> None:
        """Make and sign in one account."""
        account = {"name": name, "display_name": name, "roles": [role], "unit": "PTT", "password": PASSWORD}
        self.rooms.call("admin", "POST", "approval/api/accounts", given=account)
        self.rooms.sign_in(name, PASSWORD)

    def token(self, source: str) -> str:
        """A new bearer token that speaks for the source and may read."""
        given = {"source": source, "scopes": ["events:write", "read"]}
        answer = self.rooms.call("admin", "POST", "monitoring/api/tokens", given=given)
        return str(answer["token"])

    def event(self, token: str, key: str) -> dict[str, Any] | None:
        """What the read API says of an event, or None while it does not know it."""
        url = f"{self.urls['monitoring']}/api/events/{key}"
        response = httpx2.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        return response.json() if response.status_code == 200 else None
