"""Reads the files of the reminders and puts together what they need; it must never send."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.monitoring.reminders.delivery import Server
from services.monitoring.reminders.ladder import Ladder
from services.monitoring.reminders.mailboxes import Mailboxes, checked_address, faults_of
from services.monitoring.reminders.storage import Schedule

SHIPPED = Path(__file__).parents[1] / "data" / "reminders-1.json"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Post:
    """What is needed to send: server, sender and mailboxes."""

    server: Server
    sender: str
    mailboxes: Mailboxes


@dataclass(frozen=True, slots=True)
class Reminders:
    """The reminders of this installation. Shape: post is None while mail is off; hour is the school's."""

    ladder: Ladder
    hour: int
    post: Post | None

    @property
    def schedule(self) -> Schedule | None:
        """By what reminders are planned; None while mail is off: what nobody sends is not piled up."""
        return Schedule(self.ladder, self.hour) if self.post else None


def read_ladder(file: Path) -> Ladder:
    """Read the ladder; raises ValueError that names the file, the place and the rule."""
    return _read(Ladder, file, "REMINDERS_FILE")


def check_reach(ladder: Ladder, approaching_s: int) -> None:
    """Raise ValueError when a step comes before the due date is near: nothing would call it."""
    first = ladder.steps[0]
    if first.at_h * 3600 < -approaching_s:
        message = f"REMINDERS_FILE: the step {first.step} comes {-first.at_h} hours before the due date, which is near"
        raise ValueError(f"{message} only {approaching_s / 3600:g} hours before: raise APPROACHING_S or at_h")


def read_post(url: str, sender: str, file: Path | None, *, ladder: Ladder, units: frozenset[str]) -> Post:
    """Read what is needed to send; raises ValueError that names the setting and the rule."""
    if file is None or not sender:
        raise ValueError("SMTP_URL: mail needs MAIL_FROM and REMINDERS_MAILBOXES as well; leave it out to send none")
    try:
        server = Server.at(url)
    except ValueError as error:
        raise ValueError(f"SMTP_URL: {error}") from None
    try:
        checked_address(sender)
    except ValueError as error:
        raise ValueError(f"MAIL_FROM: {error}") from None
    mailboxes = _read(Mailboxes, file, "REMINDERS_MAILBOXES")
    faults = faults_of(mailboxes, ladder, units)
    if faults:
        raise ValueError(f"REMINDERS_MAILBOXES: {file.name}: {'; '.join(faults)}")
    return Post(server, sender, mailboxes)


def _read(model: type[M], file: Path, setting: str) -> M:
    """A file of ours; its faults by place, never with the values that stand there."""
    try:
        return model.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ValueError(f"{setting}: {file}: {error.strerror}") from None
    except ValidationError as error:
        faults = (f"{'/'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}" for fault in error.errors())
        raise ValueError(f"{setting}: {file.name}: {'; '.join(faults)}") from None
