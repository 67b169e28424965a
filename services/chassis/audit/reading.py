"""What is asked of the log of acts, and its pages, the newest first; it must never change one."""

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from contracts.fields import Code, Record, Text
from contracts.times import format_time
from services.chassis.audit.acts import NEWEST, UNCHAINED
from services.chassis.audit.chain import Entry
from services.chassis.audit.chaining import Check, entries_after, entry_of
from services.chassis.audit.verifying import write_line
from services.chassis.web.forms import TypedInstant

if TYPE_CHECKING:
    from services.chassis.store import Store

ROWS, MOST_ROWS, WAITING_AT_MOST = 50, 200, 1_000


class Asked(Record):
    """What the address of the log asks for; blank asks for all.

    Shape:   since and until are local as dd/MM/yyyy HH:mm, or RFC 3339; until is exclusive; after is the `next` before.
    """

    act: Code | None = None
    actor: Annotated[str | None, Text(200)] = None
    since: TypedInstant | None = None
    until: TypedInstant | None = None
    after: Annotated[str, Field(max_length=60, pattern=r"^([0-9T:.-]{26}Z~[0-9]{1,15})?$")] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = ROWS

    def where(self) -> dict[str, Any]:
        """The question to the collection: chained entries alone, those behind the cursor."""
        found: dict[str, Any] = {"n": {"$gt": UNCHAINED}}
        found |= {f"row.{name}": value for name, value in (("act", self.act), ("actor", self.actor)) if value}
        at, _, n = self.after.partition("~")
        bounds = {"$gte": self.since, "$lt": self.until}
        times = {name: format_time(value) for name, value in bounds.items() if value} | ({"$lte": at} if at else {})
        if times:
            found["row.at"] = times
        if at:
            found["$or"] = [{"row.at": {"$lt": at}}, {"n": {"$lt": int(n)}}]
        return found


async def newest(store: "Store", asked: Asked) -> tuple[list[Entry], str]:
    """Entries of the log, the newest first, and the cursor of the next page or an empty text."""
    docs = await store.find("acts", asked.where(), sort=NEWEST, limit=asked.limit + 1)
    entries = [entry_of(doc) for doc in docs]
    last = entries[asked.limit - 1] if len(entries) > asked.limit else None
    return entries[: asked.limit], f"{last['row']['at']}~{last['n']}" if last else ""


async def waiting(store: "Store") -> int:
    """How many acts are put down and not chained yet, counted to WAITING_AT_MOST."""
    where = {"n": UNCHAINED, "row.recorded_at": {"$gt": ""}}  # without its key the index is not used: all are read
    return await store.raw("acts").count_documents(where, limit=WAITING_AT_MOST)


async def lines(store: "Store", last: int) -> AsyncIterator[str]:
    """The whole log up to the entry `last` as lines, one entry each, the oldest first."""
    n = 0
    while n < last:
        page = await entries_after(store, n)
        if not page:  # cut off meanwhile: the file ends early, and its head tells
            return
        yield "".join(write_line(entry) for entry in page if entry["n"] <= last)
        n = page[-1]["n"]


def shown_check(check: Check | None, waiting_count: int) -> dict[str, Any]:
    """What the last look at the chain found, for programs; nulls before the first."""
    told: Mapping[str, Any] = {"count": None, "head": None, "at": None, "whole_at": None, "faults": None}
    if check:
        faults = [{"kind": fault.kind.value, "n": fault.n, "last": fault.last} for fault in check.faults]
        times = {"at": format_time(check.at), "whole_at": format_time(check.whole_at)}
        told = {"count": check.count, "head": str(check.head), **times, "faults": faults}
    return {**told, "waiting": waiting_count}
