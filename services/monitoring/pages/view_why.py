"""Why an obligation is due when it is, why it is late, and who says so; pure.

Never a reason of its own: it words what the algebra counted and what facts say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contracts.codes import Cause, Phase, State
from services.chassis.web.i18n import N_
from services.monitoring.algebra.causes import cause_given, first_notice
from services.monitoring.algebra.facts import DeliveryFailure, Fact, Publication, Report, Submitted
from services.monitoring.algebra.instants import Stamp, to_instant
from services.monitoring.pages.track import days_after
from services.monitoring.pages.words import Sentence, Words

Doc = Mapping[str, Any]
_NOTICED = {
    "held": N_("%(who)s báo là đã diễn ra"),
    "scheduled": N_("%(who)s báo trước"),
    "cancelled": N_("%(who)s báo hủy"),
}


@dataclass(frozen=True, slots=True)
class DayBox:
    """A local day of the count. Shape: kind is event, day or rolled; number counts the days that count."""

    weekday: str
    date: str
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class DuePanel:
    """Why the due date of some obligations of an event is what it is."""

    due_at: Stamp | None
    requirements: tuple[str, ...]
    explanation: str
    days: tuple[DayBox, ...]
    policy_version: str | None
    calendar_version: str | None
    strict_due_at: Stamp | None
    working_due_at: Stamp | None
    is_before: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way of an obligation, and how long after the one before."""

    at: Stamp
    said: Sentence
    after: str
    is_due: bool = False


@dataclass(frozen=True, slots=True)
class CausePanel:
    """Why an obligation was missed.

    Shape:   stands is how it stands against its due date, counts in which rates it counts; reason is what the person
             gave who named the cause.
    """

    obligation_id: str
    requirement: str
    phase: str
    badge: str
    cause: str
    stands: Sentence
    counts: Sentence
    said: Sentence
    reason: str
    by_person: bool
    steps: tuple[Step, ...]


def due_panels(docs: Iterable[Doc], words: Words) -> tuple[DuePanel, ...]:
    """Return one panel for each way in which due dates of the event were counted. Source: R11"""
    grouped: dict[tuple[str, Stamp | None], list[Doc]] = {}
    for doc in docs:
        grouped.setdefault((doc["explanation"]["vi"], doc["due_at"]), []).append(doc)
    return tuple(_due_panel(same, words) for same in grouped.values())


def _due_panel(docs: Sequence[Doc], words: Words) -> DuePanel:
    doc = docs[0]
    is_before = doc["phase"] == Phase.PRE
    boxes = [] if is_before or doc["due_at"] is None else _boxes(doc, words)
    return DuePanel(
        due_at=doc["due_at"],
        requirements=tuple(dict.fromkeys(words.code(one["requirement"]) for one in docs)),
        explanation=doc["explanation"][words.language].replace("->", "→"),
        days=tuple(boxes),
        policy_version=doc["policy_version"],
        calendar_version=doc["calendar_version"],
        strict_due_at=doc["strict_due_at"],
        working_due_at=doc["working_due_at"],
        is_before=is_before,
    )


def _boxes(doc: Doc, words: Words) -> list[DayBox]:
    boxes = []
    for number, (kind, begin, _) in enumerate(days_after(doc)):
        stamp = begin.isoformat()
        boxes.append(DayBox(words.weekday(stamp), words.formats.brief(stamp), kind, number))
    return boxes


def cause_panel(doc: Doc, facts: Sequence[Fact], badge: str, *, words: Words) -> CausePanel:
    """Return why an obligation was missed, with the steps on its way.

    Shape:   doc is as of now and was missed.        Source: the obligation, Cause; A14
    """
    given = cause_given(facts, doc["obligation_id"])
    named = {"who": words.who(given.by), "at": words.formats.instant(given.issued_at)} if given else {}
    said = Sentence(N_("%(who)s nêu nguyên nhân này lúc %(at)s."), named) if given else _derived(doc, facts, words)
    return CausePanel(
        obligation_id=doc["obligation_id"],
        requirement=words.code(doc["requirement"]),
        phase=doc["phase"],
        badge=badge,
        cause=words.code(doc["cause"]),
        stands=_stands(doc, words),
        counts=Sentence(_counts(doc)),
        said=said,
        reason=given.reason if given else "",
        by_person=given is not None,
        steps=_steps(doc, facts, words),
    )


