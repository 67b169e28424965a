"""The parts of pages that are kept up to date while somebody looks: each from the function that its page is made with.

It must never show what roles divide, but in a part of those roles.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from services.chassis.decision import Refused
from services.chassis.web.live import LivePart
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.pages import loading
from services.monitoring.pages.view_event import EventView
from services.monitoring.pages.view_home import Counts, Work
from services.monitoring.pages.web_pages import ANSWERERS
from services.monitoring.screens import load_wall

if TYPE_CHECKING:
    from services.chassis.app import Service

K = TypeVar("K")
T = TypeVar("T")
Values = dict[str, Any]
EVENTS, ALL = frozenset({"events"}), frozenset({"events", "obligations"})
# Units: seconds. The news are read out to some readers, so they are not hurried, yet never a second late.
WORK_REST_S, NEWS_REST_S, YEAR_REST_S = 0.5, 0.7, 5.0
# Units: seconds, less than live parts wait between two rounds: what one round asks for the parts of an event's page.
SAME_ROUND_S = 0.05


class _OfOneRound(Generic[K, T]):
    """Loads once what several parts of one round show."""

    def __init__(self, load: Callable[[K], Awaitable[T]]) -> None:
        self._load = load
        self._loaded: dict[K, tuple[float, T]] = {}

    async def __call__(self, asked: K) -> T:
        """What is loaded for this, anew unless that was in this very round."""
        began = time.monotonic()
        self._loaded = {key: kept for key, kept in self._loaded.items() if began - kept[0] < SAME_ROUND_S}
        if asked not in self._loaded:
            self._loaded[asked] = began, await self._load(asked)
        return self._loaded[asked][1]


def live_parts(service: "Service") -> Sequence[LivePart]:
    """All parts of the room."""
    return (*_of_today(service), *_of_event(service))


def _of_today(service: "Service") -> Sequence[LivePart]:
    async def counted(_: str) -> Counts:
        return await loading.tally(service.store, to_stamp(service.clock.now()))

    tally = _OfOneRound(counted)

    async def listed(spoken: str) -> Work:
        return await loading.work(service, await tally(""), await loading.words_in(service, spoken))

    lists = _OfOneRound(listed)

    async def counts(_: str, spoken: str) -> Values:
        return {"counts": await tally("")}

    async def work(_: str, spoken: str) -> Values:
        return {"work": await lists(spoken), "may_answer": False}

    async def desk(_: str, spoken: str) -> Values:
        return {"work": await lists(spoken), "may_answer": True}

    async def feed(_: str, spoken: str) -> Values:
        return {"news": await loading.news(service, await loading.words_in(service, spoken))}

    async def year(_: str, spoken: str) -> Values:
        now = to_stamp(service.clock.now())
        found = await loading.year(service, await loading.words_in(service, spoken))
        return {"year": found, "school_year": loading.school_year_at(now)}

    async def wall(_: str, spoken: str) -> Values:
        return {"wall": await load_wall.wall(service, spoken)}

    return (
        LivePart("counts", "home_tally.html", counts, ALL),
        LivePart("work", "home_work.html", work, ALL, rests_s=WORK_REST_S),
        LivePart("desk", "home_work.html", desk, ALL, roles=frozenset(ANSWERERS), rests_s=WORK_REST_S),
        LivePart("feed", "home_feed.html", feed, EVENTS, rests_s=NEWS_REST_S),
        LivePart("year", "home_year.html", year, ALL, rests_s=YEAR_REST_S),
        LivePart("topics", "home_topics.html", year, ALL, rests_s=YEAR_REST_S),
        LivePart("wall", "wall_now.html", wall, ALL),
    )


def _of_event(service: "Service") -> Sequence[LivePart]:
    async def loaded(asked: tuple[str, str]) -> EventView:
        return await loading.event(service, *asked)

    shown = _OfOneRound(loaded)

    async def event(key: str, spoken: str) -> Values | None:
        try:
            return {"view": await shown((key, spoken))}
        except Refused:
            return None

    templates = {name: f"event_{name}.html" for name in ("duties", "timeline", "why")} | {"event": "event_head.html"}
    return [LivePart(name, template, event, EVENTS, by_id=True) for name, template in templates.items()]
