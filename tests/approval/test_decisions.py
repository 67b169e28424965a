"""A review step by step: who may decide what, on which content, and what is announced."""

from datetime import timedelta

import pytest

from contracts.approval import PlanApproved, PlanEscalated, PlanReturned
from contracts.codes import Stage, Verdict
from services.approval.decisions import TRANSITIONS, Step, decide, is_overdue, receive, withdraw
from services.approval.state import Review, Status
from services.approval.storage import from_doc, to_doc
from services.chassis.decision import Actor, Decision
from tests.approval.builders import (
    BOTH,
    DEPUTY,
    DRAFTED_AT,
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

OFFICE = review()
BEYOND = review(banner())
AT_RECTORATE = decided(BEYOND, HEAD)
CLOSED = decided(OFFICE, HEAD)
DRAFTER = person("soan-thao", "office_head", "rectorate")

# Each row: the sentence, the review, who, which verdict, the status after it.
ALLOWED: tuple[tuple[str, Review, Actor, Verdict, Status], ...] = (
    ("2.1 the head approves what is within authority", OFFICE, HEAD, Verdict.APPROVED, Status.APPROVED),
    ("2.1 the head returns", OFFICE, HEAD, Verdict.RETURNED, Status.RETURNED),
    ("A22 a deputy holds the same role", OFFICE, DEPUTY, Verdict.APPROVED, Status.APPROVED),
    ("2.2 beyond authority the head passes on", BEYOND, HEAD, Verdict.APPROVED, Status.RECTORATE_REVIEW),
    ("2.2 beyond authority the head may return", BEYOND, HEAD, Verdict.RETURNED, Status.RETURNED),
    ("A8 the Rectorate's approval is final", AT_RECTORATE, RECTOR, Verdict.APPROVED, Status.APPROVED),
    ("A8 the Rectorate may return", AT_RECTORATE, RECTOR, Verdict.RETURNED, Status.RETURNED),
    ("A7 one of both roles decides the office's stage", BEYOND, BOTH, Verdict.APPROVED, Status.RECTORATE_REVIEW),
)


@pytest.mark.parametrize("row", ALLOWED, ids=[row[0] for row in ALLOWED])
def test_who_may_decide_moves_the_review(row: tuple[str, Review, Actor, Verdict, Status]) -> None:
    _, before, actor, verdict, status = row
    after = decide(before, ruling(before, verdict), actor, now=NOW).state
    assert after is not None
    assert after.status is status
    assert after.decisions[-1].decided_by == actor.account_id
    assert after.sequence == before.sequence + 1


# Each row: the sentence, the review, who, the rule that says no.
REFUSED: tuple[tuple[str, Review, Actor, str], ...] = (
    ("A9 the drafter does not approve", OFFICE, DRAFTER, "four-eyes-drafter"),
    ("A9 the drafter does not approve for the Rectorate", AT_RECTORATE, DRAFTER, "four-eyes-drafter"),
    ("2.1 an editor does not decide", OFFICE, person("bien-tap", "editor", "administrator"), "stage-role"),
    ("2.2 the Rectorate waits for the office", BEYOND, RECTOR, "stage-role"),
    ("2.2 the head does not decide for the Rectorate", AT_RECTORATE, HEAD, "stage-role"),
    ("2.2 a deputy does not decide for the Rectorate", AT_RECTORATE, DEPUTY, "stage-role"),
    ("A22 nobody decides both stages", decided(BEYOND, BOTH), BOTH, "four-eyes-stage"),
    ("R06 what is closed is closed", CLOSED, DEPUTY, "review-closed"),
)


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize(("before", "actor", "rule"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_who_may_not_decide_is_told_the_rule(before: Review, actor: Actor, rule: str, verdict: Verdict) -> None:
    decision = decide(before, ruling(before, verdict), actor, now=NOW)
    assert [refusal.rule for refusal in decision.refusals] == [rule]
    assert decision.state is None
    assert decision.announcements == ()


@pytest.mark.parametrize(
    "content_hash", ["sha256:" + "0" * 64, "", "sha256:"], ids=["R06 another", "R06 none", "R06 part"]
)
def test_a_decision_on_another_hash_is_refused(content_hash: str) -> None:
    decision = decide(OFFICE, ruling(OFFICE, content_hash=content_hash), HEAD, now=NOW)
    assert [refusal.rule for refusal in decision.refusals] == ["hash-outdated"]


@pytest.mark.parametrize("note", ["", "  \n"])
def test_a_return_needs_a_note(note: str) -> None:
    decision = decide(OFFICE, ruling(OFFICE, Verdict.RETURNED, note=note), HEAD, now=NOW)
    assert [refusal.rule for refusal in decision.refusals] == ["note-required"]


def announced(decision: Decision[Review]) -> object:
    (announcement,) = decision.announcements
    assert announcement.subject == OFFICE.plan_id
    assert decision.state is not None
    assert announcement.sequence == decision.state.sequence
    return announcement.data


def test_an_approval_carries_content_route_and_decisions_whole() -> None:
    data = announced(decide(AT_RECTORATE, ruling(AT_RECTORATE), RECTOR, now=NOW))
    assert isinstance(data, PlanApproved)
    assert data.content == banner()
    assert data.content_hash == BEYOND.content_hash
    assert data.issued_at == NOW
    assert [rule.id for rule in data.route.rules] == ["M1"]
    assert data.route.matrix_version == RULES.matrix.version
    assert [(made.stage, made.decided_by, made.verdict) for made in data.decisions] == [
        (Stage.OFFICE, HEAD.account_id, Verdict.APPROVED),
        (Stage.RECTORATE, RECTOR.account_id, Verdict.APPROVED),
    ]


def test_what_goes_to_the_rectorate_is_announced_with_its_rules() -> None:
    data = announced(decide(BEYOND, ruling(BEYOND), HEAD, now=NOW))
    assert data == PlanEscalated(plan_id=BEYOND.plan_id, revision=1, to="RECTORATE", rules=BEYOND.route.rules)


def test_a_return_is_announced_with_its_note() -> None:
    data = announced(decide(AT_RECTORATE, ruling(AT_RECTORATE, Verdict.RETURNED, note="Giảm chi"), RECTOR, now=NOW))
    assert type(data) is PlanReturned
    assert [(made.verdict, made.note) for made in data.decisions] == [("APPROVED", None), ("RETURNED", "Giảm chi")]


@pytest.mark.parametrize("before", [OFFICE, AT_RECTORATE, CLOSED], ids=["R06 waiting", "R06 half way", "R06 approved"])
def test_a_newer_revision_starts_at_the_office_without_earlier_decisions(before: Review) -> None:
    newer = review(content(item("Khác")), before=before, revision=2)
    assert (newer.status, newer.decisions, newer.revision) == (Status.OFFICE_REVIEW, (), 2)
    assert newer.earlier is not None
    assert newer.earlier.content == before.content
    assert newer.history[-1].decisions == before.decisions
    stale = decide(newer, ruling(before), HEAD, now=NOW)
    assert [refusal.rule for refusal in stale.refusals] == ["hash-outdated"]


def test_the_same_or_an_older_revision_changes_nothing() -> None:
    newer = review(content(item("Khác")), before=OFFICE, revision=2)
    for late in (drafted(), drafted(content(item("Khác")), revision=2)):
        assert receive(newer, late, NOW, rules=RULES) == Decision()


def test_the_same_revision_with_other_content_is_refused() -> None:
    decision = receive(OFFICE, drafted(banner()), NOW, rules=RULES)
    assert [refusal.rule for refusal in decision.refusals] == ["revision-conflict"]


def test_content_that_does_not_have_its_hash_is_not_put_up_for_approval() -> None:
    decision = receive(None, drafted(content_hash="sha256:" + "1" * 64), NOW, rules=RULES)
    assert [refusal.rule for refusal in decision.refusals] == ["content-unlike-hash"]


def test_who_drafted_an_earlier_revision_does_not_approve_what_builds_on_it() -> None:
    first = review(by=HEAD.account_id)
    second = review(content(item("Sửa")), before=first, revision=2, by="soan-thao")
    assert decide(second, ruling(second), HEAD, now=NOW).refusals[0].rule == "four-eyes-drafter"
    approved = decided(second, DEPUTY)
    third = review(content(item("Bổ sung")), before=approved, revision=3, by="soan-thao")
    assert decide(third, ruling(third), HEAD, now=NOW).state is not None


# Each row: the sentence, the review before, the revision withdrawn, the status after (None: nothing changes).
WITHDRAWALS = (
    ("R06 while the office looks", OFFICE, 1, Status.WITHDRAWN),
    ("R06 while the Rectorate looks", AT_RECTORATE, 1, Status.WITHDRAWN),
    ("R06 after a return", decide(OFFICE, ruling(OFFICE, Verdict.RETURNED), HEAD, now=NOW).state, 1, Status.WITHDRAWN),
    ("R06 what is approved stays", CLOSED, 1, None),
    ("R06 a newer revision stays", review(before=OFFICE, made=banner(), revision=2), 1, None),
    ("R06 an unknown plan", None, 1, None),
)


@pytest.mark.parametrize(
    ("before", "revision", "status"), [r[1:] for r in WITHDRAWALS], ids=[r[0] for r in WITHDRAWALS]
)
def test_a_withdrawal_closes_what_is_not_approved(before: Review | None, revision: int, status: Status | None) -> None:
    after = withdraw(before, withdrawn(revision), NOW).state
    assert (after and after.status) == status
    if after:
        assert decide(after, ruling(after), HEAD, now=NOW).refusals[0].rule == "review-closed"


@pytest.mark.parametrize(
    ("state", "now", "overdue"),
    [
        (OFFICE, OFFICE.due_at - timedelta(microseconds=1), False),
        (OFFICE, OFFICE.due_at, True),
        (CLOSED, OFFICE.due_at + timedelta(days=9), False),
    ],
    ids=["R08 before the end of the day", "R08 after it", "R08 decided in time"],
)
def test_overdue_follows_the_rectors_schedule(state: Review, now: object, overdue: bool) -> None:
    assert is_overdue(state, now) is overdue  # type: ignore[arg-type]


def test_an_amendment_of_a_plan_in_force_has_days_of_its_own() -> None:
    amendment = review(content(item("Bổ sung")), before=CLOSED, revision=2)
    assert amendment.due_at - DRAFTED_AT > timedelta(days=3)
    assert amendment.due_at < OFFICE.due_at


def test_every_status_but_a_closed_one_can_be_left_and_nothing_leaves_approval_but_a_new_revision() -> None:
    leaving = {(before, step) for before, step in TRANSITIONS if before is Status.APPROVED}
    assert leaving == {(Status.APPROVED, Step.DRAFTED)}
    assert {before for before, _ in TRANSITIONS} == {None, *Status}


def test_a_stored_review_is_read_as_it_was() -> None:
    newer = review(content(item("Bổ sung")), before=decided(AT_RECTORATE, RECTOR), revision=2)
    assert from_doc(Review, to_doc(newer)) == newer
