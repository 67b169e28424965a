"""Where links are kept, and what people do with them; the key of a link is kept as its hash alone.

It must never judge, nor show a key twice.
"""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.approval import storage
from services.approval.accounts import Account
from services.approval.links import standing
from services.approval.links.standing import End, Link
from services.approval.refusals import refuse, refused
from services.approval.state import Review
from services.chassis.audit.acts import Act
from services.chassis.decision import Actor, derived, scoped
from services.chassis.unit import Collection, Unit
from services.chassis.web.identity import digest_of

if TYPE_CHECKING:
    from services.chassis.app import Service
    from services.chassis.store import Store

LINKS = Collection("links", indexes=(IndexModel([("plan_id", ASCENDING), ("made_at", DESCENDING)]),))
NOBODY = Actor("", "", frozenset())


def _from_doc(doc: dict[str, Any]) -> Link:
    return Link.from_data({"link_id": doc["_id"], **doc})


def _to_doc(link: Link) -> dict[str, Any]:
    data = link.to_data()
    return {"_id": data.pop("link_id"), **data}


def _new_key() -> str:
    return secrets.token_urlsafe(32)


async def make(
    service: "Service",
    actor: tuple[Actor, str],
    plan_id: str,
    *,
    account_id: str,
    new_key: Callable[[], str] = _new_key,
) -> str | None:
    """Make a link for a reviewer and return its key; a repeat of the command returns None.

    Shape:   actor is who makes it and the command's id.
    Raises:  Refused when that reviewer has nothing to decide.
    """
    key, (by, command_id) = new_key(), actor

    async def work(unit: Unit) -> dict[str, Any]:
        review, account = await storage.load(unit, plan_id), await storage.load_account(unit, account_id)
        if review is None or account is None:
            raise refused(refuse("review-unknown" if review is None else "account-unknown"))
        made = standing.make(review, account, digest_of(key), by=by.account_id, now=unit.now)
        if made.refusals or made.state is None:
            raise refused(*made.refusals)
        await unit.get(LINKS.name, digest_of(key))
        unit.put(LINKS.name, _to_doc(made.state))
        return {"link_id": digest_of(key)}

    act = Act(by, "link-made", plan_id, details={"for": account_id, "link": digest_of(key)})
    result = await service.store.command(scoped(command_id, by), service.clock.now(), work, act=act)
    return key if result["link_id"] == digest_of(key) else None


async def end(service: "Service", link_id: str, how: End, *, by: Actor = NOBODY) -> None:
    """End a link; harmless when it has ended. Nobody is known of him who says that it is not for him."""

    async def work(unit: Unit) -> dict[str, Any]:
        link = await _loaded(unit, link_id)
        unit.put(LINKS.name, _to_doc(standing.ended(link, how, unit.now)))
        return {}

    act = Act(by, "link-disowned" if how is End.DISOWNED else "link-revoked", link_id)
    await service.store.command(derived(link_id, how.value), service.clock.now(), work, act=act)


async def spend(unit: Unit, link_id: str, *, review: Review, account: Account | None) -> None:
    """Use the link up, in the transaction of the decision that it carries.

    Raises:  Refused when it is good for nothing, or is not this reviewer's.
    """
    link = await _loaded(unit, link_id)
    reason = standing.bar(link, review, account, now=unit.now)
    if reason or link.plan_id != review.plan_id or account is None or link.account_id != account.account_id:
        raise refused(reason or refuse("link-unknown"))
    unit.put(LINKS.name, _to_doc(standing.ended(link, End.USED, unit.now)))


async def _loaded(unit: Unit, link_id: str) -> Link:
    doc = await unit.get(LINKS.name, link_id)
    if doc is None:
        raise refused(refuse("link-unknown"))
    return _from_doc(doc)


async def link_of(store: "Store", key: str) -> Link:
    """The link of a key; raises Refused 404 for a key of none."""
    doc = await store.get(LINKS.name, digest_of(key))
    if doc is None:
        raise refused(refuse("link-unknown"))
    return _from_doc(doc)


async def links_of(store: "Store", plan_id: str) -> list[Link]:
    """The links to a review, the newest first."""
    docs = await store.find(LINKS.name, {"plan_id": plan_id}, sort=[("made_at", DESCENDING)], limit=storage.PAGE_ROWS)
    return [_from_doc(doc) for doc in docs]
