"""Small makers of people, content and messages for the tests of publishing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.approval import PlanApproved
from contracts.envelope import Message, event_key
from contracts.events import EventCancelled, EventClassified, EventHeld, EventMerged, EventScheduled
from contracts.fields import Record
from contracts.monitoring import ObligationAssessed
from contracts.registry import BY_MODEL
from services.chassis.decision import Actor
from services.publishing import decisions
from services.publishing.decisions import Showing, Submission
from services.publishing.state import Content, Link, Origin, Photo

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENT, OTHER_EVENT = event_key("/sis", "SK-1"), event_key("/sis", "SK-2")
CONTENT_ID = "6e3b0d4e-0000-5000-8000-000000000001"

CONTRIBUTOR = Actor("acc-ctv", "Cộng tác viên", frozenset({"contributor"}))
STRANGER = Actor("acc-ctv-2", "Cộng tác viên khác", frozenset({"contributor"}))
EDITOR = Actor("acc-editor", "Biên tập viên", frozenset({"editor"}))
HEAD = Actor("acc-head", "Lãnh đạo phòng", frozenset({"office_head"}))
VIEWER = Actor("acc-viewer", "Người xem", frozenset({"viewer"}))
AUDITOR = Actor("acc-auditor", "Kiểm tra", frozenset({"auditor"}))

SUBMISSION = Submission(
    Link(event=EVENT), "Hội thảo khoa học sinh viên", "Sáng 20/11, hội thảo diễn ra tại hội trường."
)
PHOTO = Photo(
    alt_text="Sinh viên trình bày đề tài",
    origin=Origin.PHOTO,
    public_event_notice=True,
    sha256="ab" * 32,
    width=640,
    height=480,
    size_bytes=50_000,
)


def submitted(actor: Actor = CONTRIBUTOR, **changes: Any) -> Content:
    """Content as a contributor submitted it an hour before NOW."""
    given = replace(SUBMISSION, **changes)
    content = decisions.submit(given, actor, NOW - HOUR, content_id=CONTENT_ID).state
    assert content is not None
    return content


def published(*showings: Showing) -> Content:
    """Submitted content that an editor showed in these ways at NOW."""
    content = submitted()
    for showing in showings:
        after = decisions.publish(content, showing, EDITOR, now=NOW)
        assert after.refusals == ()
        assert after.state is not None
        content = after.state
    return content


def message(data: Record, *, subject: str, id: str = "m-1", sequence: int | None = None, at: datetime = NOW) -> Message:
    """A message as its writer sends it."""
    kind = BY_MODEL[type(data)]
    return Message(id, f"/publicity/{kind.producer}", kind.type, subject, at, data, sequence, at)


def assessed(sequence: int, state: str = "OPEN", **fields: Any) -> Message:
    """ObligationAssessed of WEBSITE for EVENT."""
    due = {"due_at": "2026-11-26T17:00:00Z", "strict_due_at": None, "working_due_at": None}
    data = {
        "obligation_id": "ob-1",
        "event": EVENT,
        "requirement": "WEBSITE",
        "channels": ["VI_WEB"],
        "phase": "POST",
        "state": state,
        "tier": "ROUTINE",
        "unit": "FIT",
        "school_year": "2026-2027",
        "title": "Hội thảo khoa học sinh viên",
        "planned": False,
        **due,
        **fields,
    }
    obligation = ObligationAssessed.from_data(data)
    return message(obligation, subject=obligation.event, id=f"assessed-{sequence}", sequence=sequence)


def reported(kind: type[EventHeld | EventScheduled], *, id: str, at: datetime = NOW, **fields: Any) -> Message:
    """EventHeld or EventScheduled of EVENT."""
    data = {
        "event_id": "SK-1",
        "title": "Hội thảo khoa học sinh viên",
        "unit": "FIT",
        "started_at": "2026-11-20T01:00:00Z",
        "ended_at": "2026-11-20T04:00:00Z",
        "event": EVENT,
        "origin": {"source": "/sis", "id": id, "authenticated": True},
        **fields,
    }
    return message(kind.from_data(data), subject=EVENT, id=id, at=at)


def cancelled(*, id: str, at: datetime = NOW, revision: int | None = None) -> Message:
    """EventCancelled of EVENT."""
    origin = {"source": "/sis", "id": id, "authenticated": True}
    data = {"event_id": "SK-1", "revision": revision, "event": EVENT, "origin": origin}
    return message(EventCancelled.from_data(data), subject=EVENT, id=id, at=at)


def classified(*, id: str, at: datetime = NOW, **fields: Any) -> Message:
    """EventClassified of EVENT."""
    data = {"event": EVENT, "by": "acc-head", "reason": "theo kế hoạch", "issued_at": at, **fields}
    return message(EventClassified.from_data(data), subject=EVENT, id=id, at=at)


def merged(into: str | None, *, id: str, at: datetime = NOW) -> Message:
    """EventMerged of EVENT."""
    data = {"event": EVENT, "into": into, "by": "acc-head", "reason": "trùng"}
    return message(EventMerged.from_data(data), subject=EVENT, id=id, at=at)


def approved(revision: int, *titles: str) -> Message:
    """PlanApproved with a routine item, a focal one for each title, and a group for the website."""
    routine = {"item_id": "kh-tin", "kind": "ROUTINE", "title": "Tin tuần", "topic_area": "DAO_TAO", "tier": "ROUTINE"}
    milestone = {"starts_at": "2026-11-20T01:00:00Z", "ends_at": "2026-11-20T04:00:00Z"}
    focal = [
        routine | {"item_id": f"kh-{n}", "kind": "FOCAL", "tier": "FOCAL", "title": title, "milestone": milestone}
        for n, title in enumerate(titles, 1)
    ]
    content = {
        "title": "Kế hoạch 2026-2027",
        "channel_plans": [{"channel": "VI_WEB", "audience": "EXTERNAL", "items": [routine, *focal]}],
        "contributor_groups": [{"group_id": "g-1", "channel": "VI_WEB", "members": [CONTRIBUTOR.account_id]}],
    }
    data = {
        "plan_id": "plan-1",
        "school_year": "2026-2027",
        "revision": revision,
        "content_hash": "sha256:" + "0" * 64,
        "route": {"matrix_version": "m-1", "stages": ["OFFICE"]},
        "issued_at": NOW,
        "content": content,
    }
    return message(PlanApproved.from_data(data), subject="plan-1", id=f"approved-{revision}")
