"""Sends what is due: reminders become mails, one for each mailbox, and mails are tried until they are out.

The intent is stored first and the outcome after it. A process that dies between the server's answer and the note of it
tries again: the mail may come twice, under one Message-ID. It must never send without looking again at what is owed.
"""

import asyncio
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.chassis.clock import wall_now
from services.chassis.telemetry import log
from services.chassis.unit import Cause, Unit
from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.algebra.obligations import state_at
from services.monitoring.reminders import mails, storage
from services.monitoring.reminders.composing import Composer, addressed
from services.monitoring.reminders.ladder import RowState, needless
from services.monitoring.reminders.mails import Attempt, Outcome
from services.monitoring.reminders.setup import Post
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

Doc = dict[str, Any]
LOOK_S = 2.0
BUNDLED = 500


class Sender:
    """Sends reminders for the life of the service, one replica at a time."""

    def __init__(self, service: "Service", post: Post) -> None:
        assert isinstance(service.settings, Settings)
        self._service, self._store, self._post = service, service.store, post
        self._composer = Composer(service.settings.room_urls[service.name], service.settings.reference())
        self._owner = str(uuid.uuid4())

    async def run(self) -> None:
        """Look again and again; raises what stops the store, after which it is started again."""
        while True:
            if not await self.turn():
                await asyncio.sleep(LOOK_S)

    async def turn(self) -> bool:
        """Bundle what is due and try one mail; whether there may be more at once."""
        if not await storage.has_work(self._store, to_stamp(self._service.clock.now()), wall_now()):
            return False
        if not await storage.lease(self._store, self._owner, wall_now()):
            return False
        is_full = await self._bundle()
        mail_id = await storage.waiting_mail(self._store, wall_now())
        if mail_id is None:
            return is_full
        await self._try(mail_id)
        return True

    async def _bundle(self) -> bool:
        """Put the reminders whose time has come into mails; whether there may be more of them."""
        now = self._service.clock.now()

        async def work(unit: Unit) -> int:
            rows = await storage.due_rows(unit, to_stamp(now), limit=BUNDLED)
            owed = await unit.get_many("obligations", [row["obligation_id"] for row in rows])
            why_not = _why_not(rows, owed, to_stamp(now))
            for row in rows:
                if row["_id"] in why_not:
                    unit.put("reminders", row | {"state": RowState.MOOT.value, "reason": why_not[row["_id"]]})
            standing = [row for row in rows if row["_id"] not in why_not]
            units = {key: doc["unit"] for key, doc in owed.items()}
            made, after = mails.bundled(standing, units, self._post.mailboxes, at=(to_stamp(now), wall_now()))
            for mail in made:
                unit.put("mails", mail)
            for row in after:
                unit.put("reminders", row)
            return len(rows)

        return await self._store.transact(self._cause, now, work) == BUNDLED

    async def _try(self, mail_id: str) -> None:
        """Hand one mail to the server and note what came of it."""
        now = self._service.clock.now()
        mail = await self._store.transact(self._cause, now, lambda unit: self._begin(unit, mail_id))
        if mail is None:
            return
        rows = await self._store.find("reminders", {"_id": {"$in": mail["rows"]}})
        keys = [row["obligation_id"] for row in rows]
        owed = {doc["_id"]: doc for doc in await self._store.find("obligations", {"_id": {"$in": keys}})}
        why_not = _why_not(rows, owed, to_stamp(now))
        told = {row["obligation_id"] for row in rows if row["_id"] not in why_not}
        duties = [state_at(owed[key], now) for key in sorted(told)]
        attempt = await self._hand_over(mail, duties) if duties else None
        await self._note(mail, attempt, duties, why_not)

    async def _begin(self, unit: Unit, mail_id: str) -> Doc | None:
        mail = await unit.get("mails", mail_id)
        if mail is None or mail["state"] != "WAITING" or mail["retry_at"] > wall_now():
            return None
        begun = mails.begun(mail, (to_stamp(unit.now), wall_now()))
        unit.put("mails", begun)
        return begun

    async def _hand_over(self, mail: Doc, duties: list[Doc]) -> Attempt:
        message = self._composer.compose(mail, duties, self._service.clock.now())
        addressed(message, self._post.sender, mail_id=mail["_id"], wall=wall_now())
        attempt = await self._post.server.hand_over(self._post.sender, mail["address"], message)
        if attempt.outcome != Outcome.SENT:
            log(__name__).warning("a mail is not out", mail=mail["_id"], outcome=attempt.outcome, tries=mail["tries"])
        return attempt

    async def _note(self, tried: Doc, attempt: Attempt | None, duties: list[Doc], why_not: Mapping[str, str]) -> None:
        now = self._service.clock.now()
        listed = [{name: doc[name] for name in mails.LISTED} for doc in duties]

        async def work(unit: Unit) -> None:
            mail = await unit.get("mails", tried["_id"]) or tried
            at = to_stamp(now), wall_now()
            after = mails.after(mail, attempt, listed, at=at) if attempt else mails.needless_mail(mail)
            rows = await unit.get_many("reminders", mail["rows"])
            unit.put("mails", after)
            for row in mails.rows_of(after, rows.values(), why_not):
                unit.put("reminders", row)

        await self._store.transact(self._cause, now, work)

    @property
    def _cause(self) -> Cause:
        return Cause(self._service.source, "reminders")


def _why_not(rows: list[Doc], owed: Mapping[str, Doc], now: Stamp | datetime) -> dict[str, str]:
    """Why reminders are needless, by their ids; those that are needed are left out."""
    found: dict[str, str] = {}
    for row in rows:
        doc = owed.get(row["obligation_id"])
        reason = needless(row, state_at(doc, now) if doc else None)
        if reason:
            found[row["_id"]] = reason
    return found


async def send_reminders(service: "Service") -> None:
    """Send reminders for the life of the service; nothing while mail is off."""
    assert isinstance(service.settings, Settings)
    post = service.settings.reminders().post
    if post is None:
        await asyncio.Event().wait()
    else:
        await Sender(service, post).run()


async def mail_backlog(service: "Service") -> dict[str, int]:
    """What waits to be mailed; what waits for its morning, what failed and whether mail is off say their page."""
    assert isinstance(service.settings, Settings)
    return {"mails": await storage.count_waiting(service.store)} if service.settings.reminders().post else {}
