"""What was known at an instant: facts, plans and versions by when they were first received, judged as of then; pure.

Never a second way to judge: what was known is given to the same algebra.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from contracts.fields import Record
from contracts.times import parse_time
from services.monitoring.algebra.calendars import SHIPPED_ISSUED_AT
from services.monitoring.algebra.facts import Fact, known_at, to_doc
from services.monitoring.algebra.instants import Stamp, close_of, to_instant, to_stamp
from services.monitoring.algebra.obligations import Assessment, assess
from services.monitoring.algebra.plans import Reference
from services.monitoring.decisions import UNCONFIRMED, Doc, facts_in
from services.monitoring.misses import NEVER_ANNOUNCED
from services.monitoring.versions.forms import typed_day

Docs = Mapping[str, Doc]
_TICK = timedelta(microseconds=1)


def end_of(day: date) -> datetime:
    """Return the last microsecond of a local day. Source: facts of the place"""
    return to_instant(close_of(day)) - _TICK


def read_known_on(value: object) -> datetime:
    """Return the instant that somebody names: a day means its end at the school. Source: R18"""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(value, str):
        raise ValueError("a time is a text in RFC 3339 form")
    typed = typed_day(value)
    if isinstance(typed, date):
        return end_of(typed)
    try:
        return end_of(date.fromisoformat(value)) if len(value) == 10 else parse_time(value)
    except (ValueError, OverflowError):
        raise ValueError("not a day nor a time of the calendar") from None


KnownOn = Annotated[
    datetime,
    PlainValidator(read_known_on),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]


class ThenAsked(Record):
    """What an address asks for that may be about what was known on a day."""

    known_on: KnownOn | None = None

    @property
    def stamp(self) -> Stamp | None:
        """The instant that is meant, None for the present."""
        return to_stamp(self.known_on) if self.known_on else None


@dataclass(frozen=True, slots=True)
class Lens:
    """How the record is looked at: under which reference data, as of when, and by what was received until when.

    Shape:   known_until None looks at all facts.
    """

    reference: Reference
    now: Stamp
    known_until: Stamp | None = None

    def facts(self, doc: Doc) -> tuple[Fact, ...]:
        """The facts of an event that count."""
        facts = facts_in(doc)
        return facts if self.known_until is None else known_at(facts, self.known_until)


def as_known(reference: Reference, known_on: Stamp, now: Stamp) -> Lens:
    """Return the look at what was known at an instant, as of then; what lies ahead is the present. Source: R18"""
    at = min(known_on, now)
    return Lens(known_reference(reference, at), at, at)


def known_reference(reference: Reference, at: Stamp) -> Reference:
    """Return the plans and versions that were known at an instant; what is shipped was there from the first.

    Source: R18, the obligation, Algebra
    """
    revisions = (revision for plan in reference.plans.values() for revision in plan)
    shipped = SHIPPED_ISSUED_AT
    versions = (one for one in reference.versions.ordered if one.recorded <= at or one.issued_at == shipped)
    known = [revision for revision in revisions if revision.recorded <= at]
    return Reference(known, versions, units=reference.units, topic_areas=reference.topic_areas)


def judged(group: Docs, lens: Lens) -> dict[str, Assessment]:
    """Return what the algebra makes of whole groups through a lens. Source: the obligation, Algebra"""
    facts_of = {key: lens.facts(doc) for key, doc in group.items()}
    touched = {key for doc in group.values() for key in doc["touches"]} - facts_of.keys()
    return assess(facts_of | dict.fromkeys(touched, ()), lens.reference, lens.now)


@dataclass(frozen=True, slots=True)
class EventThen:
    """An event as it was known, in the form of stored documents."""

    root: Doc
    members: tuple[Doc, ...]
    obligations: tuple[Doc, ...]


def event_then(key: str, group: Docs, lens: Lens) -> EventThen | None:
    """Return an event as it was known, None when nothing of it was. Source: R18, R20"""
    for root, one in judged(group, lens).items():
        members = one.event["members"]
        if key not in members or one.event.get("status") is None:
            continue
        kept = kept_then(group.get(root, {"kept": {}})["kept"], lens.now)
        owed = (doc | {"_id": doc["obligation_id"], "overdue": _overdue(doc, kept)} for doc in one.obligations)
        return EventThen(
            root={"_id": root, "event": one.event, "kept": kept},
            members=tuple(_member(member, root, group.get(member), lens) for member in members),
            obligations=tuple(
                sorted(owed, key=lambda doc: (doc["due_at"] is not None, doc["due_at"] or "", doc["_id"]))
            ),
        )
    return None


def _member(key: str, root: str, doc: Doc | None, lens: Lens) -> Doc:
    return {"_id": key, "root": root, "facts": [to_doc(fact) for fact in lens.facts(doc)] if doc else []}


def kept_then(kept: Docs, at: Stamp) -> dict[str, Doc]:
    """Return what had been announced of an event's misses at an instant. Source: R18, R20"""
    return {key: _held_then(held, at) for key, held in kept.items()}


def _held_then(held: Doc, at: Stamp) -> Doc:
    misses: list[dict[str, Any]] = [
        miss if (miss["withdrawn_at"] or "") <= at else miss | {"withdrawn_at": None, "reason": None}
        for miss in held["misses"]
        if miss["detected_at"] <= at
    ]
    is_announced = bool(misses) and misses[-1]["withdrawn_at"] is None
    missed_at = misses[-1]["due_at"] if is_announced else None
    return {"n": misses[-1]["n"] if misses else 0, "announced": is_announced, "missed_at": missed_at, "misses": misses}


def _overdue(doc: Doc, kept: Docs) -> str:
    is_announced = kept.get(doc["obligation_id"], NEVER_ANNOUNCED)["announced"]
    return UNCONFIRMED if doc["state"] != "OPEN" and doc["missed_at"] is not None and not is_announced else ""
