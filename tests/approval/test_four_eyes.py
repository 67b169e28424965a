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
from services.approval.state import Review
from services.chassis.decision import Actor
from tests.approval.builders import NOW, RULES, content, drafted, item, withdrawn

PEOPLE = ("an", "binh", "chi", "dung")
ROLES = ("office_head", "rectorate", "editor", "administrator")
CONTENTS = (
    content(item("Tin tuần")),
    content(item("Tin tháng")),
    content(item("Băng rôn"), channel="BANNER", audience="INTERNAL"),
    content(item("Hội thảo", partner="Doanh nghiệp")),
)
BEYOND = {digest(one.to_data()) for one in CONTENTS[2:]}  # by the words of A8, told here and not asked of the rules


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
        decision = decide(self.review, ruling, actor, now=NOW)
        if decision.state is None:
            return
        self.rulings.append((self.review.revision, shown, who, actor.roles))
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
        asked = ["office_head", "rectorate"] if content_hash in BEYOND else ["office_head"]
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
