"""Plans, rules and people for the tests of approval."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.codes import Verdict
from contracts.planning import PlanContent, PlanDrafted, PlanWithdrawn, content_hash
from services.approval import settings
from services.approval.authority import Matrix, RectorSchedule
from services.approval.decisions import Rules, Ruling, decide, receive
from services.approval.state import Review
from services.chassis.decision import Actor

DRAFTED_AT = datetime(2026, 8, 20, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 8, 21, 2, 0, tzinfo=UTC)
PLAN = "6a2f3c1e-0000-4000-8000-000000000001"


def rules() -> Rules:
    """The versioned data as shipped."""
    return settings.Settings.model_construct(
        authority_file=settings.DATA / "authority.json", schedule_file=settings.DATA / "rector_schedule.json"
    ).rules()


RULES = rules()


def matrix(*on: str, **row: Any) -> Matrix:
    """The shipped matrix with only these rows in force."""
    data = json.loads((Path(settings.DATA) / "authority.json").read_text())
    data["rows"] = [one | {"on": one["id"] in on} | row.get(one["id"], {}) for one in data["rows"]]
    return Matrix.from_data(data)


def schedule(**values: Any) -> RectorSchedule:
    """The shipped schedule with other values."""
    return RectorSchedule.from_data(json.loads((settings.DATA / "rector_schedule.json").read_text()) | values)


def item(title: str = "Tin tuần", **fields: Any) -> dict[str, Any]:
    """A routine item."""
    made = {"item_id": title[:40], "kind": "ROUTINE", "title": title, "topic_area": "DAO_TAO", "tier": "ROUTINE"}
    return made | {"recurrence": "FREQ=WEEKLY"} | fields


def content(
    *items: dict[str, Any], channel: str = "VI_WEB", audience: str = "EXTERNAL", title: str = "Kế hoạch"
) -> PlanContent:
    """A plan of one channel."""
    plan = {"channel": channel, "audience": audience, "items": list(items or (item(),))}
    return PlanContent.from_data({"title": title, "channel_plans": [plan]})


def banner() -> PlanContent:
    """A plan that goes beyond the office's authority."""
    return content(item("Băng rôn khai giảng"), channel="BANNER", audience="INTERNAL")


def drafted(made: PlanContent | None = None, *, revision: int = 1, by: str = "soan-thao", **fields: Any) -> PlanDrafted:
    """A submitted revision."""
    made = made or content()
    values = {"plan_id": PLAN, "school_year": "2026-2027", "revision": revision, "drafted_by": by}
    return PlanDrafted(**(values | {"content": made, "content_hash": content_hash(made)} | fields))


def withdrawn(revision: int = 1) -> PlanWithdrawn:
    """A revision taken back."""
    return PlanWithdrawn(plan_id=PLAN, revision=revision, reason="Soạn lại", by="soan-thao")


def review(made: PlanContent | None = None, *, before: Review | None = None, **fields: Any) -> Review:
    """The review that a submitted revision begins."""
    at = DRAFTED_AT + timedelta(days=fields.get("revision", 1) - 1)
    state = receive(before, drafted(made, **fields), at, rules=RULES).state
    assert state is not None
    return state


def person(account_id: str, *roles: str) -> Actor:
    """A signed-in person."""
    return Actor(account_id, account_id, frozenset(roles), "PTT")


HEAD = person("truong-phong", "office_head")
DEPUTY = person("pho-phong", "office_head")
RECTOR = person("hieu-truong", "rectorate")
BOTH = person("kiem-nhiem", "office_head", "rectorate")


def ruling(on: Review, verdict: Verdict = Verdict.APPROVED, **fields: Any) -> Ruling:
    """A ruling on exactly the content under review."""
    note = "Sửa mục 2" if verdict is Verdict.RETURNED else ""
    values = {
        "decision_id": f"d{len(on.decisions) + 1}",
        "verdict": verdict,
        "content_hash": on.content_hash,
        "note": note,
    }
    return Ruling(**(values | fields))


def decided(on: Review, *actors: Actor) -> Review:
    """The review after these people approved one after the other."""
    for actor in actors:
        decision = decide(on, ruling(on), actor, now=NOW)
        assert decision.state is not None, decision.refusals
        on = decision.state
    return on
