"""What becomes of a candidate: may its sender speak for the source, and is it new, a repeat or a contradiction.

Pure. Never looks anything up: what is known is handed in, and the same again gives the same answer.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.envelope import SOURCE_PREFIX
from contracts.events import CancellationReport
from services.monitoring.intake.attributes import path_segments
from services.monitoring.intake.candidates import Candidate, Parsed
from services.monitoring.intake.faults import Fault

# What is taken but shown to people, in both languages.
FLAGS: dict[str, tuple[str, str]] = {
    "time-ahead": ("time sau lúc nhận; tính theo lúc nhận", "time is ahead of receipt; the receipt time counts"),
    "sender-unknown": ("nguồn chưa xác thực", "unauthenticated source"),
    "unit-unknown": ("mã đơn vị chưa có", "unknown unit"),
    "topic-area-unknown": ("mảng chủ đề chưa có", "unknown topic area"),
    "plan-item-unknown": ("mục kế hoạch chưa có", "unknown plan item"),
}

DESK_SOURCE = f"{SOURCE_PREFIX}/desk"
# What a registered source looks like, without backtracking; its segments are looked at one by one.
SOURCE_PATTERN = "^(/[A-Za-z0-9._~-]+)+$"
_MAX_REGISTRABLE = 200


class Status(StrEnum):
    """What the intake answers about one message."""

    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    QUARANTINED = "QUARANTINED"


@dataclass(frozen=True, slots=True)
class Permission:
    """Whom the sender may speak for.

    Shape:   prefix is a source by whole path segments; None is the open inbox: any source, nobody checked.
             open_door says whether the open inbox is taken (flagged) or quarantined. is_desk is the school's own
             form, which speaks for a source of this system.
    """

    prefix: str | None
    open_door: bool = True
    is_desk: bool = False

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody checked who sends."""
        return self.prefix is not None


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """What was received before under the same source and id."""

    receipt_id: str
    status: Status
    content_digest: str
    is_authenticated: bool = True
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedRevision:
    """The content accepted first under a stated revision of one event and type."""

    content_digest: str
    is_authenticated: bool = True


@dataclass(frozen=True, slots=True)
class IntakeDecision:
    """What to answer, and whether it is anything new.

    Shape:   reasons are rule codes; repeats is the receipt id of the first, when the message repeats it: then nothing
             is stored or announced, and the answer is the first's.
    """

    status: Status
    reasons: tuple[str, ...] = ()
    repeats: str | None = None
    flags: tuple[str, ...] = ()


def speaks_for(prefix: str, source: str) -> bool:
    """Whether a sender with the prefix speaks for the source: `/sis` for `/sis` and `/sis/x`, never for `/sisx`."""
    path = source.partition("?")[0].partition("#")[0]
    return bool(prefix) and (path == prefix or path.startswith(prefix + "/"))


def is_reserved(source: str) -> bool:
    """Whether the source lies under /publicity, percent-encoded or not."""
    return path_segments(source)[:1] == [SOURCE_PREFIX[1:]]


def is_registrable(source: str) -> bool:
    """Whether the source can be a sender's prefix: an absolute path in plain letters, outside /publicity."""
    is_path = len(source) <= _MAX_REGISTRABLE and re.fullmatch(SOURCE_PATTERN, source) is not None
    return is_path and {".", ".."}.isdisjoint(path_segments(source)) and not is_reserved(source)


def source_faults(parsed: Parsed, permission: Permission) -> Iterator[Fault]:
    """Yield a fault for each message whose sender may not speak for its source."""
    for pointer, source in parsed.sources:
        if is_reserved(source) and not permission.is_desk:
            yield Fault(f"{pointer}/source", "source-reserved")
        elif permission.prefix is not None and not speaks_for(permission.prefix, source):
            yield Fault(f"{pointer}/source", "source-foreign")


def admit(parsed: Parsed, permission: Permission) -> Parsed:
    """Return what was read with the faults of its sender: with one in it there are no candidates."""
    faults = (*parsed.faults, *source_faults(parsed, permission))
    return Parsed(() if faults else parsed.candidates, faults, parsed.sources)


def decide_intake(
    candidate: Candidate, known: Sequence[KnownRecord], stated: StatedRevision | None, *, permission: Permission
) -> IntakeDecision:
    """Say what becomes of a message that keeps all rules of form.

    Shape:   known is what was received under its source and id, oldest first: only messages that kept the rules of
             form. stated is what was accepted under its event, type and stated revision. Within a batch the earlier
             messages are known to the later ones.
    """
    is_authenticated = permission.is_authenticated
    flags = candidate.flags if is_authenticated else (*candidate.flags, "sender-unknown")
    # what nobody checked neither answers for an authenticated sender nor stands in its way
    heard = [record for record in known if record.is_authenticated or not is_authenticated]
    for record in heard:
        if record.content_digest == candidate.content_digest:
            status = Status.QUARANTINED if record.status is Status.QUARANTINED else Status.DUPLICATE
            return IntakeDecision(status, record.reasons, record.receipt_id, flags)
    reasons = []
    if heard:
        reasons.append("id-reused")
    if not is_authenticated and not permission.open_door:
        reasons.append("sender-unknown")
    if _contradicts(candidate, stated, is_authenticated=is_authenticated):
        reasons.append("revision-conflict")
    return IntakeDecision(Status.QUARANTINED if reasons else Status.ACCEPTED, tuple(reasons), None, flags)


def _contradicts(candidate: Candidate, stated: StatedRevision | None, *, is_authenticated: bool) -> bool:
    if stated is None or candidate.report.revision is None or stated.content_digest == candidate.content_digest:
        return False
    return stated.is_authenticated or not is_authenticated


def unknown_codes(
    candidate: Candidate,
    *,
    units: Collection[str],
    topic_areas: Collection[str],
    plan_items: Collection[str],
) -> tuple[str, ...]:
    """Return the flags of the codes that the school's reference data do not have."""
    report = candidate.report
    if isinstance(report, CancellationReport):
        return ()
    asked = (
        ("unit-unknown", report.unit, units),
        ("topic-area-unknown", report.topic_area, topic_areas),
        ("plan-item-unknown", report.plan_item_id, plan_items),
    )
    return tuple(flag for flag, code, codes in asked if code is not None and code not in codes)
