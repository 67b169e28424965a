"""The doors of a plan's parts: a form for each basis, channel, item and group, saved one at a time without script.

It must never judge: it parses, calls the desk, shows.
"""

import json
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from contracts.codes import BasisKind, Channel, ItemKind, Phase, RequirementCode, Tier, is_physical
from contracts.planning import PlanContent
from contracts.reference import Reference
from services.chassis.decision import Actor, derived, scoped
from services.chassis.web import command_id, form_data, language, page, parsed
from services.chassis.web.forms import AGAIN, Again, Typed
from services.chassis.web.identity import require
from services.planning import decisions, editing, storage
from services.planning.commands import Desk
from services.planning.forms import PARTS, TitleForm
from services.planning.kept import web_kept
from services.planning.pages import parts
from services.planning.pages.rhythm import OFFERED
from services.planning.refusals import refuse, refused

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
Drafter = Annotated[Actor, Depends(require(*decisions.DRAFTERS))]
CODES = {
    "kinds": list(BasisKind),
    "channels": list(Channel),
    "item_kinds": list(ItemKind),
    "tiers": list(Tier),
    "phases": list(Phase),
    "requirements": [code for code in RequirementCode if not is_physical(code)],
}


def see_plan(request: Request, plan_id: str, anchor: str = "") -> Response:
    """On to the page of the plan, also behind a path prefix."""
    return RedirectResponse(f"{request.app.root_path}/plans/{quote(plan_id, safe='')}{anchor}", 303)


def choices(lang: str, codes: Iterable[Any], *current: str | None) -> list[tuple[str, str]]:
    """A choice for each code or entry, named, and for what the plan has that is not among them."""
    made = [(str(getattr(one, "code", one)), str(getattr(one, lang))) for one in codes]
    return made + [(code, code) for code in current if code and code not in dict(made)]


def part_of(content: PlanContent, name: str, key: str, *, is_again: bool = False) -> Any:
    """The part of the plan that the key names, with its channel; None without a key.

    A form that comes back after a refusal is shown although its part is gone meanwhile: what was typed stays.
    Raises:  Refused 404 when there is none.
    """
    known = parts.parts_of(content, name)
    if name not in PARTS or (key and key not in known and not is_again):
        raise refused(refuse("part-unknown"))
    return known.get(key)


def is_outdated(again: Again | None) -> bool:
    """Whether the form comes back because somebody else stored another version meanwhile."""
    return again is not None and any(fault.rule == "base-outdated" for fault in again.errors)


def create_router(service: "Service", desk: Desk, reference: Reference) -> APIRouter:
    """The doors of parts; pages alone, as the API takes the content whole."""
    router, store = APIRouter(include_in_schema=False), service.store

    @router.post("/plans/{plan_id}/edit/title")
    async def put_title(request: Request, plan_id: str, actor: Drafter) -> Response:
        given = parsed(TitleForm, await form_data(request))
        change = editing.with_title(given.title)
        await desk.edit(command_id(request), actor, plan_id, base_hash=given.base_hash, change=change)
        return see_plan(request, plan_id)

    @router.get("/plans/{plan_id}/edit/{name}")
    async def show_part(request: Request, plan_id: str, name: str, *, actor: Drafter, key: str = "") -> Response:
        plan = await storage.plan(store, plan_id)
        if plan is None:
            raise refused(refuse("plan-unknown"))
        again: Again | None = request.scope.get(AGAIN)
        known = part_of(plan.content, name, key, is_again=again is not None)
        values = parts.values_of(name, known, request.query_params)
        view: Json = {"plan": plan, "name": name, "key": key, "values": values, "codes": CODES}
        view |= {"labels": parts.FIELDS[name], "reference": reference, "offered": OFFERED}
        view["was"] = json.dumps(values)
        view |= {"is_outdated": is_outdated(again), "is_gone": bool(key) and known is None}
        view["differences"] = parts.differences(name, values, again.typed) if again and known is not None else ()
        view["choices"] = partial(choices, language(request))
        found = None if again else await web_kept.kept(store, web_kept.id_of(actor, plan_id, name, key=key))
        view |= {
            "kept_at": found[1] if found else None,
            "is_kept_shown": bool(found) and "kept" in request.query_params,
        }
        if found and view["is_kept_shown"]:
            view |= {"is_again": True, "typed": Typed(found[0])}
        return await page(request, f"edit_{name}.html", **view)

    @router.post("/plans/{plan_id}/edit/{name}")
    async def put_part(request: Request, plan_id: str, name: str, *, actor: Drafter, key: str = "") -> Response:
        if name not in PARTS:
            raise refused(refuse("part-unknown"))
        given = parsed(PARTS[name], await form_data(request))
        command = command_id(request)
        change = given.change(key, derived(scoped(command, actor), name))
        await desk.edit(command, actor, plan_id, base_hash=given.base_hash, change=change)
        await web_kept.forget(store, web_kept.id_of(actor, plan_id, name, key=key))
        return see_plan(request, plan_id, f"#{name}")

    @router.get("/plans/{plan_id}/edit/{name}/removal")
    async def ask_again(request: Request, plan_id: str, name: str, *, actor: Drafter, key: str) -> Response:
        plan = await storage.plan(store, plan_id)
        if plan is None:
            raise refused(refuse("plan-unknown"))
        known = part_of(plan.content, name, key)
        going = parts.going(plan.content, name, known)
        return await page(request, "removal.html", plan=plan, name=name, key=key, going=going)

    @router.post("/plans/{plan_id}/edit/{name}/removal")
    async def drop_part(request: Request, plan_id: str, name: str, *, actor: Drafter, key: str) -> Response:
        if name not in PARTS:
            raise refused(refuse("part-unknown"))
        form = await form_data(request)
        change = editing.drop(name, key)
        base_hash = str(form.get("base_hash", ""))
        await desk.edit(command_id(request), actor, plan_id, base_hash=base_hash, change=change)
        return see_plan(request, plan_id, f"#{name}")

    return router
