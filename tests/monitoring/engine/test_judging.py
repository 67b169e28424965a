"""Facts in any order, any number of times, become the obligations that the algebra says; people's acts are facts."""

import random
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from contracts.envelope import Message, event_key, obligation_id
from contracts.monitoring import ObligationAssessed
from services.chassis.decision import Actor, Refused
from services.monitoring.acts import Answer, Classification, GivenCause, Merge
from services.monitoring.algebra.facts import collect
from services.monitoring.algebra.messages import from_message
from services.monitoring.algebra.obligations import assess
from tests.monitoring.engine.builders import (
    ENDED,
    NOW,
    SOURCE,
    approved,
    cancelled,
    classified,
    focal,
    held,
    merged,
    published,
    scheduled,
    submitted,
    withdrawn,
)
from tests.monitoring.engine.conftest import Engine

DUE = datetime(2026, 11, 23, 17, tzinfo=UTC)
OPERATOR = Actor("operator", "Người vận hành", frozenset({"operator"}))
KEY = event_key(SOURCE, "E-1")
WEBSITE = obligation_id(KEY, "WEBSITE", "POST")


async def test_an_event_owes_what_its_tier_asks_for_and_says_so(engine: Engine) -> None:
    await engine.deliver(held("E-1"))
    owed = await engine.obligations(KEY)
    assert {(one["requirement"], one["phase"], one["state"], one["due_at"]) for one in owed} == {
        ("WEBSITE", "POST", "OPEN", "2026-11-23T17:00:00.000000Z"),
        ("E_BOARD", "POST", "OPEN", "2026-11-23T17:00:00.000000Z"),
    }
    said = await engine.said("obligation-assessed")
    assert {one.subject for one in said} == {KEY}
    assert [one.sequence for one in said] == [1, 2]


async def test_redelivery_changes_nothing(engine: Engine) -> None:
    batch = [held("E-1"), published(KEY, "VI_WEB", NOW)]
    await engine.deliver(*batch)
    owed, said = await engine.obligations(), await engine.said()
    await engine.deliver(*batch)
    await engine.deliver(*reversed(batch))
    assert (await engine.obligations(), await engine.said()) == (owed, said)


