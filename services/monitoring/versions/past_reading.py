"""The read API's answers as they would have been at an instant: figures and events as known then.

It must never judge: `knowing` and the algebra do; and it must answer in the shape of the present.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from services.monitoring.algebra.instants import Stamp, to_stamp
from services.monitoring.reading import documents, figures, queries
from services.monitoring.reading.figures import Cut, Tally
from services.monitoring.refusals import refuse, refused
from services.monitoring.versions.knowing import Lens, as_known, event_then
from services.monitoring.versions.replay import group_around, reference_of, replay

if TYPE_CHECKING:
    from services.chassis.app import Service

Json = dict[str, Any]


async def _lens(service: "Service", known_on: Stamp) -> Lens:
    return as_known(await reference_of(service), known_on, to_stamp(service.clock.now()))


async def compliance_then(service: "Service", school_year: str, known_on: Stamp, *, by: Cut | None) -> Json:
    """The figures of a school year as they were known at an instant."""
    lens = await _lens(service, known_on)
    now, tally, unconfirmed = lens.now, Tally(by, school_year), 0
    lines: list[list[str | None]] = []
    taken: list[tuple[figures.TakenAway, Json]] = []
    async for chunk in replay(service.store, school_year, lens):
        for one in chunk.assessments.values():
            unconfirmed += figures.is_unconfirmed(one.event, now)
            for doc in one.obligations:
                tally.count(doc, figures.see(doc, now))
                lines.append(figures.evidence_line(doc, now))
                taken += [(gone, doc) for gone in figures.taken_away([doc], now)]
    found = {"digest": await asyncio.to_thread(figures.digest_of, lines), "unconfirmed": unconfirmed}
    answer = documents.compliance_answer(tally.rows, found, now=now, taken=taken)
    return answer | {"known_on": known_on}


async def event_answer_then(service: "Service", key: str, known_on: Stamp) -> Json:
    """All that was known of an event at an instant; raises Refused 404 when nobody had reported it by then."""
    lens = await _lens(service, known_on)
    own = await service.store.get("events", key)
    group = await group_around(service.store, {key: own}) if own else {}
    found = event_then(key, group, lens)
    if found is None:
        raise refused(refuse("event-unknown"))
    approved = [
        doc for doc in await queries.plans_with(service.store, dict(found.root)) if doc["fact"]["recorded"] <= lens.now
    ]
    planned = documents.milestone_facts(found.root, approved)
    answer = documents.event_answer(key, found.root, found.members, obligations=found.obligations, now=lens.now)
    return answer | {"facts": documents.in_order([*planned, *answer["facts"]]), "known_on": known_on}
