"""The quarantine's pages: the list; beside it a message, with what is wrong, what to write, what would come of it.

It must never judge: it parses, calls the quarantine's acts, shows.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.decision import Refusal
from services.chassis.web import Problem, command_id, form_data, language, page, parsed
from services.monitoring.door import quarantine, receipts
from services.monitoring.door.gate import OPEN, Gate
from services.monitoring.door.mending.suggesting import corrected, suggest
from services.monitoring.door.mending.trying import try_out
from services.monitoring.door.quarantine import Discard, Quarantine, Replay
from services.monitoring.door.quarantine_web import ACTORS, After, Keeper, Reader, State, row_shown, whole_shown
from services.monitoring.intake.acceptance import FLAGS
from services.monitoring.intake.bindings import MAX_EVENT_BYTES
from services.monitoring.intake.showing import marked_lines, tidy

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
SHOWN_LINES, BESIDE = 400, 25


def create_router(service: "Service", gate: Gate) -> APIRouter:
    """The quarantine for people."""
    acts = Quarantine(service, gate)
    router = APIRouter(prefix="/quarantine", include_in_schema=False)

    @router.get("")
    async def show(request: Request, actor: Reader, *, status: State = "OPEN", after: After = "") -> Response:
        return await page(request, "quarantine.html", **await _listed(service, request, status, after=after))

    @router.get("/{item_id}")
    async def show_one(request: Request, item_id: str, actor: Reader, *, step: str = "") -> Response:
        may_act = actor.has(*ACTORS)
        return await page(
            request, "quarantine_one.html", **await _opened(service, acts, request, item_id), step=step, may_act=may_act
        )

    @router.get("/{item_id}/original")
    async def original(item_id: str, actor: Reader) -> Response:
        _, received, _ = await quarantine.one(service.store, item_id)
        name = {"Content-Disposition": f'attachment; filename="{quote(item_id, safe="")}.bin"'}
        return Response(received["body"] or b"", media_type="application/octet-stream", headers=name)

    @router.post("/{item_id}/check")
    async def check(request: Request, item_id: str, actor: Keeper) -> Response:
        given = parsed(Replay, _without_blank(await form_data(request)))
        view = await _opened(service, acts, request, item_id, given=given)
        return await page(request, "quarantine_one.html", **view, step="", may_act=True)

    @router.post("/{item_id}/replay")
    async def replay_by_form(request: Request, item_id: str, actor: Keeper) -> Response:
        given = parsed(Replay, _without_blank(await form_data(request)))
        done = await acts.replay(command_id(request), actor, item_id, given=given)
        if done["faults"]:
            raise Problem(422, *_of_the_form(quarantine.refusals_of(done["faults"], language(request))))
        return _to(request, item_id)

    @router.post("/{item_id}/discard")
    async def discard_by_form(request: Request, item_id: str, actor: Keeper) -> Response:
        given = parsed(Discard, await form_data(request))
        await acts.discard(command_id(request), actor, item_id, reason=given.reason)
        return _to(request, item_id)

    return router


async def _listed(service: "Service", request: Request, status: str, *, after: str = "") -> Json:
    rows, cursor = await quarantine.list_page(service.store, status=status, after=after)
    items = [row_shown(row, language(request)) for row in rows]
    view = {"items": items, "next": cursor, "status": status, "statuses": quarantine.STATUSES}
    return {"view": view, "waiting": await quarantine.open_count(service.store)}


async def _opened(
    service: "Service", acts: Quarantine, request: Request, item_id: str, *, given: Replay | None = None
) -> Json:
    """All that the page of one message shows; `given` is what was typed to be tried."""
    spoken = language(request)
    row, received, text = await quarantine.one(service.store, item_id)
    beside, _ = await quarantine.list_page(service.store, status=row["status"], limit=BESIDE)
    faults = row["tries"][-1]["faults"] if row["tries"] and row["status"] == OPEN else row["faults"]
    places = [(fault["pointer"], fault["params"].get("line")) for fault in faults]
    is_open, fits = row["status"] == OPEN, len(text) <= MAX_EVENT_BYTES
    suggested = (
        suggest(text, [(fault["pointer"], fault["rule"]) for fault in row["faults"]]) if is_open and fits else ()
    )
    body = given.body if given and given.body is not None else _body(text, suggested) if fits else ""
    tried = await try_out(service, acts, item_id, body=body) if is_open and body else None
    return {
        "view": whole_shown(row, received, text, spoken=spoken),
        "lines": marked_lines(text[:MAX_EVENT_BYTES], places, at_most=SHOWN_LINES),
        "size": len(received["body"] or b""),
        "beside": [row_shown(one, spoken) for one in beside],
        "suggested": suggested,
        "text": body,
        "reason": (given.reason or "") if given else "",
        "is_open": is_open,
        "tried": tried,
        "flags": [FLAGS[flag][spoken == "en"] for flag in tried.flags] if tried else [],
        "still": receipts.described(tried.faults, spoken) if tried else [],
    }


def _body(text: str, suggested: Any) -> str:
    return corrected(text, suggested) if suggested else tidy(text)


def _without_blank(form: Json) -> Json:
    """The form without a reason that nobody gave."""
    return {name: value for name, value in form.items() if name != "reason" or str(value).strip()}


def _to(request: Request, item_id: str) -> Response:
    return RedirectResponse(f"{request.app.root_path}/quarantine/{quote(item_id, safe='')}", 303)


def _of_the_form(refusals: tuple[Refusal, ...]) -> list[Refusal]:
    """The faults of a message as faults of the field in which it is edited."""
    said = ((one, f"{one.pointer} {one.detail}".strip()) for one in refusals)
    return [Refusal(one.rule, detail, "/body", one.fix) for one, detail in said]
