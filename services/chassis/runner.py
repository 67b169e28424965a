"""Runs one service as a process: `python -m services.<name>`."""

from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from services.chassis.settings import ROOMS, Settings, SettingsT, load_or_exit


def run(name: str, settings: type[SettingsT], create_app: Callable[[SettingsT], FastAPI]) -> None:
    """Serve until SIGTERM, then finish what was begun; every line of its log is JSON."""
    given = load_or_exit(settings)
    config = uvicorn.Config(
        create_app(given),
        host=given.host,
        port=given.port or ROOMS[name],
        timeout_graceful_shutdown=5,  # for open requests; a page that listens for news would stay for ever
        log_config=None,
        access_log=False,
        server_header=False,
    )
    uvicorn.Server(config).run()


__all__ = ["Settings", "run"]