def _stands(doc: Doc, words: Words) -> Sentence:
    """How it stands against its due date, without a clock: the page may be asked for as of an earlier day."""
    formats, due_at, shown_at = words.formats, doc["due_at"], doc.get("discharged_at")
    due = formats.due(due_at)
    if shown_at is not None and shown_at >= due_at:
        late = {"at": formats.instant(shown_at), "late": formats.late_by(shown_at, due_at)}
        return Sentence(N_("Hạn %(due)s, đăng %(at)s: %(late)s."), {"due": due} | late)
    if doc["state"] == State.WAIVED:
        return Sentence(N_("Hạn %(due)s, tới hạn chưa đăng; được miễn sau đó."), {"due": due})
    return Sentence(N_("Hạn %(due)s, vẫn chưa đăng."), {"due": due})


def _counts(doc: Doc) -> str:
    """In which rates the miss counts. Source: R11, A3, A14"""
    if doc["state"] == State.WAIVED:
        return N_("Được miễn nên ở ngoài tỷ lệ mặc định; cách tính chặt vẫn coi là quá hạn.")
    if doc["cause"] == Cause.LATE_NOTICE:
        return N_("Tính trong tỷ lệ mặc định và chặt; không tính trong tỷ lệ trừ khách quan.")
    return N_("Tính trong tỷ lệ mặc định, chặt và trừ khách quan.")


def _derived(doc: Doc, facts: Sequence[Fact], words: Words) -> Sentence:
    due_at, formats = doc["due_at"], words.formats
    if doc["cause"] == Cause.LATE_NOTICE:
        noticed = first_notice(doc["phase"], (fact for fact in facts if isinstance(fact, Report)), ())
        if noticed is None or noticed >= due_at:
            at = formats.instant(noticed) if noticed else ""
            return Sentence(N_("Phòng được báo lúc %(at)s, khi đã qua hạn."), {"at": at})
        left = formats.span(to_instant(due_at) - to_instant(noticed))
        text = N_("Phòng được báo lúc %(at)s, khi chỉ còn %(left)s trước hạn.")
        return Sentence(text, {"at": formats.instant(noticed), "left": left})
    if doc["cause"] == Cause.CHANNEL_FAILURE:
        failed = min(_failures(doc, facts), key=lambda fact: fact.recorded)
        named = {"channel": words.code(failed.channel), "at": formats.instant(failed.recorded)}
        return Sentence(N_("%(channel)s không nhận bài lúc %(at)s, trước hạn."), named)
    if doc["cause"] == Cause.APPROVAL_DELAY:
        sent = min(fact.recorded for fact in facts if isinstance(fact, Submitted))
        return Sentence(N_("Bài đã gửi từ %(at)s, đến hạn vẫn chưa đăng."), {"at": formats.instant(sent)})
    return Sentence(N_("Đến hạn chưa ai gửi bài cho sự kiện này."))


def _failures(doc: Doc, facts: Iterable[Fact]) -> list[DeliveryFailure]:
    return [fact for fact in facts if isinstance(fact, DeliveryFailure) and fact.channel in doc["channels"]]


def _steps(doc: Doc, facts: Sequence[Fact], words: Words) -> tuple[Step, ...]:
    """The way of the obligation in the order of time, the due date among it."""
    found = [(doc["due_at"], Sentence(N_("Hết hạn")), True)]
    found += [
        (fact.recorded, Sentence(_NOTICED[fact.kind], {"who": words.sender(fact.origin_source)}), False)
        for fact in _first_notices(facts)
    ]
    found += [
        (fact.recorded, Sentence(N_("%(who)s gửi bài"), {"who": words.who(fact.submitted_by)}), False)
        for fact in facts
        if isinstance(fact, Submitted)
    ]
    found += [(fact.recorded, Sentence(N_("Kênh không nhận bài")), False) for fact in _failures(doc, facts)]
    found += [
        (fact.at, Sentence(N_("Đăng trên %(channel)s"), {"channel": words.code(fact.channel)}), False)
        for fact in facts
        if isinstance(fact, Publication) and fact.kind == "published" and fact.channel in doc["channels"]
    ]
    found.append((doc["ended_at"], Sentence(N_("Sự kiện kết thúc")), False))
    steps: list[Step] = []
    before: Stamp | None = None
    for at, said, is_due in sorted(found, key=lambda step: step[0]):
        passed = to_instant(at) - to_instant(before) if before else timedelta(0)
        steps.append(Step(at, said, words.formats.span(passed) if passed else "", is_due))
        before = at
    return tuple(steps)


def _first_notices(facts: Iterable[Fact]) -> Iterable[Report]:
    """The report of each kind that was received first; later ones of the kind tell nothing new here."""
    first: dict[str, Report] = {}
    for fact in sorted((one for one in facts if isinstance(one, Report)), key=lambda one: (one.recorded, one.id)):
        first.setdefault(fact.kind, fact)
    return first.values()
