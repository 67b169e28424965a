"""The parts of pages that are kept up to date while somebody looks; it must never show what roles divide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from services.chassis.decision import Refused
from services.chassis.web.formats import Formats
from services.chassis.web.live import LivePart
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.pages import loading, view_event
from services.monitoring.pages.words import Words
from services.monitoring.reading import queries
from services.monitoring.reading.web_api import whole_event
from services.monitoring.settings import Settings

if TYPE_CHECKING:
    from services.chassis.app import Service


def live_parts(service: "Service") -> Sequence[LivePart]:
    """What counts and feed of the first page, and the timeline of an event, are rendered from."""
    assert isinstance(service.settings, Settings)
    reference, clock = service.settings.reference(), service.clock

    def words(spoken: str) -> Words:
        return Words(Formats(spoken, clock.now), reference)

    async def tally(_: str, spoken: str) -> dict[str, Any]:
        return {"counts": await loading.tally(service.store, to_stamp(clock.now()))}

    async def feed(_: str, spoken: str) -> dict[str, Any]:
        return {"news": await loading.news(service, words(spoken))}

    async def timeline(event_key: str, spoken: str) -> dict[str, Any] | None:
        try:
            answer = await whole_event(service.store, event_key, to_stamp(clock.now()))
        except Refused:
            return None
        names = await queries.names_of(service, view_event.people(answer))
        spoken_words = Words(Formats(spoken, clock.now), reference, names)
        return {"timeline": view_event.timeline(answer, spoken_words)}

    return (
        LivePart("tally", "home_tally.html", tally, frozenset({"obligations", "events"})),
        LivePart("feed", "home_feed.html", feed, frozenset({"events"})),
        LivePart("timeline", "event_facts.html", timeline, frozenset({"events"}), by_id=True),
    )
