"""The page of an event: what was reported, what is owed and how it stands, why, and what may be done; pure.

Never a verdict of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.codes import Cause, MissWithdrawalReason, Phase, State, Tier
from services.monitoring.algebra.calendars import CalendarVersion
from services.monitoring.algebra.facts import from_doc
from services.monitoring.algebra.instants import Stamp
from services.monitoring.pages.lanes import Lanes, draw_lanes
from services.monitoring.pages.telling import Told, people_in, tell
from services.monitoring.pages.track import badge_of
from services.monitoring.pages.view_duties import Choices, DutyRow, codes, duty_row
from services.monitoring.pages.view_why import CausePanel, DuePanel, cause_panel, due_panels
from services.monitoring.pages.words import FLAGS, STATUS_KINDS, STATUSES, TIER_FROM, Words
from services.monitoring.reading.figures import is_unconfirmed
from services.monitoring.reminders.views import told_of_event

Doc = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A publication that discharges an obligation."""

    channel: str
    at: Stamp
    title: str
    url: str
    sha256: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """An obligation with all that the event's page says of it, and which acts make sense."""

    row: DutyRow
    channels: str
    publications: tuple[Shown, ...]
    waived_by: str
    waived_at: Stamp | None
    missed_at: Stamp | None
    cause: str
    likely_cause: str
    misses: int
    may_be_waived: bool
    may_be_explained: bool
    is_waived: bool
    is_void: bool


@dataclass(frozen=True, slots=True)
class MissLine:
    """A miss that was announced, and why it was taken back if it was."""

    requirement: str
    phase: str
    n: int
    due_at: Stamp
    detected_at: Stamp
    withdrawn_at: Stamp | None
    reason: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What the page needs beside the event: calendars, events that may be the same one, and its reminders."""

    calendars: Sequence[CalendarVersion]
    twins: Sequence[Doc] = ()
    reminders: Sequence[Doc] = ()


@dataclass(frozen=True, slots=True)
class EventView:
    """All of the event's page. Shape: event is the document of the event, what it lacks as None."""

    key: str
    asked_key: str
    into: str | None
    event: Doc
    status: tuple[str, str]
    tier: str
    tier_from: str
    suggested: str
    unit: str
    topic: str
    weekday: str
    when: str
    flags: tuple[str, ...]
    is_unconfirmed: bool
    badges: tuple[tuple[str, int], ...]
    duty_count: int
    groups: tuple[tuple[Phase, tuple[Duty, ...]], ...]
    lanes: Lanes | None
    dues: tuple[DuePanel, ...]
    causes: tuple[CausePanel, ...]
    timeline: tuple[Told, ...]
    misses: tuple[MissLine, ...]
    tiers: Choices
    topics: Choices
    cause_choices: Choices
    twins: tuple[tuple[str, str], ...]


_MAY_LACK = ("title", "place", "summary", "url", "plan_id", "plan_revision", "suggested_tier")
_ORDER = ("MISSED", "DUE_SOON", "LATE", "OPEN", "ON_TIME", "WAIVED", "VOID")


def people(answer: Doc) -> set[str]:
    """Return the accounts that the page names. Source: R20"""
    return set().union(*(people_in(fact) for fact in answer["facts"])) if answer["facts"] else set()


