"""The page of the reminders: what failed, what waits, what was sent, and the ladder in words; pure.

Never the text of a mail, and never a person's name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp
from services.monitoring.pages.telling import Told
from services.monitoring.pages.words import Sentence, Words
from services.monitoring.reminders.ladder import Ladder, Role, Step
from services.monitoring.reminders.mailboxes import Mailboxes

Doc = Mapping[str, Any]
LISTED = 5
ROLES = {
    Role.UNIT: N_("Đơn vị tổ chức"),
    Role.OFFICE: N_("Phòng phụ trách"),
    Role.OFFICE_HEAD: N_("Lãnh đạo phòng"),
    Role.RECTORATE: N_("Ban Giám hiệu"),
}
NEEDLESS = {
    "MOVED": N_("Hạn đã đổi"),
    "MERGED": N_("Sự kiện đã gộp"),
    "ON_TIME": N_("Đã đăng đúng hạn"),
    "LATE": N_("Đã đăng, trễ hạn"),
    "WAIVED": N_("Đã được miễn"),
    "VOID": N_("Không còn đòi hỏi"),
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the ladder. Shape: to and how are texts to be translated."""

    when: Sentence
    to: str
    how: Sentence


@dataclass(frozen=True, slots=True)
class DutyLine:
    """An obligation that a mail told of, or that a reminder waits for."""

    event: str
    title: str
    where: str
    due_at: Stamp | None


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail on the page. Shape: more is how many obligations are not listed; roles are texts to be translated."""

    id: str
    state: str
    roles: tuple[str, ...]
    address: str
    at: Stamp
    tries: int
    reason: str
    duties: tuple[DutyLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class NextRow:
    """A reminder that waits for its time."""

    at: Stamp
    role: str
    duty: DutyLine


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A mailbox of the installation. Shape: role is a text to be translated, empty for a unit."""

    role: str
    unit: str
    address: str


@dataclass(frozen=True, slots=True)
class RemindersView:
    """All that the page shows."""

    is_on: bool
    version: str
    steps: tuple[StepLine, ...]
    boxes: tuple[BoxLine, ...]
    failed: tuple[MailRow, ...]
    waiting: tuple[MailRow, ...]
    sent: tuple[MailRow, ...]
    upcoming: tuple[NextRow, ...]


def ladder_lines(ladder: Ladder, hour: int, words: Words) -> tuple[StepLine, ...]:
    """Return the ladder in words. Source: R08"""
    return tuple(StepLine(_when(step, words), ROLES[step.to], _how(step, hour)) for step in ladder.steps)


def _when(step: Step, words: Words) -> Sentence:
    span = {"span": words.formats.span(timedelta(hours=abs(step.at_h)))}
    if step.is_before:
        return Sentence(N_("Trước hạn %(span)s, chưa có bài đăng"), span)
    return Sentence(N_("Quá hạn %(span)s"), span) if step.at_h else Sentence(N_("Vừa quá hạn"))


def _how(step: Step, hour: int) -> Sentence:
    if step.send == "morning":
        return Sentence(N_("gộp vào thư buổi sáng, %(hour)s"), {"hour": f"{hour:02}:00"})
    return Sentence(N_("gửi ngay"))


def box_lines(mailboxes: Mailboxes | None, words: Words) -> tuple[BoxLine, ...]:
    """Return the mailboxes, those of roles first. Source: R08"""
    if mailboxes is None:
        return ()
    roles = [BoxLine(ROLES[role], "", box.address) for role, box in mailboxes.roles.items()]
    return (*roles, *(BoxLine("", words.unit(code), box.address) for code, box in sorted(mailboxes.units.items())))


def mail_rows(mails: Iterable[Doc], owed: Mapping[str, Doc], words: Words) -> tuple[MailRow, ...]:
    """Return mails as the page lists them.

    Shape:   owed are obligations by the id of a reminder: what a mail holds that was not tried yet.    Source: R20
    """
    return tuple(_mail_row(mail, owed, words) for mail in mails)


def _mail_row(mail: Doc, owed: Mapping[str, Doc], words: Words) -> MailRow:
    duties = mail["duties"] or [owed[row] for row in mail["rows"] if row in owed]
    return MailRow(
        id=mail["_id"],
        state=mail["state"],
        roles=tuple(ROLES[Role(role)] for role in mail["roles"]),
        address=mail["address"],
        at=mail["sent_at"] or mail["tried_at"] or mail["made_at"],
        tries=mail["tries"],
        reason=mail["reason"],
        duties=tuple(_duty(doc, words) for doc in duties[:LISTED]),
        more=max(0, len(duties) - LISTED),
    )


def next_rows(rows: Sequence[Doc], owed: Mapping[str, Doc], words: Words) -> tuple[NextRow, ...]:
    """Return the reminders that wait for their time and are still needed as far as is known now. Source: R08"""
    found = ((row, owed.get(row["_id"])) for row in rows)
    return tuple(NextRow(row["at"], ROLES[Role(row["to"])], _duty(doc, words)) for row, doc in found if doc)


def _duty(doc: Doc, words: Words) -> DutyLine:
    return DutyLine(doc["event"], doc["title"], words.owed(doc), doc["due_at"])


def told_of_event(rows: Iterable[Doc], words: Words, duties: Mapping[str, str]) -> tuple[Told, ...]:
    """Return the reminders of an event that were sent, or could not be, as lines of its history.

    Shape:   duties are the names of obligations by id.        Source: R20
    """
    return tuple(_told(row, words, duties) for row in rows if row["state"] in ("SENT", "FAILED"))


def _told(row: Doc, words: Words, duties: Mapping[str, str]) -> Told:
    text, icon = N_("Gửi thư nhắc %(duty)s, hạn %(due)s"), "inbox"
    if row["state"] == "FAILED":
        text, icon = N_("Không gửi được thư nhắc %(duty)s, hạn %(due)s"), "alert"
    duty = duties.get(row["obligation_id"], "")
    at = row["sent_at"] or row["tried_at"]
    said = Sentence(text, {"duty": duty, "due": words.formats.due(row["due_at"])})
    return Told("reminded", icon, f"{row['to']}", at, at, said)
