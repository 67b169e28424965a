"""Plans, windows and people for the tests of planning."""

from datetime import UTC, datetime
from typing import Any

from contracts.approval import Decision as Ruling
from contracts.approval import PlanApproved, PlanEscalated, PlanReturned, Route
from contracts.codes import Stage, Verdict
from contracts.planning import PlanContent, content_hash
from services.chassis.decision import Actor
from services.planning import decisions
from services.planning.completeness import Window
from services.planning.school_years import dates_of
from services.planning.state import Plan

NOW = datetime(2026, 8, 20, 2, 0, tzinfo=UTC)
YEAR = "2026-2027"
PLAN = "6a2f3c1e-0000-4000-8000-000000000001"
DATES = dates_of(YEAR, {})
WINDOW = Window(DATES)
BASES = ("QUALITY_POLICY", "QUALITY_OBJECTIVE", "OFFICE_WORK_PLAN", "CHANNEL_PROFILE")
STARTS, ENDS = "2026-11-20T00:30:00Z", "2026-11-20T04:00:00Z"


def routine(item_id: str = "tin-tuan", **fields: Any) -> dict[str, Any]:
    """A routine item."""
    made = {"item_id": item_id, "kind": "ROUTINE", "title": "Tin tuần", "topic_area": "DAO_TAO", "tier": "ROUTINE"}
    return made | {"recurrence": "FREQ=WEEKLY;BYDAY=MO"} | fields


def focal(item_id: str = "20-11", **fields: Any) -> dict[str, Any]:
    """A focal item."""
    made = {"item_id": item_id, "kind": "FOCAL", "title": "Lễ 20/11", "topic_area": "DAO_TAO", "tier": "FOCAL"}
    return made | {"milestone": {"starts_at": STARTS, "ends_at": ENDS}} | fields


def channel(name: str, *items: dict[str, Any], audience: str = "") -> dict[str, Any]:
    """The plan of a channel."""
    internal = ("INTERNAL_WEB", "E_BOARD", "NOTICE_BOARD", "BANNER", "PRINT")
    return {
        "channel": name,
        "audience": audience or ("INTERNAL" if name in internal else "EXTERNAL"),
        "items": list(items),
    }


def group(name: str, *members: str, group_id: str = "") -> dict[str, Any]:
    """The contributor group of a channel."""
    return {"group_id": group_id or f"group-{name}", "channel": name, "members": list(members or ("ctv-1",))}


def data(**fields: Any) -> dict[str, Any]:
    """A complete plan's content as an API call gives it; fields are put in the place of its parts."""
    made = {
        "title": "Kế hoạch năm học",
        "bases": [{"kind": kind, "reference": f"Văn bản {kind}"} for kind in BASES],
        "channel_plans": [channel("E_BOARD", routine()), channel("VI_WEB", focal())],
        "contributor_groups": [group("E_BOARD"), group("VI_WEB")],
    }
    return made | fields


def content(**fields: Any) -> PlanContent:
    """A complete plan's content."""
    return PlanContent.from_data(data(**fields))


def plan(made: PlanContent | None = None, *, by: str = "soan-thao") -> Plan:
    """A draft."""
    state = decisions.draft(PLAN, YEAR, made or content(), by=by, now=NOW).state
    assert state is not None
    return state


def submitted(made: PlanContent | None = None, *, now: datetime = NOW) -> Plan:
    """A plan whose first revision waits for approval."""
    state = decisions.submit(plan(made), WINDOW, now, taken={}).state
    assert state is not None
    return state


def edited(before: Plan, made: PlanContent, *, by: str = "soan-thao") -> Plan:
    """The plan with other content."""
    state = decisions.edit(before, made, base_hash=before.content_hash, by=by, now=NOW).state
    assert state is not None
    return state


def escalated(revision: int = 1) -> PlanEscalated:
    """Approval passes the plan on."""
    return PlanEscalated(plan_id=PLAN, revision=revision, to="RECTORATE")


def returned(revision: int = 1, note: str = "Thiếu nhóm") -> PlanReturned:
    """Approval returns the plan."""
    return PlanReturned(**_answer(revision, Verdict.RETURNED, note))


def approved(revision: int = 1) -> PlanApproved:
    """Approval approves the plan."""
    return PlanApproved(**_answer(revision, Verdict.APPROVED, "Đồng ý"), content=content())


def _answer(revision: int, verdict: Verdict, note: str) -> dict[str, Any]:
    ruling = Ruling(
        decision_id="d1", stage=Stage.OFFICE, decided_by="truong-phong", decided_at=NOW, verdict=verdict, note=note
    )
    route = Route(matrix_version="m.1", stages=(Stage.OFFICE,))
    about = {"plan_id": PLAN, "school_year": YEAR, "revision": revision, "content_hash": content_hash(content())}
    return about | {"route": route, "decisions": (ruling,), "issued_at": NOW}


def person(account_id: str, *roles: str) -> Actor:
    """A signed-in person."""
    return Actor(account_id, account_id, frozenset(roles), "PTT")


EDITOR = person("soan-thao", "editor")
HEAD = person("truong-phong", "office_head")
