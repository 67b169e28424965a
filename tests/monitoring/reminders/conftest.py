"""The reminders of monitoring on a database of their own, with a real mail server and without Kafka."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.chassis.app import Definition, Service
from services.chassis.clock import wall_now
from services.monitoring import storage
from services.monitoring.judging import judge_of
from services.monitoring.reference import issue_shipped
from services.monitoring.reminders import storage as reminders
from services.monitoring.reminders.sending import Sender
from services.monitoring.settings import Settings
from tests.clock import StoppedClock
from tests.databases import SHARED_PREFIX, make_empty
from tests.monitoring.engine.builders import NOW
from tests.monitoring.engine.conftest import Engine, engine
from tests.monitoring.reminders.post_office import SENDER, PostOffice, written

__all__ = ["engine"]
FAR = "2027-12-31T00:00:00.000000Z"


class Reminded(Engine):
    """The engine with mail on, and how a test lets time pass."""

    def __init__(self, service: Service, office: PostOffice) -> None:
        super().__init__(service)
        self.judge, self.office = judge_of(service), office
        assert isinstance(service.settings, Settings)
        post = service.settings.reminders().post
        assert post is not None
        self.sender = Sender(service, post)

    async def at(self, when: datetime) -> None:
        """Let the deadline loop look, all evidence in, and the mail go out."""
        self.clock.at = when
        await self.tick(FAR, near=FAR)
        await self.send()

    async def send(self) -> None:
        """Send until nothing is left to be tried now."""
        while await self.sender.turn():
            pass

    async def retry(self) -> None:
        """Send again what waits for its pause to end."""
        await self.store.raw("mails").update_many({}, {"$set": {"retry_at": wall_now()}})
        await self.send()

    async def mails(self) -> list[dict[str, Any]]:
        """The mails in the order in which they were made."""
        return await self.store.find("mails", {}, sort=[("made_at", 1), ("address", 1)])

    async def rows(self) -> dict[str, str]:
        """The state of each step's reminders; of the website's obligation where an event has several."""
        found = await self.store.find("reminders", {}, sort=[("at", 1)])
        return {row["step"]: row["state"] for row in found}


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """A mail server that is open."""
    made = PostOffice()
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def reminded(mongo_url: str, office: PostOffice, tmp_path: Path) -> AsyncIterator[Reminded]:
    """An empty engine with mail on."""
    settings = Settings(
        environment="test",
        mongo_url=SecretStr(mongo_url),
        mongo_prefix=SHARED_PREFIX,
        smtp_url=SecretStr(f"smtp://127.0.0.1:{office.port}"),
        mail_from=SENDER,
        reminders_mailboxes=written(tmp_path),
    )
    collections = (*storage.COLLECTIONS, *reminders.COLLECTIONS)
    service = Service(
        Definition("monitoring", Path(__file__).parent, collections, lambda _: ()), settings, StoppedClock(NOW)
    )
    await make_empty(service)
    made = Reminded(service, office)
    await made.transact(issue_shipped)
    yield made
    service.store.client.close()
