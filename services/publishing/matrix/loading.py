"""What the desk needs of the store, for the matrix and for one cell of it; it must never decide."""

from typing import TYPE_CHECKING, Any

from services.publishing import storage
from services.publishing.matrix.cells import Cell, DeskRow, DeskView, desk_view
from services.publishing.state import Content

if TYPE_CHECKING:
    from datetime import datetime

    from services.chassis.app import Service
    from services.chassis.store import Store

Document = dict[str, Any]
# Submissions that wait are looked through from the newest; behind so many nothing is offered at once.
WAITING_AT_MOST = 200


async def matrix(store: "Store", docs: list[Document], now: "datetime") -> DeskView:
    """The matrix of these obligations and of all others of their events."""
    return (await _known(store, docs, now))[0]


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
