"""Messages of the other rooms, and what a school year of them folds into, for the tests of reporting."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from aiokafka.structs import ConsumerRecord

from contracts.codes import CHANNELS, Channel, default_channels
from contracts.envelope import Message, encode, event_key, obligation_id
from contracts.planning import PlanContent, content_hash
from contracts.registry import TYPES
from contracts.times import format_time
from services.chassis.decision import Actor
from services.reporting.projections import KEPT, Document, fact_of, fold
from services.reporting.school_years import LOCAL, YearDates, dates_of
from services.reporting.snapshot import FOLDED, Folded, Snapshot, take

YEAR = "2025-2026"
DATES: YearDates = dates_of(YEAR, {})
NOW = datetime(2026, 8, 15, 10, tzinfo=UTC)
PLAN = "plan-1"
HEAD = Actor("truong-phong", "Trưởng phòng", frozenset({"office_head"}), "PTT")


def at(text: str) -> datetime:
    """The instant of a local date and hour, such as "2025-11-20 16:00"; a date alone is its 00:00."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


def stamp(text: str) -> str:
    """The fixed text of a local date and hour."""
    return format_time(at(text))


def message(name: str, subject: str, when: datetime | str, data: dict[str, Any], **given: Any) -> Message:
    """A message of ours; its id follows from its content unless it is given."""
    kind = TYPES[name]
    when = at(when) if isinstance(when, str) else when
    made = kind.model.model_validate(data)
    values = {"sequence": 1, "recordedtime": when} | given
    values.setdefault("id", str(uuid5(NAMESPACE_OID, f"{name}{subject}{when}{made}{values}")))
    return Message(
        source=f"/publicity/{kind.producer}", type=kind.type, subject=subject, time=when, data=made, **values
    )


def record_of(made: Message, number: int = 1) -> ConsumerRecord:
    """The message as Kafka hands it over."""
    return ConsumerRecord(made.topic, 0, number, 0, 0, made.subject.encode(), encode(made), None, 0, 0, ())


def assessed(event: str = "su-kien", requirement: str = "WEBSITE", phase: str = "POST", **given: Any) -> Message:
    """ObligationAssessed of an event that ended on 20/11/2025 unless it is said otherwise; due by the plain rule."""
    ended = at(given.pop("ended", "2025-11-20 16:00"))
    due = _midnight_after(ended, 3)
    told: dict[str, Any] = {
        "obligation_id": obligation_id(event, requirement, phase),
        "event": event,
        "requirement": requirement,
        "channels": [str(channel) for channel in default_channels(requirement)],
        "phase": phase,
        "state": "OPEN",
        "due_at": due,
        "strict_due_at": due,
        "working_due_at": _midnight_after(ended, 5),
        "tier": "ROUTINE",
        "unit": "CTSV",
        "topic_area": "SINH_VIEN",
        "school_year": YEAR,
        "title": "Ngày hội việc làm",
        "planned": True,
    }
    when, extra = given.pop("when", ended), {"sequence": given.pop("sequence", 1)}
    times = {name: stamp(value) for name, value in given.items() if name.endswith("_at") and value}
    return message("obligation-assessed", event, when, told | given | times, **extra)


def _midnight_after(instant: datetime, days: int) -> str:
    day = instant.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return format_time(day + timedelta(days=days + 1))


def held(event: str = "su-kien", ended: str = "2025-11-20 16:00", **given: Any) -> Message:
    """EventHeld, two hours long, recorded an hour after its end unless it is said otherwise."""
    end, kind = at(ended), given.pop("kind", "event-held")
    origin = {"source": given.pop("source", "/sis"), "id": f"m-{event}", "authenticated": given.pop("known", True)}
    told = {"event_id": event, "title": "Ngày hội việc làm", "unit": "CTSV", "event": event, "origin": origin}
    times = {"started_at": format_time(end - timedelta(hours=2)), "ended_at": format_time(end)}
    recorded = at(given.pop("recorded")) if "recorded" in given else end + timedelta(hours=1)
    when, own = given.pop("when", end), {"id": given.pop("id")} if "id" in given else {}
    return message(kind, event, when, told | times | given, recordedtime=recorded, **own)


def cancelled(event: str = "su-kien", when: str = "2025-11-19 08:00") -> Message:
    """EventCancelled."""
    origin = {"source": "/sis", "id": f"c-{event}", "authenticated": True}
    return message("event-cancelled", event, when, {"event_id": event, "event": event, "origin": origin})


def classified(event: str = "su-kien", when: str = "2025-11-21 08:00", **given: Any) -> Message:
    """EventClassified."""
    told = {"event": event, "by": "van-hanh", "reason": "Xếp lại mức", "issued_at": stamp(when)}
    return message("event-classified", event, when, told | given)


