"""The figures of a school year, counted from obligations as they are at an instant; pure.

Never a figure without its numerator and denominator, and never a state of its own: the rules of `algebra` give it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contracts.canonical import digest
from contracts.codes import Cause, MissWithdrawalReason, State
from services.monitoring.algebra.instants import Stamp
from services.monitoring.algebra.obligations import state_at

Doc = Mapping[str, Any]
Json = dict[str, Any]

RATES = ("on_time", "strict", "working_day", "fault_adjusted")
COUNTED = (State.ON_TIME, State.LATE, State.MISSED)
# What a figure needs of a stored obligation.
FIELDS = (
    "obligation_id",
    "state",
    "due_at",
    "strict_due_at",
    "working_due_at",
    "missed_at",
    "discharged_at",
    "content_id",
    "cause",
    "cause_if_missed",
    "void_reason",
    "voided_at",
    "waiver",
    "requirement",
    "topic_area",
    "unit",
    "tier",
    "month",
    "school_year",
)


class Cut(StrEnum):
    """By what a school year's figures are cut. Source: figures (cut by requirement, topic area, unit, tier, month)"""

    REQUIREMENT = "requirement"
    TOPIC_AREA = "topic_area"
    UNIT = "unit"
    TIER = "tier"
    MONTH = "month"


@dataclass(slots=True)
class Rate:
    """A rate as what it is made of; nothing counted yet is no rate."""

    numerator: int = 0
    denominator: int = 0

    @property
    def ratio(self) -> float | None:
        """0..1, None when nothing is counted."""
        return self.numerator / self.denominator if self.denominator else None

    def count(self, state: State | None) -> None:
        """Count one obligation whose state in this rate is given; None and what is not due is left out."""
        self.denominator += state in COUNTED
        self.numerator += state == State.ON_TIME


@dataclass(frozen=True, slots=True)
class Seen:
    """How one obligation counts: its state, and what it is in each rate (None where it is in none)."""

    state: State
    strict: State | None
    working_day: State | None
    fault_adjusted: State | None
    is_undated: bool


@dataclass(slots=True)
class Row:
    """The figures of one group of obligations; undated ones stand in its counts, and in no rate."""

    key: str | None
    on_time: Rate = field(default_factory=Rate)
    strict: Rate = field(default_factory=Rate)
    working_day: Rate = field(default_factory=Rate)
    fault_adjusted: Rate = field(default_factory=Rate)
    counts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    undated: int = 0

    def count(self, seen: Seen) -> None:
        """Count one obligation. Source: figures"""
        self.counts[seen.state] += 1
        self.on_time.count(seen.state)
        self.strict.count(seen.strict)
        self.working_day.count(seen.working_day)
        self.fault_adjusted.count(seen.fault_adjusted)
        self.undated += seen.is_undated

    def to_data(self) -> Json:
        """The row as the API gives it. Source: contract, GET /api/compliance"""
        rates = {name: getattr(self, name) for name in RATES}
        return {
            "key": self.key,
            **{name: {"numerator": rate.numerator, "denominator": rate.denominator} for name, rate in rates.items()},
            "counts": {state.value: count for state, count in self.counts.items()},
            "undated": self.undated,
        }


def see(doc: Doc, now: Stamp) -> Seen:
    """Return how an obligation counts as of `now`; one without a date is in none of the four rates.

    Source: figures; fine print (an obligation without a date)
    """
    found = state_at(doc, now)
    state, is_dated = State(found["state"]), found["due_at"] is not None
    return Seen(
        state=state,
        strict=strict_state(found, now) if is_dated else None,
        working_day=state_under(found, found["working_due_at"], now) if is_dated else None,
        fault_adjusted=None if found["cause"] == Cause.LATE_NOTICE else state,
        is_undated=not is_dated and state == State.OPEN,
    )


def state_under(doc: Doc, due_at: Stamp | None, now: Stamp) -> State | None:
    """Return the state that an obligation has when another due date is put in the place of its own.

    None: it has no such date, and is in no rate of it.        Source: 3.4, working-day rate (every state taken again)
    """
    if due_at is None:
        return None
    if doc["state"] == State.VOID:
        return State.VOID
    discharged_at = doc["discharged_at"]
    if discharged_at is not None and discharged_at < due_at:
        return State.ON_TIME
    if _waived_at(doc) is not None:
        return State.WAIVED
    if discharged_at is not None:
        return State.LATE
    return State.MISSED if now >= due_at else State.OPEN


