"""A plan walks from draft to approval by the people its route asks for, and by nobody else."""

import copy
from datetime import datetime
from typing import Any

import pytest

from deploy.demo import plan
from deploy.demo.rooms import CallRefused
from tests.live.system import System, until

pytestmark = pytest.mark.live
NOW = datetime.fromisoformat("2026-08-20T09:00:00+07:00")


def content(tag: str, *, banner: bool) -> dict[str, Any]:
    """A complete plan for 2026-2027 with item ids of its own."""
    made = copy.deepcopy(plan.content(("contributor",), complete=True))
    made["channel_plans"] = [one for one in made["channel_plans"] if banner or one["channel"] != "BANNER"]
    made["contributor_groups"] = [one for one in made["contributor_groups"] if banner or one["channel"] != "BANNER"]
    for channel_plan in made["channel_plans"]:
        for item in channel_plan["items"]:
            item["item_id"] = f"{tag}-{item['item_id']}"
            if item.get("milestone"):
                item["milestone"] = {"starts_at": "2026-11-20T00:30:00Z", "ends_at": "2026-11-20T04:00:00Z"}
    return made


def submit(system: System, tag: str, *, banner: bool) -> tuple[str, str]:
    """Draft and submit; (plan id, content hash) once the review is in the inbox."""
    given = {"school_year": "2026-2027", "content": content(tag, banner=banner)}
    plan_id = system.rooms.call("drafter", "POST", "planning/api/plans", given=given)["plan_id"]
    place = f"planning/api/plans/{plan_id}/submission"
    content_hash = system.rooms.call("drafter", "POST", place)["content_hash"]
    until(lambda: review(system, plan_id), what="the review")
    return plan_id, content_hash


def review(system: System, plan_id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = system.rooms.call("head", "GET", f"approval/api/reviews/{plan_id}")
    except CallRefused:
        return None
    return found


def decide(system: System, who: str, plan_id: str, content_hash: str) -> Any:
    given = {"verdict": "APPROVED", "content_hash": content_hash, "note": "Đồng ý"}
    return system.rooms.call(who, "POST", f"approval/api/reviews/{plan_id}/decisions", given=given)


def test_a_plan_with_a_banner_goes_on_to_the_rectorate(system: System) -> None:
    plan_id, content_hash = submit(system, "b", banner=True)
    assert review(system, plan_id)["route"]["rules"][0]["id"] == "M1"  # type: ignore[index]
    with pytest.raises(CallRefused, match=r"40[39]"):
        decide(system, "rector", plan_id, content_hash)
    decide(system, "head", plan_id, content_hash)
    with pytest.raises(CallRefused, match=r"40[39]"):
        decide(system, "head", plan_id, content_hash)
    decide(system, "rector", plan_id, content_hash)
    found = until(lambda: (r := review(system, plan_id)) and r["status"] == "APPROVED" and r, what="approval")
    assert [one["stage"] for one in found["decisions"]] == ["OFFICE", "RECTORATE"]


def test_a_plan_that_matches_no_row_stays_with_the_office(system: System) -> None:
    plan_id, content_hash = submit(system, "o", banner=False)
    decide(system, "head", plan_id, content_hash)
    found = until(lambda: (r := review(system, plan_id)) and r["status"] == "APPROVED" and r, what="approval")
    assert found["route"]["rules"] == []
    assert [one["stage"] for one in found["decisions"]] == ["OFFICE"]


def test_the_drafter_cannot_approve_and_an_outdated_hash_is_refused(system: System) -> None:
    system.open_account("head2", "office_head")
    given = {"school_year": "2026-2027", "content": content("d", banner=False)}
    plan_id = system.rooms.call("head2", "POST", "planning/api/plans", given=given)["plan_id"]
    answer = system.rooms.call("head2", "POST", f"planning/api/plans/{plan_id}/submission")
    until(lambda: review(system, plan_id), what="the review")
    with pytest.raises(CallRefused, match="403"):
        decide(system, "head2", plan_id, answer["content_hash"])
    with pytest.raises(CallRefused, match="409"):
        decide(system, "head", plan_id, "sha256:" + "0" * 64)
    with pytest.raises(CallRefused, match="403"):
        decide(system, "editor", plan_id, answer["content_hash"])
    decide(system, "head", plan_id, answer["content_hash"])


def test_submission_is_refused_with_reasons_while_the_planning_rules_fail(system: System) -> None:
    poor = content("p", banner=False)
    poor["bases"], poor["contributor_groups"] = poor["bases"][:2], []
    given = {"school_year": "2026-2027", "content": poor}
    plan_id = system.rooms.call("drafter", "POST", "planning/api/plans", given=given)["plan_id"]
    with pytest.raises(CallRefused) as refused:
        system.rooms.call("drafter", "POST", f"planning/api/plans/{plan_id}/submission")
    assert "422" in str(refused.value)
    assert "R01" in str(refused.value)
    assert "R04" in str(refused.value)