def merged(event: str, into: str | None, when: str = "2025-11-21 08:00") -> Message:
    """EventMerged."""
    return message("event-merged", event, when, {"event": event, "into": into, "by": "van-hanh", "reason": "Trùng"})


def waived(
    event: str = "su-kien", when: str = "2025-11-25 08:00", requirement: str = "WEBSITE", **given: Any
) -> Message:
    """ObligationWaived, or with `name` ObligationWaiverRevoked."""
    told = {"obligation_id": obligation_id(event, requirement, "POST"), "event": event, "by": "truong-phong"}
    name = given.pop("name", "obligation-waived")
    return message(name, event, when, told | {"reason": "Đã có tin tổng hợp", "issued_at": stamp(when)} | given)


def missed(event: str = "su-kien", n: int = 1, *, withdrawn: bool = False) -> Message:
    """DeadlineMissed a minute and a half after the due date, or its withdrawal."""
    told = {"obligation_id": obligation_id(event, "WEBSITE", "POST"), "event": event, "requirement": "WEBSITE"}
    told |= {"channels": ["VI_WEB"], "phase": "POST", "n": n}
    if withdrawn:
        return message("deadline-miss-withdrawn", event, "2025-11-25", told | {"reason": "EVIDENCE"})
    due, detected = stamp("2025-11-24"), format_time(at("2025-11-24") + timedelta(seconds=90))
    words = {"explanation": {"vi": "Hết hạn", "en": "Overdue"}, "due_at": due, "detected_at": detected}
    return message("deadline-missed", event, "2025-11-24", told | words)


def published(event: str | None = "su-kien", when: str = "2025-11-21 16:00", **given: Any) -> Message:
    """ContentPublished, or with `name` ContentCorrected; on the website unless another channel is named."""
    channel = Channel(given.pop("channel", "VI_WEB"))
    profile, name = CHANNELS[channel], given.pop("name", "content-published")
    told = {"content_id": "bai-1", "revision": 2, "channel": channel, "medium": profile.medium, "language": "vi"}
    told |= {"audience": profile.audience, "title": "Tin", "published_at": stamp(when), "event": event}
    subject = event or given.get("plan_item_id") or str(told["content_id"])
    return message(name, subject, when, {k: v for k, v in (told | given).items() if v is not None})


def submitted(
    event: str | None = "su-kien", by: str = "ctv-1", when: str = "2025-11-21 09:00", **given: Any
) -> Message:
    """ContentSubmitted."""
    told = {"content_id": "bai-1", "revision": 1, "submitted_by": by} | ({"event": event} if event else {}) | given
    return message("content-submitted", event or told["content_id"], when, told)


def withdrawn(event: str = "su-kien", when: str = "2025-11-22 09:00", **given: Any) -> Message:
    """ContentWithdrawn."""
    told = {"content_id": "bai-1", "revision": 3, "channel": "VI_WEB", "event": event, "withdrawn_at": stamp(when)}
    return message("content-withdrawn", event, when, told | {"reason": "OTHER", "by": "bien-tap"} | given)


def failed(event: str = "su-kien", attempt: int = 1) -> Message:
    """DeliveryFailed."""
    told = {"content_id": "bai-1", "revision": 2, "channel": "E_BOARD", "event": event, "attempt": attempt}
    return message("delivery-failed", event, "2025-11-21 10:00", told | {"outcome": "UNREACHABLE", "detail": ""})


def plan_content(*items: dict[str, Any]) -> PlanContent:
    """A plan of one channel."""
    return PlanContent.from_data(
        {"title": "Kế hoạch", "channel_plans": [{"channel": "VI_WEB", "audience": "EXTERNAL", "items": list(items)}]}
    )


def routine(item_id: str = "tin-tuan", recurrence: str = "FREQ=WEEKLY;BYDAY=MO") -> dict[str, Any]:
    """A routine item."""
    about = {"item_id": item_id, "kind": "ROUTINE", "title": "Tin tuần", "topic_area": "DAO_TAO", "tier": "ROUTINE"}
    return about | {"recurrence": recurrence}


def drafted(when: str = "2025-08-26 08:00", revision: int = 1, *items: dict[str, Any]) -> Message:
    """PlanDrafted."""
    made = plan_content(*items)
    told = {"plan_id": PLAN, "school_year": YEAR, "revision": revision, "content_hash": content_hash(made)}
    return message("plan-drafted", PLAN, when, told | {"drafted_by": "soan-thao", "content": made})


