"""The supervisor of one platform: its configuration, its start, its control; never started twice for one folder."""

import hashlib
import http.client
import os
import shlex
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.local import processes
from deploy.local.settings import REPOSITORY, Setup
from deploy.local.trouble import Trouble, tail

SOCKET_PATH_MAX = 100  # of 107 that the kernel takes: supervisord adds its pid while it binds
HEAD = """\
[unix_http_server]
file = {socket}
chmod = 0700

[supervisord]
logfile = {run}/supervisord.log
logfile_maxbytes = 1MB
logfile_backups = 1
pidfile = {run}/supervisord.pid
childlogdir = {log}
directory = {repository}
umask = 077

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """
[program:{name}]
command = {command}
environment = {environment}
priority = {priority}
autostart = {autostart}
autorestart = true
startsecs = 2
startretries = 50
stopsignal = TERM
stopwaitsecs = {stop_s}
stopasgroup = false
killasgroup = true
redirect_stderr = true
stdout_logfile = {log}/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 2
"""


class Supervisor:
    """Starts, asks and stops the supervisor of a setup."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.run = setup.folder / "run"
        self.logs = setup.folder / "log"
        self._config = self.run / "supervisord.conf"
        self._kept = self.run / "setup.json"
        self.socket = _socket_path(self.run)

    def configure(self, servers: dict[str, list[str]]) -> None:
        """Write the configuration: the servers start with the supervisor, the services when they are told."""
        for folder in (self.run, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        head = HEAD.format(
            socket=_plain(self.socket), run=_plain(self.run), log=_plain(self.logs), repository=_plain(REPOSITORY)
        )
        parts = [head, *(self._program(name, command) for name, command in servers.items())]
        for name, port in self.setup.service_ports.items():
            command = [sys.executable, *(part.format(name=name) for part in self.setup.command)]
            parts.append(self._program(name, command, port=port))
        self._config.write_text("".join(parts))
        self._kept.touch(mode=0o600)
        self._kept.write_text(self.setup.to_json())

    def _program(self, name: str, command: list[str], *, port: int = 0) -> str:
        return PROGRAM.format(
            name=name,
            command=_plain(shlex.join(command)),
            environment=f'PORT="{port}"' if port else "",
            priority=200 if port else 100,
            autostart="false" if port else "true",
            stop_s=50 if port else 30,
            log=_plain(self.logs),
        )

    def start(self, secrets: dict[str, str]) -> None:
        """Start the supervisor in the background; raises Trouble when it does not answer."""
        told = {**os.environ, **self.setup.environment(), **secrets, processes.MARK: str(self.setup.folder)}
        self.socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._config)]
        done = subprocess.run(command, env=told, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        until = time.monotonic() + 10
        while not self.answers():
            if done.returncode or time.monotonic() > until:
                why = tail(done.stdout + done.stderr)
                raise Trouble("the supervisor does not start", why=why, do=f"Look into {self.run}/supervisord.log")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether the supervisor of this folder runs."""
        if not self.socket.exists():
            return False
        try:
            self.call("getState")
        except Trouble:
            return False
        return True

    def started_with(self) -> Setup | None:
        """The setup that the running supervisor was started with."""
        return Setup.from_json(self._kept.read_text()) if self._kept.exists() else None

    def is_same(self) -> bool:
        """Whether what runs was started with the settings of now."""
        return self.started_with() == self.setup

    def call(self, method: str, *arguments: Any) -> Any:
        """Ask the supervisor; raises Trouble when it does not answer or refuses."""
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            raise Trouble(
                f"the supervisor does not do {method} {arguments}", why=str(error), do="make status"
            ) from error
        finally:
            transport.close()

    def programs(self) -> dict[str, dict[str, Any]]:
        """What the supervisor knows of each program: statename, pid, start, description."""
        return {row["name"]: row for row in self.call("getAllProcessInfo")}

    def start_program(self, name: str) -> None:
        """Start a program unless it runs or is being started."""
        if self.programs()[name]["statename"] in ("STOPPED", "EXITED", "FATAL", "UNKNOWN"):
            self.call("startProcess", name, False)

    def stop_program(self, name: str) -> None:
        """Stop a program and wait for its end."""
        if self.programs()[name]["statename"] in ("RUNNING", "STARTING", "BACKOFF"):
            self.call("stopProcess", name, True)

    def stop(self) -> None:
        """Stop services before servers, then the supervisor, then whatever an earlier run left."""
        if self.answers():
            services = [name for name in self.programs() if name in self.setup.service_ports]
            for name in services:
                if self._runs(name):
                    self.call("stopProcess", name, False)
            self._wait_stopped(services)
            self.call("shutdown")
            until = time.monotonic() + 70
            while processes.marked(self.setup.folder) and time.monotonic() < until:
                time.sleep(0.1)
        self.clean()

    def _runs(self, name: str) -> bool:
        return self.programs()[name]["statename"] in ("RUNNING", "STARTING", "BACKOFF")

    def _wait_stopped(self, names: list[str]) -> None:
        until = time.monotonic() + 40
        while any(self.programs()[name]["statename"] == "STOPPING" for name in names) and time.monotonic() < until:
            time.sleep(0.1)

    def clean(self) -> int:
        """End what an earlier run left behind and remove its marks; return how many processes that were."""
        left = processes.marked(self.setup.folder)
        supervisors = [one for one in left if "supervisor.supervisord" in " ".join(one.cmdline())]
        processes.end(supervisors)  # first, or it starts the others again
        processes.end([one for one in left if one.is_running()])
        for path in (self.socket, self.run / "supervisord.pid"):
            path.unlink(missing_ok=True)
        return len(left)


def _plain(value: object) -> str:
    return str(value).replace("%", "%%")


def _socket_path(run: Path) -> Path:
    path = run / "supervisor.sock"
    if len(str(path)) <= SOCKET_PATH_MAX:
        return path
    short = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"publicity-{os.getuid()}-{short}.sock"
