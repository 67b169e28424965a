"""What the pages and the API of reporting show: the rows behind a figure, and a report as JSON; pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.codes import Cause, State
from contracts.fields import Record
from services.reporting.refusals import refuse, refused
from services.reporting.report import COUNTED, RATES, Focal, focal_events, is_removed_miss, state_in
from services.reporting.rows import EventRow, Row
from services.reporting.school_years import YearDates, opening_of
from services.reporting.snapshot import TABLES, Change, Snapshot, Year, changes

Json = dict[str, Any]
OF_EVENTS: dict[str, Callable[[EventRow], bool]] = {
    "events": lambda event: event.held,
    "unplanned": lambda event: event.held and not event.planned,
    "unconfirmed": lambda event: not event.held,
    "hours_to_publish": lambda event: event.publish_hours is not None,
    "notice_lag": lambda event: event.notice_hours is not None,
}
OF_OBLIGATIONS: dict[str, Callable[[Row], bool]] = {
    "all": lambda row: True,
    "removed_after_due": is_removed_miss,
    "undated": lambda row: row.due_at is None and row.state == State.OPEN,
    "causes": lambda row: row.state in (State.LATE, State.MISSED),
}
LIVE, PAGE_ROWS = "live", 50
FIELDS = ("requirement", "phase", "topic_area", "unit", "tier", "month", "cause", "event")


class Asked(Record):
    """Which rows of which version are asked for; a field left out asks for all."""

    figure: str = "all"
    state: str | None = None
    requirement: str | None = None
    phase: str | None = None
    topic_area: str | None = None
    unit: str | None = None
    tier: str | None = None
    month: str | None = None
    cause: str | None = None
    event: str | None = None
    version: str = ""
    page: Annotated[int, Field(ge=1)] = 1


class Choice(Record):
    """How a report is to be seen: cut by what, sources of which rate, which version, charts or tables, which list."""

    by: Literal["requirement", "topic_area", "unit", "tier", "month"] = "topic_area"
    rate: Literal["on_time", "strict", "working_day", "fault_adjusted"] = "on_time"
    version: Literal["", "live"] = ""
    view: Literal["", "table"] = ""
    listed: Literal["MISSED", "LATE"] = "MISSED"


@dataclass(frozen=True, slots=True)
class ReportView:
    """All of a report's page that is not in its figures.

    Shape:   states are under the chosen rate; focal events stand with the worst first; failed are the obligations of
             the list; addendum is what changed since, lost what the log gives otherwise.
    """

    shown: Snapshot
    states: Mapping[str, int]
    issue_from: datetime
    focal: tuple[Focal, ...]
    failed: tuple[Row, ...]
    removed: tuple[Row, ...]
    addendum: tuple[Change, ...]
    lost: tuple[Change, ...]


def rows_behind(year: Year, asked: Asked) -> tuple[str, list[Any]]:
    """The rows that a figure counts, and which table they are of; of a rate without a state, all of its denominator.

    Raises:  Refused when there is no such figure.
    """
    snapshot = year.live if asked.version == LIVE else year.shown
    if asked.figure in OF_EVENTS:
        return "events", [event for event in snapshot.events if OF_EVENTS[asked.figure](event)]
    if asked.figure == "plan_execution":
        wanted = {"DONE": (True,), "UNDONE": (False,)}.get(asked.state or "", (True, False))
        return "occurrences", [one for one in snapshot.occurrences if (one.done_at is not None) in wanted]
    if asked.figure not in (*RATES, *OF_OBLIGATIONS):
        raise refused(refuse("figure-unknown", figure=asked.figure[:40]))
    found = (row for row in snapshot.obligations if _is_asked(row, asked))
    return "obligations", sorted(found, key=lambda row: (row.due_at or "", row.title, row.obligation_id))


def paged(year: Year, asked: Asked) -> Json:
    """One page of the rows behind a figure, with what a pager has to know."""
    table, found = rows_behind(year, asked)
    start, pages = (asked.page - 1) * PAGE_ROWS, -(-len(found) // PAGE_ROWS)
    return {
        "table": table,
        "count": len(found),
        "start": start,
        "pages": pages,
        "rows": found[start : start + PAGE_ROWS],
    }


def _is_asked(row: Row, asked: Asked) -> bool:
    state = state_in(row, asked.figure)
    is_counted = state in COUNTED if asked.figure in RATES else OF_OBLIGATIONS[asked.figure](row)
    is_in_state = state == asked.state if asked.state else is_counted
    values = {name: getattr(row, name) for name in FIELDS} | {"cause": row.cause or Cause.UNKNOWN.value}
    return is_in_state and all(getattr(asked, name) in (None, value) for name, value in values.items())


def report_page(year: Year, dates: YearDates, choice: Choice) -> ReportView:
    """The report as the reader chose to see it."""
    shown = year.live if choice.version == LIVE else year.shown
    failed = (row for row in shown.obligations if row.state == choice.listed)
    return ReportView(
        shown=shown,
        states=Counter(state_in(row, choice.rate) for row in shown.obligations),
        issue_from=opening_of(dates.cut_off_on),
        focal=tuple(sorted(focal_events(shown.obligations), key=_worst_first)),
        failed=tuple(sorted(failed, key=lambda row: (row.due_at or "", row.obligation_id))),
        removed=tuple(row for row in shown.obligations if is_removed_miss(row)),
        addendum=tuple(changes(year.frozen, year.live)) if year.frozen else (),
        lost=tuple(changes(year.frozen, year.rebuilt)) if year.frozen and year.rebuilt else (),
    )


def _worst_first(event: Focal) -> int:
    """News that is missing before news that is late, and these before the rest."""
    found = {event.before, event.after}
    return next((n for n, state in enumerate((State.MISSED, State.LATE)) if state in found), 2)


def report_json(year: Year) -> Json:
    """A report as the API gives it: live, and frozen with what became of it once it is issued."""
    live, href = year.live, f"/api/reports/{year.report.school_year}/rows"
    told = {
        name: getattr(live, name)
        for name in ("school_year", "as_of", "digest", "figures", "cuts", "observed", "evidence")
    }
    return told | {
        "status": "ISSUED" if year.report.issued else "OPEN",
        "rows": {"href": href} | {table: len(getattr(live, table)) for table in TABLES},
        "proposals": [proposal.to_data() for proposal in year.report.proposals],
        "issued": _issued_json(year),
    }


def _issued_json(year: Year) -> Json | None:
    if year.report.issued is None or year.frozen is None or year.rebuilt is None:
        return None
    addendum = [[row and row._asdict() for row in change] for change in changes(year.frozen, year.live)]
    return year.report.issued.to_data() | {
        "href": f"/reports/{year.report.school_year}",
        "figures": year.frozen.figures,
        "cuts": year.frozen.cuts,
        "rebuilt": {"digest": year.rebuilt.digest, "matches": year.rebuilt.digest == year.frozen.digest},
        "addendum": [dict(zip(("before", "after"), change, strict=True)) for change in addendum],
    }
