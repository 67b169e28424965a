"""The commands behind the Makefile; each says what it does and ends with an exit code; never with a traceback."""

import os
import shutil
import subprocess
import sys
import time

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from contracts.times import format_time
from deploy.local import republish as journals
from deploy.local import running, topics
from deploy.local.say import Say
from deploy.local.settings import REPOSITORY, Setup, read
from deploy.local.supervision import Supervisor
from deploy.local.trouble import Trouble

KEPT_BY_RESET = {"cache"}
MONGO_OWN = {"admin", "config", "local"}
say = Say()


def up() -> int:
    """Start everything on its own data, wait until all are ready, print the addresses."""
    began = time.monotonic()
    setup = read("up")
    _give_way("demo", to="make up")
    password = running.start(setup, say=say)
    say(f"All ready after {time.monotonic() - began:.0f} s. Sign in at {setup.urls['approval']}\n")
    say(running.table(setup, password))
    say("\n  make logs · make status · make down · make help")
    return 0


def demo() -> int:
    """Wipe the demo's data, start everything on a step clock, walk the seeded year, leave all running."""
    from deploy.demo.walk import BEGIN

    setup = read("demo")
    _refuse_filled(setup)
    _give_way("up", to="make demo")
    if setup.folder.exists():
        Supervisor(setup).stop()
        shutil.rmtree(setup.folder)
    setup.folder.mkdir(parents=True)
    assert setup.clock is not None
    setup.clock.write_text(format_time(BEGIN))
    password = running.start(setup, say=say)
    told = {**os.environ, **setup.environment(), "ADMIN_PASSWORD": password or setup.passed["ADMIN_PASSWORD"]}
    done = subprocess.run([sys.executable, "-m", "deploy.demo"], env=told, cwd=REPOSITORY, check=False)
    say("\nAll is left running to be looked at (make down stops it; make demo begins anew):\n")
    say(running.table(setup, told["ADMIN_PASSWORD"]))
    return done.returncode


def down() -> int:
    """Stop whatever runs; the data stay."""
    stopped = [kind for kind in ("demo", "up") if _stop(kind)]
    say("Stopped; the data stay." if stopped else "Nothing was running.")
    return 0


def reset() -> int:
    """Stop all and forget all data, after asking; fetched jars stay."""
    folder = read("up").folder
    if os.environ.get("YES") != "1":
        if not sys.stdin.isatty():
            raise Trouble("make reset asks first, and nobody can answer here", do="make reset YES=1")
        if input(f"Forget all plans, events, accounts and messages under {folder}? Type yes: ").strip() != "yes":
            say("Nothing was changed.")
            return 1
    down()
    for path in folder.iterdir() if folder.exists() else ():
        if path.name not in KEPT_BY_RESET:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    say("All data are forgotten; make up begins anew.")
    return 0


def logs() -> int:
    """Follow the logs of what runs."""
    setup = _active() or read("up")
    files = sorted(str(path) for path in (setup.folder / "log").glob("*.log"))
    if not files:
        raise Trouble("there are no logs yet", do="make up")
    return subprocess.call(["tail", "-n", os.environ.get("LINES_BACK", "20"), "-F", *files])


def status() -> int:
    """Say what runs, and whether each service is ready."""
    setup = _active()
    if setup is None:
        say("Nothing runs (make up, make demo).")
        return 0
    say(f"Running: make {setup.kind}, data under {setup.folder}")
    for name, row in Supervisor(setup).programs().items():
        ready = ""
        if name in setup.service_ports:
            ready = "ready" if running.readiness(setup, name) is not None else "NOT ready"
        say(f"  {name:<12}{row['statename']:<10}{row['description']:<34}{ready}")
    return 0


