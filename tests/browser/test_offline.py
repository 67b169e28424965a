"""A form that is sent without a connection is kept on the device and sent once, under its own command id."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.small import served
from tests.chassis.web_room import create_room

pytestmark = pytest.mark.browser


@pytest.fixture
def page(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Page]:
    with served(create_room(tmp_path_factory.mktemp("room"))) as address, chromium.new_context() as context:
        made = context.new_page()
        made.goto(f"{address}/queued/ctv-1")
        yield made


def send(page: Page, title: str) -> str:
    """Type and send; the command's id that the form had."""
    command = page.locator("[name=command_id]").input_value()
    page.locator("[name=title]").fill(title)
    page.locator("main button").first.click()
    return command


def test_with_a_connection_the_form_is_sent_as_any_other(page: Page) -> None:
    command = send(page, "Bài một")
    page.wait_for_url(f"**/?made={command}")


def test_without_one_it_waits_and_is_sent_once_under_its_own_id(page: Page) -> None:
    posts: list[Any] = []
    page.on("request", lambda sent: posts.append(sent) if sent.method == "POST" else None)
    page.context.set_offline(True)
    first, second = send(page, "Bài một"), send(page, "Bài hai")
    expect(page.locator("[data-queued] li")).to_have_count(2)
    expect(page.locator("[name=title]")).to_have_value("")
    assert (first != second, posts) == (True, [])
    page.context.set_offline(False)
    expect(page.locator("[data-queued]")).to_be_hidden()
    assert [command in sent.post_data for command, sent in zip((first, second), posts, strict=True)] == [True, True]


def test_what_is_refused_says_why_and_stays_until_it_is_dropped(page: Page) -> None:
    page.context.set_offline(True)
    send(page, "cũ")
    page.context.set_offline(False)
    expect(page.locator("[data-queued] li")).to_contain_text("Chọn tên khác.")
    page.get_by_role("button", name="Bỏ").click()
    expect(page.locator("[data-queued]")).to_be_hidden()


def test_nothing_is_sent_or_shown_in_another_persons_name(page: Page) -> None:
    page.context.set_offline(True)
    send(page, "Bài một")
    expect(page.locator("[data-queued] li")).to_have_count(1)
    posts: list[Any] = []
    page.on("request", lambda sent: posts.append(sent) if sent.method == "POST" else None)
    page.evaluate("document.querySelector('[data-queued]').dataset.who = 'ctv-2'")
    page.context.set_offline(False)
    expect(page.locator("[data-queued]")).to_be_hidden()
    page.wait_for_timeout(300)
    assert posts == []
