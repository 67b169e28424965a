"""The doors of the quarantine: list, one message, replay, discard; each form is also an API call on the same act.

It must never judge: it parses, calls the quarantine's acts, shows.
"""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.decision import Actor, Refusal
from services.chassis.web import Problem, command_id, form_data, language, page, parsed
from services.chassis.web.identity import require
from services.chassis.web.problems import described
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.door import quarantine, receipts
from services.monitoring.door.gate import OPEN, Gate
from services.monitoring.door.quarantine import Discard, Quarantine, Replay
from services.monitoring.intake.bindings import MAX_EVENT_BYTES
from services.monitoring.intake.showing import marked_lines, tidy

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
    """The doors of the quarantine, for programs and for people."""
    acts = Quarantine(service, gate)
    router = APIRouter()
    router.include_router(create_api(service, acts))
    router.include_router(create_pages(service, acts))
    return router


def create_api(service: "Service", acts: Quarantine) -> APIRouter:
    """The quarantine for programs."""
    router = APIRouter(
        prefix="/api/quarantine", tags=["quarantine"], dependencies=[SIGNED_IN], responses=described(*REFUSED)
    )

    @router.get("")
    async def items(
        request: Request, actor: Reader, *, status: State = "OPEN", after: After = "", limit: Limit = 50
    ) -> Json:
        """What was set aside, the newest first."""
        rows, cursor = await quarantine.list_page(service.store, status=status, after=after, limit=limit)
        return {"items": [_row(row, language(request)) for row in rows], "next": cursor or None}

    @router.get("/{item_id}")
    async def item(request: Request, item_id: ItemId, actor: Reader) -> Json:
        """One message: its bytes and headers as received, its faults, and what people did about it."""
        row, received, text = await quarantine.one(service.store, item_id)
        return _whole(row, received, text, spoken=language(request))

    @router.post("/{item_id}/replay")
    async def replay(
        request: Request, item_id: ItemId, given: Replay, *, actor: Keeper, key: CommandKey = None
    ) -> Json:
        """Send the message through the gate again, as edited; 422 names what is still wrong, and it stays."""
        done = await acts.replay(command_id(request), actor, item_id, body=given.body)
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


def create_pages(service: "Service", acts: Quarantine) -> APIRouter:
    """The quarantine for people."""
    router = APIRouter(prefix="/quarantine", include_in_schema=False)

    @router.get("")
    async def show(request: Request, actor: Reader, *, status: State = "OPEN", after: After = "") -> Response:
        rows, cursor = await quarantine.list_page(service.store, status=status, after=after)
        items = [_row(row, language(request)) for row in rows]
        view = {"items": items, "next": cursor, "status": status, "statuses": quarantine.STATUSES}
        return await page(request, "quarantine.html", view=view, waiting=await quarantine.open_count(service.store))

    @router.get("/{item_id}")
    async def show_one(request: Request, item_id: ItemId, actor: Reader, *, step: str = "") -> Response:
        row, received, text = await quarantine.one(service.store, item_id)
        view = _whole(row, received, text, spoken=language(request))
        faults = row["tries"][-1]["faults"] if row["tries"] and row["status"] == OPEN else row["faults"]
        places = [(fault["pointer"], fault["params"].get("line")) for fault in faults]
        lines = marked_lines(text[:MAX_EVENT_BYTES], places, at_most=SHOWN_LINES)
        may_act = actor.has(*ACTORS) and row["status"] == OPEN
        fits = len(text) <= MAX_EVENT_BYTES
        return await page(
            request,
            "quarantine_one.html",
            view=view,
            lines=lines,
            may_act=may_act,
            step=step,
            text=tidy(text) if fits else "",
        )

    @router.post("/{item_id}/replay")
    async def replay_by_form(request: Request, item_id: ItemId, actor: Keeper) -> Response:
        given = parsed(Replay, await form_data(request))
        done = await acts.replay(command_id(request), actor, item_id, body=given.body)
        if done["faults"]:
            raise Problem(422, *_of_the_form(quarantine.refusals_of(done["faults"], language(request))))
        return _to(request, item_id)

    @router.post("/{item_id}/discard")
    async def discard_by_form(request: Request, item_id: ItemId, actor: Keeper) -> Response:
        given = parsed(Discard, await form_data(request))
        await acts.discard(command_id(request), actor, item_id, reason=given.reason)
        return _to(request, item_id)

    return router


def _to(request: Request, item_id: str) -> Response:
    return RedirectResponse(f"{request.app.root_path}/quarantine/{quote(item_id, safe='')}", 303)


def _of_the_form(refusals: tuple[Refusal, ...]) -> list[Refusal]:
    """The faults of a message as faults of the field in which it is edited."""
    said = ((one, f"{one.pointer} {one.detail}".strip()) for one in refusals)
    return [Refusal(one.rule, detail, "/body", one.fix) for one, detail in said]


def _row(row: Json, spoken: str) -> Json:
    names = ("status", "received_at", "source", "message_id", "event_key", "type", "title")
    return {
        "id": row["_id"],
        **{name: row[name] for name in names},
        **{name: row["via"].get(name) for name in ("topic", "partition", "offset")},
        "errors": receipts.described(row["faults"], spoken),
        "tries": len(row["tries"]),
    }


def _whole(row: Json, received: Json, text: str, *, spoken: str) -> Json:
    tries = [one | {"faults": receipts.described(one["faults"], spoken)} for one in row["tries"]]
    return _row(row, spoken) | {
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
