"""The strip under the header: how fresh what this room shows is, and who of the five is heard; it asks nobody.

It must never make up a number: what is not known is said to be unknown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from services.chassis.clock import wall_now
from services.chassis.settings import ROOMS
from services.chassis.web.i18n import N_

if TYPE_CHECKING:
    from services.chassis.app import Service

ROOM_NAMES = {
    "planning": N_("Kế hoạch"),
    "approval": N_("Phê duyệt"),
    "publishing": N_("Đăng tải"),
    "monitoring": N_("Giám sát"),
    "reporting": N_("Báo cáo"),
}
# Source: the shell: data older than this say so
STALE_AFTER = timedelta(seconds=60)
UNKNOWN = N_("không rõ")


@dataclass(frozen=True, slots=True)
class StripItem:
    """One item of the strip under the header, such as a service and what waits for it; "không rõ" when not known."""

    name: str
    value: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """How fresh the data of the page are. Units: as_of is domain time; None is not known."""

    as_of: datetime | None
    is_stale: bool = False
    items: tuple[StripItem, ...] = ()


def strip(service: "Service", *more: StripItem) -> Strip:
    """The strip by the heartbeats that this process heard, and what the room itself adds."""
    own = service.heartbeats.last.get(service.name)
    is_stale = own is not None and wall_now() - own.heard_at > STALE_AFTER
    items = tuple(_room(service, name) for name in ROOMS)
    return Strip(own.drained_at if own else None, is_stale, (*items, *more))


def _room(service: "Service", name: str) -> StripItem:
    beat = service.heartbeats.last.get(name)
    if beat is None:
        return StripItem(ROOM_NAMES[name], UNKNOWN, is_late=True)
    is_late = wall_now() - beat.heard_at > STALE_AFTER
    return StripItem(ROOM_NAMES[name], N_("im lặng") if is_late else N_("hoạt động"), is_late)
