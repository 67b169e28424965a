"""The doors of the quarantine for programs: list, one message, replay, discard; the pages stand on the same acts.

It must never judge: it parses, calls the quarantine's acts, shows.
"""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request

from services.chassis.decision import Actor
from services.chassis.web import Problem, command_id, language
from services.chassis.web.identity import require
from services.chassis.web.problems import described
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.door import quarantine, receipts
from services.monitoring.door.gate import Gate
from services.monitoring.door.quarantine import Discard, Quarantine, Replay

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
ACTORS = ("operator", "administrator", "office_head")
SHOWN_LINES = 400
REFUSED = (400, 401, 403, 404, 409, 413, 422, 503)
Keeper = Annotated[Actor, Depends(require(*ACTORS))]
Reader = Annotated[Actor, Depends(require(*ACTORS, "auditor"))]
State = Annotated[Literal["OPEN", "REPLAYED", "DISCARDED"], Query(description="Which messages.")]
After = Annotated[str, Query(max_length=200, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=quarantine.MOST_ROWS)]
ItemId = Annotated[str, Path(max_length=100, description="The id of the message set aside.")]


def create_router(service: "Service", gate: Gate) -> APIRouter:
    """The quarantine for programs."""
    acts = Quarantine(service, gate)
    router = APIRouter(
        prefix="/api/quarantine", tags=["quarantine"], dependencies=[SIGNED_IN], responses=described(*REFUSED)
    )

    @router.get("")
    async def items(
        request: Request, actor: Reader, *, status: State = "OPEN", after: After = "", limit: Limit = 50
    ) -> Json:
        """What was set aside, the newest first."""
        rows, cursor = await quarantine.list_page(service.store, status=status, after=after, limit=limit)
        return {"items": [row_shown(row, language(request)) for row in rows], "next": cursor or None}

    @router.get("/{item_id}")
    async def item(request: Request, item_id: ItemId, actor: Reader) -> Json:
        """One message: its bytes and headers as received, its faults, and what people did about it."""
        row, received, text = await quarantine.one(service.store, item_id)
        return whole_shown(row, received, text, spoken=language(request))

    @router.post("/{item_id}/replay")
    async def replay(
        request: Request, item_id: ItemId, given: Replay, *, actor: Keeper, key: CommandKey = None
    ) -> Json:
        """Send the message through the gate again, as edited; 422 names what is still wrong, and it stays."""
        done = await acts.replay(command_id(request), actor, item_id, given=given)
        if done["faults"]:
            raise Problem(422, *quarantine.refusals_of(done["faults"], language(request)))
        receipt = receipts.shown(done["receipt"], language(request), root=request.app.root_path)
        return {"id": done["id"], "status": done["status"], "receipt": receipt}

    @router.post("/{item_id}/discard")
    async def discard(
        request: Request, item_id: ItemId, given: Discard, *, actor: Keeper, key: CommandKey = None
    ) -> Json:
        """Close the message for good without taking it; it is kept."""
        return await acts.discard(command_id(request), actor, item_id, reason=given.reason)

    return router


def row_shown(row: Json, spoken: str) -> Json:
    names = ("status", "received_at", "source", "message_id", "event_key", "type", "title")
    return {
        "id": row["_id"],
        **{name: row[name] for name in names},
        **{name: row["via"].get(name) for name in ("topic", "partition", "offset")},
        "errors": receipts.described(row["faults"], spoken),
        "tries": len(row["tries"]),
    }


def whole_shown(row: Json, received: Json, text: str, *, spoken: str) -> Json:
    tries = [one | {"faults": receipts.described(one["faults"], spoken)} for one in row["tries"]]
    return row_shown(row, spoken) | {
        "text": text,
        "body_base64": _base64(received["body"]),
        "key_base64": _base64(received["key"]),
        "headers": [_header(*pair) for pair in received["headers"]],
        "attempts": tries,
        "closed": row["closed"],
    }


def _header(name: str, value: bytes | None) -> Mapping[str, str | None]:
    """A header as people read it, and its bytes where it is not plain text."""
    text = None if value is None else value.decode("utf-8", "replace")
    return {"name": name, "value": text, "value_base64": _base64(value)}


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()