def history(dice: random.Random) -> list[Message]:
    """Several events with everything that may befall them."""
    made: list[Message] = [
        approved("P-1", 1, [focal("M-1", ENDED + timedelta(days=5))], at=NOW - timedelta(days=60)),
        approved("P-1", 2, [focal("M-1", ENDED + timedelta(days=6)), focal("M-2", ENDED)], at=NOW - timedelta(days=3)),
    ]
    keys = [event_key(SOURCE, f"E-{n}") for n in range(8)]
    for n, key in enumerate(keys):
        ended = ENDED + timedelta(hours=dice.randrange(-200, 200))
        times = {"started_at": ended - timedelta(hours=2), "ended_at": ended}
        made.append(dice.choice([held, scheduled])(f"E-{n}", at=ended + timedelta(hours=dice.randrange(90)), **times))
        if dice.random() < 0.3:
            made.append(cancelled(f"E-{n}", at=ended - timedelta(hours=5), revision=dice.randrange(1, 3)))
        if dice.random() < 0.5:
            item = dice.choice([{}, {"plan_item_id": "M-1"}, {"plan_item_id": None}])
            made.append(classified(key, at=NOW, tier=dice.choice(["MAJOR", "FOCAL", "ROUTINE"]), **item))
        if dice.random() < 0.3:
            made.append(merged(key, dice.choice(keys), at=NOW + timedelta(minutes=n)))
        for channel in ("VI_WEB", "E_BOARD", "PRESS"):
            if dice.random() < 0.6:
                at = ended + timedelta(hours=dice.randrange(-40, 150))
                made += [submitted(key, at), published(key, channel, at, content_id=f"c-{n}-{channel}")]
                if dice.random() < 0.3:
                    made.append(withdrawn(key, channel, at + timedelta(hours=1), content_id=f"c-{n}-{channel}"))
    return made


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_and_repetition_gives_what_the_algebra_gives_for_the_set(engine: Engine, seed: int) -> None:
    dice = random.Random(seed)
    messages = history(dice)
    sent = messages + dice.sample(messages, len(messages) // 5)
    dice.shuffle(sent)
    while sent:
        size = dice.randrange(1, 9)
        await engine.deliver(*sent[:size])
        sent = sent[size:]
        if dice.random() < 0.3:
            await engine.sweep()
    await engine.sweep()
    facts = collect(from_message(one) for one in messages if one.topic != "approvals")
    facts_of = {one.event: [fact for fact in facts if fact.event == one.event] for one in facts if one.event}
    _, reference = engine.judge.references.last
    for key in reference.milestones:
        facts_of.setdefault(key, [])
    wanted = assess(facts_of, reference, NOW)
    owed = {doc["obligation_id"]: doc for one in wanted.values() for doc in one.obligations}
    own = ("_id", "next_at", "overdue")
    stored = {doc["_id"]: {k: v for k, v in doc.items() if k not in own} for doc in await engine.obligations()}
    assert stored == owed
    folded: dict[str, tuple[int, ObligationAssessed]] = {}
    for said in await engine.said("obligation-assessed"):
        assert isinstance(said.data, ObligationAssessed)
        before = folded.get(said.data.obligation_id)
        if before is None or before[0] < (said.sequence or 0):
            folded[said.data.obligation_id] = (said.sequence or 0, said.data)
    lasting = {key: data for key, (_, data) in folded.items() if key in owed}
    assert {key: data.state for key, data in lasting.items()} == {key: one["state"] for key, one in owed.items()}
    assert all(data.state == "VOID" for key, (_, data) in folded.items() if key not in owed)
    ids = [one.id for one in await engine.said()]
    assert len(ids) == len(set(ids))


async def test_a_merged_event_has_no_obligations_of_its_own_and_its_news_counts(engine: Engine) -> None:
    other = event_key(SOURCE, "E-2")
    await engine.deliver(held("E-1"), held("E-2"), published(other, "VI_WEB", NOW))
    await engine.desk.merge("k-1", OPERATOR, other, given=Merge(into=KEY, reason="Hai đơn vị cùng báo."))
    assert await engine.obligations(other) == []
    states = {one["requirement"]: one["state"] for one in await engine.obligations(KEY)}
    assert states == {"WEBSITE": "ON_TIME", "E_BOARD": "OPEN"}
    event = await engine.store.get("events", other)
    assert event is not None
    assert event["root"] == KEY
    with pytest.raises(Refused, match="merge-closes-ring"):
        await engine.desk.merge("k-2", OPERATOR, KEY, given=Merge(into=other, reason="x"))
    await engine.desk.merge("k-3", OPERATOR, other, given=Merge(into=None, reason="Nhầm."))
    assert len(await engine.obligations(other)) == 2


async def test_an_act_shows_at_once_and_its_message_changes_nothing_when_it_comes_back(engine: Engine) -> None:
    await engine.deliver(held("E-1"))
    given = Classification.from_data({"tier": "MAJOR", "reason": "Hoạt động lớn."})
    await engine.desk.classify("k-1", OPERATOR, KEY, given=given)
    owed = await engine.obligations(KEY)
    assert {one["requirement"] for one in owed} == {"WEBSITE", "E_BOARD", "MASS_MEDIA"}
    said = await engine.said()
    await engine.deliver(*[one for one in said if one.name == "event-classified"])
    assert (await engine.obligations(KEY), await engine.said()) == (owed, said)
    await engine.desk.classify("k-1", OPERATOR, KEY, given=given)
    assert await engine.said() == said, "the same command again has no second effect"


async def test_one_answer_holds_or_cancels_what_nobody_confirmed(engine: Engine) -> None:
    await engine.deliver(scheduled("E-1"), scheduled("E-2", revision=4))
    other = event_key(SOURCE, "E-2")
    await engine.desk.answer("k-1", OPERATOR, KEY, given=Answer(held=True))
    assert {one["requirement"] for one in await engine.obligations(KEY)} == {"WEBSITE", "E_BOARD"}
    given = Answer(held=False, reason="Hoãn vì mưa bão.")
    await engine.desk.answer("k-2", OPERATOR, other, given=given)
    event = await engine.store.get("events", other)
    assert event is not None
    assert event["event"]["status"] == "CANCELLED"
    said = await engine.said()
    await engine.deliver(*[one for one in said if one.topic == "events"])
    assert await engine.said() == said
    with pytest.raises(Refused, match="nothing-asked"):
        await engine.desk.answer("k-3", OPERATOR, other, given=given)


async def test_an_answer_for_a_milestone_stands_under_its_key(engine: Engine) -> None:
    await engine.deliver(approved("P-1", 1, [focal("M-1", NOW - timedelta(days=3))], at=NOW - timedelta(days=30)))
    await engine.sweep()
    key = event_key("/publicity/planning", "M-1")
    await engine.desk.answer("k-1", OPERATOR, key, given=Answer(held=True))
    owed = {(one["requirement"], one["phase"]) for one in await engine.obligations(key)}
    assert ("MASS_MEDIA", "POST") in owed
    assert len(owed) == 5


async def test_a_plan_opens_its_milestone_and_both_keys_are_one_event(engine: Engine) -> None:
    starts = NOW + timedelta(days=10)
    await engine.deliver(approved("P-1", 1, [focal("M-1", starts)], at=NOW))
    await engine.sweep()
    key = event_key("/publicity/planning", "M-1")
    owed = {(one["requirement"], one["phase"]) for one in await engine.obligations(key)}
    assert owed == {("WEBSITE", "PRE"), ("E_BOARD", "PRE")}, "what comes after is owed once it was held"
    announced = await engine.said("event-scheduled")
    assert [(one.subject, one.data.origin.source) for one in announced] == [(key, "/publicity/planning")]  # type: ignore[attr-defined]
    await engine.deliver(*announced)
    times = {"started_at": starts, "ended_at": starts + timedelta(hours=4)}
    await engine.deliver(scheduled("E-1", plan_item_id="M-1", **times))
    event = await engine.store.get("events", KEY)
    assert event is not None
    assert event["root"] == key
    assert await engine.obligations(KEY) == []


async def test_a_waiver_is_given_once_taken_back_and_refused_for_what_is_done(engine: Engine) -> None:
    await engine.deliver(held("E-1"))
    done = await engine.desk.waive("k-1", OPERATOR, WEBSITE, reason="Trùng tin.")
    assert done["state"] == "WAIVED"
    with pytest.raises(Refused, match="already-waived"):
        await engine.desk.waive("k-2", OPERATOR, WEBSITE, reason="Trùng tin.")
    assert (await engine.desk.revoke_waiver("k-3", OPERATOR, WEBSITE, reason="Nhầm."))["state"] == "OPEN"
    await engine.deliver(published(KEY, "VI_WEB", NOW))
    with pytest.raises(Refused, match="already-discharged"):
        await engine.desk.waive("k-4", OPERATOR, WEBSITE, reason="Trùng tin.")
    with pytest.raises(Refused, match="obligation-unknown"):
        await engine.desk.waive("k-5", OPERATOR, "none", reason="Trùng tin.")


def misses(said: list[Message]) -> list[tuple[str, str, int]]:
    return [(one.name, one.data.requirement, one.data.n) for one in said if one.name.startswith("deadline-")]  # type: ignore[attr-defined]


async def test_a_miss_is_announced_once_when_confirmed_and_alternates_with_its_withdrawal(engine: Engine) -> None:
    await engine.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))
    engine.clock.at = DUE + timedelta(seconds=90)
    await engine.tick()
    owed = {one["requirement"]: one for one in await engine.obligations(KEY)}
    assert (owed["WEBSITE"]["state"], owed["WEBSITE"]["overdue"]) == ("MISSED", "UNCONFIRMED")
    assert misses(await engine.said()) == [], "nobody said yet that all is in"
    await engine.tick("2026-11-23T17:00:59.999999Z")
    assert misses(await engine.said()) == [], "within the grace"
    for _ in range(2):
        await engine.tick("2026-11-23T17:01:00.000000Z")
    missed = ("deadline-missed", "WEBSITE", 1)
    assert misses(await engine.said()) == [missed]
    await engine.deliver(published(KEY, "VI_WEB", DUE - timedelta(seconds=1)))
    assert misses(await engine.said()) == [missed, ("deadline-miss-withdrawn", "WEBSITE", 1)]
    assert (await engine.said("deadline-miss-withdrawn"))[0].data.reason == "EVIDENCE"  # type: ignore[attr-defined]
    await engine.deliver(withdrawn(KEY, "VI_WEB", DUE + timedelta(hours=1)))
    await engine.tick("2026-11-23T18:00:00.000000Z")
    assert misses(await engine.said())[2:] == [("deadline-missed", "WEBSITE", 2)]
    event = await engine.store.get("events", KEY)
    assert event is not None
    kept = event["kept"][WEBSITE]["misses"]
    assert [(one["n"], one["reason"]) for one in kept] == [(1, "EVIDENCE"), (2, None)]


