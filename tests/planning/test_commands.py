"""The commands of planning on a real MongoDB: each once, under races, on the newest content."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from contracts.envelope import decode
from contracts.planning import PlanDrafted, PlanWithdrawn
from services.chassis.app import Service
from services.chassis.decision import Actor, Refused
from services.chassis.unit import Cause, Unit
from services.planning import storage
from services.planning.commands import Desk
from services.planning.school_years import dates_of
from services.planning.state import Plan
from tests.clock import StoppedClock
from tests.planning.builders import EDITOR, HEAD, YEAR, channel, content, focal, group, person, routine

pytestmark = pytest.mark.live


@pytest.fixture
def desk(service: Service) -> Desk:
    return Desk(service, {})


async def drafted(desk: Desk, key: str = "k1", actor: Actor = EDITOR, **fields: Any) -> dict[str, Any]:
    return await desk.draft(key, actor, school_year=YEAR, content=content(**fields))


async def announced(service: Service) -> list[Any]:
    rows = await service.store.raw("outbox").find({}, sort=[("o", 1)]).to_list(None)
    return [decode(row["value"]) for row in rows]


async def stored(service: Service, plan_id: str) -> Plan:
    found = await storage.plan(service.store, plan_id)
    assert found is not None
    return found


def rules_of(answers: list[Any]) -> list[str]:
    return sorted(answer.refusals[0].rule for answer in answers if isinstance(answer, Refused))


def own_items(tag: str) -> dict[str, Any]:
    """A complete plan whose item ids are of its own."""
    plans = [channel("E_BOARD", routine(f"{tag}-r")), channel("VI_WEB", focal(f"{tag}-f"))]
    return {"channel_plans": plans, "contributor_groups": [group("E_BOARD"), group("VI_WEB")]}


async def test_a_plan_is_drafted_submitted_withdrawn_and_submitted_again(service: Service, desk: Desk) -> None:
    made = await drafted(desk)
    assert made["status"] == "DRAFT"
    assert await announced(service) == []
    sent = await desk.submit("k2", EDITOR, made["plan_id"], seen_hash=made["content_hash"])
    assert (sent["status"], sent["revision"]) == ("SUBMITTED", 1)
    await desk.withdraw("k3", HEAD, made["plan_id"], reason="Sửa lại")
    again = await desk.submit("k4", EDITOR, made["plan_id"], seen_hash="")
    assert again["revision"] == 2
    messages = await announced(service)
    assert [type(one.data) for one in messages] == [PlanDrafted, PlanWithdrawn, PlanDrafted]
    assert [one.sequence for one in messages] == [1, 2, 3]
    assert {one.subject for one in messages} == {made["plan_id"]}
    for revision in (1, 2):
        assert await storage.revision(service.store, made["plan_id"], revision) == content()


async def test_the_same_command_again_answers_as_the_first_did(service: Service, desk: Desk) -> None:
    made = await asyncio.gather(*(drafted(desk) for _ in range(4)))
    assert len({one["plan_id"] for one in made}) == 1
    sent = [await desk.submit("k2", EDITOR, made[0]["plan_id"], seen_hash="") for _ in range(2)]
    assert sent[0] == sent[1]
    assert len(await announced(service)) == 1
    assert await service.store.raw("plans").count_documents({}) == 1


async def test_the_key_of_another_person_is_another_command(desk: Desk) -> None:
    mine, other = await drafted(desk), await drafted(desk, actor=person("b", "editor"))
    assert mine["plan_id"] != other["plan_id"]


async def test_of_two_who_edit_the_same_content_at_once_one_is_told(service: Service, desk: Desk) -> None:
    made = await drafted(desk)
    base = made["content_hash"]

    async def edit(n: int) -> Any:
        other = content(title=f"T{n}")
        return await desk.edit(f"e{n}", EDITOR, made["plan_id"], base_hash=base, change=lambda _: other)

    edits = [edit(n) for n in range(6)]
    answers = await asyncio.gather(*edits, return_exceptions=True)
    assert rules_of(list(answers)) == ["base-outdated"] * 5
    assert (await stored(service, made["plan_id"])).content.title.startswith("T")


async def test_eight_at_once_submit_once(service: Service, desk: Desk) -> None:
    made = await drafted(desk)
    calls = [desk.submit(f"s{n}", EDITOR, made["plan_id"], seen_hash="") for n in range(8)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert rules_of(list(answers)) == ["submission-unneeded"] * 7
    assert len(await announced(service)) == 1


async def test_what_was_edited_since_it_was_seen_is_not_submitted(service: Service, desk: Desk) -> None:
    made = await drafted(desk)
    edited = content(title="Khác")
    await desk.edit("e", HEAD, made["plan_id"], base_hash=made["content_hash"], change=lambda _: edited)
    with pytest.raises(Refused, match="base-outdated") as refused:
        await desk.submit("s", EDITOR, made["plan_id"], seen_hash=made["content_hash"])
    assert refused.value.status == 409
    assert await announced(service) == []


async def test_a_refused_submission_leaves_no_trace(service: Service, desk: Desk) -> None:
    made = await drafted(desk, bases=[])
    with pytest.raises(Refused) as refused:
        await desk.submit("s", EDITOR, made["plan_id"], seen_hash="")
    assert (refused.value.status, {one.rule for one in refused.value.refusals}) == (422, {"R01"})
    assert (await stored(service, made["plan_id"])).submissions == ()
    assert await service.store.raw("revisions").count_documents({}) == 0


async def test_an_item_id_belongs_to_the_first_plan_that_submits_it(service: Service, desk: Desk) -> None:
    first, second = await drafted(desk, "k1"), await drafted(desk, "k2")
    calls = [desk.submit(f"s{n}", EDITOR, one["plan_id"], seen_hash="") for n, one in enumerate((first, second))]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert rules_of(list(answers)) == ["item-id-taken"]
    assert len(await announced(service)) == 1
    other = await drafted(desk, "k3", **own_items("x"))
    await desk.submit("s3", EDITOR, other["plan_id"], seen_hash="")


async def test_a_plan_keeps_its_item_ids_over_its_revisions(desk: Desk) -> None:
    made = await drafted(desk)
    await desk.submit("s1", EDITOR, made["plan_id"], seen_hash="")
    await desk.withdraw("w", EDITOR, made["plan_id"], reason="x")
    assert (await desk.submit("s2", EDITOR, made["plan_id"], seen_hash=""))["revision"] == 2


async def test_the_window_opens_with_the_report_of_the_year_before(
    service: Service, desk: Desk, clock: StoppedClock
) -> None:
    clock.at = dates_of(YEAR, {}).plan_opens_at - timedelta(days=10)
    made = await drafted(desk)
    with pytest.raises(Refused, match="R05"):
        await desk.submit("s1", EDITOR, made["plan_id"], seen_hash="")

    async def issue(unit: Unit) -> None:
        await storage.keep_report(unit, "2025-2026", issued_at=clock.at, href="/reports/2025-2026")

    await service.store.transact(Cause("/publicity/reporting", "r"), clock.at, issue)
    assert (await desk.submit("s2", EDITOR, made["plan_id"], seen_hash=""))["status"] == "SUBMITTED"


async def test_what_nobody_drafted_is_not_found(desk: Desk) -> None:
    for call in (
        desk.edit("a", EDITOR, "none", base_hash="", change=lambda old: old),
        desk.submit("b", EDITOR, "none", seen_hash=""),
        desk.withdraw("c", EDITOR, "none", reason="x"),
    ):
        with pytest.raises(Refused, match="plan-unknown") as refused:
            await call
        assert refused.value.status == 404
