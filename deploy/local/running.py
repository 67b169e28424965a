"""From nothing to five ready services: what `make up` and `make demo` do first; never asks the person."""

import contextlib
import http.client
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local import jars, processes, topics
from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongo
from deploy.local.say import Say
from deploy.local.settings import Setup
from deploy.local.supervision import Supervisor
from deploy.local.trouble import Trouble, tail

SERVER_S = 60.0
READY_S = 120.0
TOO_OFTEN = 3


def start(setup: Setup, *, say: Say) -> str:
    """Have everything of the setup running and ready; return a new administrator's password, or "".

    Raises:  Trouble, with everything left as it is for `make logs`.
    """
    supervisor = Supervisor(setup)
    if supervisor.answers() and not supervisor.is_same():
        say("The settings changed since it was started: stopping it first")
        supervisor.stop()
    if not supervisor.answers():
        _start_servers(setup, supervisor, say=say)
    _wait_servers(setup, supervisor, say=say)
    for name in setup.service_ports:
        supervisor.start_program(name)
    _wait_ready(setup, supervisor, say=say)
    return _welcome(setup)


def _start_servers(setup: Setup, supervisor: Supervisor, *, say: Say) -> None:
    left = supervisor.clean()
    if left:
        say(f"An earlier run was killed: ended {left} processes that it left behind; the data stay")
    processes.check_disk(setup.folder)
    processes.check_ports(setup.listening(), setup.host)
    servers: dict[str, list[str]] = {}
    if not setup.outside_mongo:
        mongo = Mongo(setup.folder / "mongo", setup.ports["MONGO_PORT"])
        mongo.prepare()
        servers["mongod"] = mongo.command()
    if not setup.outside_kafka:
        kafka = Kafka(
            setup.folder / "kafka",
            setup.ports["KAFKA_PORT"],
            setup.ports["KAFKA_CONTROLLER_PORT"],
            jars.fetch(setup.cache, say=say),
        )
        kafka.prepare()
        servers["kafka"] = kafka.command()
    supervisor.configure(servers)
    supervisor.start({"ADMIN_PASSWORD": _first_password(setup)})


def _first_password(setup: Setup) -> str:
    """The given password; else a new one, kept until it was told, so that a start that was cut off loses none."""
    if setup.passed.get("ADMIN_PASSWORD"):
        return setup.passed["ADMIN_PASSWORD"]
    kept, welcomed = _password_files(setup)
    if kept.exists():
        return kept.read_text()
    if welcomed.exists() or (setup.outside_mongo and _has_accounts(setup)):
        return ""
    kept.touch(mode=0o600)
    kept.write_text(secrets.token_urlsafe(12))
    return kept.read_text()


def _welcome(setup: Setup) -> str:
    kept, welcomed = _password_files(setup)
    password = kept.read_text() if kept.exists() else ""
    welcomed.touch()
    kept.unlink(missing_ok=True)
    return password


def _password_files(setup: Setup) -> tuple[Path, Path]:
    return setup.folder / "run" / "first-password", setup.folder / "run" / "welcomed"


def _has_accounts(setup: Setup) -> bool:
    try:
        with MongoClient[dict[str, Any]](setup.mongo_url, serverSelectionTimeoutMS=10_000) as client:
            accounts = client[f"{setup.mongo_prefix}approval"]["accounts"]
            return accounts.find_one({}, {"_id": 1}) is not None
    except PyMongoError as error:
        raise Trouble(
            "MongoDB does not answer", why=str(error).split(" (configured", maxsplit=1)[0], do="Check MONGO_URL."
        ) from error


def _wait_servers(setup: Setup, supervisor: Supervisor, *, say: Say) -> None:
    say("Waiting for MongoDB and Kafka")
    with ThreadPoolExecutor(2) as both:
        mongo = both.submit(_wait_mongo, setup)
        kafka = both.submit(topics.ensure, setup.kafka_bootstrap, prefix=setup.topic_prefix, within_s=SERVER_S)
        try:
            mongo.result()
            created = kafka.result()
        except Trouble as error:
            raise _with_log(supervisor, error) from error
    if created:
        say(f"  created {created} topics")


def _wait_mongo(setup: Setup) -> None:
    if setup.outside_mongo:
        _has_accounts(setup)
        return
    try:
        Mongo(setup.folder / "mongo", setup.ports["MONGO_PORT"]).initiate(within_s=SERVER_S)
    except TimeoutError as error:
        raise Trouble("MongoDB does not start", why=str(error), do="make logs") from error


def _with_log(supervisor: Supervisor, error: Trouble) -> Trouble:
    for name in ("mongod", "kafka"):
        log = supervisor.logs / f"{name}.log"
        dead = supervisor.programs().get(name, {}).get("statename") in ("BACKOFF", "FATAL", "EXITED")
        if dead and log.exists():
            why = f"{error.why}\n{tail(log.read_text(errors='replace'))}"
            return Trouble(f"{name} does not stay up", why=why, do=f"Its log: {log}")
    return error


def readiness(setup: Setup, name: str) -> dict[str, Any] | None:
    """The body of a service's /health/ready when it is 200."""
    connection = http.client.HTTPConnection(setup.reached_at, setup.service_ports[name], timeout=10)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            body = answer.read()
            return json.loads(body or b"{}") if answer.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError):
            return None


def _wait_ready(setup: Setup, supervisor: Supervisor, *, say: Say) -> None:
    say("Waiting for the five services")
    waiting = dict.fromkeys(setup.service_ports, 0.0)
    failed: dict[str, set[int]] = {name: set() for name in waiting}
    until = time.monotonic() + READY_S
    while waiting:
        for name in [name for name in waiting if readiness(setup, name) is not None]:
            waiting.pop(name)
            say(f"  {name} is ready")
        states = supervisor.programs()
        for name in waiting:
            state = states[name]
            if state["statename"] == "BACKOFF":
                failed[name].add(state["start"])
            if state["statename"] == "FATAL" or len(failed[name]) >= TOO_OFTEN or time.monotonic() > until:
                raise _not_ready(supervisor, name, state["description"])
        time.sleep(0.2)


def _not_ready(supervisor: Supervisor, name: str, state: str) -> Trouble:
    log = supervisor.logs / f"{name}.log"
    text = log.read_text(errors="replace") if log.exists() else ""
    return Trouble(f"{name} does not become ready", why=f"{state}\n{tail(text)}", do=f"Its log: {log}   (make logs)")


def table(setup: Setup, password: str = "") -> str:
    """The addresses of everything, one table."""
    rows = [(name, url) for name, url in setup.urls.items()]
    rows.append(("Kafka", setup.kafka_bootstrap + (" (runs elsewhere)" if setup.outside_kafka else "")))
    mongo = "runs elsewhere (MONGO_URL)" if setup.outside_mongo else setup.mongo_url
    rows.append(("MongoDB", mongo))
    rows.append(("data, logs", f"{setup.folder}"))
    if password:
        rows.append(("first account", f"admin, password {password}   (told this once; change it after signing in)"))
    return "\n".join(f"  {name:<14}{value}" for name, value in rows)
