"""The page of a school year's figures, cut as asked, with what stands beside them; pure.

Never a rate without what it is made of.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.codes import State
from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp
from services.monitoring.pages.view_duties import Choices, query_of, years_around
from services.monitoring.pages.view_home import name_of
from services.monitoring.pages.words import Words
from services.monitoring.reading.board import YearFigures
from services.monitoring.reading.figures import Cut, Row, TakenAway
from services.monitoring.reading.filters import NO_TOPIC

Doc = Mapping[str, Any]
CUTS = {
    Cut.REQUIREMENT: N_("Theo kênh"),
    Cut.TOPIC_AREA: N_("Theo mảng chủ đề"),
    Cut.UNIT: N_("Theo đơn vị"),
    Cut.TIER: N_("Theo cấp"),
    Cut.MONTH: N_("Theo tháng"),
}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row of a cut, and the list behind it."""

    name: str
    row: Row
    address: str
    addresses: Mapping[State, str]


@dataclass(frozen=True, slots=True)
class TakenRow:
    """What a person waived or classified away after due."""

    event: str
    title: str
    requirement: str
    phase: str
    how: str
    at: Stamp
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class FiguresView:
    """All of the page of figures."""

    school_year: str
    years: Choices
    by: str
    cuts: Choices
    as_of: Stamp
    whole: FigureRow
    rows: tuple[FigureRow, ...]
    recent: tuple[FigureRow, ...]
    taken: tuple[TakenRow, ...]
    unconfirmed: int


def figures_view(
    found: YearFigures, by: Cut, named: Mapping[str, Doc], *, unconfirmed: int, words: Words
) -> FiguresView:
    """Return the page of figures. Source: figures; strict rate (listed by name)

    Shape:   named are the documents of what people took away, by obligation id.
    """
    year = found.school_year
    listed = ((one, named[one.obligation_id]) for one in found.taken if one.obligation_id in named)
    return FiguresView(
        school_year=year,
        years=years_around(year),
        by=by.value,
        cuts=tuple((cut.value, name) for cut, name in CUTS.items()),
        as_of=found.as_of,
        whole=_figure_row(found.whole, None, year, words),
        rows=tuple(_figure_row(row, by, year, words) for row in found.by[by]),
        recent=tuple(_recent_row(row, found, words) for row in found.recent) if by == Cut.TOPIC_AREA else (),
        taken=tuple(_taken_rows(listed, words)),
        unconfirmed=unconfirmed,
    )


def _figure_row(row: Row, cut: Cut | None, school_year: str, words: Words) -> FigureRow:
    asked = {"school_year": school_year} | ({cut.value: row.key or NO_TOPIC} if cut else {})
    return FigureRow(name_of(row.key, cut, words) if cut else "", row, *_lists(asked))


def _recent_row(row: Row, found: YearFigures, words: Words) -> FigureRow:
    first, last = (day.isoformat() for day in found.recent_days)
    asked = {"topic_area": row.key or NO_TOPIC, "school_year": found.school_year, "due_from": first, "due_to": last}
    return FigureRow(name_of(row.key, Cut.TOPIC_AREA, words), row, *_lists(asked))


def _lists(asked: Mapping[str, str]) -> tuple[str, Mapping[State, str]]:
    """The address of the list behind a row, and of those behind its counts."""
    whole = "/obligations" + query_of(asked)
    return whole, {state: "/obligations" + query_of({**asked, "state": state.value}) for state in State}


def _taken_rows(listed: Iterable[tuple[TakenAway, Doc]], words: Words) -> Iterable[TakenRow]:
    for one, doc in listed:
        yield TakenRow(
            event=doc["event"],
            title=doc["title"],
            requirement=words.code(doc["requirement"]),
            phase=doc["phase"],
            how=one.how,
            at=one.at,
            by=words.who(one.by),
            reason=one.reason or "",
        )