AFTER = DUE + timedelta(days=1)
LATER = {"started_at": ENDED + timedelta(days=2), "ended_at": ENDED + timedelta(days=9)}
WITHDRAWALS = [
    ("REVISED", lambda: [held("E-1", revision=2, at=AFTER, **LATER)]),
    ("CANCELLED", lambda: [cancelled("E-1", revision=2, at=AFTER)]),
    ("EVIDENCE", lambda: [published(KEY, "VI_WEB", DUE - timedelta(hours=1))]),
    ("MERGED", lambda: [held("E-2", at=NOW), merged(KEY, event_key(SOURCE, "E-2"), at=AFTER)]),
    ("CLASSIFIED", lambda: [
        approved("P-9", 1, [{**focal("I-9", ENDED), "kind": "ROUTINE", "milestone": None, "tier": "ROUTINE",
                             "requirements": [{"code": "EN_WEB"}]}], at=NOW - timedelta(days=30)),
        classified(KEY, at=AFTER, plan_item_id="I-9")]),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "facts"), WITHDRAWALS, ids=[reason for reason, _ in WITHDRAWALS])
async def test_every_withdrawal_says_why(engine: Engine, reason: str, facts: object) -> None:
    await engine.deliver(held("E-1"))
    engine.clock.at = AFTER
    await engine.tick("2026-11-24T17:00:00.000000Z")
    assert len(await engine.said("deadline-missed")) == 2
    await engine.deliver(*facts())  # type: ignore[operator]
    await engine.sweep()
    found = {one.data.requirement: one.data.reason for one in await engine.said("deadline-miss-withdrawn")}  # type: ignore[attr-defined]
    assert found.get("WEBSITE") == reason
    assert len(list(chain(found))) == (1 if reason == "EVIDENCE" else 2)


async def test_the_cause_that_an_operator_sets_rules(engine: Engine) -> None:
    await engine.deliver(held("E-1"))
    engine.clock.at = AFTER
    await engine.tick("2026-11-24T17:00:00.000000Z")
    owed = {one["requirement"]: one["cause"] for one in await engine.obligations(KEY)}
    assert owed == {"WEBSITE": "NO_SUBMISSION", "E_BOARD": "NO_SUBMISSION"}
    given = GivenCause.from_data({"cause": "CHANNEL_FAILURE", "reason": "Máy chủ hỏng."})
    await engine.desk.set_cause("k-1", OPERATOR, WEBSITE, given=given)
    owed = {one["requirement"]: one["cause"] for one in await engine.obligations(KEY)}
    assert owed["WEBSITE"] == "CHANNEL_FAILURE"
