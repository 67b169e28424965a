"""A stand-in for a service: ready at once, says what it was told; for tests of the platform alone."""

import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

SHOWN = ("ENVIRONMENT", "KAFKA_BOOTSTRAP", "MONGO_URL", "ROOM_URLS", "CLOCK_FILE", "PORT", "ADMIN_PASSWORD")


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answer everything with the settings."""
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
    body = json.dumps({name: os.environ.get(name) for name in SHOWN} | {"pid": os.getpid()}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    if os.environ.get("STAND_IN_FAILS") == sys.argv[1]:
        raise SystemExit("the settings are not valid; mend these")
    uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="warning")
