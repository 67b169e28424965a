"""Edit and approve: what a reviewer may change, the revision that it makes, who may still approve."""

from typing import Any

import pytest

from contracts.approval import PlanApproved, PlanEscalated, PlanRevised
from contracts.codes import Stage, Verdict
from contracts.planning import PlanContent, content_hash
from services.approval.decisions import decide, receive, withdraw
from services.approval.editing import revising
from services.approval.editing.edit_form import edited
from services.approval.editing.revising import edit_and_approve
from services.approval.state import Review, Status
from services.approval.storage import from_doc, to_doc
from services.chassis.decision import Actor, Decision, Refused
from tests.approval.builders import (
    BOTH,
    DEPUTY,
    HEAD,
    NOW,
    RECTOR,
    RULES,
    banner,
    content,
    decided,
    drafted,
    item,
    person,
    review,
    ruling,
    withdrawn,
)

OFFICE, BEYOND = review(), review(banner())
AT_RECTORATE = decided(BEYOND, HEAD)
REVISED = content(item(note="Gọn hơn"), title="Kế hoạch gọn")


def edit(on: Review, made: PlanContent, actor: Actor = HEAD, **fields: Any) -> Decision[Review]:
    return edit_and_approve(on, ruling(on, **fields), made, by=(actor, NOW), rules=RULES)


def test_the_edit_is_a_new_revision_that_the_approval_names_by_its_hash() -> None:
    decision = edit(OFFICE, REVISED, note="Rút gọn")
    told, approved = (one.data for one in decision.announcements)
    assert told == PlanRevised(
        plan_id=OFFICE.plan_id,
        school_year=OFFICE.school_year,
        revision=2,
        based_on=1,
        content_hash=content_hash(REVISED),
        content=REVISED,
        drafted_by="soan-thao",
        revised_by=HEAD.account_id,
        note="Rút gọn",
        issued_at=NOW,
    )
    assert isinstance(approved, PlanApproved)
    assert (approved.revision, approved.content, approved.content_hash) == (2, REVISED, content_hash(REVISED))
    assert [made.decided_by for made in approved.decisions] == [HEAD.account_id]
    assert [one.sequence for one in decision.announcements] == [1, 2]


def test_the_diff_is_kept_and_the_revision_before_says_what_became_of_it() -> None:
    after = edit(OFFICE, REVISED).state
    assert after is not None
    assert after.earlier is not None
    assert (after.earlier.content, after.earlier.revision, after.earlier.status) == (content(), 1, Status.REVISED)
    assert [(one.revision, one.status) for one in after.history] == [(1, Status.REVISED)]
    assert (after.drafted_by, after.revised_by, after.due_at) == ("soan-thao", HEAD.account_id, OFFICE.due_at)
    assert from_doc(Review, to_doc(after)) == after


def test_an_edit_beyond_authority_goes_on_to_the_rectorate_by_a_route_of_its_own() -> None:
    dear = content(item(cost_minor=50_000_000))
    decision = edit(OFFICE, dear)
    told, escalated = (one.data for one in decision.announcements)
    assert isinstance(told, PlanRevised)
    assert isinstance(escalated, PlanEscalated)
    assert (escalated.revision, [rule.id for rule in escalated.rules]) == (2, ["M2"])
    after = decision.state
    assert after is not None
    assert (after.status, [one.decided_by for one in after.decisions]) == (Status.RECTORATE_REVIEW, [HEAD.account_id])
    assert decide(after, ruling(after), BOTH, now=NOW).state is not None


def test_what_the_rectorate_edits_the_office_decides_on_first() -> None:
    made = banner().model_copy(update={"title": "Băng rôn, gọn"})
    decision = edit(AT_RECTORATE, made, RECTOR)
    assert [type(one.data) for one in decision.announcements] == [PlanRevised]
    after = decision.state
    assert after is not None
    assert (after.stage, after.decisions, after.revision) == (Stage.OFFICE, (), 2)
    closed = decided(after, HEAD, RECTOR)
    assert closed.status is Status.APPROVED, "who edited is not disqualified, and who decided before may decide anew"


