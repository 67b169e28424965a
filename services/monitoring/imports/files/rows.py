"""A row of a file as the report it makes, whatever kind of file it stood in.

Pure. Never complete by invention: what a row leaves out, the intake's rules ask for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid5

from contracts.envelope import NAMESPACE
from services.monitoring.folding import fold
from services.monitoring.imports.files.faults import ImportFault
from services.monitoring.imports.files.moments import LOCAL

MAX_ROWS = 1000
HELD, SCHEDULED, CANCELLED = "event-held", "event-scheduled", "event-cancelled"


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever imports says of the whole file.

    Shape:   held says that what has ended by `at` was held, where a row does not say; unit stands for those without.
    """

    at: datetime
    held: bool = False
    unit: str = ""

    def kind_of(self, ended_at: datetime | None) -> str:
        """What a row without a status of its own reports."""
        return HELD if self.held and ended_at is not None and ended_at <= self.at else SCHEDULED


@dataclass(frozen=True, slots=True)
class Row:
    """One event of a file.

    Shape:   place is "7" or "VEVENT 2"; places lead from a field of data to its cell or property; version orders
             reports of one event within and between calendars.
    """

    place: str
    name: str
    data: Mapping[str, Any]
    places: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None

    def place_of(self, field_name: str) -> str:
        """Where people find the field; the row itself when it has no place."""
        return self.places.get(field_name, self.place)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What stands in a file and is not meant for the public. Shape: why is a code that the page has words for."""

    place: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read: with one fault nothing of it counts; notes are codes with what they are about."""

    rows: tuple[Row, ...] = ()
    faults: tuple[ImportFault, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: Sequence[tuple[str, str]] = ()


def derived_event_id(unit: str, title: str, started_at: datetime) -> str:
    """The id of an event that its row gives none: the same for the same unit, title and day, however often it comes."""
    day = started_at.astimezone(LOCAL).date().isoformat()
    return str(uuid5(NAMESPACE, "\n".join(("import", unit, fold(title), day))))
