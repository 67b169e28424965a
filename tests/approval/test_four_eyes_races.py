"""P9 on the real MongoDB: drafts, role changes and rulings at the same time, by people who hold several roles.

What was approved is judged by what people did and when, told again here, and never by what the review says.
"""

import asyncio
import random
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest

from contracts.approval import PlanApproved, PlanEscalated, PlanReturned
from contracts.canonical import digest
from contracts.codes import Verdict
from services.approval import storage
from services.approval.accounts import AccountChange
from services.approval.commands import Desk, ruling_of
from services.chassis.app import Service
from services.chassis.audit.chaining import chain_page, entries_after
from services.chassis.audit.verifying import verify
from services.chassis.decision import Actor, Refused
from tests.approval.builders import NOW, PLAN, drafted
from tests.approval.test_commands import ADMIN, announced, open_person
from tests.approval.test_four_eyes import CONTENTS, is_beyond
from tests.approval.test_handlers import deliver, record

pytestmark = pytest.mark.live
ROLES = ("office_head", "rectorate", "editor")
STAGES = {"OFFICE": "office_head", "RECTORATE": "rectorate"}


@dataclass
class Person:
    """Somebody, and which roles he may have had when: a change is in force from some moment of its own call on."""

    actor: Actor
    held: list[tuple[float, float, frozenset[str]]]  # from the start of a change to the end of the next

    def may_have_held(self, role: str, begun: float, ended: float) -> bool:
        """Whether he had the role at some moment between the two."""
        return any(role in roles and since <= ended and until >= begun for since, until, roles in self.held)


@dataclass
class Crowd:
    """Who is there, what was drafted by whom, and which rulings were accepted."""

    service: Service
    desk: Desk
    dice: random.Random
    people: list[Person] = field(default_factory=list)
    drafts: dict[int, tuple[str, str]] = field(default_factory=dict)  # revision -> (who, hash)
    rulings: dict[str, tuple[Person, str, float, float]] = field(default_factory=dict)  # decision -> who, hash, when

    async def open(self) -> None:
        """Four people, two of whom hold both deciding roles."""
        both = ("office_head", "rectorate")
        for name, roles in (("an", both), ("binh", both), ("chi", ("office_head",)), ("dung", ("rectorate",))):
            actor = await open_person(self.desk, name, *roles)
            self.people.append(Person(actor, [(0.0, float("inf"), frozenset(roles))]))

    async def draft(self) -> None:
        """A new revision arrives, now and then of one of those who decide."""
        drafters = ["soan-thao"] * 8 + [person.actor.account_id for person in self.people]
        revision, who = len(self.drafts) + 1, self.dice.choice(drafters)
        message = drafted(self.dice.choice(CONTENTS), revision=revision, by=who)
        self.drafts[revision] = (who, message.content_hash)
        await deliver(self.service, record(message, revision))

    async def change_roles(self) -> None:
        """Somebody's roles change while others decide."""
        person = self.dice.choice(self.people)
        roles = frozenset(self.dice.sample(ROLES, self.dice.randint(1, 3)))
        begun = time.monotonic()
        change = AccountChange(roles=tuple(sorted(roles)))
        await self.desk.change_account(f"c{begun}", ADMIN, person.actor.account_id, change=change)
        since, _, before = person.held[-1]
        person.held[-1] = (since, time.monotonic(), before)
        person.held.append((begun, float("inf"), roles))

    async def rule_on(self) -> None:
        """Somebody decides about a page that he has open: the newest, or an older one."""
        person, revision = self.dice.choice(self.people), max(1, len(self.drafts) - self.dice.choice((0, 0, 0, 1)))
        content_hash, verdict = self.drafts[revision][1], self.dice.choice((*[Verdict.APPROVED] * 4, Verdict.RETURNED))
        begun, key = time.monotonic(), f"k{self.dice.random()}"
        ruling = ruling_of(key, person.actor, verdict=verdict, content_hash=content_hash, note="ghi chú")
        try:
            await self.desk.decide(key, person.actor, PLAN, ruling=ruling)
        except Refused:
            return
        self.rulings[ruling.decision_id] = (person, content_hash, begun, time.monotonic())

    def some(self, count: int) -> list[Awaitable[None]]:
        """That many things that happen at the same time; the roles of one person change once among them."""
        deeds = [self.rule_on() for _ in range(count)]
        return [*deeds, self.change_roles(), *([self.draft()] if self.dice.random() < 0.4 else [])]


def judge(crowd: Crowd, messages: list[Any]) -> int:
    """Hold every approval against what people did; return how many there were."""
    approved_before, count = 0, 0
    for data in (message.data for message in messages):
        if not isinstance(data, PlanApproved):
            continue
        assert digest(data.content.to_data()) == data.content_hash == crowd.drafts[data.revision][1]
        drafters = {crowd.drafts[revision][0] for revision in range(approved_before + 1, data.revision + 1)}
        asked = ["OFFICE", "RECTORATE"] if is_beyond(data.content) else ["OFFICE"]
        assert [made.stage for made in data.decisions] == asked
        deciders = [made.decided_by for made in data.decisions]
        assert len(set(deciders)) == len(deciders)
        assert drafters.isdisjoint(deciders)
        for made in data.decisions:
            person, seen, begun, ended = crowd.rulings[made.decision_id]
            assert (person.actor.account_id, seen) == (made.decided_by, data.content_hash)
            assert person.may_have_held(STAGES[made.stage], begun, ended), "a role that he had lost before he asked"
        assert data.revision > approved_before, "a revision is approved once, and no older one afterwards"
        approved_before, count = data.revision, count + 1
    return count


async def evidence(crowd: Crowd, messages: list[Any]) -> None:
    """The log of acts has every accepted ruling once, with the message that it led to, and nothing else."""
    while await chain_page(crowd.service.store, NOW):
        pass
    entries = await entries_after(crowd.service.store, 0, limit=0)
    assert verify(entries).faults == ()
    rows = [entry["row"] for entry in entries if entry["row"]["act"] in ("plan-approved", "plan-returned")]
    told = [fact for row in rows for fact in row["facts"]]
    assert sorted(told) == sorted(message.id for message in messages)
    assert sorted(row["actor"] for row in rows) == sorted(who.actor.account_id for who, *_ in crowd.rulings.values())


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_at_once_four_eyes_have_seen_what_is_approved(service: Service, seed: int) -> None:
    crowd = Crowd(service, Desk(service), random.Random(seed))
    await crowd.open()
    for _ in range(14):
        await crowd.draft()
        await asyncio.gather(*crowd.some(4))
        await asyncio.gather(*crowd.some(3))
    messages = await announced(service)
    assert {type(message.data) for message in messages} <= {PlanApproved, PlanEscalated, PlanReturned}
    assert len(messages) == len(crowd.rulings), "one message for every ruling that was accepted"
    assert judge(crowd, messages) > 0, "the dice never approved anything: nothing was shown"
    await evidence(crowd, messages)
    review = await storage.review(service.store, PLAN)
    assert review is not None
    assert review.revision == len(crowd.drafts)
