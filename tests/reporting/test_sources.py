"""What stands behind a number: its formula, the messages read, and how far a proposal was carried."""

from collections.abc import Sequence

import pytest

from contracts.envelope import Message
from contracts.reporting import Gap
from services.reporting.decisions import propose
from services.reporting.report import RATES
from services.reporting.snapshot import from_docs, to_docs
from services.reporting.sources.followed import followed, next_year
from services.reporting.sources.formulas import FORMULAS
from services.reporting.state import Proposal, Report
from services.reporting.views import OF_EVENTS, OF_OBLIGATIONS
from tests.reporting.builders import NOW, YEAR, a_year, folded, held, message, plan_content, snapshot, stamp
from tests.reporting.conftest import House

NEXT = "2026-2027"


def proposal(proposal_id: str = "p1", owner: str | None = None) -> Proposal:
    """A proposal tied to a gap of the small year."""
    gap = Gap(figure="on_time", value=0.6)
    return Proposal(proposal_id=proposal_id, text="Dịch trước", gap=gap, by="a", proposed_at=NOW, owner=owner)


def plan(name: str, revision: int, *cited: str, plan_id: str = "next") -> Message:
    """A message of next year's plan that rests on the proposals."""
    bases = [{"kind": "IMPROVEMENT_PROPOSAL", "reference": one} for one in cited]
    content = plan_content().to_data() | {"bases": bases}
    told = {"plan_id": plan_id, "school_year": NEXT, "revision": revision, "content_hash": f"sha256:{'0' * 64}"}
    told |= {"drafted_by": "soan-thao"} if name == "plan-drafted" else {"route": {"matrix_version": "m", "stages": []}}
    return message(name, plan_id, "2026-09-01 08:00", told | {"content": content, "issued_at": stamp("2026-09-01")})


def cited_by(*messages: Message) -> Sequence[str]:
    """How far proposal p1 was carried by the plans told."""
    plans = {doc["_id"]: doc["facts"] for doc in folded(messages)["plans"]}
    return [one.cited for one in followed([proposal()], plans)]


CARRIED = (
    ("nobody has taken it up", [], ""),
    ("a plan without it", [plan("plan-drafted", 1)], ""),
    ("a plan on its way to approval", [plan("plan-drafted", 1, "p1")], "SUBMITTED"),
    ("taken back", [plan("plan-drafted", 1, "p1"), message("plan-withdrawn", "next", "2026-09-02 08:00",
     {"plan_id": "next", "revision": 1, "reason": "Soạn lại", "by": "a"})], ""),
    ("R19: in the approved plan", [plan("plan-drafted", 1, "p1"), plan("plan-approved", 1, "p1")], "APPROVED"),
    ("dropped before the approval", [plan("plan-drafted", 1, "p1"), plan("plan-approved", 2)], ""),
    ("approved outweighs another plan's draft",
     [plan("plan-approved", 1, "p1"), plan("plan-drafted", 1, "p1", plan_id="other")], "APPROVED"),
)  # fmt: skip


@pytest.mark.parametrize(("told", "cited"), [case[1:] for case in CARRIED], ids=[case[0] for case in CARRIED])
def test_a_proposal_is_followed_into_the_next_plan(told: list[Message], cited: str) -> None:
    assert cited_by(*told) == [cited]


def test_proposals_are_named_by_their_order_and_the_year_after() -> None:
    assert [one.code for one in followed([proposal("a"), proposal("b")], {})] == ["CT-01", "CT-02"]
    assert next_year(YEAR) == NEXT


def test_the_owner_of_a_proposal_is_a_unit_of_the_school() -> None:
    refused = propose(Report(school_year=YEAR), snapshot(*a_year()), proposal(owner="X"), units={"QHDN"})
    assert [one.rule for one in refused.refusals] == ["owner-unknown"]
    done = propose(Report(school_year=YEAR), snapshot(*a_year()), proposal(owner="QHDN"), units={"QHDN"})
    assert [one.data.to_data()["owner"] for one in done.announcements] == ["QHDN"]


def test_every_figure_that_opens_has_a_formula() -> None:
    assert {*RATES, *OF_EVENTS, *OF_OBLIGATIONS, "plan_execution"} == set(FORMULAS)


def test_the_evidence_counts_each_message_once_and_is_no_part_of_the_digest() -> None:
    once, twice = snapshot(*a_year()), snapshot(*a_year(), *a_year())
    assert once.evidence == twice.evidence
    assert once.evidence["messages"]["event-held"] == 3
    assert once.evidence["first_at"] == stamp("2025-08-26 08:00")
    more = snapshot(*a_year(), held("a", when="2025-11-20 16:30", id="again"))
    assert (more.digest, more.evidence["messages"]["event-held"]) == (once.digest, 4)


def test_a_report_frozen_before_there_was_evidence_is_read_without_it() -> None:
    docs = to_docs(snapshot(*a_year()))
    del docs[0]["evidence"]
    assert from_docs(docs).evidence == {}


@pytest.mark.live
async def test_the_page_tells_owner_and_plan_and_each_number_its_formula(house: House) -> None:
    await house.deliver(*a_year())
    head, page = await house.person("office_head"), f"/reports/{YEAR}"
    form = {"figure": "cause.LATE_NOTICE", "text": "Nhắc trước 24 giờ", "owner": "QHDN", "page": page}
    assert (await head.post(f"{page}/proposals", data=form | {"owner": "NONE"})).status_code == 422
    assert (await head.post(f"{page}/proposals", data=form)).status_code == 303
    shown = (await head.get(page)).text
    assert "CT-01" in shown
    assert "chờ quyết định" in shown
    assert "EventHeld" in shown
    made = (await head.get(f"/api{page}")).json()["proposals"][0]
    assert made["owner"] == "QHDN"
    await house.deliver(plan("plan-approved", 1, made["proposal_id"]))
    assert "Kế hoạch 2026–2027" in (await head.get(page)).text
    for figure in FORMULAS:
        rows = (await head.get(f"{page}/rows", params={"figure": figure})).text
        assert f"<code>{figure}</code>, bản 1" in rows
    late = (await head.get(page, params={"listed": "LATE"})).text
    assert "1 nghĩa vụ trễ" in late
