"""The demo's way to the five rooms: their public APIs and nothing else; a call that got no answer is made again."""

import json
import time
from datetime import datetime
from typing import Any

import httpx2

from contracts.registry import TYPE_PREFIX
from contracts.times import format_time

PATIENCE_S = 90.0
SETTLE_S = 120.0


class CallRefused(RuntimeError):
    """A room answered with a refusal; the message holds its words."""


def plain(value: Any) -> Any:
    """The value as JSON takes it: instants as text."""
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return value


class Rooms:
    """Calls the rooms as signed-in people and as source systems.

    Raises:  CallRefused for a 4xx; TimeoutError when a room stays away for PATIENCE_S.
    """

    def __init__(self, urls: dict[str, str]) -> None:
        self.urls = urls
        self._people: dict[str, httpx2.Client] = {}
        self._plain = httpx2.Client(timeout=20)

    def sign_in(self, name: str, password: str) -> None:
        """Open a session that all five rooms take."""
        client = httpx2.Client(timeout=20)
        self._people[name] = client
        self.call(name, "POST", "approval/api/sessions", given={"name": name, "password": password})

    def call(self, who: str, method: str, place: str, *, given: Any = None, key: str = "") -> Any:
        """Call a room as a person, or as nobody with "".

        Shape:   place is room and path ("planning/api/plans"); given is the JSON body, key the Idempotency-Key.
        """
        client = self._people[who] if who else self._plain
        room, _, path = place.partition("/")
        headers = {"Origin": self.urls[room], "Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        body = None if given is None else plain(given)
        return self._answer(lambda: client.request(method, f"{self.urls[room]}/{path}", json=body, headers=headers))

    def post_event(self, token: str, name: str, *, about: tuple[str, str], data: dict[str, Any]) -> Any:
        """Post one CloudEvent in binary mode, as a source system does; about is (source, message id)."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "ce-specversion": "1.0",
            "ce-id": about[1],
            "ce-source": about[0],
            "ce-type": f"{TYPE_PREFIX}event-{name}.v1",
        }
        body = json.dumps(plain(data), ensure_ascii=False).encode()
        url = self.urls["monitoring"] + "/api/events"
        return self._answer(lambda: self._plain.post(url, content=body, headers=headers))

    def _answer(self, send: Any) -> Any:
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                response = send()
                if response.status_code < 500:
                    break
                trouble = f"{response.status_code} {response.text[:300]}"
            except httpx2.TransportError as error:
                trouble = f"{type(error).__name__}: {error}"
            if time.monotonic() > until:
                raise TimeoutError(f"no good answer for {PATIENCE_S:.0f} s, last: {trouble}")
            time.sleep(0.3)
        if response.status_code >= 400:
            raise CallRefused(
                f"{response.request.method} {response.request.url}: {response.status_code} {response.text[:600]}"
            )
        return response.json() if response.content else None

    def settle(self) -> None:
        """Wait until every room has read all, sent all and worked off its backlog, twice in a row."""
        until, quiet = time.monotonic() + SETTLE_S, 0
        while quiet < 2:
            waiting = [text for text in map(self._waiting, self.urls) if text]
            quiet = 0 if waiting else quiet + 1
            if time.monotonic() > until:
                raise TimeoutError(f"not all caught up after {SETTLE_S:.0f} s: {'; '.join(waiting)}")
            time.sleep(0.1)

    def _waiting(self, room: str) -> str:
        """What a room still has to do, in words; empty when nothing."""
        try:
            response = self._plain.get(self.urls[room] + "/health/ready")
        except httpx2.TransportError:
            return f"{room} does not answer"
        if response.status_code != 200:
            return f"{room} is not ready"
        state = response.json()
        lag = state["kafka"]["lag"]
        if lag is None:
            return f"{room} has no Kafka"
        todo = {**lag, **state["backlog"], "outbox": state["outbox"]["rows"]}
        return ", ".join(f"{room} {name} {count}" for name, count in todo.items() if count)
