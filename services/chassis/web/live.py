"""Live pages: parts of a page that are sent again to whoever looks, by server-sent events, when their data change.

A part is rendered once per language for all who look at it, never once per reader, and at most every `EVERY_S`.
It must never show what a reader may not see: parts hold what every reader of their page may see.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pymongo.errors import PyMongoError

from services.chassis.clock import wall_now
from services.chassis.telemetry import log
from services.chassis.web import identity
from services.chassis.web.pages import Web, language

if TYPE_CHECKING:
    from services.chassis.app import Service

EVERY_S = 0.4
PING_S = 15.0
PARTS_AT_MOST = 8
View = Callable[[str, str], Awaitable[dict[str, Any] | None]]


@dataclass(frozen=True)
class LivePart:
    """A part of a page that is kept up to date.

    Shape:   view(id, language) gives the values of `template`, None when there is nothing to show; id is what stands
             behind the colon in "event:<key>", else "". watches are the collections whose changes touch the part; with
             `by_id` only a change of the document with that id does.
    """

    name: str
    template: str
    view: View
    watches: frozenset[str]
    by_id: bool = False


@dataclass(eq=False)
class _Listener:
    """One open page: the last HTML of each part that it has not been sent yet."""

    parts: tuple[str, ...]
    language: str
    waiting: dict[str, str] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Live:
    """Watches the service's own database and sends changed parts to those who look at them."""

    def __init__(self, service: "Service", web: Web, parts: Sequence[LivePart]) -> None:
        self._service, self._web = service, web
        self._parts = {part.name: part for part in parts}
        self._listeners: set[_Listener] = set()
        self._changed: set[tuple[str, str]] = set()
        self._sent: dict[tuple[str, str], str] = {}

    async def watch(self) -> None:
        """Note what changes, by all replicas; raises PyMongoError when the database goes away."""
        names = sorted({name for part in self._parts.values() for name in part.watches})
        pipeline: list[dict[str, Any]] = [
            {"$match": {"ns.coll": {"$in": names}}},
            {"$project": {"ns": 1, "documentKey": 1}},
        ]
        async with self._service.store.database.watch(pipeline, max_await_time_ms=1000) as stream:
            self._changed |= {(name, "*") for name in names}  # what changed while nobody watched
            async for change in stream:
                if self._listeners:
                    self._changed.add((change["ns"]["coll"], str(change["documentKey"]["_id"])))

    async def send(self) -> None:
        """Render and hand out what changed, for the life of the service."""
        while True:
            await asyncio.sleep(EVERY_S)
            changed, self._changed = self._changed, set()
            if changed and self._listeners:
                await self._send(changed)

    async def _send(self, changed: set[tuple[str, str]]) -> None:
        wanted = {(part, one.language) for one in self._listeners for part in one.parts}
        for part, spoken in sorted(wanted):
            if not self._is_touched(part, changed):
                continue
            try:
                html = await self._rendered(part, spoken)
            except PyMongoError as error:
                log(__name__).warning("live part not rendered", part=part.partition(":")[0], kind=type(error).__name__)
                continue
            self._hand_out(part, spoken, html)
        kept = wanted & self._sent.keys()
        self._sent = {key: self._sent[key] for key in kept}

    def _is_touched(self, part: str, changed: set[tuple[str, str]]) -> bool:
        name, _, part_id = part.partition(":")
        definition = self._parts[name]
        return any(
            collection in definition.watches and (not definition.by_id or doc_id in (part_id, "*"))
            for collection, doc_id in changed
        )

    async def _rendered(self, part: str, spoken: str) -> str:
        name, _, part_id = part.partition(":")
        definition = self._parts[name]
        values = await definition.view(part_id, spoken)
        if values is None:
            return ""
        return self._web.environments[spoken].get_template(definition.template).render(values)

    def _hand_out(self, part: str, spoken: str, html: str) -> None:
        if self._sent.get((part, spoken)) == html:
            return
        self._sent[part, spoken] = html
        for one in self._listeners:
            if part in one.parts and one.language == spoken:
                one.waiting[part] = html
                one.woken.set()

    async def follow(self, request: Request, parts: tuple[str, ...]) -> AsyncIterator[bytes]:
        """The stream of one page: each changed part as an event of its name; ends when the session does."""
        listener = _Listener(parts, language(request))
        self._listeners.add(listener)
        try:
            yield b"retry: 2000\n\n"
            while not self._service.closing.is_set():
                await _first_of(listener.woken, self._service.closing, within_s=PING_S)
                listener.woken.clear()
                waiting, listener.waiting = listener.waiting, {}
                for part, html in waiting.items():
                    yield _event(part, html)
                if not waiting:
                    if await identity.find_session(self._service, identity.token_of(request), wall_now()) is None:
                        return
                    yield b": still here\n\n"
        finally:
            self._listeners.discard(listener)

    def knows(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.partition(":")[0] in self._parts


async def _first_of(*events: asyncio.Event, within_s: float) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _event(part: str, html: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in html.splitlines())
    return f"event: {part.replace(':', '-')}\n{lines}\n".encode()


def create_router(live: Live) -> APIRouter:
    """The door of live pages: GET /live?on=counts&on=event:<key>."""
    router = APIRouter()

    @router.get("/live", include_in_schema=False, dependencies=[Depends(identity.signed_in)])
    async def follow(request: Request, on: Annotated[list[str], Query(max_length=PARTS_AT_MOST)]) -> StreamingResponse:
        parts = tuple(part for part in dict.fromkeys(on) if live.knows(part))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(live.follow(request, parts), media_type="text/event-stream", headers=headers)

    return router
