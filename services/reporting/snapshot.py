"""A school year as of an instant: rows, figures, and the digest over them; pure.

The digest covers only what the log gives again: nothing in it depends on when or in which order messages came, on
accounts, or on when it was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contracts.canonical import digest
from contracts.codes import Phase
from contracts.times import format_time
from services.reporting import report
from services.reporting.execution import Occurrence, occurrences, plan_figures
from services.reporting.occasions import Occasion, occasions
from services.reporting.projections import Document, is_linked, known_at
from services.reporting.report import Figures
from services.reporting.rows import EventRow, FactsOf, Row, event_rows, obligation_rows
from services.reporting.school_years import YearDates, local_day, opening_of
from services.reporting.sources.evidence import evidence_of
from services.reporting.state import Report

TABLES: dict[str, Any] = {"obligations": Row, "events": EventRow, "occurrences": Occurrence}
HEAD = ("school_year", "as_of", "figures", "cuts", "observed", "evidence", "digest")
# Far below the 16 MiB that a document may have.
PART_ROWS = 2_000
ALL = "9999"
# The collections that a year is taken from, and their documents.
FOLDED = ("obligations", "events", "publications", "plans")
Folded = Mapping[str, Sequence[Document]]
# An obligation before and after; None: it was not there, or is there no more.
Change = tuple[Row | None, Row | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The year as of an instant.

    Shape:   cuts are {cut: rows of rates}; observed and evidence are kept beside the digest, evidence is empty in what
             was frozen before there was any; changes_at: when time alone changes it.
    """

    school_year: str
    as_of: str
    obligations: tuple[Row, ...]
    events: tuple[EventRow, ...]
    occurrences: tuple[Occurrence, ...]
    figures: Figures
    cuts: Mapping[str, list[Figures]]
    observed: Figures
    digest: str
    changes_at: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the year."""
        return not (self.obligations or self.events or self.occurrences or self.figures["plan_on_time"]["submitted_at"])

    @property
    def measures(self) -> dict[str, float]:
        """The figures that an improvement can be tied to. Source: 5.2"""
        return report.measures(self.figures, self.cuts["requirement"])


@dataclass(frozen=True, slots=True)
class Year:
    """A year's report with its rows. Shape: frozen, and rebuilt (the cut-off again, from the log) once it is issued."""

    report: Report
    live: Snapshot
    frozen: Snapshot | None = None
    rebuilt: Snapshot | None = None

    @property
    def shown(self) -> Snapshot:
        """What the report says: frozen, else live."""
        return self.frozen or self.live


def take(folded: Folded, dates: YearDates, *, as_of: str, known: str = ALL) -> Snapshot:
    """The year as of an instant, from all that is known or from what was known at an instant. Source: 5.1, R18, A21"""
    told, seen, shown, plans = (known_at(folded[name], known) for name in FOLDED)
    found, plan = occasions(seen), plan_figures(plans, dates)
    mine = [one for one in found.values() if dates.holds(one.day)]
    rows = obligation_rows(told, found, dates.school_year, as_of=as_of)
    ended = (one for one in mine if one.ended_at <= as_of and not one.is_cancelled)
    events = event_rows(ended, shown, {row.event: row.planned for row in rows})
    done = occurrences(plan.routine, shown, as_of=as_of)
    figures = report.of_obligations(rows) | report.of_events(events, as_of=as_of)
    figures |= report.of_work(_of_the_year(shown, mine, plan.item_ids, dates)) | report.of_plan(plan, done, dates)
    content: dict[str, Any] = {"school_year": dates.school_year, "figures": figures}
    content["cuts"] = {by: report.cut(rows, by) for by in report.CUTS}
    tables: dict[str, Any] = {"obligations": rows, "events": events, "occurrences": done}
    sealed = digest(content | tables | {"columns": {name: kind._fields for name, kind in TABLES.items()}})
    observed = report.observed({row.obligation_id: told[row.obligation_id] for row in rows})
    beside: dict[str, Any] = {"observed": observed, "evidence": evidence_of((told, seen, shown, plans))}
    return Snapshot(
        as_of=as_of, digest=sealed, changes_at=_changes_at(rows, mine, as_of), **beside, **content, **tables
    )


def _of_the_year(shown: FactsOf, mine: Iterable[Occasion], item_ids: frozenset[str], dates: YearDates) -> FactsOf:
    """Content of the year's events and plan items; what is linked to nothing counts by the day it came in."""
    keys = {key for one in mine for key in (one.event, *one.members)} | item_ids
    unlinked = {key: min(fact["time"] for fact in facts) for key, facts in shown.items() if not is_linked(facts)}
    keys |= {key for key, came_at in unlinked.items() if dates.holds(local_day(came_at))}
    return {key: shown[key] for key in sorted(keys & shown.keys())}


def _changes_at(rows: Iterable[Row], mine: Iterable[Occasion], as_of: str) -> str:
    """When time alone changes the year next: an event starts or ends, a day goes by; the due dates are among these."""
    moments = {format_time(opening_of(local_day(as_of), later=1))}
    moments |= {row.due_at for row in rows if row.phase == Phase.PRE and row.due_at}
    for one in mine:
        moments |= {one.ended_at, format_time(datetime.fromisoformat(one.ended_at) + timedelta(days=1))}
    return min(moment for moment in moments if moment > as_of)


def changes(before: Snapshot, after: Snapshot) -> list[Change]:
    """The addendum: the obligations that are not what they were at the cut-off. Source: A21, R20"""
    old, new = ({row.obligation_id: row for row in one.obligations} for one in (before, after))
    keys = sorted(old.keys() | new.keys())
    return [(old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def to_docs(snapshot: Snapshot) -> list[Document]:
    """The snapshot as documents of a size that a database takes: one head, and the rows in parts. Source: R18"""
    year = snapshot.school_year
    docs: list[Document] = [{"_id": year, "part": "", **{name: getattr(snapshot, name) for name in HEAD}}]
    for table in TABLES:
        rows = [row._asdict() for row in getattr(snapshot, table)]
        parts = ((start, rows[start : start + PART_ROWS]) for start in range(0, len(rows), PART_ROWS))
        docs += [{"_id": f"{year}/{table}/{start:07}", "part": table, "rows": part} for start, part in parts]
    return docs


def from_docs(docs: Sequence[Document]) -> Snapshot:
    """The snapshot that documents hold, in the order of their ids. Source: R18"""
    found: dict[str, Any] = dict.fromkeys(TABLES, ())
    for doc in docs:
        if doc["part"]:
            found[doc["part"]] += tuple(TABLES[doc["part"]](**row) for row in doc["rows"])
        else:
            found |= {name: doc[name] for name in HEAD if name in doc}
    return Snapshot(**found)
