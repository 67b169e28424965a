"""The mail server: how it is reached, and one attempt to hand it a mail.

It must never decide what follows from an attempt, log an address, or send a password over an open line.
"""

import asyncio
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from services.monitoring.reminders.mails import Attempt, Outcome

# Units: seconds, of one answer and of the whole attempt, which ends before the sender's lease does.
TIMEOUT_S, WHOLE_S = 20.0, 60.0
REASON_CHARS = 300
# scheme -> default port, TLS from the first byte, STARTTLS (None: where the server offers it)
SCHEMES: dict[str, tuple[int, bool, bool | None]] = {
    "smtp": (25, False, None),
    "smtp+starttls": (587, False, True),
    "smtps": (465, True, False),
}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. Shape: starttls None takes TLS where it is offered; with a password it is always demanded."""

    host: str
    port: int
    tls: bool
    starttls: bool | None
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def at(cls, url: str) -> "Server":
        """The server that a URL names; raises ValueError that says what is wrong, and never the password."""
        found = urlsplit(url)
        if found.scheme not in SCHEMES or not found.hostname:
            raise ValueError("must be smtp://host, smtp+starttls://user:password@host or smtps://user:password@host")
        if found.path.strip("/") or found.query or found.fragment or bool(found.username) != bool(found.password):
            raise ValueError("has nothing after host and port; user and password come together, or neither")
        port, tls, starttls = SCHEMES[found.scheme]
        user, password = unquote(found.username or ""), unquote(found.password or "")
        demanded = True if user and not tls else starttls
        return cls(found.hostname, found.port or port, tls, demanded, user, password)

    async def hand_over(self, sender: str, address: str, message: EmailMessage) -> Attempt:
        """Give the server one mail; never raises for what a server or a network does."""
        try:
            async with asyncio.timeout(WHOLE_S), self._client(sender) as client:
                await client.sendmail(sender, [address], message.as_bytes())
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _answered(error.recipients[0])
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            return _answered(error)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Attempt(Outcome.NO_SERVER, _one_line(f"{type(error).__name__}: {error}"))
        return Attempt(Outcome.SENT)

    def _client(self, sender: str) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user or None,
            password=self.password or None,
            use_tls=self.tls,
            start_tls=self.starttls,
            local_hostname=sender.rpartition("@")[2],
            timeout=TIMEOUT_S,
        )


def _answered(error: aiosmtplib.SMTPResponseException) -> Attempt:
    """What a server said of this mail: 5xx is for good, 4xx for now."""
    outcome = Outcome.REFUSED if error.code >= 500 else Outcome.PUT_OFF
    return Attempt(outcome, _one_line(f"{error.code} {error.message}"))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:REASON_CHARS]
