"""What a reminder says: a mail of what is owed, in the language of its mailbox.

It must never put what others wrote into a header as it stands, nor name a person.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from contracts.codes import State
from contracts.reference import Reference
from services.chassis.web import pages
from services.chassis.web.formats import Formats
from services.chassis.web.i18n import LANGUAGES, load_catalogue
from services.monitoring.pages.words import Words
from services.monitoring.reminders.ladder import Role
from services.monitoring.reminders.views import ROLES

HERE = Path(__file__).parent
LISTED = 50
TITLE_CHARS = 120
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One obligation as a mail tells it."""

    title: str
    unit: str
    where: str
    due: str
    remaining: str
    why: str
    href: str


@dataclass(frozen=True, slots=True)
class MailView:
    """All that the templates of a mail show. Shape: more is how many obligations are not listed."""

    near: tuple[Line, ...]
    missed: tuple[Line, ...]
    near_count: int
    missed_count: int
    more: int
    roles: tuple[Role, ...]
    list_href: str

    @property
    def first(self) -> Line:
        """The obligation that names a mail of one."""
        return (*self.missed, *self.near)[0]


class Composer:
    """Makes mails; its templates are read once. Shape: room is the address of monitoring's pages."""

    def __init__(self, room: str, reference: Reference) -> None:
        self._room, self._reference = room.rstrip("/"), reference
        self._environments = {language: _environment(language) for language in LANGUAGES}

    def compose(self, mail: Mapping[str, Any], owed: Sequence[Mapping[str, Any]], now: datetime) -> EmailMessage:
        """The mail of what is owed, without a sender and a date.

        Shape:   owed are obligations as of `now`, at least one.
        """
        words = Words(Formats(mail["language"], lambda: now), self._reference)
        view, environment = self._view(mail, owed, words), self._environments[mail["language"]]
        subject, text, html = (
            environment.get_template(name).render(view=view) for name in ("subject.txt", "body.txt", "body.html")
        )
        message = EmailMessage(policy=SMTP)
        message["To"] = mail["address"]
        message["Subject"] = one_line(subject)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, cte="base64")
        message.add_alternative(html, subtype="html", cte="base64")
        message["Content-Language"] = mail["language"]  # last: what was set before goes with the plain half
        return message

    def _view(self, mail: Mapping[str, Any], owed: Iterable[Mapping[str, Any]], words: Words) -> MailView:
        ordered = sorted(owed, key=lambda doc: (doc["due_at"], doc["title"], doc["obligation_id"]))
        missed = [doc for doc in ordered if doc["state"] == State.MISSED]
        near = [doc for doc in ordered if doc["state"] != State.MISSED]
        shown_missed = [self._line(doc, words) for doc in missed[:LISTED]]
        shown_near = [self._line(doc, words) for doc in near[: LISTED - len(shown_missed)]]
        return MailView(
            near=tuple(shown_near),
            missed=tuple(shown_missed),
            near_count=len(near),
            missed_count=len(missed),
            more=len(ordered) - len(shown_missed) - len(shown_near),
            roles=tuple(Role(role) for role in mail["roles"]),
            list_href=f"{self._room}/obligations",
        )

    def _line(self, doc: Mapping[str, Any], words: Words) -> Line:
        return Line(
            title=one_line(doc["title"])[:TITLE_CHARS],
            unit=words.unit(doc["unit"]),
            where=words.owed(doc),
            due=words.formats.due(doc["due_at"]),
            remaining=words.formats.remaining(doc["due_at"]),
            why=doc["explanation"][words.language] if doc["explanation"] else "",
            href=f"{self._room}/events/{doc['event']}",
        )


def addressed(message: EmailMessage, sender: str, *, mail_id: str, wall: datetime) -> EmailMessage:
    """The mail as it travels: the same id for the same reminders, so that a receiver knows a repetition."""
    message["From"] = sender
    message["Date"] = format_datetime(wall)
    message["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    return message


def one_line(text: str) -> str:
    """The text without line ends and what else nobody sees: a header ends where its line ends."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def _role_names(said: Callable[[str], str], roles: Iterable[Role]) -> str:
    return ", ".join(said(ROLES[role]).lower() for role in roles)


def _environment(language: str) -> Environment:
    catalogue = load_catalogue(pages.HERE / "locale", HERE.parent / "locale")
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts = {"_": partial(catalogue.gettext, language), "ngettext": partial(catalogue.ngettext, language)}
    environment.globals |= texts | {"lang": language, "role_names": partial(_role_names, texts["_"])}
    return environment
