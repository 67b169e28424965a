"""What a cell of the desk says, what the panel beside it offers, and how each channel would show the material."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.codes import Channel, DeliveryOutcome
from contracts.events import EventHeld
from services.publishing import decisions
from services.publishing.decisions import Failure, Showing
from services.publishing.matrix import previews
from services.publishing.matrix.cells import desk_view
from services.publishing.matrix.panel import Looking, panel
from services.publishing.matrix.previews import BoardProfile, board, preview
from services.publishing.state import Content
from tests.publishing.builders import DAY, EDITOR, EVENT, HOUR, NOW, PHOTO, published, reported, submitted
from tests.publishing.test_views import ON_SITE, event, withdrawn, work

PROFILE = BoardProfile(512, 256, 120)
LOOKING = Looking(None, PROFILE, NOW, frozenset({Channel.VI_WEB}))


def tried(outcome: DeliveryOutcome, channel: Channel = Channel.VI_WEB) -> Content:
    """Submitted content of which somebody reported that the channel failed."""
    after = decisions.report_failure(submitted(), Failure(channel, outcome, "hết giờ chờ"), EDITOR, now=NOW).state
    assert after is not None
    return after


SOON = {"due_at": (NOW + 5 * HOUR).isoformat()}
GONE = {"due_at": (NOW - HOUR).isoformat()}
ON_TIME = {"discharged_at": NOW.isoformat(), "content_id": submitted().content_id}
CELLS: tuple[tuple[str, dict[str, Any], tuple[Content, ...], str, datetime | None], ...] = (
    ("R11 nothing yet", work(), (), "OPEN", NOW + timedelta(days=2, hours=14)),
    ("R11 nothing yet and hardly a day left", work(**SOON), (), "DUE_SOON", NOW + 5 * HOUR),
    ("R20 past due before monitoring says so", work(**GONE), (), "MISSED", NOW - HOUR),
    ("A5 nobody knows whether it went out", work(), (tried(DeliveryOutcome.UNKNOWN),), "UNKNOWN", NOW),
    ("A5 the channel refused it", work(), (tried(DeliveryOutcome.REFUSED),), "FAILED", NOW),
    (
        "R20 missed although it may be out",
        work("MISSED", **GONE),
        (tried(DeliveryOutcome.UNKNOWN),),
        "MISSED",
        NOW - HOUR,
    ),
    ("R20 missed although material waits", work("MISSED", **GONE), (submitted(),), "MISSED", NOW - HOUR),
    ("3.2 material waits", work(), (submitted(),), "READY", NOW - HOUR),
    ("R14 material under embargo", work(), (submitted(not_before=NOW + DAY),), "EMBARGOED", NOW + DAY),
    ("A5 a channel shows it", work(), (published(ON_SITE),), "SHOWN", NOW),
    ("A11 shown before the event is no news after it", work(), (published(ON_SITE),), "OPEN", None),
    ("R20 what was taken back does not wait again", work(), (withdrawn(),), "OPEN", None),
    ("R20 on time", work("ON_TIME", **ON_TIME), (published(ON_SITE),), "ON_TIME", NOW),
    ("R20 waived", work("WAIVED"), (submitted(),), "WAIVED", None),
    ("A13 void", work("VOID"), (), "VOID", None),
)


@pytest.mark.parametrize("row", CELLS, ids=[row[0] for row in CELLS])
def test_what_a_cell_says(row: tuple[str, dict[str, Any], tuple[Content, ...], str, datetime | None]) -> None:
    name, doc, contents, kind, at = row
    starts = NOW + DAY if "A11" in name else NOW - DAY
    known = {EVENT: event(reported(EventHeld, id="e", started_at=starts, ended_at=starts + HOUR))}
    view = desk_view([doc], [doc], {EVENT: contents}, events=known, now=NOW)
    (cell,) = view.rows[0].cells.values()
    assert cell.kind == kind
    assert at is None or cell.at == at
    assert bool(cell.url) is (kind in ("SHOWN", "ON_TIME"))


def test_the_columns_are_what_the_rows_owe_websites_first() -> None:
    docs = [
        work(requirement="EN_WEB", channels=["EN_WEB"], obligation_id="a"),
        work(requirement="MASS_MEDIA", channels=["PRESS"], obligation_id="b"),
        work(obligation_id="c"),
    ]
    view = desk_view(docs, docs, {}, events={}, now=NOW)
    assert view.columns == ("WEBSITE", "MASS_MEDIA", "EN_WEB")
    assert len(view.rows) == 1


def opened(doc: dict[str, Any], *contents: Content, looking: Looking = LOOKING) -> Any:
    """The panel of the only cell."""
    view = desk_view([doc], [doc], {EVENT: contents}, events={}, now=NOW)
    cell = view.rows[0].cell(doc["_id"])
    assert cell is not None
    found = next((c for c in contents if c.content_id == cell.content_id), None)
    return panel(view.rows[0], cell, found, looking=looking)


def test_what_waits_for_the_own_site_can_be_published_at_once_and_what_waits_for_another_cannot() -> None:
    ours = opened(work(), submitted())
    assert (ours.channel, ours.can_publish, ours.preview.page.title) == ("VI_WEB", True, submitted().title)
    board_ = opened(work(requirement="E_BOARD", channels=["E_BOARD"]), submitted())
    assert (board_.channel, board_.can_publish, board_.preview.board is None) == ("E_BOARD", False, False)
    held = opened(work(), submitted(not_before=NOW + DAY))
    assert (held.is_held, held.can_publish) == (True, False)
    assert opened(work()).preview is None, "nothing is shown of what is not there"


def test_what_was_tried_is_told_in_its_order_and_an_answer_ends_the_trouble() -> None:
    content = tried(DeliveryOutcome.UNKNOWN, Channel.E_BOARD)
    owed = work(requirement="E_BOARD", channels=["E_BOARD"])
    (one,) = opened(owed, content).tries
    assert (one.trouble, one.entry.note, list(content.troubles)) == ("UNKNOWN", "hết giờ chờ", ["E_BOARD"])
    seen = Showing(Channel.E_BOARD, published_at=NOW, recorded=True)
    after = decisions.publish(content, seen, EDITOR, now=NOW).state
    assert after is not None
    assert [one.entry.deed for one in opened(owed, after).tries] == ["FAILED", "RECORDED"]
    assert (after.troubles, opened(owed, after).cell.kind) == ({}, "SHOWN")


def test_material_for_several_channels_is_looked_at_as_the_one_that_was_meant() -> None:
    owed = work(requirement="MASS_MEDIA", channels=["PRESS", "BROADCAST", "SOCIAL"])
    assert opened(owed, submitted()).channel == "PRESS"
    assert opened(owed, submitted(channel=Channel.SOCIAL)).channel == "SOCIAL"
    assert opened(owed, tried(DeliveryOutcome.REFUSED, Channel.BROADCAST)).tabs[0] == "BROADCAST"
    seen_as = Looking(Channel.E_BOARD, PROFILE, NOW, frozenset())
    assert opened(owed, submitted(), looking=seen_as).preview.board is not None


def test_a_preview_is_what_the_channel_shows_once_it_shows_it() -> None:
    content = published(ON_SITE).changed(title="Tên sửa sau", photo=PHOTO)
    shown = preview(content, Channel.VI_WEB, PROFILE, now=NOW)
    assert shown.page is not None
    assert (shown.is_shown, shown.page.title, shown.page.published_at) == (True, submitted().title, NOW)
    post = preview(content, Channel.SOCIAL, PROFILE, now=NOW)
    assert (post.is_shown, post.text.splitlines()[0], post.page) == (False, "Tên sửa sau", None)
    press = preview(submitted(text="Một.\n\nHai."), Channel.PRESS, PROFILE, now=NOW)
    assert press.text.endswith("Một.\n\nHai.")


BOARDS: tuple[tuple[str, str, BoardProfile, int, bool], ...] = (
    ("3.3 few words are large", "Lễ kỷ niệm", PROFILE, 2, True),
    ("3.3 many words are small", "Lễ kỷ niệm ngày nhà giáo Việt Nam " * 8, PROFILE, 7, True),
    ("3.3 two marks over a letter need lamps", "Lễ kỷ niệm ngày nhà giáo", BoardProfile(128, 32, 40), 2, False),
    ("3.3 one mark needs fewer", "Chào tân sinh viên khóa mới", BoardProfile(128, 32, 40), 2, True),
    ("3.3 what does not fit is said", "Lễ kỷ niệm ngày nhà giáo Việt Nam", BoardProfile(64, 16, 40), 1, False),
    ("3.3 a word longer than the board", "Nghiêngnghiêngnghiêng", BoardProfile(64, 32, 40), 1, False),
)


@pytest.mark.parametrize("row", BOARDS, ids=[row[0] for row in BOARDS])
def test_a_headline_is_set_as_large_as_the_board_allows(row: tuple[str, str, BoardProfile, int, bool]) -> None:
    _, title, profile, lines, is_legible = row
    made = board(title, profile)
    assert (len(made.lines), made.is_legible) == (lines, is_legible)
    assert made.is_cut or " ".join(made.lines) == made.text
    assert len(made.lines) * made.size * previews.LINE <= profile.height
    assert all(len(line) * made.size * previews.ADVANCE <= profile.width for line in made.lines)
    assert all(0 < at < profile.height for at in made.baselines)


def test_two_marks_over_one_letter_are_named() -> None:
    assert board("Lễ kỷ niệm Nguyễn, Người, Ẩm", PROFILE).stacked == "ỄỆẨ"
    assert board("x" * 121, PROFILE).is_short_enough is False
