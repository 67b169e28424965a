"""R08: of every due date that comes near while nothing is published, it is said so once. Source: R08"""

import random
from datetime import UTC, datetime, timedelta

import pytest

from contracts.envelope import SOURCE_PREFIX, event_key, message_id, obligation_id
from contracts.monitoring import DeadlineApproaching
from contracts.times import format_time
from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.chassis.watermark import Beat
from services.monitoring.deadlines import Confirmation
from services.monitoring.judging import Judge
from services.monitoring.reference import References, issue_shipped
from tests.monitoring.engine.builders import (
    ENDED,
    NOW,
    SOURCE,
    approved,
    cancelled,
    focal,
    held,
    published,
    withdrawn,
)
from tests.monitoring.engine.conftest import Engine
from tests.monitoring.engine.test_judging import history

KEY = event_key(SOURCE, "E-1")
WEBSITE = obligation_id(KEY, "WEBSITE", "POST")
DUE = datetime(2026, 11, 23, 17, tzinfo=UTC)
NEAR = DUE - timedelta(days=1)
OPERATOR = Actor("operator", "Người vận hành", frozenset({"operator"}))
FAR = "2027-12-31T00:00:00.000000Z"


async def look(engine: Engine, at: datetime) -> None:
    """Let the deadline loop look at a time at which all evidence is in."""
    engine.clock.at = at
    await engine.tick(FAR, near=FAR)


async def near_ones(engine: Engine) -> list[tuple[str, datetime]]:
    """What was said to be near, in order."""
    said = [one.data for one in await engine.said("deadline-approaching")]
    return [(one.requirement, one.due_at) for one in said if isinstance(one, DeadlineApproaching)]


async def test_a_due_date_that_comes_near_is_announced_once(engine: Engine) -> None:
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    await look(engine, NEAR - timedelta(microseconds=1))
    assert await near_ones(engine) == []
    for minutes in range(3):
        await look(engine, NEAR + timedelta(minutes=minutes))
    await engine.deliver(held("E-1"))
    assert await near_ones(engine) == [("WEBSITE", DUE)]
    (said,) = await engine.said("deadline-approaching")
    cause = f"{WEBSITE}@{format_time(DUE)}"
    assert said.id == message_id(f"{SOURCE_PREFIX}/monitoring", cause, said.type, discriminator=cause)
    assert (said.subject, said.topic, said.time, said.recordedtime) == (KEY, "compliance", NEAR, NEAR)


DISCHARGED = {
    "published": lambda: [published(KEY, "VI_WEB", NOW), published(KEY, "E_BOARD", NOW)],
    "void": lambda: [cancelled("E-1", revision=2)],
}


@pytest.mark.parametrize("facts", DISCHARGED.values(), ids=DISCHARGED)
async def test_what_is_no_longer_awaited_never_comes_near(engine: Engine, facts: object) -> None:
    await engine.deliver(held("E-1"), *facts())  # type: ignore[operator]
    await look(engine, NEAR)
    assert await near_ones(engine) == []


async def test_what_is_waived_never_comes_near_until_the_waiver_is_taken_back(engine: Engine) -> None:
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    await engine.desk.waive("k-1", OPERATOR, WEBSITE, reason="Trùng tin.")
    await look(engine, NEAR)
    assert await near_ones(engine) == []
    await engine.desk.revoke_waiver("k-2", OPERATOR, WEBSITE, reason="Nhầm.")
    await look(engine, NEAR + timedelta(hours=1))
    assert await near_ones(engine) == [("WEBSITE", DUE)]


async def test_what_is_first_seen_near_is_announced_at_once(engine: Engine) -> None:
    engine.clock.at = DUE - timedelta(hours=2)
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    await look(engine, engine.clock.at)
    assert await near_ones(engine) == [("WEBSITE", DUE)]


async def test_what_is_first_seen_missed_was_never_near(engine: Engine) -> None:
    engine.clock.at = DUE + timedelta(hours=2)
    await engine.deliver(held("E-1"))
    await look(engine, engine.clock.at)
    assert await near_ones(engine) == []
    assert len(await engine.said("deadline-missed")) == 2


async def test_a_due_date_that_moves_comes_near_again_and_one_that_moves_back_does_not(engine: Engine) -> None:
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    await look(engine, NEAR)
    later = {"started_at": ENDED, "ended_at": ENDED + timedelta(days=2)}
    await engine.deliver(held("E-1", revision=2, at=NEAR, **later))
    await look(engine, NEAR + timedelta(hours=1))
    assert await near_ones(engine) == [("WEBSITE", DUE)]
    await look(engine, NEAR + timedelta(days=2))
    twice = [("WEBSITE", DUE), ("WEBSITE", DUE + timedelta(days=2))]
    assert await near_ones(engine) == twice
    await engine.deliver(held("E-1", revision=3, at=NEAR))
    await look(engine, DUE - timedelta(seconds=1))
    assert await near_ones(engine) == twice


