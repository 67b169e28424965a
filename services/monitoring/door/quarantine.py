"""What was set aside at the intake: listed, edited and replayed, or discarded with a reason; each runs once per id.

It must never lose what was received: the bytes stay, and so do all tries to replay them.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field
from pymongo import DESCENDING

from contracts.fields import Note, Record
from contracts.times import format_time, parse_time
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Refusal, Refused, derived, scoped
from services.chassis.unit import Unit
from services.chassis.web.i18n import N_
from services.monitoring.door import receipts
from services.monitoring.door.gate import OPEN, Gate, faults_of
from services.monitoring.door.receipts import Reception
from services.monitoring.intake.acceptance import Permission, Status, admit
from services.monitoring.intake.bindings import MAX_EVENT_BYTES, parse_record
from services.monitoring.intake.candidates import Candidate
from services.monitoring.intake.showing import STRUCTURED_HEADERS, editable

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.chassis.store import Store

Doc = dict[str, Any]
Outcome = tuple[list[Doc], Doc | None, Candidate | None]
REPLAYED, DISCARDED = "REPLAYED", "DISCARDED"
STATUSES = (OPEN, REPLAYED, DISCARDED)
MOST_ROWS = 200
FAULTS_OF_A_TRY = 50
UNKNOWN = Refusal("quarantine-unknown", N_("Không có thông điệp cách ly này."), fix=N_("Mở lại danh sách cách ly."))
CLOSED = Refusal(
    "quarantine-closed",
    N_("Thông điệp này đã được xử lý, không sửa hay loại bỏ được nữa."),
    fix=N_("Tải lại trang để xem ai đã làm gì."),
)


class Replay(Record):
    """The message in structured form as edited, and why; without a body it is replayed as it stands."""

    body: Annotated[str | None, Field(max_length=MAX_EVENT_BYTES)] = None
    reason: Note | None = None


class Discard(Record):
    """Why a message is discarded for good."""

    reason: Note


async def list_page(store: "Store", *, status: str = OPEN, after: str = "", limit: int = 50) -> tuple[list[Doc], str]:
    """Rows of the list, the newest first, and the cursor of the next page or an empty text."""
    where: Doc = {"status": status}
    at, _, last_id = after.partition("~")
    if last_id:
        where["$or"] = [{"received_at": {"$lt": at}}, {"received_at": at, "_id": {"$lt": last_id}}]
    sort = [("received_at", DESCENDING), ("_id", DESCENDING)]
    few = {"text": 0, "faults": {"$slice": FAULTS_OF_A_TRY}}
    rows = await store.find("quarantine", where, sort=sort, limit=limit + 1, fields=few)
    cursor = f"{rows[limit - 1]['received_at']}~{rows[limit - 1]['_id']}" if len(rows) > limit else ""
    return rows[:limit], cursor


async def one(store: "Store", item_id: str) -> tuple[Doc, Doc, str]:
    """A message set aside, what was received, and its text for editing.

    Raises:  Refused with status 404 when there is none.
    """
    item = await store.get("quarantine", item_id)
    received = await store.get("received", item["received"]) if item else None
    if item is None or received is None:
        raise Refused(UNKNOWN, status=404)
    return item, received, _text(item, received)


def _text(item: Doc, received: Doc) -> str:
    if item["text"] is not None:
        return str(item["text"])
    return editable([(name, value) for name, value in received["headers"]], received["body"])


async def open_count(store: "Store") -> int:
    """How many messages wait for a person, counted to 10,000."""
    return await store.raw("quarantine").count_documents({"status": OPEN}, limit=10_000)


class Quarantine:
    """What operators do about messages set aside.

    Shape:   every act takes the command's id and who gives it, and answers with what is stored under that id.
    Raises:  Refused when the message is unknown or closed.
    """

    def __init__(self, service: "Service", gate: Gate) -> None:
        self._service, self._gate = service, gate

    async def replay(self, command_id: str, actor: Actor, item_id: str, *, given: Replay) -> Doc:
        """Send a message through the gate again, as edited, judged as of when it was received.

        What the record's sender may do still counts, but a person has looked at what came by the open inbox.
        When it fails again it stays, and `faults` say why.
        """
        reception = await self._reception(item_id, given.body, derived(scoped(command_id, actor), item_id), actor)
        why = {"reason": given.reason} if given.reason else {}

        async def work(unit: Unit) -> Doc:
            doc = await _still_open(unit, item_id)
            faults, receipt, _ = await self.again(unit, reception, item_id)
            unit.put("received", reception.to_doc())
            attempt = self._attempt(actor) | why | {"received": reception.id, "faults": faults[:FAULTS_OF_A_TRY]}
            changed = doc | {"tries": [*doc["tries"], attempt | {"receipt": receipt["id"] if receipt else None}]}
            if receipt:
                changed |= {"status": REPLAYED, "closed": self._attempt(actor) | why | {"receipt": receipt["id"]}}
            unit.put("quarantine", changed)
            return {"id": item_id, "status": changed["status"], "receipt": receipt, "faults": faults}

        details = {"received": reception.id}
        act = Act(actor, "message-replayed", item_id, details=details, at=self._service.clock.now())
        return await self._once(command_id, act, work, now=reception.at)

    async def to_try(self, item_id: str, body: str) -> Reception:
        """An edited message as it would be received again; nobody has sent it."""
        return await self._reception(item_id, body, item_id, None)

    async def _reception(self, item_id: str, body: str | None, reception_id: str, actor: Actor | None) -> Reception:
        item, received, text = await one(self._service.store, item_id)
        given = text if body is None else body
        permission = Permission(**received["permission"] | {"open_door": True})
        by = {"account_id": actor.account_id if actor else "", "replays": item_id}
        raw, at = given.encode("utf-8", "surrogatepass"), parse_time(item["received_at"])
        return Reception(reception_id, at, permission, raw, STRUCTURED_HEADERS, via=by)

    async def again(self, unit: Unit, reception: Reception, item_id: str) -> Outcome:
        """The faults that a message still has by rules and gate, or its receipt and what was read of it."""
        parsed = admit(parse_record(reception.headers, reception.body, reception.at), reception.permission)
        if not parsed.candidates:
            return [receipts.fault_doc(fault) for fault in parsed.faults], None, None
        candidate = parsed.candidates[0]
        decision = await self._gate.judge(unit, reception, candidate, replayed=item_id)
        if decision.status is Status.QUARANTINED:
            return [receipts.fault_doc(fault) for fault in faults_of(decision)], None, None
        return [], await self._gate.keep(unit, reception, candidate, decision=decision), candidate

    async def discard(self, command_id: str, actor: Actor, item_id: str, *, reason: str) -> Doc:
        """Close a message for good without taking it; it is kept, and this cannot be undone."""

        async def work(unit: Unit) -> Doc:
            doc = await _still_open(unit, item_id)
            closed = self._attempt(actor) | {"reason": reason}
            unit.put("quarantine", doc | {"status": DISCARDED, "closed": closed})
            return {"id": item_id, "status": DISCARDED}

        return await self._once(command_id, Act(actor, "message-discarded", item_id, reason), work)

    def _attempt(self, actor: Actor) -> Doc:
        return {"by": actor.account_id, "by_name": actor.name, "at": format_time(self._service.clock.now())}

    async def _once(
        self, command_id: str, act: Act, work: Callable[[Unit], Awaitable[Doc]], *, now: datetime | None = None
    ) -> Doc:
        now = now or self._service.clock.now()
        return await self._service.store.command(scoped(command_id, act.actor), now, work, act=act)


async def _still_open(unit: Unit, item_id: str) -> Doc:
    doc = await unit.get("quarantine", item_id)
    if doc is None:
        raise Refused(UNKNOWN, status=404)
    if doc["status"] != OPEN:
        raise Refused(CLOSED, status=409)
    return doc


def refusals_of(faults: Iterable[Doc], language: str) -> tuple[Refusal, ...]:
    """Kept faults as refusals whose words stand already in the reader's language."""
    said = receipts.described(faults, language)
    return tuple(Refusal(one["rule"], one["detail"], one["pointer"], one["fix"]) for one in said)
