"""How much work waits in each room, for the bar on top: the own is counted here, the others' heard in their heartbeats.

It must never ask another room, nor show a count that has grown old.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.chassis.clock import wall_now
from services.chassis.settings import ROOMS
from services.chassis.web.i18n import N_
from services.chassis.web.strip import STALE_AFTER

if TYPE_CHECKING:
    from services.chassis.app import Service

# A room counts no further: beyond, the number says nothing that a person acts on.
COUNTED = 100
# Units: seconds of the machine. A heartbeat does not count anew for every beat.
KEPT_S = 2.0
WORDS = {
    "planning": N_("bị trả lại"),
    "approval": N_("chờ duyệt"),
    "publishing": N_("sắp đến hạn đăng"),
    "monitoring": N_("quá hạn"),
    "reporting": N_("chờ ban hành"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """What waits in one room. Shape: word is a msgid that says what is counted."""

    shown: str
    word: str
    is_missed: bool


class Waiting:
    """What waits in the rooms, as far as this process knows."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._last: int | None = None
        self._until_s = 0.0

    async def counted(self) -> int | None:
        """What waits in this room, counted a moment ago at most; None where nothing is counted."""
        if time.monotonic() < self._until_s:
            return self._last
        count = self._service.definition.waiting
        self._last = min(await count(self._service), COUNTED) if count else None
        self._until_s = time.monotonic() + KEPT_S
        return self._last

    async def counts(self) -> dict[str, Count]:
        """What waits in every room that has something waiting and was heard lately, the own counted now."""
        self._until_s = 0.0
        now = wall_now()
        beats = self._service.heartbeats.last
        heard = {name: beat.waiting for name, beat in beats.items() if now - beat.heard_at <= STALE_AFTER}
        known = heard | {self._service.name: await self.counted()}
        return {name: _count(name, known[name] or 0) for name in ROOMS if known.get(name)}


def _count(name: str, waiting: int) -> Count:
    return Count(str(waiting) if waiting < COUNTED else f"{COUNTED - 1}+", WORDS[name], name == "monitoring")