async def test_a_pre_event_duty_comes_near_before_its_event_starts(engine: Engine) -> None:
    starts = NOW + timedelta(days=10)
    await engine.deliver(approved("P-1", 1, [focal("M-1", starts)], at=NOW))
    await engine.sweep()
    await look(engine, starts - timedelta(days=1))
    assert sorted(await near_ones(engine)) == [("E_BOARD", starts), ("WEBSITE", starts)]


async def test_nothing_is_near_while_evidence_may_be_on_its_way(engine: Engine) -> None:
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    engine.clock.at = NEAR + timedelta(hours=1)
    await engine.tick()
    await engine.tick(near=format_time(NEAR - timedelta(seconds=1)))
    assert await near_ones(engine) == []
    await engine.deliver(published(KEY, "VI_WEB", NOW))
    await engine.tick(near=format_time(NEAR))
    assert await near_ones(engine) == []


async def test_unconfirmed_it_still_turns_when_it_is_due_and_its_miss_is_announced_once(engine: Engine) -> None:
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    engine.clock.at = DUE
    await engine.tick()
    owed = {one["requirement"]: one["state"] for one in await engine.obligations(KEY)}
    assert owed["WEBSITE"] == "MISSED"
    for _ in range(2):
        await look(engine, DUE + timedelta(hours=1))
    assert await near_ones(engine) == []
    assert len(await engine.said("deadline-missed")) == 1


async def test_near_missed_and_missed_again_are_each_said_once(engine: Engine) -> None:
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    await look(engine, NEAR)
    await look(engine, DUE + timedelta(minutes=2))
    await engine.deliver(published(KEY, "VI_WEB", DUE - timedelta(seconds=1)))
    await engine.deliver(withdrawn(KEY, "VI_WEB", DUE + timedelta(hours=1)))
    await look(engine, DUE + timedelta(hours=2))
    said = [one.name for one in await engine.said() if one.name.startswith("deadline-")]
    assert said == ["deadline-approaching", "deadline-missed", "deadline-miss-withdrawn", "deadline-missed"]


async def test_how_long_before_is_a_setting(engine: Engine) -> None:
    settings = engine.service.settings
    engine.judge = Judge(References(settings.reference()), approaching_s=3600)  # type: ignore[attr-defined]
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    await look(engine, NEAR)
    assert await near_ones(engine) == []
    await look(engine, DUE - timedelta(hours=1))
    assert await near_ones(engine) == [("WEBSITE", DUE)]


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_announced_leaves_the_documents_as_the_facts_make_them(engine: Engine, seed: int) -> None:
    """The same facts, with looks in between in one engine's life and without them in another's, owe the same."""
    dice = random.Random(seed)
    messages = history(dice)
    for hours in range(-60, 120, 20):
        engine.clock.at = NOW + timedelta(hours=hours)
        await engine.deliver(*dice.sample(messages, len(messages) // 4))
        await engine.sweep()
        await engine.tick(format_time(engine.clock.at), near=format_time(engine.clock.at))
    await engine.deliver(*messages)
    await engine.sweep()
    told, owed = await engine.obligations(), await engine.said("deadline-approaching")
    ids = [one.id for one in owed]
    assert len(ids) == len(set(ids))
    for name in ("events", "obligations", "reference", "sequences", "outbox"):
        await engine.store.raw(name).delete_many({})
    engine.judge = Judge(References(engine.service.settings.reference()))  # type: ignore[attr-defined]
    await engine.transact(issue_shipped)
    await engine.deliver(*messages)
    await engine.sweep()
    own = ("next_at", "overdue")
    assert [{k: v for k, v in one.items() if k not in own} for one in await engine.obligations()] == [
        {k: v for k, v in one.items() if k not in own} for one in told
    ]


def test_a_publishing_that_the_page_calls_silent_is_not_waited_for(engine: Engine) -> None:
    settings = engine.service.settings
    confirmation = Confirmation(engine.service)
    silent = timedelta(seconds=settings.silent_warn_s)  # type: ignore[attr-defined]
    engine.service.heartbeats.last["publishing"] = Beat(drained_at=NOW, heard_at=wall_now())
    assert confirmation.near is None
    engine.service.heartbeats.last["publishing"] = Beat(drained_at=NOW, heard_at=wall_now() - silent)
    assert (confirmation.near, confirmation.until) == (engine.clock.now(), None)
