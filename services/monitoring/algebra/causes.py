"""Waivers of an obligation, and the cause of its miss: pure.

Never a verdict on the obligation itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.codes import Cause, Phase
from services.monitoring.algebra.facts import CauseGiven, DeliveryFailure, Fact, Report, Submitted, WaiverChange
from services.monitoring.algebra.instants import Stamp, shift

# Source: A14: less than 24 h left when it was recorded
LATE_NOTICE_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Owing:
    """What of an obligation its cause depends on; due_at is exclusive."""

    obligation_id: str
    phase: str
    channels: Sequence[str]
    due_at: Stamp | None


def waiver_in_force(changes: Iterable[WaiverChange]) -> WaiverChange | None:
    """Return the waiver of one obligation that holds: a second one changes nothing until the first is revoked.

    Source: fine print; the obligation, Algebra (waivers apply whenever issued)
    """
    holding: WaiverChange | None = None
    for change in sorted(changes, key=lambda c: (c.issued_at, c.time, c.id, c.source)):
        if change.kind == "waiver-revoked":
            holding = None
        elif holding is None:
            holding = change
    return holding


def cause_given(facts: Iterable[Fact], obligation_id: str) -> CauseGiven | None:
    """Return the last cause that an operator set for an obligation. Source: the obligation, Cause"""
    given = [fact for fact in facts if isinstance(fact, CauseGiven) and fact.obligation_id == obligation_id]
    return max(given, key=lambda c: (c.issued_at, c.time, c.id, c.source), default=None)


def cause_of(owing: Owing, facts: Sequence[Fact], noticed: Stamp | None) -> str | None:
    """Return why the obligation is missed, should it be; None as long as it has no date.

    Shape:   noticed is when the school was first told: the recordedtime of the first notice.
    Source:  the obligation, Cause: the first that applies; A14
    """
    due_at = owing.due_at
    if due_at is None:
        return None
    given = cause_given(facts, owing.obligation_id)
    if given is not None:
        return given.cause
    if noticed is not None and noticed > shift(due_at, -LATE_NOTICE_S):
        return Cause.LATE_NOTICE.value
    if any(_failed_before(fact, owing.channels, due_at) for fact in facts):
        return Cause.CHANNEL_FAILURE.value
    if not any(isinstance(fact, Submitted) and fact.recorded < due_at for fact in facts):
        return Cause.NO_SUBMISSION.value
    return Cause.APPROVAL_DELAY.value


def _failed_before(fact: Fact, channels: Sequence[str], due_at: Stamp) -> bool:
    return isinstance(fact, DeliveryFailure) and fact.channel in channels and fact.recorded < due_at


def first_notice(phase: str, reports: Iterable[Report], approvals: Iterable[Stamp]) -> Stamp | None:
    """Return when the school was first told: of POST by EventHeld, of PRE by EventScheduled or the item's approval.

    Shape:   approvals are the recordedtimes of the approved revisions that have the event's plan item.
    Source:  the obligation, Cause (LATE_NOTICE)
    """
    kind = "held" if phase == Phase.POST else "scheduled"
    told = [report.recorded for report in reports if report.kind == kind]
    if phase == Phase.PRE:
        told.extend(approvals)
    return min(told, default=None)
