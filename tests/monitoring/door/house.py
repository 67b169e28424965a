"""The door as an application, and everybody who comes to it: systems with tokens, people with roles, Kafka records."""

import dataclasses
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from contracts.envelope import Message, decode
from contracts.registry import TYPES
from services.chassis.app import Definition, Service, create_app
from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.web.identity import cookie_name, open_session
from services.monitoring import inboxes, storage
from services.monitoring.door import COLLECTIONS, door_routers
from services.monitoring.door.gate import Gate
from services.monitoring.intake.acceptance import Permission
from services.monitoring.settings import Settings
from services.monitoring.sources import SCOPES, NewToken, issue_token
from tests.clock import StoppedClock
from tests.databases import make_empty

ORIGIN = "http://127.0.0.1:8004"
NOW = datetime.fromisoformat("2026-11-21T02:00:00+00:00")
HELD, SCHEDULED, CANCELLED = (TYPES[f"event-{kind}"].type for kind in ("held", "scheduled", "cancelled"))
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
FOLDER = Path(__file__).parents[3] / "services" / "monitoring"
DEFINITION = Definition(
    name="monitoring", folder=FOLDER, collections=(*storage.COLLECTIONS, *COLLECTIONS), routers=door_routers
)


def data(**changes: Any) -> dict[str, Any]:
    """What an event that was held says."""
    held = {
        "event_id": "SK-1",
        "title": "Hội thảo Cơ điện tử",
        "unit": "K_CK",
        "started_at": "2026-11-20T08:00:00+07:00",
        "ended_at": "2026-11-20T11:00:00+07:00",
    }
    return {name: value for name, value in (held | changes).items() if value is not ...}


def message(id: str = "m-1", *, source: str = "/sis", type: str = HELD, **changes: Any) -> dict[str, Any]:
    """A CloudEvent in structured mode."""
    return {"specversion": "1.0", "id": id, "source": source, "type": type, "data": data(**changes)}


@dataclass
class Record:
    """A Kafka record as the inboxes' consumer hands it over."""

    value: bytes | None
    headers: Any = (("content-type", STRUCTURED.encode()),)
    key: bytes | None = b"k"
    topic: str = "event-inbox"
    partition: int = 0
    offset: int = 0


@dataclass
class House:
    """The application on a database of its own."""

    settings: Settings
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(NOW))
    handlers: Any = None
    definition: Definition = DEFINITION

    def __post_init__(self) -> None:
        definition = dataclasses.replace(self.definition, handlers=self.handlers)
        self.app: FastAPI = create_app(definition, self.settings, self.clock)
        self.service: Service = self.app.state.service
        self.store = self.service.store
        self.gate = Gate(self.service)
        self.clients: list[httpx2.AsyncClient] = []

    async def open(self) -> None:
        """Empty database, the clock set back."""
        await make_empty(self.service)
        self.clock.at, self.service.started = NOW, True

    async def leave(self) -> None:
        """Everybody goes home."""
        for client in self.clients:
            await client.aclose()
        self.clients.clear()

    async def close(self) -> None:
        """Leave nothing behind."""
        self.store.client.close()

    def client(self, **headers: str) -> httpx2.AsyncClient:
        """A caller with these headers."""
        transport = httpx2.ASGITransport(app=self.app)
        made = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
        self.clients.append(made)
        return made

    async def token(self, source: str = "/sis", *scopes: str) -> str:
        """A new token."""
        given = NewToken.from_data({"source": source, "scopes": scopes or SCOPES})
        made = await issue_token(
            self.store, given, by=Actor("test", "", frozenset()), command_id=uuid.uuid4().hex, now=NOW
        )
        return str(made["token"])

    async def system(self, source: str = "/sis", *scopes: str) -> httpx2.AsyncClient:
        """A source system that speaks English."""
        token = await self.token(source, *scopes)
        return self.client(authorization=f"Bearer {token}", **{"accept-language": "en"})

    async def person(self, *roles: str, account_id: str = "") -> httpx2.AsyncClient:
        """A signed-in person's browser."""
        name = account_id or "-".join(roles)
        actor = Actor(name, name.title(), frozenset(roles), "PTT")
        token = await open_session(self.service, actor, wall_now())
        client = self.client(origin=ORIGIN)
        client.cookies.set(cookie_name(self.settings), token)
        return client

    async def receive(self, *records: Record, permission: Permission | None = None) -> None:
        """Hand records to the inboxes' handler."""
        who = permission or Permission(None, open_door=self.settings.inbox_open == "accept")
        await inboxes.receive(self.service, self.gate, records, permission=who)

    async def docs(self, name: str, **where: Any) -> list[dict[str, Any]]:
        """Documents of a collection."""
        return await self.store.find(name, where, sort=[("_id", 1)])

    async def announced(self) -> list[Message]:
        """What goes to `events`, in its order."""
        rows = await self.store.find("outbox", {"topic": "events"}, sort=[("o", 1)])
        messages = [decode(row["value"]) for row in rows]
        assert [row["key"] for row in rows] == [one.subject.encode() for one in messages]
        assert [row["_id"] for row in rows] == [one.id for one in messages]
        return messages


async def post(client: httpx2.AsyncClient, body: Any, content_type: str = STRUCTURED, **headers: str) -> Any:
    """POST /api/events; body is JSON or bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return await client.post("/api/events", content=raw, headers={"content-type": content_type, **headers})


def rules(answer: httpx2.Response) -> list[tuple[str, str]]:
    """Rule and pointer of each error of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    errors = answer.json()["errors"]
    assert all(error["detail"] and error["fix"] for error in errors)
    return [(error["rule"], error["pointer"]) for error in errors]
