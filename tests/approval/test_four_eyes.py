"""P9: whatever people do, no plan is approved without the people its route asks for, on its exact hash."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.approval import PlanApproved
from contracts.canonical import digest
from contracts.codes import Verdict
from contracts.planning import PlanContent
from services.approval.decisions import Ruling, decide, receive, withdraw
from services.approval.editing.revising import edit_and_approve
from services.approval.state import Review
from services.chassis.decision import Actor, Decision
from tests.approval.builders import NOW, RULES, content, drafted, item, withdrawn

PEOPLE = ("an", "binh", "chi", "dung")
ROLES = ("office_head", "rectorate", "editor", "administrator")
CONTENTS = (
    content(item("Tin tuần")),
    content(item("Tin tháng")),
    content(item("Băng rôn"), channel="BANNER", audience="INTERNAL"),
    content(item("Hội thảo", partner="Doanh nghiệp")),
)
# What a reviewer makes of a plan by words alone; the last takes it beyond the office's authority.
EDITS: tuple[dict[str, Any], ...] = ({"title": "Tên gọn"}, {"note": "Gọn"}, {"partner": "Doanh nghiệp"})


def is_beyond(made: PlanContent) -> bool:
    """By the words of A8, told here and not asked of the rules: a banner, or a partner outside."""
    return any(one.channel == "BANNER" or any(each.partner for each in one.items) for one in made.channel_plans)


def with_words(made: PlanContent, words: dict[str, Any]) -> PlanContent:
    """The plan with other words in its first item, or in its own title."""
    if "title" in words:
        return made.model_copy(update=words)
    (plan,) = made.channel_plans
    items = (plan.items[0].model_copy(update=words), *plan.items[1:])
    return made.model_copy(update={"channel_plans": (plan.model_copy(update={"items": items}),)})


class FourEyes(RuleBasedStateMachine):
    """Drafts, edits, withdrawals, role changes and rulings on fresh and stale pages, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.review: Review | None = None
        self.roles: dict[str, set[str]] = {}
        self.revision = 0
        self.drafters: set[str] = set()
        self.seen: list[str] = ["sha256:" + "0" * 64]
        self.rulings: list[tuple[int, str, str, frozenset[str]]] = []  # revision, hash, who, roles then
        self.approved: list[PlanApproved] = []
        self.taken_back: set[int] = set()

    @initialize(roles=st.lists(st.sets(st.sampled_from(ROLES)), min_size=4, max_size=4))
    def give_roles(self, roles: list[set[str]]) -> None:
        self.roles = dict(zip(PEOPLE, roles, strict=True))

    @rule(who=st.sampled_from(PEOPLE), roles=st.sets(st.sampled_from(ROLES)))
    def change_roles(self, who: str, roles: set[str]) -> None:
        self.roles[who] = roles

    @rule(who=st.sampled_from(PEOPLE), made=st.sampled_from(CONTENTS))
    def draft(self, who: str, made: PlanContent) -> None:
        self.revision += 1
        message = drafted(made, revision=self.revision, by=who)
        self._receive(message)
        self.drafters.add(who)
        self.seen.append(message.content_hash)

    @rule(who=st.sampled_from(PEOPLE), made=st.sampled_from(CONTENTS), back=st.integers(0, 3))
    def deliver_an_old_draft_again(self, who: str, made: PlanContent, back: int) -> None:
        if self.revision - back >= 1:
            self._receive(drafted(made, revision=self.revision - back, by=who))

    def _receive(self, message: Any) -> None:
        decision = receive(self.review, message, NOW, rules=RULES)
        self.review = decision.state or self.review

    @rule(back=st.integers(0, 2))
    def take_back(self, back: int) -> None:
        revision = max(1, self.revision - back)
        if revision == self.revision:
            self.taken_back.add(revision)
        self.review = withdraw(self.review, withdrawn(revision), NOW).state or self.review

    @rule(
        who=st.sampled_from(PEOPLE),
        verdict=st.sampled_from([Verdict.APPROVED, Verdict.APPROVED, Verdict.RETURNED]),
        page=st.integers(0, 3),
    )
    def rule_on_a_page(self, who: str, verdict: Verdict, page: int) -> None:
        if self.review is None:
            return
        shown = self.seen[-1 - page] if page < len(self.seen) else self.seen[0]
        actor = Actor(who, who, frozenset(self.roles[who]))
        ruling = Ruling(f"d{len(self.rulings)}", verdict, shown, "ghi chú")
        self._follow(decide(self.review, ruling, actor, now=NOW), shown, actor)

    @rule(who=st.sampled_from(PEOPLE), words=st.sampled_from(EDITS), page=st.integers(0, 1), take=st.booleans())
    def edit_and_rule(self, who: str, words: dict[str, Any], page: int, *, take: bool) -> None:
        """A reviewer edits what his page shows; with `take` a submission of the same number crosses his edit."""
        if self.review is None:
            return
        shown = self.seen[-1 - page] if page < len(self.seen) else self.seen[0]
        actor = Actor(who, who, frozenset(self.roles[who]))
        ruling = Ruling(f"d{len(self.rulings)}", Verdict.APPROVED, shown, "ghi chú")
        made, stage = with_words(self.review.content, words), self.review.stage
        decision = edit_and_approve(self.review, ruling, made, by=(actor, NOW), rules=RULES)
        if decision.state is None:
            return
        self.revision += 1
        self.seen.append(digest(made.to_data()))
        assert decision.state.content == made
        assert who not in self.drafters, "the drafter does not edit his plan into approval"
        if stage == "OFFICE":
            self._follow(decision, self.seen[-1], actor)
        else:
            assert decision.state.stage == "OFFICE", "nobody of the office has decided on what the Rectorate wrote"
            self.review = decision.state
        if take:
            self._receive(drafted(CONTENTS[0], revision=self.revision, by=who))

    def _follow(self, decision: Decision[Review], shown: str, actor: Actor) -> None:
        if decision.state is None:
            return
        self.rulings.append((decision.state.revision, shown, actor.account_id, actor.roles))
        self.review = decision.state
        for announcement in decision.announcements:
            if isinstance(announcement.data, PlanApproved):
                self._judge(announcement.data)
                self.approved.append(announcement.data)
                self.drafters = set()

    def _judge(self, approved: PlanApproved) -> None:
        """The promise, told again from what was done and not from what the review says."""
        content_hash = digest(approved.content.to_data())
        assert approved.content_hash == content_hash == self.seen[-1]
        assert approved.revision == self.revision
        assert approved.revision not in self.taken_back
        mine = [one for one in self.rulings if one[0] == approved.revision]
        assert all(shown == content_hash for _, shown, _, _ in mine)
        asked = ["office_head", "rectorate"] if is_beyond(approved.content) else ["office_head"]
        assert len(mine) == len(asked)
        assert all(role in roles for role, (_, _, _, roles) in zip(asked, mine, strict=True))
        people = [who for _, _, who, _ in mine]
        assert len(set(people)) == len(people)
        assert self.drafters.isdisjoint(people)
        assert [made.decided_by for made in approved.decisions] == people

    @invariant()
    def a_revision_is_approved_once(self) -> None:
        revisions = [one.revision for one in self.approved]
        assert len(set(revisions)) == len(revisions)


TestFourEyes = FourEyes.TestCase
TestFourEyes.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
