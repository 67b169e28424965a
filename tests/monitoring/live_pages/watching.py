"""A reader who keeps a page open: what its stream sends, part by part."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request

from services.chassis.web import identity
from services.chassis.web.live import Live
from tests.monitoring.reading.house import House


class Reader:
    """The stream of one open page. Shape: shown is the HTML of each part as it was sent last."""

    def __init__(self, house: House, *parts: str, spoken: str = "vi") -> None:
        live = house.service.live
        assert isinstance(live, Live)
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/live",
            "headers": [(b"cookie", f"{identity.cookie_name(house.service.settings)}=x".encode())],
            "query_string": f"lang={spoken}".encode(),
            "app": house.app,
        }
        self._parts = parts
        self._stream: AsyncIterator[bytes] = live.follow(Request(scope), parts)
        self.shown: dict[str, str] = {}

    async def begin(self) -> "Reader":
        """Open the page, and wait for all its parts as they are."""
        while len(self.shown) < len(self._parts):
            await self.next()
        return self

    async def next(self, within_s: float = 5.0) -> str:
        """The name of the part that is sent next; raises TimeoutError when nothing is."""
        async with asyncio.timeout(within_s):
            text = (await anext(self._stream)).decode()
        if not text.startswith("event: "):
            return ""
        name, *lines = text.strip().split("\n")
        self.shown[name.removeprefix("event: ")] = "\n".join(line.removeprefix("data: ") for line in lines)
        return name.removeprefix("event: ")

    async def until(self, part: str, words: str, within_s: float = 5.0) -> str:
        """The part once it holds the words."""
        async with asyncio.timeout(within_s):
            while words not in self.shown.get(part, ""):
                await self.next(within_s)
        return self.shown[part]
