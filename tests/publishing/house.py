"""The application of publishing on a database of its own, and a browser for each person."""

from typing import Any

import httpx2

from contracts.envelope import Message
from services.chassis.app import Service
from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.unit import Cause, Unit
from services.chassis.web import identity
from services.publishing.app import create_app
from services.publishing.handlers import apply_approvals, apply_compliance, apply_events
from services.publishing.settings import Settings
from tests.publishing.builders import CONTRIBUTOR, EDITOR, NOW

ORIGIN = "http://127.0.0.1:8003"
ROLES = ("viewer", "contributor", "editor", "office_head", "rectorate", "operator", "auditor", "administrator")
TEXTS = {"title": "Hội thảo khoa học sinh viên", "text": "Sáng 20/11, hội thảo diễn ra.\n\nBan tổ chức trao giải."}
APPLIES = {"events": apply_events, "compliance": apply_compliance, "approvals": apply_approvals}


class House:
    """The application, its service, and who is signed in."""

    def __init__(self, settings: Settings, service: Service) -> None:
        self.app = create_app(settings, service.clock)
        self.service: Service = self.app.state.service
        self.service.started = True
        self.browsers: list[httpx2.AsyncClient] = []

    def browser(self, token: str = "") -> httpx2.AsyncClient:
        """A browser, signed in by the token."""
        cookies = {identity.cookie_name(self.service.settings): token} if token else {}
        transport = httpx2.ASGITransport(app=self.app)
        client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}, cookies=cookies)
        self.browsers.append(client)
        return client

    async def person(self, actor: Actor) -> httpx2.AsyncClient:
        """A browser of the person."""
        return self.browser(await identity.open_session(self.service, actor, wall_now()))

    async def role(self, role: str) -> httpx2.AsyncClient:
        """A browser of somebody who holds this one role."""
        return await self.person(Actor(f"acc-{role}", role, frozenset({role})))

    async def hear(self, *messages: Message) -> None:
        """Messages of other rooms arrive."""
        for message in messages:

            async def work(unit: Unit, message: Message = message) -> None:
                await APPLIES[message.topic](unit, [message])

            await self.service.store.transact(Cause(message.source, message.id), NOW, work)

    async def sent(self, actor: Actor = CONTRIBUTOR, **fields: Any) -> str:
        """The id of material that the person submitted through the API."""
        answer = await (await self.person(actor)).post("/api/contents", json={**TEXTS, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["content_id"])

    async def shown(self, **fields: Any) -> str:
        """The id of material that the built-in site shows."""
        content_id = await self.sent(**fields)
        editor = await self.person(EDITOR)
        answer = await editor.post(f"/api/contents/{content_id}/publications", json={"channel": "VI_WEB"})
        assert answer.status_code == 201, answer.text
        return content_id

    async def close(self) -> None:
        """Close the browsers and the database's client."""
        for client in self.browsers:
            await client.aclose()
        self.service.store.client.close()


def rules_of(answer: httpx2.Response) -> list[tuple[str, str]]:
    """The rules that said no, each with its pointer."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return [(error["rule"], error["pointer"]) for error in answer.json()["errors"]]
