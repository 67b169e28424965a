"""The list of events: title, when, whose, and how its obligations stand; pure.

Never a verdict of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.monitoring.algebra.instants import Stamp, school_year_of, to_local
from services.monitoring.pages.track import count_badges
from services.monitoring.pages.view_duties import Choices, query_of, years_around
from services.monitoring.pages.words import FLAGS, STATUS_KINDS, STATUSES, Words

Doc = Mapping[str, Any]
# What is marked beside the title; the others are seen on the event's page.
MARKED = ("UNAUTHENTICATED", "UNKNOWN_UNIT", "UNKNOWN_TOPIC_AREA", "UNKNOWN_PLAN_ITEM", "UNFORESEEN_FOCAL")
_ORDER = ("MISSED", "DUE_SOON", "LATE", "OPEN", "ON_TIME", "WAIVED")


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as one line of the list."""

    key: str
    title: str
    unit: str
    when: str
    tier: str
    topic: str
    status: tuple[str, str]
    flags: tuple[str, ...]
    badges: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class EventList:
    """The page of events: the rows, what is asked for, and the address of the next page."""

    rows: tuple[EventRow, ...]
    chosen: Mapping[str, str]
    units: Choices
    flags: Choices
    years: Choices
    first: str
    following: str


def event_list(
    docs: Iterable[Doc],
    owed: Mapping[str, Iterable[Doc]],
    now: Stamp,
    *,
    words: Words,
    asked: tuple[Mapping[str, str], str],
) -> EventList:
    """Return the page of events.

    Shape:   owed are the obligations by event; asked is what stands in the address, and the cursor behind the last row.
    """
    chosen, after = asked
    return EventList(
        rows=tuple(_row(doc, owed.get(doc["_id"], ()), now, words) for doc in docs),
        chosen=chosen,
        units=tuple((unit.code, words.unit(unit.code)) for unit in words.reference.units),
        flags=tuple(FLAGS.items()),
        years=years_around(school_year_of(to_local(now).date())),
        first=_asking(chosen),
        following=_asking({**chosen, "after": after}) if after else "",
    )


def _asking(chosen: Mapping[str, str]) -> str:
    """The address of the same list; a blank school year stands in it, since to leave it out asks for this one."""
    return query_of(chosen) if chosen["school_year"] else f"?school_year=&{query_of(chosen).lstrip('?')}".rstrip("&")


def _row(doc: Doc, owed: Iterable[Doc], now: Stamp, words: Words) -> EventRow:
    event = doc["event"]
    counts = count_badges(owed, now)
    return EventRow(
        key=doc["_id"],
        title=event["title"],
        unit=words.unit(event["unit"]),
        when=words.period(event["started_at"], event["ended_at"]),
        tier=words.code(event["tier"]),
        topic=words.topic(event["topic_area"]),
        status=(STATUS_KINDS[event["status"]], STATUSES[event["status"]]),
        flags=tuple(FLAGS[flag] for flag in MARKED if flag in event["flags"]),
        badges=tuple((badge, counts[badge]) for badge in _ORDER if counts[badge]),
    )
