"""Live pages: parts of a page that are sent again to whoever looks, by server-sent events, when their data change.

A part is rendered once per language for all who look at it, never once per reader, and at most every `EVERY_S`.
It must never show what a reader may not see: a part holds what every reader may see who has one of its roles.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pymongo.errors import PyMongoError

from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.telemetry import log
from services.chassis.web import identity
from services.chassis.web.pages import Web, language

if TYPE_CHECKING:
    from services.chassis.app import Service

# Units: seconds. What says how long is left is rendered anew each minute; a reader's session is looked up each PING_S.
EVERY_S, MINUTE_S, PING_S = 0.1, 60.0, 15.0
PARTS_AT_MOST = 8
ANYTHING = "*"
View = Callable[[str, str], Awaitable[dict[str, Any] | None]]
Shown = tuple[str, str]  # a part, with its id, in a language


@dataclass(frozen=True)
class LivePart:
    """A part of a page that is kept up to date.

    Shape:   view(id, language) gives the values of `template`, None when there is nothing to show; id is what stands
             behind the colon in "event:<key>", else "". watches are the collections whose changes touch the part; with
             `by_id` only a change of the document with that id does. roles are those who may look, empty for all.
    Units:   rests_s is how long the part is left alone after it was sent.
    """

    name: str
    template: str
    view: View
    watches: frozenset[str]
    by_id: bool = False
    roles: frozenset[str] = frozenset()
    rests_s: float = 0.0

    def is_touched(self, part_id: str, changed: Iterable[tuple[str, str]]) -> bool:
        """Whether a change, as (collection, document id), touches this part."""
        return any(
            collection in self.watches and (not self.by_id or doc_id in (part_id, ANYTHING))
            for collection, doc_id in changed
        )


@dataclass(eq=False)
class _Listener:
    """One open page: each part as it was told last, ready to be sent, and what of it was not sent yet."""

    parts: tuple[str, ...]
    language: str
    look_up_at: float  # of the machine: when the reader's session is looked up again
    told: dict[str, bytes] = field(default_factory=dict)
    waiting: dict[str, bytes] = field(default_factory=dict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, part: str, event: bytes) -> None:
        """Give the page what to show next, unless it shows that; what it was not sent yet is out of date."""
        if self.told.get(part) == event:
            return
        self.told[part] = self.waiting[part] = event
        self.woken.set()

    def take(self) -> list[bytes]:
        """What is to be sent now; a sign of life when there is nothing."""
        waiting, self.waiting = self.waiting, {}
        self.woken.clear()
        return list(waiting.values()) or [b"event: beat\ndata: still here\n\n"]

    async def rest(self, within_s: float) -> None:
        """Sleep until there is something to send, and no longer than that."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self.woken.wait()


