"""The commands of approval on a real MongoDB: each once, under races, with the roles of this very moment."""

import asyncio
from typing import Any

import pytest

from contracts.approval import PlanApproved, PlanEscalated
from contracts.codes import Verdict
from contracts.envelope import decode
from services.approval import storage
from services.approval.accounts import AccountChange, NewAccount
from services.approval.commands import Desk, ruling_of
from services.approval.state import Review, Status
from services.approval.storage import to_doc
from services.chassis.app import Service
from services.chassis.decision import Actor, Refused
from services.chassis.unit import Cause, Unit
from tests.approval.builders import banner, content, item, person, review

pytestmark = pytest.mark.live
ADMIN = person("admin", "administrator")


@pytest.fixture
def desk(service: Service) -> Desk:
    return Desk(service)


async def put_up(service: Service, made: Review) -> Review:
    """Put a review into the inbox."""

    async def work(unit: Unit) -> None:
        await unit.get("reviews", made.plan_id)
        unit.put("reviews", to_doc(made))

    await service.store.transact(Cause("/publicity/planning", "m"), service.clock.now(), work)
    return made


async def open_person(desk: Desk, name: str, *roles: str) -> Actor:
    given = NewAccount(name=name, display_name=name, password="mot cau kha dai", roles=roles, unit="PTT")
    account_id = (await desk.open_account(f"open-{name}", ADMIN, given))["account_id"]
    return Actor(account_id, name, frozenset(roles), "PTT")


async def decide(desk: Desk, on: Review, actor: Actor, *, key: str = "", verdict: str = "APPROVED") -> Any:
    command = key or f"{actor.name}-{on.content_hash}"
    ruling = ruling_of(command, actor, verdict=Verdict(verdict), content_hash=on.content_hash, note="Sửa")
    return await desk.decide(command, actor, on.plan_id, ruling=ruling)


async def announced(service: Service) -> list[Any]:
    rows = await service.store.raw("outbox").find({}, sort=[("o", 1)]).to_list(None)
    return [decode(row["value"]) for row in rows]


def rules_of(answers: list[Any]) -> list[str]:
    return sorted(answer.refusals[0].rule for answer in answers if isinstance(answer, Refused))


async def test_both_stages_are_decided_and_announced(service: Service, desk: Desk) -> None:
    head, rector = await open_person(desk, "head", "office_head"), await open_person(desk, "rector", "rectorate")
    on = await put_up(service, review(banner()))
    assert (await decide(desk, on, head))["stage"] == "RECTORATE"
    assert (await decide(desk, on, rector))["status"] == "APPROVED"
    messages = await announced(service)
    assert [type(message.data) for message in messages] == [PlanEscalated, PlanApproved]
    assert [message.sequence for message in messages] == [1, 2]
    assert messages[1].data.content_hash == on.content_hash


async def test_the_same_command_again_answers_as_the_first_did(service: Service, desk: Desk) -> None:
    head = await open_person(desk, "head", "office_head")
    on = await put_up(service, review())
    first = await decide(desk, on, head, key="k1")
    assert await decide(desk, on, head, key="k1") == first
    assert len(await announced(service)) == 1


async def test_the_key_of_another_person_is_another_command(service: Service, desk: Desk) -> None:
    head, deputy = await open_person(desk, "head", "office_head"), await open_person(desk, "deputy", "office_head")
    on = await put_up(service, review())
    await decide(desk, on, head, key="k1")
    with pytest.raises(Refused, match="review-closed") as refused:
        await decide(desk, on, deputy, key="k1")
    assert refused.value.status == 409


async def test_eight_at_once_decide_once(service: Service, desk: Desk) -> None:
    heads = [await open_person(desk, f"head{n}", "office_head") for n in range(8)]
    on = await put_up(service, review())
    answers = await asyncio.gather(*(decide(desk, on, head) for head in heads), return_exceptions=True)
    assert rules_of(list(answers)) == ["review-closed"] * 7
    assert [type(message.data) for message in await announced(service)] == [PlanApproved]


async def test_one_who_holds_both_roles_races_himself_and_decides_one_stage(service: Service, desk: Desk) -> None:
    both = await open_person(desk, "both", "office_head", "rectorate")
    on = await put_up(service, review(banner()))
    calls = [decide(desk, on, both, key=f"k{n}") for n in range(4)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert rules_of(list(answers)) == ["four-eyes-stage"] * 3
    found = await storage.review(service.store, on.plan_id)
    assert found is not None
    assert found.status is Status.RECTORATE_REVIEW


async def test_a_newer_revision_and_an_approval_at_once_leave_one_truth(service: Service, desk: Desk) -> None:
    head = await open_person(desk, "head", "office_head")
    on = await put_up(service, review())
    newer = review(content(item("Khác")), before=on, revision=2)
    results = await asyncio.gather(put_up(service, newer), decide(desk, on, head), return_exceptions=True)
    found = await storage.review(service.store, on.plan_id)
    assert found is not None
    assert found.revision == 2
    assert found.decisions == ()
    approved = [message.data.revision for message in await announced(service)]
    assert approved == ([] if isinstance(results[1], Refused) else [1])


async def test_a_role_taken_away_decides_nothing_even_with_an_old_session(service: Service, desk: Desk) -> None:
    head = await open_person(desk, "head", "office_head")
    on = await put_up(service, review())
    await desk.change_account("c1", ADMIN, head.account_id, change=AccountChange(roles=("viewer",)))
    with pytest.raises(Refused, match="stage-role") as refused:
        await decide(desk, on, head)
    assert refused.value.status == 403


async def test_an_account_that_does_not_exist_decides_nothing(service: Service, desk: Desk) -> None:
    on = await put_up(service, review())
    with pytest.raises(Refused, match="stage-role"):
        await decide(desk, on, person("ghost", "office_head"))


async def test_a_login_name_opened_twice_at_once_is_held_by_one(desk: Desk) -> None:
    given = NewAccount(name="head", display_name="A", password="mot cau kha dai")
    calls = [desk.open_account(f"k{n}", ADMIN, given) for n in range(4)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert rules_of(list(answers)) == ["name-taken"] * 3


async def test_two_administrators_who_dismiss_each_other_at_once_leave_one(service: Service, desk: Desk) -> None:
    pair = [await open_person(desk, name, "administrator") for name in ("first", "second")]
    closed = AccountChange(active=False)
    calls = [desk.change_account(f"k-{one.name}", ADMIN, one.account_id, change=closed) for one in pair]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert rules_of(list(answers)) == ["last-administrator"]
    left = [account for account in await storage.accounts(service.store) if account.active]
    assert len(left) == 1


async def test_the_first_administrator_is_made_once(service: Service, desk: Desk) -> None:
    made = await asyncio.gather(*(desk.open_first_account("mot cau kha dai") for _ in range(3)))
    assert sorted(made) == [False, False, True]
    assert [account.name for account in await storage.accounts(service.store)] == ["admin"]
    assert await desk.open_first_account("mot cau khac") is False
