"""Monitoring as a process of its own, without Kafka: what a stranger's tool can be let loose on."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.web.identity import ROLE_NAMES, cookie_name, open_session
from services.monitoring.app import create_app
from services.monitoring.settings import Settings
from services.monitoring.sources import SCOPES, NewToken, issue_token

ROOT = Path(__file__).parents[3]
READY_WITHIN_S = 120


@dataclass(frozen=True)
class Running:
    """Where it listens, who may do all there, and what it logged."""

    address: str
    headers: Sequence[tuple[str, str]]
    log: Path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _environment(mongo_url: str, prefix: str, port: int) -> dict[str, str]:
    own = {"ENVIRONMENT": "test", "HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "WARNING"}
    away = {"KAFKA_BOOTSTRAP": f"127.0.0.1:{free_port()}", "MONGO_URL": mongo_url, "MONGO_PREFIX": prefix}
    return {**os.environ, **own, **away, "PYTHONPATH": str(ROOT)}


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            if urllib.request.urlopen(f"{address}/health/ready", timeout=2).status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError("monitoring did not become ready")


@contextlib.asynccontextmanager
async def monitoring(mongo_url: str, log: Path) -> AsyncIterator[Running]:
    """Start it on a database of its own, with a token and a person of every role; leave nothing behind."""
    prefix, port = f"t{uuid.uuid4().hex[:8]}_", free_port()
    address = f"http://127.0.0.1:{port}"
    settings = Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=prefix)
    service = create_app(settings).state.service
    with log.open("wb") as written:
        command = [sys.executable, "-m", "services.monitoring"]
        environment = _environment(mongo_url, prefix, port)
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=written, stderr=written)
        try:
            _wait(process, address)
            person = Actor("fuzzer", "Fuzzer", frozenset(ROLE_NAMES))
            session = await open_session(service, person, wall_now())
            given = NewToken.from_data({"source": "/sis", "scopes": SCOPES})
            made = await issue_token(
                service.store, given, by=Actor("test", "", frozenset()), command_id="fuzz", now=wall_now()
            )
            headers = [("Cookie", f"{cookie_name(settings)}={session}"), ("Authorization", f"Bearer {made['token']}")]
            yield Running(address, [*headers, ("Origin", settings.room_urls["monitoring"])], log)
            assert process.poll() is None, "monitoring ended"
        finally:
            process.terminate()
            process.wait(30)
            await service.store.client.drop_database(service.store.database.name)
            await service.store.client.drop_database(service.sessions.database.name)
            service.store.client.close()
