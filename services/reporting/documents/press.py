"""Prints the documents of years: one at a time beside the event loop, each kept under what it was made from.

It must never say anything of its own: the words are in `content`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.reference import Reference
from services.reporting.documents.content import Matter, paper_of
from services.reporting.documents.files.pdf import forget, to_pdf, to_png
from services.reporting.documents.files.word import to_docx
from services.reporting.documents.files.workbook import to_xlsx
from services.reporting.documents.letterhead import Letterhead, letterhead_on
from services.reporting.documents.paper import Chart
from services.reporting.refusals import refuse, refused
from services.reporting.school_years import YearDates
from services.reporting.snapshot import Year
from services.reporting.views import LIVE

KEPT_DOCUMENTS = 12
_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type, and how it is made."""

    media_type: str
    made: Callable[[Matter, Letterhead], bytes]


def _docx(matter: Matter, head: Letterhead) -> bytes:
    paper = paper_of(matter, head)
    charts = (to_png(block) for block in paper.blocks if isinstance(block, Chart))
    return to_docx(paper, next(charts, b""))


KINDS: Mapping[str, Kind] = {
    "pdf": Kind("application/pdf", lambda matter, head: to_pdf(paper_of(matter, head))),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", _docx),
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", lambda matter, head: to_xlsx(matter)),
}


def _made(kind: str, matter: Matter, head: Letterhead) -> bytes:
    try:
        return KINDS[kind].made(matter, head)
    finally:
        forget()


@dataclass(frozen=True, slots=True)
class Printed:
    """A file with its name and media type."""

    content: bytes
    name: str
    media_type: str


class Press:
    """Prints documents; who asks for the same one twice gets the same bytes."""

    def __init__(self, reference: Reference, letterheads: Sequence[Letterhead]) -> None:
        self._reference, self._letterheads = reference, letterheads
        self._kept: dict[Any, bytes] = {}
        self._turn = asyncio.Lock()

    async def printed(self, kind: str, year: Year, dates: YearDates, *, version: str) -> Printed:
        """The document of a year: of the report as it was issued, or a draft of the live year.

        Raises:  Refused when there is no such kind of file, no report is issued, or the year is empty.
        """
        if kind not in KINDS:
            raise refused(refuse("document-unknown", kind=kind[:20], known=", ".join(KINDS)))
        matter = self._matter(year, dates, is_draft=version == LIVE)
        suffix = "" if matter.issued else "-ban-nhap"
        async with self._turn:
            content = await self._content(kind, matter)
        return Printed(content, f"bao-cao-{matter.year}{suffix}.{kind}", KINDS[kind].media_type)

    def _matter(self, year: Year, dates: YearDates, *, is_draft: bool) -> Matter:
        """Source: R18, A21 (what is issued holds what was known then; later proposals are on the page)"""
        issued = None if is_draft else year.report.issued
        if issued is None and not is_draft:
            raise refused(refuse("report-not-issued", school_year=year.report.school_year))
        shown = year.shown if issued else year.live
        if shown.is_empty:
            raise refused(refuse("year-empty"))
        proposals = (one for one in year.report.proposals if issued is None or one.proposed_at <= issued.issued_at)
        return Matter(shown, issued, tuple(proposals), dates, self._reference)

    async def _content(self, kind: str, matter: Matter) -> bytes:
        shown = matter.shown
        proposed = tuple(one.proposal_id for one in matter.proposals)
        key = (kind, matter.year, shown.digest, matter.made_at, matter.issued is None, repr(shown.observed), proposed)
        if key not in self._kept:
            head = letterhead_on(self._letterheads, matter.made_at.date())
            made = await asyncio.to_thread(_made, kind, matter, head)
            self._kept = dict([*self._kept.items()][1 - KEPT_DOCUMENTS :]) | {key: made}
        return self._kept[key]
