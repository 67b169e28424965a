"""Messages as monitoring reads them, and what the algebra makes of them, for the tests of the algebra."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

from contracts.approval import PlanApproved
from contracts.codes import CHANNELS, Channel
from contracts.envelope import Message, event_key, obligation_id
from contracts.planning import PlanContent, content_hash
from contracts.registry import TYPES
from services.monitoring.algebra import calendars, plans
from services.monitoring.algebra.calendars import SHIPPED_ISSUED_AT
from services.monitoring.algebra.facts import Fact, collect
from services.monitoring.algebra.groups import touches
from services.monitoring.algebra.messages import from_message, is_fact
from services.monitoring.algebra.obligations import Assessment, assess
from services.monitoring.algebra.plans import Reference

SCHOOL = timezone(timedelta(hours=7))
DATA = Path(__file__).parents[3] / "services" / "monitoring" / "data"
SIS, CLUBS, STRANGER = "/sis", "/clubs", "/stranger"
MONITORING, PUBLISHING, APPROVAL, PLANNING = (
    f"/publicity/{name}" for name in ("monitoring", "publishing", "approval", "planning")
)
PLAN = "plan-2026"
FAR = "2027-08-01 00:00"
Doc = dict[str, Any]
Time = str | datetime


def at(text: Time) -> datetime:
    """The instant of a local wall time such as "2026-11-20 16:00"; an instant is taken as it is."""
    return text if isinstance(text, datetime) else datetime.fromisoformat(text).replace(tzinfo=SCHOOL).astimezone(UTC)


def stamp(text: Time) -> str:
    """The fixed text of a local wall time."""
    return at(text).isoformat(timespec="microseconds")[:-6] + "Z"


def key(event_id: str = "e1", source: str = SIS) -> str:
    """The key of a sender's event."""
    return event_key(source, event_id)


def milestone(item_id: str) -> str:
    """The key of the event that a focal item is."""
    return event_key(PLANNING, item_id)


def _id_of(*content: Any) -> str:
    return sha256(repr(content).encode()).hexdigest()[:12]


def message(name: str, data: Doc, *, time: Time, **envelope: Any) -> Message:
    """A message with the source, subject and id that its writer would give it; the same content has the same id."""
    given = {"id": _id_of(name, data, at(time)), "source": f"/publicity/{TYPES[name].producer}"} | envelope
    given["recordedtime"] = at(given.get("recordedtime") or time)
    subject = str(data.get("event") or data.get("plan_id") or data.get("version") or "-")
    kind = TYPES[name]
    return Message(type=kind.type, subject=subject, time=at(time), data=kind.model.from_data(data), **given)


def report(name: str, event_id: str = "e1", *, source: str = SIS, known: bool = True, **given: Any) -> Message:
    """A report of an event; `time`, `recorded` and `id` are the envelope's, the rest is data."""
    time, recorded, sent = (given.pop(part, None) for part in ("time", "recorded", "id"))
    data: Doc = {"event_id": event_id, "event": event_key(source, event_id)}
    if name != "cancelled":
        ended_at = given.pop("ended_at", "2026-11-20 16:00")
        data |= {"title": "Lễ kỷ niệm", "unit": "K_CK", "ended_at": at(ended_at)}
        data["started_at"] = at(given.pop("started_at", ended_at))
        time = time or (at(ended_at) + timedelta(minutes=5) if name == "held" else "2026-11-02 09:00")
    time = time or "2026-11-03 09:00"
    sent = sent or _id_of(name, data | given, at(time), known)
    data["origin"] = {"source": source, "id": sent, "authenticated": known}
    return message(f"event-{name}", data | given, time=time, recordedtime=recorded)


def held(event_id: str = "e1", **given: Any) -> Message:
    """EventHeld: by default on 20/11/2026 at 16:00, told and recorded five minutes later."""
    return report("held", event_id, **given)


def scheduled(event_id: str = "e1", **given: Any) -> Message:
    """EventScheduled: by default for 20/11/2026 at 16:00, told on 02/11."""
    return report("scheduled", event_id, **given)


def cancelled(event_id: str = "e1", **given: Any) -> Message:
    """EventCancelled: by default told on 03/11/2026."""
    return report("cancelled", event_id, **given)


