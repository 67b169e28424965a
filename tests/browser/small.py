"""A tiny room of the chassis on a port of its own, without Kafka and MongoDB, for a browser to look at."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI


@contextlib.contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which the application is served while the block runs."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        running = threading.Thread(target=server.run, kwargs={"sockets": [found]}, daemon=True)
        running.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{found.getsockname()[1]}"
        server.should_exit = True
        running.join(5)
