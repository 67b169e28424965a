"""Obligations as lists show them: what, where, when, how it stands and what is lacking; pure.

Never a state of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from contracts.codes import Phase, RequirementCode, State, Tier
from services.chassis.web.i18n import N_
from services.monitoring.algebra.instants import Stamp, end_day, school_year_of, to_local
from services.monitoring.algebra.obligations import state_at
from services.monitoring.pages.track import Track, badge_of, track
from services.monitoring.pages.words import VOID_REASONS, Words
from services.monitoring.reading.filters import ObligationFilter

Doc = Mapping[str, Any]
Choices = tuple[tuple[str, str], ...]

# What is lacking, by the cause that a miss would have.
LACKING = {
    "NO_SUBMISSION": N_("Chưa có bài gửi"),
    "APPROVAL_DELAY": N_("Có bài, chưa đăng"),
    "CHANNEL_FAILURE": N_("Kênh báo lỗi"),
    "LATE_NOTICE": N_("Báo sự kiện muộn"),
    "UNKNOWN": N_("Chưa rõ nguyên nhân"),
}
GAPS = {
    "NO_CALENDAR": N_("Chưa có hạn: thiếu lịch nghỉ"),
    "NO_POLICY": N_("Chưa có hạn: thiếu quy định"),
}


@dataclass(frozen=True, slots=True)
class DutyRow:
    """An obligation as one line of a list."""

    obligation_id: str
    event: str
    title: str
    unit: str
    ended_on: str
    requirement: str
    phase: str
    badge: str
    hint: str
    due_at: Stamp | None
    discharged_at: Stamp | None
    track: Track | None
    is_unconfirmed: bool


def duty_row(stored: Doc, now: Stamp, words: Words) -> DutyRow:
    """Return an obligation as a line, as it is now. Source: R20"""
    doc = state_at(stored, now)
    return DutyRow(
        obligation_id=doc["obligation_id"],
        event=doc["event"],
        title=doc["title"],
        unit=words.unit(doc["unit"]),
        ended_on=words.formats.date(end_day(doc["started_at"], doc["ended_at"])),
        requirement=words.code(doc["requirement"]),
        phase=doc["phase"],
        badge=badge_of(doc, now),
        hint=hint_of(doc, words),
        due_at=doc["due_at"],
        discharged_at=doc["discharged_at"],
        track=track(doc, now, words),
        is_unconfirmed=bool(doc["overdue"]) and doc["state"] == State.MISSED,
    )


def hint_of(doc: Doc, words: Words) -> str:
    """Return in a few words what is lacking, or why nothing is asked for. Source: the obligation, Cause"""
    if doc["state"] == State.VOID:
        return VOID_REASONS.get(doc["void_reason"] or "", "")
    if doc["state"] == State.WAIVED:
        return str(doc["waiver"]["reason"]) if doc["waiver"] else ""
    if doc["due_at"] is None:
        return GAPS.get((doc["due_gap"] or {}).get("reason", ""), GAPS["NO_CALENDAR"])
    if doc["state"] in (State.ON_TIME, State.LATE):
        return words.code(doc["cause"])
    return LACKING.get(doc["cause_if_missed"] or "", "")


@dataclass(frozen=True, slots=True)
class DutyList:
    """The page of obligations: the rows, what is asked for, and the address of the next page."""

    rows: tuple[DutyRow, ...]
    chosen: Mapping[str, str]
    states: Choices
    requirements: Choices
    units: Choices
    topics: Choices
    tiers: Choices
    years: Choices
    first: str
    following: str

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the place in the list is asked for."""
        return any(value for name, value in self.chosen.items() if name != "after")


def duty_list(docs: Iterable[Doc], chosen: Mapping[str, str], now: Stamp, *, words: Words, after: str) -> DutyList:
    """Return the page of obligations.

    Shape:   chosen is what stands in the address; after is the cursor behind the last row, or empty.
    """
    return DutyList(
        rows=tuple(duty_row(doc, now, words) for doc in docs),
        chosen=chosen,
        states=codes(State, words),
        requirements=codes(RequirementCode, words),
        units=tuple((unit.code, words.unit(unit.code)) for unit in words.reference.units),
        topics=tuple((area.code, words.topic(area.code)) for area in words.reference.topic_areas),
        tiers=codes(Tier, words),
        years=years_around(school_year_of(to_local(now).date())),
        first=query_of(chosen) or "?state=",
        following=query_of({**chosen, "after": after}) if after else "",
    )


def years_around(school_year: str) -> Choices:
    """Return the school years that are offered: the next, the one given and those before it. Source: A18"""
    first = int(school_year[:4])
    years = [f"{year:04d}-{year + 1:04d}" for year in range(first + 1, first - 5, -1)]
    return tuple((year, year) for year in years)


def codes(kind: Iterable[str], words: Words) -> Choices:
    """Return the codes of a list with their names, for a form. Source: contract, Codes"""
    return tuple((str(code), words.code(str(code))) for code in kind)


def query_of(values: Mapping[str, str]) -> str:
    """Return the part of an address that asks for this, empty when it asks for all. Source: 4.1"""
    given = {name: value for name, value in values.items() if value}
    return f"?{urlencode(given)}" if given else ""


def list_address(asked: ObligationFilter) -> str:
    """Return the address of the list that shows what a figure counts. Source: figures (opens the list behind it)"""
    names = ("state", "requirement", "topic_area", "unit", "tier", "month", "school_year")
    values = {name: str(value) for name in names if (value := getattr(asked, name)) is not None}
    return "/obligations" + query_of(values | ({"undated": "true"} if asked.undated else {}))


def phases(rows: Sequence[DutyRow]) -> tuple[tuple[Phase, tuple[DutyRow, ...]], ...]:
    """Return the rows in groups, what comes after the event first, as there is more of it. Source: 3.4, 3.6"""
    order = (Phase.POST, Phase.PRE)
    grouped = ((phase, tuple(row for row in rows if row.phase == phase)) for phase in order)
    return tuple((phase, found) for phase, found in grouped if found)
