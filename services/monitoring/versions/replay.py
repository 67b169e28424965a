"""The record counted anew from its facts, chunk by chunk, through a lens; it must never write, nor keep a whole year.

A group of event keys is read whole, as the engine reads it, so that the algebra sees what it saw.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.chassis.store import Store
from services.chassis.unit import Cause
from services.monitoring.algebra.instants import SCHOOL_YEAR_FROM_MONTH
from services.monitoring.algebra.obligations import Assessment
from services.monitoring.algebra.plans import Reference
from services.monitoring.decisions import Doc
from services.monitoring.judging import judge_of
from services.monitoring.versions.knowing import Lens, judged

if TYPE_CHECKING:
    from services.chassis.app import Service

CHUNK = 50
_FIELDS = {"facts": 1, "touches": 1, "kept": 1, "schema_version": 1}


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a chunk of events owes through the lens, by root key."""

    assessments: Mapping[str, Assessment]


async def reference_of(service: "Service") -> Reference:
    """The reference data as they stand in the database now."""
    cause = Cause(service.source, "reference")
    _, found = await service.store.transact(cause, service.clock.now(), judge_of(service).references.look)
    return found


async def group_around(store: Store, docs: Mapping[str, Doc]) -> dict[str, Doc]:
    """The events and all that hang together with them."""
    group: dict[str, Doc] = {}
    frontier = dict(docs)
    while frontier:
        group |= frontier
        touched = sorted({key for doc in frontier.values() for key in doc["touches"]} - group.keys())
        where = {"$or": [{"_id": {"$in": touched}}, {"touches": {"$in": sorted(frontier)}}]}
        found = await store.find("events", where, fields=_FIELDS)
        frontier = {doc["_id"]: doc for doc in found if doc["_id"] not in group}
    return group


async def replay(store: Store, school_year: str, lens: Lens) -> AsyncIterator[Replayed]:
    """What all events of a school year owe through the lens, each event once, a chunk at a time.

    Shape:   an event belongs to the year that its end has through the lens, not the one that it has today.
    """
    shared: set[str] = set()
    cursor = store.raw("events").find(_candidates(school_year, lens), projection=_FIELDS, batch_size=CHUNK)
    while docs := await cursor.to_list(CHUNK):
        group = await group_around(store, {doc["_id"]: doc for doc in docs})
        found = judged(group, lens)
        fresh = {root: one for root, one in found.items() if one.event.get("school_year") == school_year}
        yield Replayed({root: one for root, one in fresh.items() if root not in shared})
        shared |= fresh.keys() & _connected(group)
        await asyncio.sleep(0)


def _connected(group: Mapping[str, Doc]) -> set[str]:
    """The keys that hang together with another one: only these can turn up in a second chunk."""
    touching = {key for key, doc in group.items() if doc["touches"]}
    return touching | {key for doc in group.values() for key in doc["touches"]}


def _candidates(school_year: str, lens: Lens) -> dict[str, Any]:
    """The events that may belong to the year through the lens.

    As of today that is stored and indexed. Of what was known before, any report may have ended in the year: all events
    are looked through, by the database.
    """
    if lens.known_until is None:
        return {"school_year": school_year}
    # a day more on both sides: a local day begins before the UTC day of its name
    first, last = (f"{year}-{SCHOOL_YEAR_FROM_MONTH:02}-02T" for year in (school_year[:4], school_year[5:]))
    span = {"$gte": f"{first[:5]}{SCHOOL_YEAR_FROM_MONTH - 1:02}-30T", "$lt": last}
    reference, milestones = lens.reference, []
    for key, item_id in reference.milestones.items():
        items = (revision.items.get(item_id) for revision in reference.revisions_of(item_id))
        if any(item and item.ends_at and span["$gte"] <= item.ends_at < span["$lt"] for item in items):
            milestones.append(key)
    return {"$or": [{"school_year": school_year}, {"facts.ended_at": span}, {"_id": {"$in": milestones}}]}
