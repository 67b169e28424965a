"""E10: how long `make up` takes, and what the five services need when idle; never on a platform that runs."""

import os
import subprocess
import sys
import time

import psutil  # type: ignore[import-untyped]  # comes with jgo; publishes no types

from deploy.bench.place import ROOT, Place, say
from deploy.bench.results import Result, judged, not_measured
from deploy.local.platform import cache_folder
from deploy.local.processes import MARK, free_ports
from deploy.local.settings import OWN_PORTS, SERVICE_PORTS, read
from deploy.local.supervision import Supervisor

IDLE_S = 20.0
MEGABYTE = 1 << 20


def run(place: Place, messages: int) -> list[Result]:
    """Start twice, the second time on what the first prepared; messages plays no part."""
    promise = "<= 20 s; idle <= 600 MB"
    if any(Supervisor(read(kind)).answers() for kind in ("up", "demo")):
        return [not_measured("E10", "make up", promise, why="a platform runs in this folder: make down first")]
    names = [*OWN_PORTS, *(f"{name.upper()}_PORT" for name in SERVICE_PORTS)]
    ports = {name: str(port) for name, port in zip(names, free_ports(len(names)), strict=True)}
    told = {**os.environ, **ports, "PUBLICITY_CACHE": str(cache_folder())}
    for name in ("KAFKA_BOOTSTRAP", "MONGO_URL"):
        told.pop(name, None)
    try:
        _command("up", told)
        _command("down", told)
        began = time.monotonic()
        _command("up", told)
        seconds = time.monotonic() - began
        time.sleep(IDLE_S)
        sizes = _services(str(read("up").folder))
    finally:
        _command("down", told)
    total = sum(sizes.values())
    note = ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items()) + f"; after {IDLE_S:.0f} s idle"
    found = f"{seconds:.1f} s; {total:.0f} MB"
    return [
        Result(
            "E10", "make up, prepared; five services idle", promise, found, judged(seconds <= 20 and total <= 600), note
        )
    ]


def _command(name: str, told: dict[str, str]) -> None:
    say(f"  {name}")
    subprocess.run(
        [sys.executable, "-m", "deploy.local", name], cwd=ROOT, env=told, check=True, stdout=subprocess.DEVNULL
    )


def _services(folder: str) -> dict[str, float]:
    """Resident megabytes of the services that the platform of the folder runs."""
    found: dict[str, float] = {}
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            name = next((one for one in SERVICE_PORTS if f"services.{one}" in command), None)
            if name and process.environ().get(MARK) == folder:
                found[name] = found.get(name, 0.0) + process.memory_info().rss / MEGABYTE
        except psutil.Error:
            continue
    return found
