"""A real SMTP server on loopback, and monitoring's reminders with mailboxes that it serves."""

import asyncio
import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

UNIT, OFFICE, HEAD, RECTORATE = "khoa-ck@truong.vn", "phong@truong.vn", "lanh-dao@truong.vn", "bgh@truong.vn"
SENDER = "giam-sat@truong.vn"
MAILBOXES: dict[str, Any] = {
    "version": "1",
    "roles": {
        "office": {"address": OFFICE},
        "office_head": {"address": HEAD},
        "rectorate": {"address": RECTORATE, "language": "en"},
    },
    "units": {"K_CK": {"address": UNIT}},
}


class PostOffice:
    """Takes mail at one port, when it is open; refuses or puts off whom a test says."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen, at the same port as before."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="thu.truong.vn"), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no longer."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def handle_RCPT(  # noqa: N802 - the name that the server looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer as the test says."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Keep the mail, read as a mail program reads it."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken += [(address, message) for address in envelope.rcpt_tos]
        return "250 OK"

    @property
    def receivers(self) -> list[str]:
        """Who got mail, in order."""
        return [address for address, _ in self.taken]


def written(folder: Path, content: Any = MAILBOXES, name: str = "mailboxes.json") -> Path:
    """A file with this content."""
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def text_of(message: EmailMessage) -> str:
    """The plain half of a mail."""
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())
