"""The years as pages and API see them: live, frozen, and frozen again from the log; it must never decide.

A year is taken again only when something folded has changed or time alone would change it, so that many readers cost
one reckoning; the reckoning runs beside the event loop.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from contracts.times import format_time
from services.reporting import storage
from services.reporting.school_years import GivenDates, YearDates, dates_of
from services.reporting.snapshot import ALL, Snapshot, Year, take

if TYPE_CHECKING:
    from services.chassis.app import Service

KEPT_YEARS = 8


class Reading:
    """Reads years, each reckoned once for equal marks."""

    def __init__(self, service: "Service", given_dates: GivenDates) -> None:
        self._service, self._given_dates = service, given_dates
        self._taken: dict[tuple[str, str], tuple[storage.Marks, Snapshot]] = {}
        self._frozen: dict[str, Snapshot] = {}

    def dates(self, school_year: str) -> YearDates:
        """The dates of a year."""
        return dates_of(school_year, self._given_dates)

    async def year(self, school_year: str) -> Year:
        """A year with all that is known of it now."""
        report, live = await storage.report(self._service.store, school_year), await self.at(school_year, None)
        if report.issued is None:
            return Year(report, live)
        if school_year not in self._frozen:
            self._frozen[school_year] = await storage.frozen(self._service.store, school_year)
        return Year(report, live, self._frozen[school_year], await self.at(school_year, report.issued.cut_off_at))

    async def at(self, school_year: str, instant: datetime | None) -> Snapshot:
        """The year as of an instant from what the log knew then; without one, as of now from all that is known."""
        as_of, marks = format_time(instant or self._service.clock.now()), await storage.marks(self._service.store)
        key = (school_year, as_of if instant else "")
        known, before = self._taken.get(key, ((), None))
        if before and known == marks and (instant or before.as_of <= as_of < before.changes_at):
            return replace(before, as_of=as_of)
        dates = self.dates(school_year)
        folded = await storage.folded(self._service.store, dates)
        snapshot = await asyncio.to_thread(take, folded, dates, as_of=as_of, known=as_of if instant else ALL)
        self._taken.pop(key, None)
        self._taken = dict([*self._taken.items()][1 - KEPT_YEARS :]) | {key: (marks, snapshot)}
        return snapshot
