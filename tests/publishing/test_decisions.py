"""The rules of step 3, row by row; each row is named by the clause or rule that it is about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import Channel, DeliveryOutcome, WithdrawalReason
from contracts.envelope import event_key
from contracts.publishing import (
    ContentCorrected,
    ContentPublished,
    ContentSubmitted,
    ContentWithdrawn,
    DeliveryFailed,
    Evidence,
)
from services.chassis.decision import Actor, Announcement
from services.publishing import decisions
from services.publishing.decisions import Correction, Failure, Showing
from services.publishing.projections import milestone_of
from services.publishing.state import Link
from tests.publishing.builders import (
    AUDITOR,
    CONTENT_ID,
    CONTRIBUTOR,
    DAY,
    EDITOR,
    EVENT,
    HEAD,
    HOUR,
    NOW,
    OTHER_EVENT,
    PHOTO,
    STRANGER,
    SUBMISSION,
    VIEWER,
    published,
    submitted,
)

PROOF = Evidence(sha256="cd" * 32, media_type="image/jpeg", href="https://luu.example.edu.vn/minh-chung/1.jpg")
ON_SITE = Showing(Channel.VI_WEB, url=f"https://tin.example.edu.vn/news/{CONTENT_ID}", evidence=PROOF)
ON_BOARD = Showing(Channel.E_BOARD, published_at=NOW - HOUR, recorded=True)
IN_PRESS = Showing(Channel.PRESS, published_at=NOW - 2 * HOUR, recorded=True)


def rules(decision: decisions.Outcome) -> list[str]:
    """The codes of the rules that said no."""
    return [refusal.rule for refusal in decision.refusals]


SUBMITS: tuple[tuple[str, Actor, list[str]], ...] = (
    ("0.3 a contributor sends", CONTRIBUTOR, []),
    ("3.0 an editor sends", EDITOR, []),
    ("3.0 the head sends", HEAD, []),
    ("0.3 a viewer does not", VIEWER, ["submitters-only"]),
    ("4.0 an auditor does not", AUDITOR, ["submitters-only"]),
)


@pytest.mark.parametrize(("actor", "refused"), [row[1:] for row in SUBMITS], ids=[row[0] for row in SUBMITS])
def test_who_may_submit(actor: Actor, refused: list[str]) -> None:
    assert rules(decisions.submit(SUBMISSION, actor, NOW, content_id=CONTENT_ID)) == refused


LINKS: tuple[tuple[str, Link, str], ...] = (
    ("R10 an event", Link(event=EVENT), EVENT),
    ("R10 an event before its plan item", Link(event=EVENT, plan_item_id="kh-1"), EVENT),
    ("3.2 a plan item", Link(plan_item_id="kh-tin"), "kh-tin"),
    ("R10 unplanned", Link(), CONTENT_ID),
)


@pytest.mark.parametrize(("link", "subject"), [row[1:] for row in LINKS], ids=[row[0] for row in LINKS])
def test_a_submission_is_announced_under_its_key(link: Link, subject: str) -> None:
    given = replace(SUBMISSION, link=link, photo=PHOTO)
    decision = decisions.submit(given, CONTRIBUTOR, NOW, content_id=CONTENT_ID)
    data = ContentSubmitted(
        content_id=CONTENT_ID,
        revision=1,
        event=link.event,
        plan_item_id=link.plan_item_id,
        submitted_by=CONTRIBUTOR.account_id,
        kinds=("TEXT", "PHOTO"),
    )
    assert decision.announcements == (Announcement(data, subject, 1, NOW, f"{CONTENT_ID}#1"),)


FLAGS: tuple[tuple[str, Link, bool, bool, bool], ...] = (
    ("R10 neither", Link(), False, False, True),
    ("R10 known event", Link(event=EVENT), True, False, False),
    ("R10 unknown event", Link(event=EVENT), False, False, True),
    ("R10 known item", Link(plan_item_id="kh-tin"), False, True, False),
    ("R10 unknown item", Link(plan_item_id="kh-lạ"), False, False, True),
    ("R10 unknown event, known item", Link(event=EVENT, plan_item_id="kh-tin"), False, True, False),
)


@pytest.mark.parametrize(("link", "event", "item", "flag"), [row[1:] for row in FLAGS], ids=[row[0] for row in FLAGS])
def test_unplanned_content_is_flagged(link: Link, event: bool, item: bool, flag: bool) -> None:
    assert decisions.is_unplanned(link, event_is_known=event, item_is_known=item) is flag


READS: tuple[tuple[str, Actor, bool], ...] = (
    ("0.3 the contributor who sent it", CONTRIBUTOR, True),
    ("0.3 another contributor", STRANGER, False),
    ("3.0 an editor", EDITOR, True),
    ("4.0 an auditor", AUDITOR, True),
    ("0.3 a viewer", VIEWER, False),
)


@pytest.mark.parametrize(("actor", "may"), [row[1:] for row in READS], ids=[row[0] for row in READS])
def test_who_sees_a_submission(actor: Actor, may: bool) -> None:
    assert decisions.may_read(actor, submitted()) is may


def test_an_editor_publishes_on_the_built_in_site_now() -> None:
    decision = decisions.publish(submitted(), ON_SITE, EDITOR, now=NOW)
    data = ContentPublished(
        content_id=CONTENT_ID,
        revision=2,
        channel="VI_WEB",
        medium="WEBSITE",
        audience="EXTERNAL",
        language="vi",
        title=SUBMISSION.title,
        published_at=NOW,
        url=ON_SITE.url,
        event=EVENT,
        evidence=PROOF,
        contributor_ids=(CONTRIBUTOR.account_id,),
    )
    assert decision.announcements == (Announcement(data, EVENT, 2, NOW, f"{CONTENT_ID}#2"),)


EARLY_EVENT = {"starts_at": NOW + DAY}
PUBLISHES: tuple[tuple[str, Showing, Actor, list[str]], ...] = (
    ("3.4 on the website", ON_SITE, EDITOR, []),
    ("3.0 by the head", ON_SITE, HEAD, []),
    ("0.3 not by a contributor", ON_SITE, CONTRIBUTOR, ["publishers-only"]),
    ("4.0 not by an auditor", ON_SITE, AUDITOR, ["publishers-only"]),
    ("3.4 recorded on the board", ON_BOARD, EDITOR, []),
    ("3.5 recorded in the press", IN_PRESS, EDITOR, []),
    ("3.7 before the event", replace(ON_SITE, starts_at=NOW + DAY), EDITOR, []),
    ("A5 recorded without a time", replace(IN_PRESS, published_at=None), EDITOR, ["published-at-missing"]),
    ("A5 five minutes ahead", replace(IN_PRESS, published_at=NOW + timedelta(minutes=5)), EDITOR, []),
    ("A5 more than that", replace(IN_PRESS, published_at=NOW + timedelta(seconds=301)), EDITOR, ["published-at-ahead"]),
    ("A5 before 2000", replace(IN_PRESS, published_at=NOW - 10_000 * DAY), EDITOR, ["published-at-too-old"]),
    ("A5 built-in shows now", replace(ON_SITE, published_at=NOW - HOUR), EDITOR, ["published-at-not-now"]),
    ("A5 social without address or proof", replace(IN_PRESS, channel=Channel.SOCIAL), EDITOR, ["proof-missing"]),
    ("A5 English site with proof", replace(IN_PRESS, channel=Channel.EN_WEB, evidence=PROOF), EDITOR, []),
    ("A5 own site recorded with address", replace(ON_SITE, recorded=True, published_at=NOW - DAY), EDITOR, []),
)


@pytest.mark.parametrize(("showing", "actor", "refused"), [r[1:] for r in PUBLISHES], ids=[r[0] for r in PUBLISHES])
def test_what_may_be_published(showing: Showing, actor: Actor, refused: list[str]) -> None:
    assert rules(decisions.publish(submitted(), showing, actor, now=NOW)) == refused


DERIVED: tuple[tuple[str, Channel, tuple[str, str, str]], ...] = (
    ("0.5 the English website", Channel.EN_WEB, ("WEBSITE", "EXTERNAL", "en")),
    ("0.5 the internal website", Channel.INTERNAL_WEB, ("WEBSITE", "INTERNAL", "vi")),
    ("0.5 UTE-TV", Channel.UTE_TV, ("TV_CHANNEL", "EXTERNAL", "vi")),
    ("1.4 the board", Channel.E_BOARD, ("E_BOARD", "INTERNAL", "vi")),
    ("1.4 the press", Channel.PRESS, ("PRESS", "MASS_MEDIA", "vi")),
    ("3.3 a banner", Channel.BANNER, ("BANNER", "INTERNAL", "vi")),
)


@pytest.mark.parametrize(("channel", "nature"), [row[1:] for row in DERIVED], ids=[row[0] for row in DERIVED])
def test_the_channel_says_medium_audience_and_language(channel: Channel, nature: tuple[str, str, str]) -> None:
    showing = Showing(channel, published_at=NOW - HOUR, recorded=True, evidence=PROOF)
    data: Any = decisions.publish(submitted(), showing, EDITOR, now=NOW).announcements[0].data
    assert (data.medium, data.audience, data.language) == nature
    assert (data.recorded, data.published_at) == (True, NOW - HOUR)


def test_the_same_channel_twice_is_refused_and_another_is_not() -> None:
    content = published(ON_SITE)
    assert rules(decisions.publish(content, ON_SITE, EDITOR, now=NOW)) == ["published-already"]
    assert rules(decisions.publish(content, ON_BOARD, EDITOR, now=NOW)) == []


def test_content_is_not_shown_before_its_embargo_but_what_was_shown_elsewhere_is_recorded() -> None:
    content = submitted(not_before=NOW + DAY)
    assert rules(decisions.publish(content, ON_SITE, EDITOR, now=NOW)) == ["embargo"]
    assert rules(decisions.publish(content, ON_SITE, EDITOR, now=NOW + DAY)) == []
    assert rules(decisions.publish(content, IN_PRESS, EDITOR, now=NOW)) == []


def test_a_correction_keeps_when_the_channel_first_showed_it() -> None:
    content = published(ON_BOARD)
    given = Correction(Channel.E_BOARD, "Tên đã sửa", content.text)
    decision = decisions.correct(content, given, EDITOR, now=NOW + HOUR)
    (announced,) = decision.announcements
    assert isinstance(announced.data, ContentCorrected)
    assert (announced.data.published_at, announced.data.revision) == (NOW - HOUR, 3)
    assert (announced.data.title, announced.time) == ("Tên đã sửa", NOW + HOUR)


def test_a_correction_needs_something_shown_and_something_changed() -> None:
    content = published(ON_SITE)
    same = Correction(Channel.VI_WEB, content.title, content.text)
    assert rules(decisions.correct(content, same, EDITOR, now=NOW)) == ["nothing-changed"]
    assert rules(decisions.correct(submitted(), same, EDITOR, now=NOW)) == ["not-shown"]
    assert rules(decisions.correct(content, replace(same, title="Khác"), CONTRIBUTOR, now=NOW)) == ["publishers-only"]


def test_withdrawn_content_can_be_published_again_with_a_higher_revision() -> None:
    content = published(ON_SITE)
    decision = decisions.withdraw(content, Channel.VI_WEB, EDITOR, now=NOW + HOUR, reason=WithdrawalReason.CORRECTION)
    data = ContentWithdrawn(
        content_id=CONTENT_ID,
        revision=3,
        channel="VI_WEB",
        event=EVENT,
        withdrawn_at=NOW + HOUR,
        reason="CORRECTION",
        by=EDITOR.account_id,
    )
    assert decision.announcements == (Announcement(data, EVENT, 3, NOW + HOUR, f"{CONTENT_ID}#3"),)
    assert decision.state is not None
    again = decisions.publish(decision.state, ON_SITE, EDITOR, now=NOW + DAY)
    assert [a.sequence for a in again.announcements] == [4]


WITHDRAWALS: tuple[tuple[str, Actor, Channel, WithdrawalReason, list[str]], ...] = (
    ("R20 with a reason", EDITOR, Channel.VI_WEB, WithdrawalReason.OTHER, []),
    ("R20 not shown there", EDITOR, Channel.PRESS, WithdrawalReason.OTHER, ["not-shown"]),
    ("R10 moving is no withdrawal", EDITOR, Channel.VI_WEB, WithdrawalReason.RELINKED, ["relink-instead"]),
    ("0.3 not by a contributor", CONTRIBUTOR, Channel.VI_WEB, WithdrawalReason.OTHER, ["publishers-only"]),
)


@pytest.mark.parametrize("row", WITHDRAWALS, ids=[row[0] for row in WITHDRAWALS])
def test_what_may_be_withdrawn(row: tuple[str, Actor, Channel, WithdrawalReason, list[str]]) -> None:
    _, actor, channel, reason, refused = row
    assert rules(decisions.withdraw(published(ON_SITE), channel, actor, now=NOW, reason=reason)) == refused


def test_a_withdrawn_consent_takes_down_what_is_ours_and_leaves_the_rest_as_work() -> None:
    content = published(ON_SITE, ON_BOARD, IN_PRESS)
    given: dict[str, Any] = {"now": NOW + HOUR, "reason": WithdrawalReason.CONSENT}
    decision = decisions.withdraw(content, Channel.E_BOARD, EDITOR, **given)
    told = [(a.data.channel, a.sequence) for a in decision.announcements if isinstance(a.data, ContentWithdrawn)]
    assert told == [("E_BOARD", 5), ("VI_WEB", 6)], "0.3 the built-in site at once, in one command"
    after = decision.state
    assert after is not None
    assert [p.channel for p in after.to_take_down] == ["PRESS"]
    assert rules(decisions.publish(after, ON_SITE, EDITOR, now=NOW + DAY)) == ["consent-withdrawn"]
    last = decisions.withdraw(after, Channel.PRESS, EDITOR, **given).state
    assert last is not None
    assert last.to_take_down == ()
    other = decisions.put_photo(last, PHOTO, EDITOR, now=NOW + DAY).state
    assert other is not None
    assert rules(decisions.publish(other, ON_SITE, EDITOR, now=NOW + DAY)) == []


FAILURE = Failure(Channel.E_BOARD, DeliveryOutcome.UNREACHABLE, "Bảng mất điện")
FAILURES: tuple[tuple[str, Actor, Channel, list[str]], ...] = (
    ("R20 by an editor", EDITOR, Channel.E_BOARD, []),
    ("A5 not of what is shown", EDITOR, Channel.VI_WEB, ["published-already"]),
    ("0.3 not by a contributor", CONTRIBUTOR, Channel.E_BOARD, ["publishers-only"]),
)


@pytest.mark.parametrize(("actor", "channel", "refused"), [r[1:] for r in FAILURES], ids=[r[0] for r in FAILURES])
def test_whose_failures_are_noted(actor: Actor, channel: Channel, refused: list[str]) -> None:
    given = replace(FAILURE, channel=channel)
    assert rules(decisions.report_failure(published(ON_SITE), given, actor, now=NOW)) == refused


def test_the_failures_of_a_channel_are_counted() -> None:
    first = decisions.report_failure(submitted(), FAILURE, EDITOR, now=NOW).state
    assert first is not None
    (announced,) = decisions.report_failure(first, FAILURE, EDITOR, now=NOW + HOUR).announcements
    data = DeliveryFailed(
        content_id=CONTENT_ID,
        revision=3,
        channel="E_BOARD",
        event=EVENT,
        attempt=2,
        outcome="UNREACHABLE",
        detail="Bảng mất điện",
    )
    assert announced == Announcement(data, EVENT, 3, NOW + HOUR, f"{CONTENT_ID}#3")


PHASES: tuple[tuple[str, timedelta, str], ...] = (
    ("R13 before the event", -HOUR, "PRE"),
    ("A20 at its start", timedelta(0), "POST"),
    ("A20 during it", HOUR, "POST"),
)


@pytest.mark.parametrize(("shift", "phase"), [row[1:] for row in PHASES], ids=[row[0] for row in PHASES])
def test_on_which_side_of_the_event_something_was_shown(shift: timedelta, phase: str) -> None:
    assert decisions.phase_of(NOW + shift, NOW) == phase
    assert decisions.phase_of(NOW + shift, None) == "POST"


READINGS: tuple[tuple[str, dict[str, int] | None, Actor, list[str]], ...] = (
    ("R09 the revision in force", {"revision": 2}, CONTRIBUTOR, []),
    ("R09 an older one", {"revision": 3}, CONTRIBUTOR, ["plan-outdated"]),
    ("R09 an unknown plan", None, CONTRIBUTOR, ["plan-outdated"]),
    ("3.1 not a viewer", {"revision": 2}, VIEWER, ["submitters-only"]),
)


@pytest.mark.parametrize(("plan", "actor", "refused"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS])
def test_what_may_be_acknowledged(plan: dict[str, int] | None, actor: Actor, refused: list[str]) -> None:
    assert [refusal.rule for refusal in decisions.check_acknowledgement(plan, 2, actor)] == refused


def test_relinking_withdraws_under_the_old_key_and_publishes_higher_under_the_new() -> None:
    content = published(ON_SITE, ON_BOARD)
    decision = decisions.relink(content, Link(event=OTHER_EVENT), EDITOR, now=NOW + HOUR)
    told = [(type(a.data), a.subject, a.sequence, getattr(a.data, "channel", None)) for a in decision.announcements]
    assert told == [
        (ContentWithdrawn, EVENT, 4, "VI_WEB"),
        (ContentWithdrawn, EVENT, 5, "E_BOARD"),
        (ContentSubmitted, OTHER_EVENT, 6, None),
        (ContentPublished, OTHER_EVENT, 7, "VI_WEB"),
        (ContentPublished, OTHER_EVENT, 8, "E_BOARD"),
    ]
    published_at = [a.data.published_at for a in decision.announcements if isinstance(a.data, ContentPublished)]
    assert published_at == [NOW, NOW - HOUR], "moving content does not change when channels showed it"
    assert len({(type(a.data), a.discriminator) for a in decision.announcements}) == 5
    assert decision.state is not None
    assert [p.channel for p in decision.state.shown] == ["VI_WEB", "E_BOARD"]


def test_relinking_to_the_same_place_or_by_a_contributor_is_refused() -> None:
    assert rules(decisions.relink(submitted(), Link(event=EVENT), EDITOR, now=NOW)) == ["nothing-changed"]
    assert rules(decisions.relink(submitted(), Link(), CONTRIBUTOR, now=NOW)) == ["publishers-only"]


def test_material_is_revised_by_its_sender_until_a_channel_shows_it() -> None:
    texts = {"title": "Tên khác", "text": "Nội dung khác"}
    assert rules(decisions.revise(submitted(), CONTRIBUTOR, NOW, **texts)) == []
    assert rules(decisions.revise(submitted(), STRANGER, NOW, **texts)) == ["own-only"]
    assert rules(decisions.revise(published(ON_SITE), CONTRIBUTOR, NOW, **texts)) == ["shown-already"]
    again = decisions.put_photo(submitted(), PHOTO, CONTRIBUTOR, now=NOW)
    assert [(a.sequence, a.data.kinds) for a in again.announcements if isinstance(a.data, ContentSubmitted)] == [
        (2, ("TEXT", "PHOTO"))
    ]


def test_a_photo_with_minors_needs_the_reference_of_a_consent() -> None:
    minors = PHOTO.model_copy(update={"minors_visible": True})
    assert rules(decisions.put_photo(submitted(), minors, CONTRIBUTOR, now=NOW)) == ["consent-missing"]
    with_consent = minors.model_copy(update={"consent_reference": "PĐY-12/2026"})
    assert rules(decisions.put_photo(submitted(), with_consent, CONTRIBUTOR, now=NOW)) == []


def test_a_focal_items_milestone_is_an_event_of_planning() -> None:
    assert milestone_of({"item_id": "kh-1", "kind": "FOCAL"}) == event_key("/publicity/planning", "kh-1")
    assert milestone_of({"item_id": "kh-tin", "kind": "ROUTINE"}) is None


def test_content_survives_its_document() -> None:
    content = published(ON_SITE, ON_BOARD)
    assert type(content).from_doc(content.to_doc()) == content