def classified(event: str, when: Time = "2026-11-03 08:00", **given: Any) -> Message:
    """EventClassified; `plan_item_id=None` detaches; issued `when`, the message told `time`, else at once."""
    time = given.pop("time", when)
    data = {"event": event, "by": "ptt-1", "reason": "Phân loại", "issued_at": at(when)}
    return message("event-classified", data | given, time=time)


def merged(event: str, into: str | None, when: Time = "2026-11-03 08:00", **envelope: Any) -> Message:
    """EventMerged; None undoes."""
    data = {"event": event, "into": into, "by": "ptt-1", "reason": "Trùng"}
    return message("event-merged", data, time=when, **envelope)


def published(event: str | None, channel: str, when: Time, *, name: str = "published", **given: Any) -> Message:
    """ContentPublished or ContentCorrected: `when` it was shown; told `time`, else at once."""
    content, revision = given.pop("content_id", "c1"), given.pop("revision", 1)
    time = given.pop("time", when)
    envelope = {part: given.pop(part) for part in ("id", "recordedtime") if part in given}
    profile = CHANNELS[Channel(channel)]
    data: Doc = {"content_id": content, "revision": revision, "channel": channel, "medium": profile.medium}
    data |= {"audience": profile.audience, "language": "vi", "title": "Tin", "published_at": at(when)}
    data |= {"event": event} if event else {}
    return message(f"content-{name}", data | given, time=time, **envelope)


def withdrawn(event: str, channel: str, when: Time, *, reason: str = "OTHER", **given: Any) -> Message:
    """ContentWithdrawn."""
    envelope = {part: given.pop(part) for part in ("id", "recordedtime") if part in given}
    data: Doc = {"content_id": "c1", "revision": 1, "channel": channel, "event": event, "withdrawn_at": at(when)}
    return message("content-withdrawn", data | {"reason": reason, "by": "ptt-1"} | given, time=when, **envelope)


def submitted(event: str, recorded: Time, **given: Any) -> Message:
    """ContentSubmitted."""
    data: Doc = {"content_id": "c1", "revision": 1, "event": event, "submitted_by": "ctv-1", "kinds": ["TEXT"]}
    return message("content-submitted", data | given, time="2026-11-19 08:00", recordedtime=recorded)


def failed(event: str, channel: str, recorded: Time, **given: Any) -> Message:
    """DeliveryFailed."""
    data: Doc = {"content_id": "c1", "revision": 1, "channel": channel, "event": event, "attempt": 1}
    data |= {"outcome": "REFUSED", "detail": ""}
    return message("delivery-failed", data | given, time="2026-11-19 08:00", recordedtime=recorded)


def owed_id(event: str, requirement: str, phase: str = "POST") -> str:
    """The id of what is owed."""
    return obligation_id(event, requirement, phase)


def act(name: str, event: str, requirement: str, when: Time, **given: Any) -> Message:
    """obligation-waived, obligation-waiver-revoked or cause-set; `phase` is POST by default."""
    owed, time = owed_id(event, requirement, given.pop("phase", "POST")), given.pop("time", when)
    data: Doc = {"obligation_id": owed, "event": event, "by": "ptt-1", "reason": "Có lý do", "issued_at": at(when)}
    return message(name, data | given, time=time)


def item(item_id: str, *requirements: Doc, **given: Any) -> Doc:
    """A plan item: ROUTINE, or FOCAL when it has `starts_at` (and `ends_at`)."""
    made: Doc = {"item_id": item_id, "kind": "ROUTINE", "title": "Mục", "topic_area": "DAO_TAO", "tier": "ROUTINE"}
    starts_at = given.pop("starts_at", None)
    if starts_at is not None:
        made |= {"kind": "FOCAL", "tier": "FOCAL"}
        made["milestone"] = {"starts_at": at(starts_at), "ends_at": at(given.pop("ends_at", starts_at))}
    return made | {"requirements": list(requirements)} | given


def asks(code: str, *phases: str, channels: Iterable[str] = ()) -> Doc:
    """A requirement of a plan item."""
    return {"code": code, "channels": list(channels), "phases": list(phases)}