def event_view(answer: Doc, now: Stamp, beside: Beside, *, words: Words) -> EventView:
    """Return the page of what the read API tells of an event. Source: contract, Reading API"""
    event, owed = dict.fromkeys(_MAY_LACK) | answer["event"], answer["obligations"]
    duties = [_duty(doc, now, words) for doc in owed]
    standing = [doc for doc in owed if doc["state"] != State.VOID]
    facts = [from_doc(dict(fact)) for fact in answer["facts"]]
    missed = [doc for doc in owed if doc["missed_at"] is not None]
    return EventView(
        key=event["event"],
        asked_key=answer["event_key"],
        into=answer["into"],
        event=event,
        status=(STATUS_KINDS[event["status"]], STATUSES[event["status"]]),
        tier=words.code(event.get("tier")),
        tier_from=TIER_FROM.get(event.get("tier_from", ""), ""),
        suggested=words.code(event.get("suggested_tier")),
        unit=words.unit(event.get("unit")),
        topic=words.topic(event.get("topic_area")),
        weekday=words.weekday(event["started_at"]) if "started_at" in event else "",
        when=words.period(event["started_at"], event["ended_at"]) if "started_at" in event else "",
        flags=tuple(name for flag, name in FLAGS.items() if flag in event["flags"]),
        is_unconfirmed=is_unconfirmed(event, now),
        badges=_badges(duties),
        duty_count=len(duties),
        groups=_groups(duties),
        lanes=draw_lanes(standing, answer["facts"], now, calendars=beside.calendars, words=words),
        dues=due_panels(standing, words),
        causes=tuple(cause_panel(doc, facts, badge_of(doc, now), words=words) for doc in missed),
        timeline=timeline(answer, words, beside.reminders),
        misses=tuple(_miss_line(miss, words) for miss in answer["history"]),
        tiers=codes(Tier, words),
        topics=tuple((area.code, words.topic(area.code)) for area in words.reference.topic_areas),
        cause_choices=codes(Cause, words),
        twins=tuple((doc["_id"], words.period(doc["started_at"], doc["event"]["ended_at"])) for doc in beside.twins),
    )


def timeline(answer: Doc, words: Words, reminders: Iterable[Doc] = ()) -> tuple[Told, ...]:
    """Return the facts and reminders of an event in words, the last that became known first. Source: R20"""
    owed = answer["obligations"]
    names = {doc["obligation_id"]: f"{words.code(doc['requirement'])} ({words.code(doc['phase'])})" for doc in owed}
    told = [tell(fact, words, names) for fact in reversed(answer["facts"])] + [*told_of_event(reminders, words, names)]
    return tuple(sorted(told, key=lambda one: one.recorded_at, reverse=True))


def _duty(doc: Doc, now: Stamp, words: Words) -> Duty:
    waiver, state = doc["waiver"], doc["state"]
    return Duty(
        row=duty_row(doc, now, words),
        channels=", ".join(words.code(channel) for channel in doc["channels"]),
        publications=tuple(_shown(one, words) for one in doc["publications"]),
        waived_by=words.who(waiver["by"]) if waiver else "",
        waived_at=waiver["issued_at"] if waiver else None,
        missed_at=doc["missed_at"],
        cause=words.code(doc["cause"]),
        likely_cause=doc["cause_if_missed"] or "",
        misses=doc["n"],
        may_be_waived=waiver is None and state in (State.OPEN, State.MISSED) and doc["discharged_at"] is None,
        may_be_explained=doc["missed_at"] is not None or state in (State.OPEN, State.MISSED),
        is_waived=waiver is not None and state != State.VOID,
        is_void=state == State.VOID,
    )


def _shown(one: Doc, words: Words) -> Shown:
    return Shown(
        channel=words.code(one["channel"]),
        at=one["published_at"],
        title=one["title"] or "",
        url=one["url"] or "",
        sha256=one["evidence_sha256"] or "",
        by_person=one["recorded"],
    )


def _badges(duties: Iterable[Duty]) -> tuple[tuple[str, int], ...]:
    counts = dict.fromkeys(_ORDER, 0)
    for duty in duties:
        counts[duty.row.badge] += 1
    return tuple((badge, count) for badge, count in counts.items() if count)


def _groups(duties: Iterable[Duty]) -> tuple[tuple[Phase, tuple[Duty, ...]], ...]:
    """What comes after the event first, as there is more of it; within a group what is void comes last."""
    ordered = sorted(duties, key=lambda duty: (duty.is_void, duty.row.due_at or "~", duty.row.requirement))
    grouped = ((phase, tuple(d for d in ordered if d.row.phase == phase)) for phase in (Phase.POST, Phase.PRE))
    return tuple((phase, found) for phase, found in grouped if found)


def _miss_line(miss: Doc, words: Words) -> MissLine:
    why = MissWithdrawalReason(miss["reason"]) if miss["reason"] else None
    return MissLine(
        requirement=words.code(miss["requirement"]),
        phase=miss["phase"] or "",
        n=miss["n"],
        due_at=miss["due_at"],
        detected_at=miss["detected_at"],
        withdrawn_at=miss["withdrawn_at"],
        reason=(why.en if words.language == "en" else why.vi) if why else "",
    )