def dev(service: str) -> int:
    """Run one service in the foreground and again after each change; give it back at the end."""
    setup = running_setup()
    if service not in setup.service_ports:
        raise Trouble(f"there is no service {service!r}", do="make dev S=" + "|".join(setup.service_ports))
    supervisor = Supervisor(setup)
    supervisor.stop_program(service)
    say(f"{service} runs here now, and again after each change ({setup.urls[service]}); Ctrl-C gives it back\n")
    told = {**os.environ, **setup.environment(), "PORT": str(setup.service_ports[service])}
    watch = [sys.executable, "-m", "watchfiles", "--filter", "default", "--sigint-timeout", "35"]
    program = f"{sys.executable} -m services.{service}"
    child = subprocess.Popen(
        [*watch, program, f"services/{service}", "services/chassis", "contracts"], env=told, cwd=REPOSITORY
    )
    try:
        return child.wait()
    except KeyboardInterrupt:  # the child got the same Ctrl-C
        child.wait()
        return 0
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
        supervisor.start_program(service)
        say(f"\n{service} runs under the supervisor again")


def token(source: str, scopes: str) -> int:
    """Print a new token of a source system; monitoring makes it."""
    setup = running_setup()
    told = {**os.environ, **setup.environment(), "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "services.monitoring", "token", "--source", source, "--scopes", scopes]
    return subprocess.call(command, env=told, cwd=REPOSITORY)


def rebuild(check: bool) -> int:
    """Make monitoring's documents again from the topics and compare them with the live ones; replace these."""
    setup = running_setup()
    told = {**os.environ, **setup.environment(), "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "services.monitoring", "rebuild", *(["--check"] if check else [])]
    return subprocess.call(command, env=told, cwd=REPOSITORY)


def republish() -> int:
    """Write the topics again from the services' journals, where Kafka was lost."""
    setup = running_setup()
    topics.ensure(setup.kafka_bootstrap, prefix=setup.topic_prefix)
    count = journals.republish(
        journals.Place(setup.mongo_url, setup.mongo_prefix, setup.kafka_bootstrap, setup.topic_prefix, setup.login),
        say=say,
    )
    say(f"{count:,} messages written again; readers know them and change nothing")
    return 0


def _active() -> Setup | None:
    """What runs, with the settings it was started with."""
    ran = (Supervisor(setup) for setup in map(read, ("up", "demo")))
    return next((one.started_with() or one.setup for one in ran if one.answers()), None)


def running_setup() -> Setup:
    """What runs; raises Trouble when nothing does."""
    setup = _active()
    if setup is None:
        raise Trouble("nothing runs", do="make up (or make demo), then again")
    return setup


def _stop(kind: str) -> bool:
    supervisor = Supervisor(read(kind))
    if supervisor.answers():
        say(f"Stopping what make {kind} started")
        supervisor.stop()
        return True
    return supervisor.clean() > 0


def _give_way(kind: str, *, to: str) -> None:
    """One platform runs at a time: both use the same ports."""
    if Supervisor(read(kind)).answers():
        kept = "until the next make demo" if kind == "demo" else "and make up goes on with them"
        say(f"make {kind} is running on these ports: stopping it for {to}; its data stay, {kept}")
        _stop(kind)


def _refuse_filled(setup: Setup) -> None:
    """The demo writes hundreds of invented events: never among anybody's real ones."""
    do = "Point it at an empty one, or leave KAFKA_BOOTSTRAP and MONGO_URL out: the demo brings its own."
    if setup.outside_kafka:
        found = topics.names(setup.outside_kafka)
        if found:
            raise Trouble("the demo refuses a Kafka that is not empty", why=f"it has {', '.join(found[:5])}", do=do)
    if setup.outside_mongo:
        try:
            with MongoClient[dict[str, object]](setup.outside_mongo, serverSelectionTimeoutMS=10_000) as client:
                found = sorted(set(client.list_database_names()) - MONGO_OWN)
        except PyMongoError as error:
            raise Trouble(
                "MongoDB does not answer", why=str(error).split(" (configured", maxsplit=1)[0], do="Check MONGO_URL."
            ) from error
        if found:
            raise Trouble("the demo refuses a MongoDB that is not empty", why=f"it has {', '.join(found[:5])}", do=do)