def approved(when: str = "2025-08-29 08:00", revision: int = 1, *items: dict[str, Any]) -> Message:
    """PlanApproved."""
    made = plan_content(*(items or (routine(),)))
    told = {"plan_id": PLAN, "school_year": YEAR, "revision": revision, "content_hash": content_hash(made)}
    told |= {"route": {"matrix_version": "m1", "stages": ["OFFICE"]}, "issued_at": stamp(when), "content": made}
    return message("plan-approved", PLAN, when, told)


def revised(when: str, revision: int) -> Message:
    """PlanRevised of the revision before."""
    made = plan_content(routine())
    told = {"plan_id": PLAN, "school_year": YEAR, "revision": revision, "based_on": revision - 1, "content": made}
    told |= {"content_hash": content_hash(made), "drafted_by": "soan-thao", "revised_by": "truong-phong"}
    return message("plan-revised", PLAN, when, told | {"issued_at": stamp(when)})


def taken_back(revision: int = 1) -> Message:
    """PlanWithdrawn."""
    told = {"plan_id": PLAN, "revision": revision, "reason": "Soạn lại", "by": "soan-thao"}
    return message("plan-withdrawn", PLAN, "2025-08-27 08:00", told)


def folded(messages: Iterable[Message]) -> Folded:
    """The documents that messages fold into, one by one in the order given."""
    docs: dict[str, dict[str, Document]] = {name: {} for name in FOLDED}
    for made in messages:
        if made.name in KEPT:
            place = docs[KEPT[made.name][0]]
            key = getattr(made.data, "obligation_id", made.subject)
            place[key] = fold(place.get(key), key, [fact_of(made)]) or place[key]
    return {name: [place[key] for key in sorted(place)] for name, place in docs.items()}


def snapshot(*messages: Message, as_of: str = "2026-08-15 17:00", known: str | None = None) -> Snapshot:
    """The school year that messages tell, as of a local instant."""
    limits = {"known": stamp(known)} if known else {}
    return take(folded(messages), DATES, as_of=stamp(as_of), **limits)


def milestone(item_id: str) -> str:
    """The event key of a focal item's milestone."""
    return event_key("/publicity/planning", item_id)


def a_year() -> Sequence[Message]:
    """A small year with something of everything."""
    focal = milestone("focal-20-11")
    plan_source = {"kind": "event-scheduled", "source": "/publicity/planning", "title": "Ngày Nhà giáo"}
    return (
        drafted(),
        approved(),
        held("a"),
        assessed("a", state="ON_TIME", discharged_at="2025-11-21 16:00", sequence=2, when=at("2025-11-21 16:00")),
        assessed("a"),
        assessed("a", "E_BOARD", state="LATE", discharged_at="2025-11-26 09:00", missed_at="2025-11-24",
                 cause="APPROVAL_DELAY", sequence=3, when=at("2025-11-26 09:00")),
        published("a", plan_item_id="tin-tuan"),
        published("a", "2025-11-26 09:00", channel="E_BOARD", content_id="bai-2"),
        submitted("a"),
        failed("a"),
        held("b", "2026-03-02 11:00", title="Seminar vật liệu", recorded="2026-03-05 09:00"),
        assessed("b", ended="2026-03-02 11:00", state="MISSED", missed_at="2026-03-06", cause="LATE_NOTICE",
                 title="Seminar vật liệu", planned=False, unit="KHCN", topic_area="KHOA_HOC"),
        assessed("b", "E_BOARD", ended="2026-03-02 11:00", state="WAIVED", missed_at="2026-03-06",
                 title="Seminar vật liệu", planned=False, unit="KHCN", topic_area="KHOA_HOC"),
        waived("b", "2026-03-07 08:00", "E_BOARD"),
        missed("b"),
        missed("b", withdrawn=True),
        missed("b", 2),
        held(focal, "2025-11-20 11:00", when=at("2025-08-30 08:00"), **plan_source),
        held("desk", "2025-11-20 11:15", plan_item_id="focal-20-11", title="Lễ 20/11"),
        assessed(focal, "WEBSITE", "PRE", state="ON_TIME", due_at="2025-11-20 09:00", strict_due_at="2025-11-20 09:00",
                 working_due_at="2025-11-20 09:00", discharged_at="2025-11-19 09:00", tier="FOCAL", title="Lễ 20/11"),
        assessed(focal, state="ON_TIME", discharged_at="2025-11-21 08:00", tier="FOCAL", title="Lễ 20/11"),
        published(focal, "2025-11-21 08:00", content_id="bai-3"),
        submitted(None, "ctv-2", "2025-12-01 09:00", content_id="bai-4"),
        cancelled("c"),
        held("c", "2025-12-20 11:00", kind="event-scheduled", when=at("2025-12-01 08:00")),
        assessed("c", ended="2025-12-20 11:00", state="VOID", title="Hoãn"),
    )  # fmt: skip