class Live:
    """Watches the service's own database and sends changed parts to those who look at them."""

    def __init__(self, service: "Service", web: Web, parts: Sequence[LivePart]) -> None:
        self._service, self._web = service, web
        self._parts = {part.name: part for part in parts}
        self._listeners: set[_Listener] = set()
        self._changed: set[tuple[str, str]] = set()
        self._stale: set[Shown] = set()
        self._sent: dict[Shown, bytes] = {}
        self._sent_at: dict[Shown, float] = {}
        self._rested_at: dict[Shown, float] = {}
        self._noted, self._looked_at = asyncio.Event(), asyncio.Event()
        self.ping_s = PING_S

    @property
    def _collections(self) -> list[str]:
        return sorted({name for part in self._parts.values() for name in part.watches})

    async def watch(self) -> None:
        """Note what changes, by all replicas, while somebody looks: each change costs the database and this process.

        Raises:  PyMongoError when the database goes away.
        """
        while True:
            await self._looked_at.wait()
            await self._watch_while_looked_at()

    async def _watch_while_looked_at(self) -> None:
        pipeline: list[dict[str, Any]] = [
            {"$match": {"ns.coll": {"$in": self._collections}}},
            {"$project": {"ns": 1, "documentKey": 1}},
        ]
        async with self._service.store.database.watch(pipeline, max_await_time_ms=1000) as stream:
            self._note(*((name, ANYTHING) for name in self._collections))  # what changed while nobody watched
            while self._listeners:
                change = await stream.try_next()
                if change:
                    # a collection that another one took the place of has no key
                    self._note((change["ns"]["coll"], str(change.get("documentKey", {}).get("_id", ANYTHING))))

    def _note(self, *changes: tuple[str, str]) -> None:
        self._changed.update(changes)
        self._noted.set()

    async def send(self) -> None:
        """Render and hand out what changed, for the life of the service."""
        minute_at = time.monotonic() + MINUTE_S
        while True:
            await self._until_noted(min([minute_at, *(self._rested_at.get(one, 0.0) for one in self._stale)]))
            began = time.monotonic()
            if began >= minute_at:
                minute_at = began + MINUTE_S
                self._note(*((name, ANYTHING) for name in self._collections))
            await self._round(began)
            await asyncio.sleep(max(EVERY_S, time.monotonic() - began))  # half of the time is for others

    async def _until_noted(self, moment: float) -> None:
        """Sleep until something is noted, the process is about to end, or the moment has come."""
        noted, ends = (asyncio.ensure_future(event.wait()) for event in (self._noted, self._service.closing))
        await asyncio.wait((noted, ends), timeout=max(0.0, moment - time.monotonic()), return_when="FIRST_COMPLETED")
        noted.cancel()
        ends.cancel()
        self._noted.clear()
        if self._service.closing.is_set():
            for one in self._listeners:
                one.woken.set()

    async def _round(self, now: float) -> None:
        """Send what is looked at, has changed and has rested; the rest waits for its time."""
        changed, self._changed = self._changed, set()
        looked_at = {(part, one.language) for one in self._listeners for part in one.parts}
        self._stale |= {shown for shown in looked_at if self._is_touched(shown[0], changed)}
        self._stale &= looked_at
        self._sent = {shown: self._sent[shown] for shown in looked_at & self._sent.keys()}
        self._sent_at = {shown: self._sent_at[shown] for shown in looked_at & self._sent_at.keys()}
        self._rested_at = {shown: at for shown, at in self._rested_at.items() if at > now}
        for shown in sorted(self._stale - self._rested_at.keys(), key=self._turn):
            self._stale.discard(shown)
            await self._send(shown)
            if not self._part(shown[0]).by_id:
                return  # the others of its kind in the next rounds: nobody who waits for one document waits for all

    async def _send(self, shown: Shown) -> None:
        part, spoken = shown
        self._sent_at[shown] = time.monotonic()
        try:
            event = _event(part, await self._rendered(part, spoken))
        except PyMongoError as error:
            log(__name__).warning("live part not rendered", part=part.partition(":")[0], kind=type(error).__name__)
            return
        if self._sent.get(shown) != event:
            self._sent[shown] = event
            self._rested_at[shown] = time.monotonic() + self._part(part).rests_s
        for one in self._listeners:
            if part in one.parts and one.language == spoken:
                one.tell(part, event)

    def _turn(self, shown: Shown) -> tuple[bool, float, Shown]:
        """What is about one document goes first: it is what its readers wait for; of the rest what was sent first."""
        return not self._part(shown[0]).by_id, self._sent_at.get(shown, 0.0), shown

    def _part(self, part: str) -> LivePart:
        return self._parts[part.partition(":")[0]]

    def _is_touched(self, part: str, changed: Iterable[tuple[str, str]]) -> bool:
        return self._part(part).is_touched(part.partition(":")[2], changed)

    async def _rendered(self, part: str, spoken: str) -> str:
        definition = self._part(part)
        values = await definition.view(part.partition(":")[2], spoken)
        if values is None:
            return ""
        return self._web.environments[spoken].get_template(definition.template).render(values)

    async def follow(self, request: Request, parts: tuple[str, ...]) -> AsyncIterator[bytes]:
        """The stream of one page: each part as it is, then each time it changes; ends when the session does."""
        listener = _Listener(parts, language(request), look_up_at=time.monotonic() + self.ping_s)
        self._begin(listener)
        try:
            yield b"retry: 2000\n\n"
            while await self._goes_on(listener, request):
                for event in listener.take():
                    yield event
        finally:
            self._end(listener)

    def _begin(self, listener: _Listener) -> None:
        """Show the page what changed since it was rendered: what others were sent last, or the part rendered anew."""
        self._listeners.add(listener)
        self._looked_at.set()
        for part in listener.parts:
            shown = part, listener.language
            if shown in self._sent and shown not in self._stale:
                listener.tell(part, self._sent[shown])
            else:
                self._stale.add(shown)
                self._noted.set()

    def _end(self, listener: _Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners:  # from now on nobody notes what changes
            self._sent.clear()
            self._looked_at.clear()

    async def _goes_on(self, listener: _Listener, request: Request) -> bool:
        """Wait for something to send; False once the process is about to end, or the reader's session has ended."""
        await listener.rest(self.ping_s)
        if self._service.closing.is_set():
            return False
        if time.monotonic() < listener.look_up_at:
            return True
        listener.look_up_at = time.monotonic() + self.ping_s
        return await identity.find_session(self._service, identity.token_of(request), wall_now()) is not None

    def allowed(self, asked: Iterable[str], actor: Actor) -> tuple[str, ...]:
        """Those of the parts that exist and that the person may see."""
        known = ((part, self._parts.get(part.partition(":")[0])) for part in dict.fromkeys(asked))
        return tuple(part for part, one in known if one and (not one.roles or actor.has(*one.roles)))


def _event(part: str, html: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() or ("", ""))  # a browser drops what has no data
    return f"event: {part.replace(':', '-')}\n{lines}\n".encode()


def create_router(live: Live) -> APIRouter:
    """The door of live pages: GET /live?on=counts&on=event:<key>."""
    router = APIRouter()

    @router.get("/live", include_in_schema=False)
    async def follow(
        request: Request,
        actor: Annotated[Actor, Depends(identity.signed_in)],
        on: Annotated[list[str], Query(max_length=PARTS_AT_MOST)],
    ) -> StreamingResponse:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        stream = live.follow(request, live.allowed(on, actor))
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    return router
