"""What the desk needs of the store, for the matrix and for one cell of it; it must never decide."""

from typing import TYPE_CHECKING, Any

from contracts.codes import Channel
from services.publishing import storage
from services.publishing.matrix.candidates import Candidate, candidates_of
from services.publishing.matrix.cells import Cell, DeskRow, DeskView, desk_view
from services.publishing.state import Content

if TYPE_CHECKING:
    from datetime import datetime

    from services.chassis.app import Service
    from services.chassis.store import Store

Document = dict[str, Any]


async def matrix(
    store: "Store", docs: list[Document], *, built_in: frozenset[Channel], now: "datetime"
) -> tuple[DeskView, list[Candidate]]:
    """The matrix of these obligations and of all others of their events; what of it could go to its channel now."""
    view, contents = await _known(store, docs, now)
    return view, candidates_of(view, contents, built_in, now=now)


async def _known(store: "Store", docs: list[Document], now: "datetime") -> tuple[DeskView, dict[str, Content]]:
    keys = list(dict.fromkeys(doc["event"] for doc in docs))
    work, contents = await storage.work_of(store, keys), await storage.contents_of(store, keys)
    view = desk_view(docs, work, contents, events=await storage.events(store, keys), now=now)
    return view, {content.content_id: content for found in contents.values() for content in found}


async def one(service: "Service", obligation_id: str) -> tuple[DeskRow, Cell, Content | None] | None:
    """The cell of an obligation with its row and its material, or None."""
    doc = await service.store.get("work", obligation_id)
    if doc is None:
        return None
    view, contents = await _known(service.store, [doc], service.clock.now())
    cell = view.rows[0].cell(obligation_id)
    return (view.rows[0], cell, contents.get(cell.content_id)) if cell else None


async def owed(store: "Store", obligation_ids: list[str]) -> list[Document]:
    """The open obligations among these, the first due first."""
    found = await store.find("work", {"_id": {"$in": obligation_ids}, "is_open": True})
    return sorted(found, key=lambda doc: (doc.get("due_at") or "~", doc["_id"]))