def approved(revision: int, when: Time, *items: Doc, plan_id: str = PLAN, recorded: Time | None = None) -> Message:
    """PlanApproved of a plan with these items."""
    channel_plan = {"channel": "VI_WEB", "audience": "EXTERNAL", "items": list(items)}
    content = PlanContent.from_data({"title": "Kế hoạch", "channel_plans": [channel_plan]})
    data: Doc = {"plan_id": plan_id, "school_year": "2026-2027", "revision": revision}
    data |= {"content_hash": content_hash(content), "content": content.to_data(), "issued_at": at(when)}
    data["route"] = {"matrix_version": "m1", "rules": [], "stages": ["OFFICE"]}
    return message("plan-approved", PlanApproved.from_data(data).to_data(), time=when, recordedtime=recorded)


def calendar(version: str, issued: Time, covers: tuple[str, str], **given: Any) -> Message:
    """CalendarIssued: `days_off` are dates, the weekend is Saturday and Sunday."""
    data: Doc = {"version": version, "time_zone": "Asia/Ho_Chi_Minh", "covers": list(covers), "weekend": ["SAT", "SUN"]}
    data["days_off"] = [{"date": day, "name": "Nghỉ"} for day in given.pop("days_off", ())]
    return message("calendar-issued", data | {"by": "ptt-1", "issued_at": at(issued)} | given, time=issued)


def policy(version: str, issued: Time, *codes: str, **rule: Any) -> Message:
    """PolicyIssued: the shipped rule with these changes, for these codes (default: WEBSITE, E_BOARD, MASS_MEDIA)."""
    how = {"days": 3, "unit": "CALENDAR", "roll": "NEXT_WORKING", "grace_s": 60} | rule
    rules = dict.fromkeys(codes or ("WEBSITE", "E_BOARD", "MASS_MEDIA"), how)
    data = {"version": version, "requirements": rules, "by": "ptt-1", "issued_at": at(issued)}
    return message("policy-issued", data, time=issued)


def _shipped(name: str, file: str) -> Message:
    given = {"by": "shipped", "issued_at": SHIPPED_ISSUED_AT}
    return message(name, json.loads((DATA / file).read_text()) | given, time=datetime.fromisoformat(SHIPPED_ISSUED_AT))


SHIPPED = (
    _shipped("calendar-issued", "calendar-vn-2026.1.json"),
    _shipped("policy-issued", "policy-3n.1.json"),
)


def facts_of(messages: Iterable[Message]) -> dict[str, tuple[Fact, ...]]:
    """The facts that messages bring, by event; those that name none are left out."""
    found: dict[str, list[Fact]] = {}
    for fact in (from_message(one) for one in messages if is_fact(one)):
        if fact.event is not None:
            found.setdefault(fact.event, []).append(fact)
    return {event: collect(facts) for event, facts in found.items()}


def reference_of(messages: Iterable[Message], **known: frozenset[str]) -> Reference:
    """The approved plans and the versions that messages bring."""
    messages = list(messages)
    approvals = [plans.from_message(one) for one in messages if one.name == "plan-approved"]
    issued = [one for one in messages if one.name in ("calendar-issued", "policy-issued")]
    return Reference(approvals, map(calendars.from_message, issued), **known)


def assessed(*messages: Message, now: Time = FAR, shipped: bool = True) -> dict[str, Assessment]:
    """What the algebra makes of messages, each group of events with all the keys that hang together with it."""
    everything = [*SHIPPED, *messages] if shipped else messages
    reference = reference_of(everything)
    found = facts_of(messages)
    keys = (
        set(found) | set(reference.milestones) | {key for facts in found.values() for key in touches(facts, reference)}
    )
    return assess({one: found.get(one, ()) for one in keys}, reference, at(now))


def owes(*messages: Message, now: Time = FAR, shipped: bool = True, root: str | None = None) -> dict[str, Doc]:
    """The obligations of one event, by "REQUIREMENT PHASE"; of the only event there is unless `root` names one."""
    found = assessed(*messages, now=now, shipped=shipped)
    one = found[root] if root is not None else next(iter(found.values()))
    assert root is not None or len(found) == 1, "name the event"
    return {f"{doc['requirement']} {doc['phase']}": doc for doc in one.obligations}


def states(*messages: Message, now: Time = FAR, root: str | None = None) -> dict[str, str]:
    """The states of an event's obligations, by "REQUIREMENT PHASE"."""
    return {slot: doc["state"] for slot, doc in owes(*messages, now=now, root=root).items()}


def local_day(due_at: str | None) -> date | None:
    """The last local day before an exclusive due instant."""
    return (datetime.fromisoformat(due_at).astimezone(SCHOOL) - timedelta(microseconds=1)).date() if due_at else None
