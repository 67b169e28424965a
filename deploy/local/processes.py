"""What runs here: who holds a port, what an earlier run left behind; never touches a process that is not marked."""

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # comes with jgo; publishes no types

from deploy.local.trouble import Trouble

MARK = "PUBLICITY_PLATFORM"
FREE_DISK_BYTES = 2 * 1024**3


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """The process that listens on the port, in words, as far as this user may know."""
    try:
        for row in psutil.net_connections("tcp"):
            if row.laddr and row.laddr.port == port and row.status == psutil.CONN_LISTEN and row.pid:
                process = psutil.Process(row.pid)
                return f"process {row.pid} ({' '.join(process.cmdline())[:120] or process.name()})"
    except psutil.Error:
        pass
    return "a process of another user, or one that cannot be known"


def check_ports(ports: Mapping[str, int], host: str = "127.0.0.1") -> None:
    """See that each port is free; `ports` is {setting: port}.

    Raises:  Trouble naming every busy port, who holds it, and the setting that changes it.
    """
    numbers = list(ports.values())
    double = sorted({port for port in numbers if numbers.count(port) > 1})
    if double:
        names = ", ".join(name for name, port in ports.items() if port in double)
        raise Trouble(f"port {double[0]} is given twice", why=names, do="Give each its own port.")
    busy = {name: port for name, port in ports.items() if not is_free(port, host)}
    if not busy:
        return
    raise Trouble(
        f"port {', '.join(map(str, busy.values()))} is busy",
        why="\n".join(f"{port} is held by {holder(port)}" for port in busy.values()),
        do="Stop that process, or choose another port:\n"
        + "\n".join(f"{name}={other}" for name, other in zip(busy, free_ports(len(busy)), strict=True)),
    )


def check_disk(folder: Path, needed_bytes: int = FREE_DISK_BYTES) -> None:
    """See that there is room; raises Trouble when there is not."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise Trouble(
            "too little disk",
            why=f"{folder} has {free / 1e9:.1f} GB free; {needed_bytes / 1e9:.1f} GB are needed for Kafka and MongoDB",
            do="Make room, or clone the repository to a larger disk.",
        )


def marked(folder: Path) -> list[psutil.Process]:
    """The processes that a platform under this folder started, from their environment."""
    mine = os.getpid()
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != mine and process.environ().get(MARK) == str(folder):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end(processes: list[psutil.Process], *, within_s: float = 30.0) -> None:
    """End these processes: SIGTERM, and SIGKILL for what stays."""
    for signal_name in ("terminate", "kill"):
        for process in processes:
            try:
                getattr(process, signal_name)()
            except psutil.NoSuchProcess:
                continue
        _, processes = psutil.wait_procs(processes, timeout=within_s)
