"""What the pages of approval work out of a review: cards of changes, words, effect, the order of the inbox, the bar."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.envelope import decode
from contracts.planning import PlanContent
from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, read_reference
from services.approval.decisions import Ruling, decide
from services.approval.pages import diff, views
from services.approval.pages.cards import Card, effects
from services.approval.pages.words import MOST_WORDS, Run, compared
from services.approval.state import Review
from tests.approval.builders import DEPUTY, HEAD, NOW, banner, content, item, review
from tests.approval.test_web import House, decision, house  # noqa: F401 - the application, signed in

NAMES = diff.Names("vi", read_reference(UNITS_FILE, TOPIC_AREAS_FILE))
KNOWN = views.Known({}, NAMES)


def shown(on: Review) -> views.ReviewView:
    return views.review_page(on, HEAD, NOW, known=KNOWN)


def amended(before: PlanContent, after: PlanContent) -> views.ReviewView:
    return shown(review(after, before=review(before), revision=2))


def marked(runs: tuple[Run, ...]) -> list[str]:
    return [run.text for run in runs if run.is_changed]


WORDS: tuple[tuple[str, str, list[str], list[str]], ...] = (
    ("họp hằng tháng.", "họp hai tuần một lần.", ["hằng tháng"], ["hai tuần một lần"]),
    ("Web, TV.", "Web, Báo chí, TV.", [], [", Báo chí"]),
    ("ctv-1, ctv-2", "ctv-1, ctv-3", ["ctv-2"], ["ctv-3"]),
    ("4.500.000 đồng", "12.000.000 đồng", ["4.500.000"], ["12.000.000"]),
    ("", "mới", [], ["mới"]),
    ("cũ", "", ["cũ"], []),
    ("một hai ba", "bốn năm sáu", ["một hai ba"], ["bốn năm sáu"]),
)


@pytest.mark.parametrize("row", WORDS, ids=[row[1] or "gone" for row in WORDS])
def test_words_that_went_and_came_are_marked(row: tuple[str, str, list[str], list[str]]) -> None:
    before, after, gone, come = row
    left, right = compared(before, after)
    assert ("".join(run.text for run in left), "".join(run.text for run in right)) == (before, after)
    assert (marked(left), marked(right)) == (gone, come)
    assert all(not run.text[0].isspace() for run in (*left, *right) if run.is_changed)


def test_texts_too_long_to_compare_stand_whole() -> None:
    long = "từ " * (MOST_WORDS + 1)
    assert compared(long, long + "nữa") == ((Run(long, True),), (Run(long + "nữa", True),))


def kinds(cards: tuple[Card, ...]) -> list[tuple[str, str]]:
    return [(card.name, card.kind) for card in cards]


def test_a_part_has_one_card_that_says_what_became_of_it() -> None:
    before = content(item("Giữ", note="cũ", cost_minor=1), item("Bỏ"))
    after = content(item("Giữ", note="mới", cost_minor=2), item("Thêm"))
    view = amended(before, after)
    assert kinds(view.changes) == [("Giữ", "changed"), ("Thêm", "added"), ("Bỏ", "removed")]
    assert [line.field for line in view.changes[0].lines] == ["Kinh phí", "Ghi chú"]
    assert [card.number for card in view.changes] == [1, 2, 3]


def test_a_new_field_of_a_known_part_is_a_change_and_no_new_part() -> None:
    assert kinds(amended(content(item("A")), content(item("A", note="x"))).changes) == [("A", "changed")]


def test_the_same_content_again_has_no_card_and_the_whole_plan_has_all() -> None:
    view = amended(content(), content())
    assert view.changes == ()
    assert [card.part for card in view.whole] == ["Bản kế hoạch", "Kênh", "Mục"]


def test_a_card_names_the_rules_that_match_its_part() -> None:
    rich = content(item("Lớn", cost_minor=25_000_000), item("Lớn hơn"))
    found = {card.name: card.rules for card in amended(content(), rich).changes}
    assert (found["Lớn"], found["Lớn hơn"]) == (("M2",), ())
    assert [card.rules for card in shown(review(banner())).whole if card.name == "Băng rôn khai giảng"] == [("M1",)]


def test_codes_are_written_by_their_names() -> None:
    lines = diff.changes(None, content(item(topic_area="DAO_TAO", lead_unit="PTT")), NAMES)
    assert {line.field: line.after for line in lines}["Mảng chủ đề"] == "Đào tạo"
    assert {line.field: line.after for line in lines}["Đơn vị phụ trách"] == "Phòng Truyền thông"


def test_an_amount_is_written_in_the_readers_language() -> None:
    made = content(item(cost_minor=4_500_000))
    for lang, said in (("vi", "4.500.000 đồng"), ("en", "VND 4,500,000")):
        lines = diff.changes(None, made, diff.Names(lang, NAMES.reference))
        assert {line.field: line.after for line in lines}["Kinh phí"] == said


def test_the_effect_counts_what_will_be_in_force_and_the_difference() -> None:
    made = [(one.count, one.more) for one in effects(content(item("A"), item("B")), content(item("A")))]
    assert made == [(0, 0), (2, 1), (1, 0), (0, 0)]
    assert {one.more for one in effects(content(), None)} == {None}


def test_the_inbox_has_what_is_due_first_first_and_what_closed_last_first() -> None:
    plans = [
        review().model_copy(update={"plan_id": name, "due_at": NOW + timedelta(days=days)})
        for name, days in (("late", -1), ("far", 9), ("near", 1))
    ]
    done = []
    for name, hours in (("first", 1), ("last", 2)):
        ruling = Ruling("d", decision(plans[0])["verdict"], plans[0].content_hash, "")
        on = plans[0].model_copy(update={"plan_id": name})
        state = decide(on, ruling, DEPUTY, now=NOW + timedelta(hours=hours)).state
        assert state is not None
        done.append(state)
    view = views.inbox([plans[1], *done, plans[2], plans[0]], HEAD, NOW, names={})
    assert [(row.review.plan_id, row.is_overdue) for row in view.mine] == [
        *(("late", True), ("near", False), ("far", False))
    ]
    assert [row.review.plan_id for row in view.closed] == ["last", "first"]


@pytest.mark.live
async def test_the_review_page_has_cards_a_route_and_a_bar_that_names_the_next_step(house: House) -> None:  # noqa: F811
    head = await house.person("head", "office_head")
    path = await house.put_up(review(banner(), before=review(content(item("Cũ"))), revision=2))
    page = (await head.get(path)).text
    assert page.count("<h1") == 1
    assert 'id="change-1"' in page
    assert 'href="#change-2"' in page
    assert 'aria-current="step"' in page
    assert '<span class="hidden">thêm </span>' in page
    assert '<span class="hidden">bỏ </span>' in page
    assert "Duyệt, chuyển Ban Giám hiệu" in page
    assert "data-copy=" in page
    assert '<span class="count">1<span class="hidden"> chờ duyệt</span></span>' in page, "the bar on top"
    whole = (await head.get(f"{path}?view=whole")).text
    assert 'id="change-1"' not in whole
    assert "Băng rôn khai giảng" in whole


@pytest.mark.live
async def test_a_newer_revision_is_read_before_it_is_decided(house: House) -> None:  # noqa: F811
    head = await house.person("head", "office_head")
    old = review()
    newer = review(content(item("Mới")), before=old, revision=2)
    path = await house.put_up(newer)
    form: dict[str, Any] = {"verdict": "APPROVED", "content_hash": old.content_hash, "note": "Tốt", "page": path}
    late = await head.post(f"{path}/decisions", data=form)
    assert late.status_code == 409
    assert "Quyết định của bạn chưa được ghi." in late.text
    assert 'name="has_read" value="true" required' in late.text
    assert f'value="{newer.content_hash}"' in late.text
    assert 'name="has_read"' not in (await head.get(path)).text


@pytest.mark.live
async def test_a_reviewer_edits_and_approves_by_the_form_and_by_the_api(house: House) -> None:  # noqa: F811
    head, rector = await house.person("head", "office_head"), await house.person("rector", "rectorate")
    on = review()
    path = await house.put_up(on)
    assert f'href="{path}/edit"' in (await head.get(path)).text
    form = (await head.get(f"{path}/edit")).text
    assert 'name="title-0-0"' in form
    assert (await rector.get(f"{path}/edit")).status_code == 403
    sent: dict[str, Any] = {"content_hash": on.content_hash, "page": f"{path}/edit", "title-0-0": "Tin gọn", "note": ""}
    refused = await head.post(f"{path}/edit", data=sent | {"cost_minor-0-0": "nhiều"})
    assert refused.status_code == 422
    assert 'id="cost_minor-0-0" name="cost_minor-0-0" aria-invalid="true"' in refused.text
    assert 'value="Tin gọn"' in refused.text, "what was typed stays"
    done = await head.post(f"{path}/edit", data=sent)
    assert (done.status_code, done.headers["location"]) == (303, path)
    whole = (await head.get(f"/api{path}")).json()
    assert (whole["revision"], whole["status"], whole["revised_by"] is not None) == (2, "APPROVED", True)
    assert whole["content"]["channel_plans"][0]["items"][0]["title"] == "Tin gọn"
    page = (await head.get(path)).text
    assert '<del><span class="hidden">bỏ </span>tuần</del>' in page, "the difference is shown"
    rows = await house.service.store.find("outbox", {}, sort=[("o", 1)])
    assert [decode(row["value"]).name for row in rows] == ["plan-revised", "plan-approved"]

    other = review(banner()).model_copy(update={"plan_id": "another"})
    path = f"/api{await house.put_up(other)}/decisions"
    given = decision(other, content=other.content.model_copy(update={"title": "Gọn"}).to_data())
    answer = await head.post(path, json=given, headers={"Idempotency-Key": "k9"})
    assert (answer.status_code, answer.json()["stage"], answer.json()["revision"]) == (201, "RECTORATE", 2)
    assert (await head.post(path, json=given, headers={"Idempotency-Key": "k9"})).json() == answer.json()
