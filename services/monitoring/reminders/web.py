"""The doors of the reminders: the page, and sending again what failed, by form and by API.

It must never decide: it parses, calls the act, shows.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.audit.acts import Act
from services.chassis.clock import wall_now
from services.chassis.decision import Actor, Refused, scoped
from services.chassis.unit import Unit
from services.chassis.web import command_id, form_data, language, page
from services.chassis.web.identity import require
from services.chassis.web.problems import described
from services.monitoring.algebra.obligations import state_at
from services.monitoring.bearer import SIGNED_IN, CommandKey
from services.monitoring.pages import loading
from services.monitoring.reminders import mails, storage, views
from services.monitoring.reminders.ladder import needless
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]
KEEPERS = ("operator", "administrator", "office_head")
Keeper = Annotated[Actor, Depends(require(*KEEPERS))]
Reader = Annotated[Actor, Depends(require(*KEEPERS, "auditor"))]
MailId = Annotated[str, Path(max_length=100, description="The id of the mail.")]
MailState = Annotated[Literal["WAITING", "SENT", "FAILED"], Query(description="Which mails.")]
REFUSED = (400, 401, 403, 404, 409, 413, 422, 503)
SHOWN = ("address", "roles", "state", "made_at", "tried_at", "sent_at", "tries", "reason", "duties")


def create_router(service: "Service") -> APIRouter:
    """GET /reminders, POST /reminders/mails/{id}/again; the same under /api."""
    router, store, clock = APIRouter(), service.store, service.clock
    api: dict[str, Any] = {"tags": ["reminders"], "dependencies": [SIGNED_IN]}

    async def again(key: str, actor: Actor, mail_id: str) -> Json:
        async def work(unit: Unit) -> Json:
            mail = await unit.get("mails", mail_id)
            refusal = mails.check_again(mail)
            if refusal or mail is None:
                raise Refused(refusal or mails.UNKNOWN_MAIL, status=409 if mail else 404)
            unit.put("mails", mails.sent_again(mail, wall_now()))
            return {"id": mail_id, "state": "WAITING"}

        act = Act(actor, "mail-sent-again", mail_id)
        return await store.command(scoped(key, actor), clock.now(), work, act=act)

    @router.get("/api/reminders/mails", responses=described(401, 403, 422, 503), **api)
    async def items(actor: Reader, state: MailState = "FAILED") -> Json:
        """The last mails in a state, the newest first."""
        found = await storage.last_mails(store, [state])
        return {"items": [{"id": mail["_id"], **{name: mail[name] for name in SHOWN}} for mail in found]}

    @router.post("/api/reminders/mails/{mail_id}/again", responses=described(*REFUSED), **api)
    async def send_again(request: Request, mail_id: MailId, actor: Keeper, *, key: CommandKey = None) -> Json:
        """Send a failed mail again, under the same Message-ID."""
        return await again(command_id(request), actor, mail_id)

    @router.get("/reminders", include_in_schema=False)
    async def show(request: Request, actor: Reader) -> Response:
        view = await load(service, language(request))
        return await page(request, "reminders.html", view=view, may_act=actor.has(*KEEPERS))

    @router.post("/reminders/mails/{mail_id}/again", include_in_schema=False)
    async def send_again_by_form(request: Request, mail_id: MailId, actor: Keeper) -> Response:
        await form_data(request)
        await again(command_id(request), actor, mail_id)
        return RedirectResponse(f"{request.app.state.web.root}/reminders", 303)

    return router


async def load(service: "Service", spoken: str) -> views.RemindersView:
    """All that the page shows."""
    assert isinstance(service.settings, Settings)
    store, reminders = service.store, service.settings.reminders()
    words = await loading.words_in(service, spoken)
    failed = await storage.last_mails(store, ["FAILED"])
    waiting, sent = await storage.last_mails(store, ["WAITING"]), await storage.last_mails(store, ["SENT"])
    following = await storage.next_rows(store)
    held = [row for mail in (*failed, *waiting) for row in mail["rows"]]
    owed = await _owed(service, [*following, *await store.find("reminders", {"_id": {"$in": held}})])
    return views.RemindersView(
        is_on=reminders.post is not None,
        version=reminders.ladder.version,
        steps=views.ladder_lines(reminders.ladder, reminders.hour, words),
        boxes=views.box_lines(reminders.post.mailboxes if reminders.post else None, words),
        failed=views.mail_rows(failed, owed, words),
        waiting=views.mail_rows(waiting, owed, words),
        sent=views.mail_rows(sent, owed, words),
        upcoming=views.next_rows(following, owed, words),
    )


async def _owed(service: "Service", rows: list[Json]) -> dict[str, Json]:
    """The obligations of reminders that are still needed, by the reminders' ids."""
    now, keys = service.clock.now(), [row["obligation_id"] for row in rows]
    docs = {doc["_id"]: doc for doc in await service.store.find("obligations", {"_id": {"$in": keys}})}
    states = {key: state_at(doc, now) for key, doc in docs.items()}
    found = ((row, states.get(row["obligation_id"])) for row in rows)
    return {row["_id"]: doc for row, doc in found if doc and not needless(row, doc)}
