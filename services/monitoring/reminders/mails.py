"""What is decided about mails: which reminders go into one, and what follows from an attempt; pure.

Never a text of a mail, and never a second mail for what was sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid5

from contracts.envelope import NAMESPACE
from services.chassis.decision import Refusal
from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp
from services.monitoring.reminders.ladder import Role, RowState
from services.monitoring.reminders.mailboxes import Mailbox, Mailboxes

Doc = dict[str, Any]
# Units: seconds. How long after a failed attempt the next one follows, doubled each time.
FIRST_PAUSE_S, LONGEST_PAUSE_S, SERVER_PAUSE_S = 60, 3600, 300
# About half a day of "try again later" from the receiver.
MOST_TRIES = 16
# What a mail keeps of each obligation that it told of.
LISTED = ("obligation_id", "event", "title", "requirement", "phase", "due_at", "state")
UNKNOWN_MAIL = Refusal("mail-unknown", N_("Không có thư này."), "", N_("Mở lại trang Thư nhắc."))
NOT_FAILED = Refusal(
    "mail-not-failed", N_("Thư này không ở trạng thái gửi hỏng."), "", N_("Tải lại trang: thư có thể đã được gửi.")
)


class Outcome(StrEnum):
    """How an attempt ended: taken, refused for good, put off by the receiver, or the server itself does not serve."""

    SENT = "SENT"
    REFUSED = "REFUSED"
    PUT_OFF = "PUT_OFF"
    NO_SERVER = "NO_SERVER"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an attempt. Shape: reason is the server's word or the kind of trouble, empty when sent."""

    outcome: Outcome
    reason: str = ""


def mail_id(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the id of the mail that holds these reminders: its Message-ID is made of it. Source: R08"""
    named = sorted(f"{row['_id']}#{row['round']}" for row in rows)
    return str(uuid5(NAMESPACE, "\n".join(["mail", *named])))


def bundled(
    rows: Sequence[Doc], units: Mapping[str, str | None], mailboxes: Mailboxes, *, at: tuple[Stamp, datetime]
) -> tuple[list[Doc], list[Doc]]:
    """Return one mail for each mailbox that rows go to, and the rows as they are then.

    Shape:   units are the units of obligations by their ids; at is now, in domain and in wall time.
    Source:  R08
    """
    by_mailbox: dict[Mailbox, list[Doc]] = {}
    for row in rows:
        box = mailboxes.of(Role(row["to"]), units[row["obligation_id"]])
        by_mailbox.setdefault(box, []).append(row)
    mails = [_mail(box, found, at) for box, found in by_mailbox.items()]
    mail_of = {row_id: mail["_id"] for mail in mails for row_id in mail["rows"]}
    return mails, [row | {"state": RowState.SENDING.value, "mail": mail_of[row["_id"]]} for row in rows]


def _mail(box: Mailbox, rows: Sequence[Doc], at: tuple[Stamp, datetime]) -> Doc:
    now, wall = at
    return {
        "_id": mail_id(rows),
        "address": box.address,
        "language": box.language,
        "roles": sorted({row["to"] for row in rows}),
        "rows": [row["_id"] for row in rows],
        "state": "WAITING",
        "tries": 0,
        "retry_at": wall,
        "made_at": now,
        "tried_at": None,
        "sent_at": None,
        "reason": "",
        "duties": [],
    }


def begun(mail: Doc, at: tuple[Stamp, datetime]) -> Doc:
    """Return the mail as it is while it is tried: a process that dies now has tried all the same. Source: R08"""
    now, wall = at
    pause = min(FIRST_PAUSE_S * 2 ** min(mail["tries"], 16), LONGEST_PAUSE_S)
    return mail | {"tries": mail["tries"] + 1, "tried_at": now, "retry_at": wall + timedelta(seconds=pause)}


def after(mail: Doc, attempt: Attempt, duties: Sequence[Doc], *, at: tuple[Stamp, datetime]) -> Doc:
    """Return the mail after an attempt.

    Shape:   duties are what it told of, as the page lists them.
    Source:  R08, R20 (what failed stands with its reason)
    """
    now, wall = at
    tried = mail | {"reason": attempt.reason, "duties": list(duties)}
    if attempt.outcome == Outcome.SENT:
        return tried | {"state": "SENT", "sent_at": now}
    if attempt.outcome == Outcome.NO_SERVER:  # the mail is not to blame: it waits until there is a server
        soon = wall + timedelta(seconds=SERVER_PAUSE_S)
        return tried | {"retry_at": min(mail["retry_at"], soon)}
    is_over = attempt.outcome == Outcome.REFUSED or mail["tries"] >= MOST_TRIES
    return tried | {"state": "FAILED"} if is_over else tried


def rows_of(mail: Doc, rows: Iterable[Doc], why_not: Mapping[str, str]) -> list[Doc]:
    """Return the reminders as they are after an attempt at their mail.

    Shape:   why_not are the reasons of those that were needless, by id.
    Source:  R08, R20
    """
    standing = {"SENT": RowState.SENT, "FAILED": RowState.FAILED}.get(mail["state"], RowState.SENDING).value
    found = []
    for row in rows:
        reason = why_not.get(row["_id"], "")
        state = RowState.MOOT.value if reason else standing
        tried = {"tried_at": mail["tried_at"], "sent_at": None if reason else mail["sent_at"]}
        found.append(row | tried | {"state": state, "reason": reason or mail["reason"]})
    return found


def needless_mail(mail: Doc) -> Doc:
    """Return the mail of which nothing is left to be said. Source: R08"""
    return mail | {"state": "MOOT", "reason": "", "duties": []}


def check_again(mail: Doc | None) -> Refusal | None:
    """Return why a mail cannot be sent again: only what failed may be. Source: R08"""
    if mail is None:
        return UNKNOWN_MAIL
    return None if mail["state"] == "FAILED" else NOT_FAILED


def sent_again(mail: Doc, wall: datetime) -> Doc:
    """Return a failed mail as it is when a person sends it again. Source: R08"""
    return mail | {"state": "WAITING", "tries": 0, "retry_at": wall}
