"""The door of people: "Ghi nhận sự kiện", for faculties and clubs that have no system that sends.

It must never judge: what is filled in goes through the intake's own rules and gate, under a source of its own.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from contracts.codes import NAMES, Tier
from contracts.events import Place, Summary
from contracts.fields import Code, Id, Reason, Record, Revision, SentId, Title, Url
from contracts.reference import Entry
from contracts.registry import TYPES
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, Refusal, Refused, scoped
from services.chassis.unit import Unit
from services.chassis.web import TypedInstant, command_id, form_data, language, page, parsed
from services.chassis.web.identity import require
from services.chassis.web.problems import described
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.door import quarantine, receipts
from services.monitoring.door.gate import Gate, faults_of
from services.monitoring.door.receipts import Reception
from services.monitoring.intake.acceptance import DESK_SOURCE, Permission, Status
from services.monitoring.intake.bindings import parse_message
from services.monitoring.intake.candidates import Candidate
from services.monitoring.intake.faults import Fault
from services.monitoring.intake.openapi import RECEIPT
from services.monitoring.intake.showing import as_text
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

ROLES = ("operator", "editor", "office_head", "contributor", "administrator")
AT_THE_DESK = Permission(DESK_SOURCE, is_desk=True)
Recorder = Annotated[Actor, Depends(require(*ROLES))]
RECORDED: dict[int | str, dict[str, Any]] = {
    201: {"description": "Recorded for good.", "content": {"application/json": {"schema": RECEIPT}}},
    **described(400, 401, 403, 409, 413, 422, 503),
}


class DeskReport(Record):
    """What a person fills in; which fields a kind of report needs is said by the intake's rules."""

    kind: Literal["held", "scheduled", "cancelled"]
    event_id: SentId | None = None
    title: Title | None = None
    unit: Code | None = None
    started_at: TypedInstant | None = None
    ended_at: TypedInstant | None = None
    revision: Revision | None = None
    title_en: Title | None = None
    place: Place | None = None
    summary: Summary | None = None
    url: Url | None = None
    topic_area: Code | None = None
    tier: Tier | None = None
    plan_item_id: Id | None = None
    reason: Reason | None = None

    def members(self, message_id: str) -> dict[str, Any]:
        """The message that the report makes; without an id of its own the event has the message's."""
        data = self.to_data()
        kind = data.pop("kind")
        named = {"event_id": message_id} | data if kind != "cancelled" else data
        type = TYPES[f"event-{kind}"].type
        return {"specversion": "1.0", "id": message_id, "source": DESK_SOURCE, "type": type, "data": named}


def create_router(service: "Service", gate: Gate) -> APIRouter:
    """The form, and the same as an API call."""
    assert isinstance(service.settings, Settings)
    router, reference = APIRouter(), service.settings.reference()

    @router.post("/api/desk/events", status_code=201, tags=["intake"], responses=RECORDED, dependencies=[SIGNED_IN])
    async def record(request: Request, given: DeskReport, key: CommandKey = None, *, actor: Recorder) -> dict[str, Any]:
        """Record an event that no system reports; times with an offset, or local as dd/MM/yyyy HH:mm."""
        made = await _record(request, gate, actor, given=given)
        return receipts.shown(made, language(request), root=request.app.root_path)

    @router.get("/events/new", include_in_schema=False)
    async def show(request: Request, actor: Recorder, recorded: str = "") -> Response:
        spoken = language(request)
        receipt = await service.store.get("receipts", recorded) if recorded else None
        return await page(
            request,
            "event_new.html",
            units=_choices(reference.units, spoken),
            topic_areas=_choices(reference.topic_areas, spoken),
            tiers=[("", ""), *((tier.value, NAMES[tier][spoken]) for tier in Tier)],
            given=dict(request.query_params),
            receipt=receipt if receipt and receipt["source"] == DESK_SOURCE else None,
        )

    @router.post("/events/new", include_in_schema=False)
    async def record_by_form(request: Request, actor: Recorder) -> Response:
        given = parsed(DeskReport, _numbered(await form_data(request)))
        made = await _record(request, gate, actor, given=given)
        return RedirectResponse(f"{request.app.root_path}/events/new?recorded={made['id']}", 303)

    return router


async def _record(request: Request, gate: Gate, actor: Actor, *, given: DeskReport) -> dict[str, Any]:
    """Take a report through the gate, once per command; raises Refused when a rule says no."""
    service: Service = request.app.state.service
    own_id, now, spoken = scoped(command_id(request), actor), service.clock.now(), language(request)
    members = given.members(own_id)
    read = parse_message(members, now)
    if read.faults:
        raise Refused(*_refusals(read.faults, spoken))
    (candidate,) = read.candidates
    via = {"account_id": actor.account_id}
    reception = Reception(candidate.id, now, AT_THE_DESK, as_text(members).encode(), via=via)

    async def work(unit: Unit) -> dict[str, Any]:
        return await _taken(unit, gate, reception, candidate=candidate, spoken=spoken)

    act = Act(actor, "event-recorded", candidate.id, details={"kind": given.kind})
    return await service.store.command(own_id, now, work, act=act)


async def _taken(unit: Unit, gate: Gate, reception: Reception, *, candidate: Candidate, spoken: str) -> dict[str, Any]:
    decision = await gate.judge(unit, reception, candidate)
    if decision.status is Status.QUARANTINED:  # a person at a form can mend it now
        raise Refused(*_refusals(faults_of(decision), spoken), status=409)
    return await gate.keep(unit, reception, candidate, decision=decision)


def _refusals(faults: Sequence[Fault], spoken: str) -> list[Refusal]:
    """The faults of the message as faults of what was filled in."""
    docs = [receipts.fault_doc(fault) for fault in faults]
    found = quarantine.refusals_of(docs, spoken)
    return [Refusal(one.rule, one.detail, one.pointer.removeprefix("/data"), one.fix) for one in found]


def _choices(entries: Sequence[Entry], spoken: str) -> list[tuple[str, str]]:
    return [("", ""), *((entry.code, entry.en if spoken == "en" else entry.vi) for entry in entries)]


def _numbered(form: dict[str, Any]) -> dict[str, Any]:
    """The form with its number as a number."""
    revision = form.get("revision", "")
    is_number = isinstance(revision, str) and revision.isdecimal() and len(revision) <= 10
    return form | {"revision": int(revision)} if is_number else form
