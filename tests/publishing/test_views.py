"""What the desk, the forms and the board make of documents: one row each, named by the rule that it shows."""

from datetime import datetime
from typing import Any

import pytest

from contracts.codes import Channel, WithdrawalReason
from contracts.events import EventHeld, EventScheduled
from services.publishing import decisions, pages, views
from services.publishing.decisions import Showing
from services.publishing.projections import fold_event, fold_obligation, fold_plan
from services.publishing.state import Content, Link
from tests.publishing.builders import (
    DAY,
    EDITOR,
    EVENT,
    NOW,
    OTHER_EVENT,
    PHOTO,
    approved,
    assessed,
    cancelled,
    merged,
    published,
    reported,
    submitted,
)

ON_SITE = Showing(Channel.VI_WEB, url="https://tin.example.edu.vn/1")


def work(state: str = "OPEN", **fields: Any) -> dict[str, Any]:
    """A stored obligation of WEBSITE, due in two and a half days."""
    doc = fold_obligation(None, assessed(1, state, **fields))
    assert doc is not None
    return doc


def event(*messages: Any) -> dict[str, Any]:
    """What is known of EVENT after the messages."""
    doc: dict[str, Any] | None = None
    for message in messages:
        doc = fold_event(doc, message) or doc
    assert doc is not None
    return doc


def withdrawn() -> Content:
    """Content that the site showed and does not show any more."""
    reason = WithdrawalReason.OTHER
    after = decisions.withdraw(published(ON_SITE), Channel.VI_WEB, EDITOR, now=NOW, reason=reason).state
    assert after is not None
    return after


def test_the_due_track_counts_from_the_day_after_and_hatches_what_rest_days_added() -> None:
    held = event(reported(EventHeld, id="e", started_at="2026-11-19T11:00:00Z", ended_at="2026-11-19T13:40:00Z"))
    owed = work(due_at="2026-11-23T17:00:00Z", strict_due_at="2026-11-22T17:00:00Z")
    about = views.subject(Link(event=EVENT), held, None, work=[owed], now=NOW - DAY)
    kinds = [(day.kind, day.is_gone) for day in about.days]
    assert kinds == [("event", True), ("counted", True), ("counted", True), ("counted", True), ("rolled", True)]
    assert (about.state, about.title) == ("DUE_SOON", "Hội thảo khoa học sinh viên")


ABOUT: tuple[tuple[str, Link, Any, Any, str], ...] = (
    ("R10 an unknown event", Link(event=EVENT), None, None, ""),
    ("R10 a plan item", Link(plan_item_id="kh-tin"), None, {"title": "Tin tuần"}, "Tin tuần"),
    ("R10 nothing", Link(), None, None, ""),
)


@pytest.mark.parametrize("row", ABOUT, ids=[row[0] for row in ABOUT])
def test_what_content_is_about(row: tuple[str, Link, Any, Any, str]) -> None:
    _, link, known, item, title = row
    about = views.subject(link, known, item, work=[], now=NOW)
    assert (about.title, about.due_at, about.days) == (title, None, ())


def test_an_event_is_offered_once_and_not_when_it_is_cancelled_or_the_same_as_another() -> None:
    ahead = {"started_at": NOW + DAY, "ended_at": NOW + 2 * DAY}
    known = event(reported(EventScheduled, id="e", **ahead))
    plans = [fold_plan(None, approved(1, "Mốc"))]

    def offered(*coming: dict[str, Any], owed: list[dict[str, Any]] | None = None) -> list[str]:
        found = views.choices(owed or [], coming, [plan for plan in plans if plan], unit="", query="")
        return [choice.about for choice in (*found.due, *found.coming, *found.items)]

    assert offered(known) == [f"event:{EVENT}", "item:kh-tin"]
    assert offered(known, owed=[work(), work(obligation_id="b")]) == [f"event:{EVENT}", "item:kh-tin"]
    assert offered(event(reported(EventScheduled, id="e", **ahead), cancelled(id="c"))) == ["item:kh-tin"]
    assert offered(event(reported(EventScheduled, id="e", **ahead), merged(OTHER_EVENT, id="m"))) == ["item:kh-tin"]


SEARCHED = (("Hội thảo Điện", "hoi thao dien"), ("HOÀ", "hoa"), ("Đêm nhạc", "dem"))


@pytest.mark.parametrize(("title", "typed"), SEARCHED)
def test_names_are_found_without_marks(title: str, typed: str) -> None:
    assert views.fold(typed) in views.fold(title)


YEARS = (
    ("A18 the running year", "2026-11-24", ["2026-2027"]),
    ("A18 the last days of the year before", "2026-08-31", ["2025-2026"]),
    ("A18 before there is a plan", "2028-01-01", ["2026-2027"]),
    ("A18 before there was any", "2020-01-01", []),
)


@pytest.mark.parametrize(("day", "years"), [row[1:] for row in YEARS], ids=[row[0] for row in YEARS])
def test_which_years_plan_is_in_force(day: str, years: list[str]) -> None:
    plans = [{"school_year": "2026-2027"}, {"school_year": "2025-2026"}]
    found = views.plans_of_year(plans, datetime.fromisoformat(f"{day}T12:00:00+07:00"))
    assert [plan["school_year"] for plan in found] == years


def test_a_slide_is_what_board_or_site_show_and_goes_with_its_consent() -> None:
    content = published(ON_SITE).changed(photo=PHOTO)
    slide = pages.slide_of(content)
    assert slide is not None
    assert (slide.title, slide.photo and slide.photo.alt_text) == (content.title, PHOTO.alt_text)
    assert pages.slide_of(submitted()) is None
    assert pages.slide_of(withdrawn()) is None
    assert pages.slide_of(content.changed(consent_withdrawn_at=NOW)) is None


def test_a_lead_is_cut_between_words() -> None:
    assert pages.shortened("Một đoạn\nngắn.\n\nĐoạn hai.") == "Một đoạn ngắn."
    long = pages.shortened("từ " * 200)
    assert len(long) <= pages.LEAD_CHARACTERS + 1
    assert long.endswith("từ…")