def strict_state(doc: Doc, now: Stamp) -> State | None:
    """Return the state in the strict rate: under plain calendar days, what people took away after due counts as missed.

    What was on time before it was waived or classified away is not a miss; PRE is due at the start in every rate.
    Source: 3.4, A3, strict rate, fine print ("After due" in the strict rate)
    """
    state = state_under(doc, doc["strict_due_at"], now)
    return State.MISSED if _taken_away_at(doc, state) is not None else state


def _taken_away_at(doc: Doc, state: State | None) -> Stamp | None:
    """When a person took the obligation away, if that was at or after the strict due date and it was not on time."""
    due_at: Stamp | None = doc["strict_due_at"]
    if due_at is None or state not in (State.WAIVED, State.VOID):
        return None
    waived_at = _waived_at(doc)
    if state == State.WAIVED:
        return waived_at if waived_at is not None and waived_at >= due_at else None
    voided_at: Stamp | None = doc["voided_at"]
    is_classified_away = doc["void_reason"] == MissWithdrawalReason.CLASSIFIED and voided_at is not None
    is_in_time = doc["discharged_at"] is not None and doc["discharged_at"] < due_at
    is_waived_in_time = waived_at is not None and waived_at < due_at
    if not is_classified_away or is_in_time or is_waived_in_time or voided_at is None:
        return None
    return voided_at if voided_at >= due_at else None


def _waived_at(doc: Doc) -> Stamp | None:
    """When the waiver was given that holds; one does not reach what was discharged before it."""
    waiver, discharged_at = doc["waiver"], doc["discharged_at"]
    if waiver is None or (discharged_at is not None and discharged_at < waiver["issued_at"]):
        return None
    return str(waiver["issued_at"])


def figures(docs: Iterable[Doc], now: Stamp, *, by: Cut | None = None, whole: str | None = None) -> tuple[Row, ...]:
    """Return the rows of a cut in the order of their keys, what has no key last; without a cut one row, called `whole`.

    Source: figures; fine print (`by` left out = one row)
    """
    tally = Tally(by, whole)
    for doc in docs:
        tally.count(doc, see(doc, now))
    return tally.rows


class Tally:
    """Counts obligations one by one into the rows of a cut. Source: figures"""

    def __init__(self, by: Cut | None = None, whole: str | None = None) -> None:
        self._by = by
        self._rows: dict[str | None, Row] = {} if by else {whole: Row(whole)}
        self._whole = whole

    def count(self, doc: Doc, seen: Seen) -> None:
        """Count one obligation into its row."""
        key = doc[self._by.value] if self._by else self._whole
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(key)
        row.count(seen)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows in the order of their keys, what has no key last."""
        return tuple(self._rows[key] for key in sorted(self._rows, key=lambda key: (key is None, key or "")))


def evidence_line(doc: Doc, now: Stamp) -> list[str | None]:
    """Return what the digest takes of an obligation. Source: R18, contract, GET /api/compliance"""
    seen = state_at(doc, now)
    return [seen["obligation_id"], str(seen["state"]), seen["due_at"], seen["content_id"], seen["discharged_at"]]


def digest_of(lines: Iterable[list[str | None]]) -> str:
    """Return the digest of a school year from all its obligations' lines, VOID ones included, in whatever order.

    Source: R18, contract, GET /api/compliance (sha256 of the RFC 8785 form of the sorted lines)
    """
    return digest(sorted(lines, key=lambda line: line[0] or ""))


@dataclass(frozen=True, slots=True)
class TakenAway:
    """An obligation that a person waived or classified away after its strict due date: a miss of the strict rate.

    Shape:   how is WAIVED or CLASSIFIED; by and reason are those of a waiver, None of a classification.
    """

    obligation_id: str
    how: str
    at: Stamp
    by: str | None
    reason: str | None


def taken_away(docs: Iterable[Doc], now: Stamp) -> Iterator[TakenAway]:
    """Return what people waived or classified away after due, for the list by name. Source: R20, strict rate"""
    for doc in docs:
        seen = state_at(doc, now)
        state = state_under(seen, seen["strict_due_at"], now) if seen["due_at"] is not None else None
        at = _taken_away_at(seen, state)
        if at is None:
            continue
        waiver = seen["waiver"] if state == State.WAIVED else None
        how = State.WAIVED.value if waiver else MissWithdrawalReason.CLASSIFIED.value
        by, reason = (waiver["by"], waiver["reason"]) if waiver else (None, None)
        yield TakenAway(seen["obligation_id"], how, at, by, reason)


def is_unconfirmed(event: Doc | None, now: Stamp) -> bool:
    """Say whether an event waits for somebody to say that it was held or not. Source: R20, Unconfirmed"""
    since = event.get("unconfirmed_from") if event else None
    return since is not None and now >= since