# Each row: the sentence, the review, who, the content, the rule that says no.
REFUSED: tuple[tuple[str, Review, Actor, PlanContent, str], ...] = (
    ("A9 the drafter", OFFICE, person("soan-thao", "office_head"), REVISED, "four-eyes-drafter"),
    ("2.1 an editor", OFFICE, person("bien-tap", "editor"), REVISED, "stage-role"),
    ("2.2 the head at the Rectorate's stage", AT_RECTORATE, HEAD, REVISED, "stage-role"),
    ("R06 what is closed", decided(OFFICE, HEAD), DEPUTY, REVISED, "review-closed"),
    ("R06 nothing changed", OFFICE, HEAD, content(), "edit-none"),
    ("R03 another item", OFFICE, HEAD, content(item("Khác")), "edit-beyond-words"),
    ("R03 no item", OFFICE, HEAD, content().model_copy(update={"channel_plans": ()}), "edit-beyond-words"),
    ("R03 another rhythm", OFFICE, HEAD, content(item(recurrence="FREQ=DAILY")), "edit-beyond-words"),
    ("R02 another channel", OFFICE, HEAD, content(channel="EN_WEB"), "edit-beyond-words"),
)


@pytest.mark.parametrize("row", REFUSED, ids=[row[0] for row in REFUSED])
def test_an_edit_that_may_not_be_is_refused_by_its_rule(row: tuple[str, Review, Actor, PlanContent, str]) -> None:
    _, on, actor, made, rule = row
    decision = edit(on, made, actor)
    assert ([refusal.rule for refusal in decision.refusals], decision.state) == ([rule], None)
    assert decision.announcements == ()


def test_an_edit_of_an_outdated_page_and_a_return_with_an_edit_are_refused() -> None:
    assert edit(OFFICE, REVISED, content_hash="sha256:" + "0" * 64).refusals[0].rule == "hash-outdated"
    assert edit(OFFICE, REVISED, verdict=Verdict.RETURNED, note="x").refusals[0].rule == "edit-returned"


def test_an_edit_may_not_grow_beyond_a_topics_record() -> None:
    plenty = [item(f"Mục {n}", item_id=f"i-{n}", note="x") for n in range(200)]
    grown = [one | {"note": "x" * 4000} for one in plenty]
    (refusal,) = revising.edit_objections(content(*plenty), content(*grown))
    assert refusal.rule == "edit-too-large"


def test_a_submission_that_crossed_the_edit_changes_nothing_and_is_no_fault() -> None:
    after = edit(OFFICE, REVISED).state
    crossing = drafted(banner(), revision=2)
    assert receive(after, crossing, NOW, rules=RULES) == Decision()
    assert withdraw(after, withdrawn(1), NOW) == Decision()
    newer = receive(after, drafted(banner(), revision=3), NOW, rules=RULES).state
    assert newer is not None
    assert (newer.revision, newer.revised_by, newer.status) == (3, None, Status.OFFICE_REVIEW)


def test_the_form_changes_the_words_that_it_names_and_leaves_the_rest() -> None:
    before = content(item("A", note="cũ", cost_minor=5, partner="Xưởng"), item("B"))
    typed = {"title": "Mới", "aims-0": "Rõ", "title-0-0": "A1", "cost_minor-0-0": "4.500.000", "partner-0-0": " "}
    after = edited(before, typed)
    first, second = after.channel_plans[0].items
    assert (after.title, after.channel_plans[0].aims, first.title, first.item_id) == ("Mới", "Rõ", "A1", "A")
    assert (first.cost_minor, first.partner, first.note) == (4_500_000, None, "cũ")
    assert second == before.channel_plans[0].items[1]
    assert edited(before, {}) == before


@pytest.mark.parametrize(
    ("typed", "pointers"),
    [
        ({"title": " "}, ["/title"]),
        ({"title-0-0": ""}, ["/title-0-0"]),
        ({"cost_minor-0-0": "nhiều", "tier-0-0": "HUGE"}, ["/cost_minor-0-0", "/tier-0-0"]),
    ],
)
def test_a_faulty_field_of_the_form_is_named(typed: dict[str, str], pointers: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        edited(content(), typed)
    assert sorted(refusal.pointer for refusal in caught.value.refusals) == pointers
