"""The plan's routine work: each occurrence done or not by the end of its period."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from contracts.envelope import Message
from contracts.times import format_time
from services.monitoring.algebra import plans
from services.monitoring.algebra.facts import Publication
from services.monitoring.algebra.messages import from_message
from services.monitoring.supervision import plan_duties
from services.monitoring.supervision.plan_duties import ItemDuties, duties_of, execution_of
from services.monitoring.supervision.web_plan_duties import PlanDuties
from services.reporting.school_years import local_day
from tests.monitoring.engine import builders as say
from tests.monitoring.reading.house import ROLES, House
from tests.monitoring.reading.story import at, key
from tests.reporting.builders import YEAR, approved, published, routine, snapshot, stamp, withdrawn

ITEM = "tin-tuan"
UNTIL = "2025-09-30 08:00"


def facts_of(messages: Sequence[Message]) -> list[Publication]:
    found = [from_message(one) for one in messages if one.name.startswith("content-")]
    return [fact for fact in found if isinstance(fact, Publication)]


def items(*messages: Message, as_of: str = UNTIL) -> tuple[ItemDuties, ...]:
    revisions = [plans.from_message(one) for one in messages if one.name == "plan-approved"]
    return duties_of(revisions, facts_of(messages), YEAR, now=stamp(as_of))


def told(*messages: Message, plan: Message | None = None, as_of: str = UNTIL) -> list[str]:
    """The occurrences as their first day and state."""
    (one,) = items(plan or approved("2025-08-29 08:00", 1, routine(ITEM)), *messages, as_of=as_of)
    return [f"{local_day(duty.period.begins_at):%d/%m} {duty.state}" for duty in one.duties]


def named(when: str, **given: Any) -> Message:
    return published(given.pop("event", None), when, plan_item_id=given.pop("item", ITEM), **given)


OPEN = ["01/09 NOT_DONE", "08/09 NOT_DONE", "15/09 NOT_DONE", "22/09 NOT_DONE", "29/09 RUNNING"]
DONE = (
    ("R21: nothing names it", (), []),
    ("named within its period", (named("2025-09-09 08:00"),), [1]),
    ("00:00 of the next period is the next one's", (named("2025-09-15 00:00"),), [2]),
    ("the one that runs may be done", (named("2025-09-29 09:00"),), [4]),
    ("for an event, naming the item too", (named("2025-09-02 08:00", event="su-kien"),), [0]),
    ("another item", (named("2025-09-09 08:00", item="khac"),), []),
    ("taken back", (named("2025-09-09 08:00", event="e"), withdrawn("e")), []),
    ("a correction names another item", (named("2025-09-09 08:00", event="e"), named(
        "2025-09-09 08:00", event="e", item="khac", revision=3, name="content-corrected")), []),
    ("two in one period count once", (named("2025-09-09 08:00"), named("2025-09-10 08:00", content_id="b")), [1]),
)  # fmt: skip


@pytest.mark.parametrize(("messages", "done"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
def test_an_occurrence_is_done_when_a_publication_names_its_item(messages: Any, done: list[int]) -> None:
    expected = [f"{line.split()[0]} DONE" if number in done else line for number, line in enumerate(OPEN)]
    assert told(*messages) == expected


@pytest.mark.parametrize(("messages", "done"), [row[1:] for row in DONE], ids=[row[0] for row in DONE])
def test_the_rate_is_the_one_of_the_report(messages: Any, done: list[int]) -> None:
    """Figures: plan execution rate = routine occurrences done of all that fell due; said twice, by two rooms."""
    every = (approved("2025-08-29 08:00", 1, routine(ITEM)), *messages)
    rate = execution_of(items(*every))
    theirs = snapshot(*every, as_of=UNTIL).figures["plan_execution"]
    assert {"numerator": rate.numerator, "denominator": rate.denominator} == theirs


def test_what_ended_before_the_approval_was_not_owed() -> None:
    assert told(plan=approved("2025-09-10 08:00", 1, routine(ITEM)))[0] == "08/09 NOT_DONE"


def test_the_last_approved_revision_says_what_recurs() -> None:
    """3.2: bám sát kế hoạch thường xuyên đã được duyệt."""
    first = approved("2025-08-29 08:00", 1, routine(ITEM), routine("bo"))
    second = approved("2025-09-12 08:00", 2, routine(ITEM, "FREQ=MONTHLY;BYMONTHDAY=1"))
    (one,) = items(second, first)
    assert [duty.period.begins_at for duty in one.duties] == [stamp("2025-09-01")]
    assert (one.due, one.ahead) == (0, 11)


def test_a_rule_that_cannot_be_read_is_said_to_be_uncounted() -> None:
    (one,) = items(approved("2025-08-29 08:00", 1, routine(ITEM, "mỗi tuần")))
    assert (one.is_unread, one.duties, execution_of([one]).ratio) == (True, (), None)


def test_what_is_kept_of_content_does_not_depend_on_the_order_it_came_in() -> None:
    """The obligation, Algebra: a set of facts."""
    facts = facts_of([named("2025-09-09 08:00", event="e"), withdrawn("e"), named("2025-09-09 08:00", event="f")])
    docs = set()
    for order in itertools.permutations([*facts, facts[0]]):
        doc = None
        for fact in order:
            doc = plan_duties.with_facts(doc, "bai-1", [fact]) or doc
        docs.add(str(doc))
    assert len(docs) == 1


# From here on with the room's own database; the school year is 2026-2027.
def weekly(item_id: str = ITEM) -> dict[str, Any]:
    return routine(item_id) | {"lead_unit": "PTT"}


def shown_for(item: str | None, day: int, *, event: str | None = None, content_id: str = "c") -> Message:
    """A publication on a day of September."""
    given = {name: value for name, value in (("plan_item_id", item), ("event", event)) if value}
    made = say.published("x", "VI_WEB", at(day, month=9), content_id=content_id)
    data = type(made.data).model_validate({**made.data.to_data(), "event": None} | given)
    return say.message(data, event or item or content_id, at=at(day, month=9))


@pytest.fixture
async def planned(house: House) -> House:
    """A room with an approved plan of one weekly item, on 30 September, a Wednesday."""
    house.clock.at = at(30, month=9)
    await house.hear(say.approved("ke-hoach", 1, [weekly()], at=at(1, 8, month=9)))
    return house


async def answer(house: House) -> PlanDuties:
    client = await house.system("read")
    found = await client.get("/api/plan-duties?school_year=2026-2027")
    assert found.status_code == 200, found.text
    return PlanDuties.model_validate(found.json())


async def states(house: House) -> list[str]:
    (one,) = (await answer(house)).items
    return [period.state.value for period in one.periods]


@pytest.mark.live
async def test_a_publication_without_an_event_is_kept_and_counts_once(planned: House) -> None:
    assert await states(planned) == ["NOT_DONE", "NOT_DONE", "NOT_DONE", "RUNNING"]
    message = shown_for(ITEM, 15)
    await planned.hear(message, message)
    assert await states(planned) == ["NOT_DONE", "DONE", "NOT_DONE", "RUNNING"]
    found = await answer(planned)
    assert (found.execution.numerator, found.execution.denominator) == (1, 3)
    assert found.items[0].periods[1].content_id == "c"
    assert len(await planned.store.find("plan_contents", {})) == 1


@pytest.mark.live
async def test_content_of_an_event_that_names_the_item_follows_its_withdrawal(planned: House) -> None:
    event = key("E1")
    await planned.hear(shown_for(ITEM, 15, event=event))
    assert (await states(planned))[1] == "DONE"
    await planned.hear(say.withdrawn(event, "VI_WEB", at(16, month=9), content_id="c"))
    assert (await states(planned))[1] == "NOT_DONE"


@pytest.mark.live
async def test_a_withdrawal_that_came_first_is_found_in_the_event(planned: House) -> None:
    event = key("E1")
    await planned.hear(say.withdrawn(event, "VI_WEB", at(16, month=9), content_id="c"))
    await planned.hear(shown_for(ITEM, 15, event=event))
    assert (await states(planned))[1] == "NOT_DONE"


@pytest.mark.live
async def test_what_names_no_item_costs_no_document(planned: House) -> None:
    await planned.hear(shown_for(None, 15, event=key("E1")))
    assert await planned.store.find("plan_contents", {}) == []
    await planned.hear(shown_for(None, 15, content_id="loose"))
    assert [doc["_id"] for doc in await planned.store.find("plan_contents", {})] == ["loose"], "nothing is lost"


@pytest.mark.live
async def test_the_page_shows_every_period_with_its_publication(planned: House) -> None:
    await planned.hear(shown_for(ITEM, 15))
    for role in ROLES:
        client = await planned.person(role)
        assert (await client.get("/plan-duties")).status_code == 200, role
    text = (await client.get("/plan-duties")).text
    assert "1/3" in text
    assert "Kỳ chưa làm</h2>" not in text
    assert "Kỳ chưa làm (2)" in text
    assert "07/09/2026 – 13/09/2026" in text
    assert f'href="/plan-duties?school_year=2026-2027&amp;item={ITEM}"' in text
    one = (await client.get(f"/plan-duties?school_year=2026-2027&item={ITEM}")).text
    assert "Đang trong kỳ" in one
    assert "15/09/2026 09:00" in one
    client.cookies.set("lang", "en")
    assert "Plan execution rate" in (await client.get("/plan-duties")).text
    assert "No routine items yet" in (await client.get("/plan-duties?school_year=2030-2031")).text
    assert (await client.get("/plan-duties?school_year=2030")).status_code == 422


def test_instants_are_written_as_everywhere() -> None:
    (one,) = items(approved("2025-08-29 08:00", 1, routine(ITEM)))
    assert one.duties[0].period.begins_at == format_time(say.NOW.replace(2025, 8, 31, 17, 0, 0, 0))
