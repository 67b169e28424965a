"""Runs one service as a process: `python -m services.<name>`."""

import gc
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from services.chassis.settings import ROOMS, SettingsT, load_or_exit

# longer than clients keep an idle connection: one that closes first meets a post on its way, and the sender an error
KEEP_ALIVE_S = 75


class _Server(uvicorn.Server):
    """Ends the open streams before it waits for open requests: a page that listens for news would stay for ever."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._closing = app.state.service.closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the streams, then shut down as uvicorn does."""
        self._closing.set()
        await super().shutdown(sockets)


def run(name: str, settings: type[SettingsT], create_app: Callable[[SettingsT], FastAPI]) -> None:
    """Serve until SIGTERM, then finish what was begun; every line of its log is JSON."""
    given = load_or_exit(settings)
    app = create_app(given)
    config = uvicorn.Config(
        app,
        host=given.host,
        port=given.port or ROOMS[name],
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=5,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    gc.collect()
    gc.freeze()  # all this stays: looked through for rings again and again it would hold up pages, 90 ms at a time
    _Server(config, app).run()
