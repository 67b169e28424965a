"""What a mail says, in the language of its mailbox, and that nobody writes its headers but us."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, read_reference
from services.monitoring.reminders.composing import Composer, addressed
from tests.monitoring.reminders.post_office import SENDER, text_of

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
COMPOSER = Composer("http://127.0.0.1:8004", read_reference(UNITS_FILE, TOPIC_AREAS_FILE))
MAIL = {"_id": "m-1", "address": "khoa@truong.vn", "language": "vi", "roles": ["unit"]}


def owed(title: str = "Lễ khánh thành Xưởng Ô tô – phường Thủ Đức", **changes: Any) -> dict[str, Any]:
    """An obligation as of now."""
    why = {"vi": "Kết thúc 20/11 · hết ngày 23/11", "en": "Ended 20 Nov · until the end of 23 Nov"}
    key = {"obligation_id": "o-1", "event": "e-1", "requirement": "WEBSITE", "phase": "POST", "unit": "K_CK"}
    return (
        key | {"title": title, "due_at": "2026-11-23T17:00:00.000000Z", "state": "OPEN", "explanation": why} | changes
    )


def received(*duties: dict[str, Any], **changes: Any) -> EmailMessage:
    """The mail as its reader's program sees it."""
    message = addressed(COMPOSER.compose(MAIL | changes, duties, NOW), SENDER, mail_id="m-1", wall=NOW)
    found = message_from_bytes(message.as_bytes(), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_vietnamese_subject_comes_out_as_it_was_written() -> None:
    message = received(owed())
    assert message["Subject"] == "Sắp đến hạn 23/11/2026 24:00: Lễ khánh thành Xưởng Ô tô – phường Thủ Đức"
    raw = addressed(COMPOSER.compose(MAIL, [owed()], NOW), SENDER, mail_id="m-1", wall=NOW).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_the_text_says_what_is_owed_until_when_and_why() -> None:
    text = text_of(received(owed()))
    for part in (
        "Khoa Cơ khí · Website",
        "Hạn 23/11/2026 24:00, còn 17 giờ",
        "hết ngày 23/11",
        "http://127.0.0.1:8004/events/e-1",
    ):
        assert part in text


def test_english_for_a_mailbox_of_english_readers() -> None:
    message = received(owed(state="MISSED", due_at="2026-11-22T17:00:00.000000Z"), language="en", roles=["rectorate"])
    assert message["Subject"].startswith("Missed: ")
    text = text_of(message)
    for part in ("MISSED (1)", "Due 22 Nov 2026, 24:00, 7 hours overdue", "Ended 20 Nov", "as: rectorate"):
        assert part in text
    assert message["Content-Language"] == "en"


def test_what_is_missed_comes_before_what_is_near() -> None:
    message = received(owed(), owed("Khai mạc", state="MISSED", due_at="2026-11-22T17:00:00.000000Z"))
    assert message["Subject"] == "Nhắc việc thông tin tuyên truyền: 1 nghĩa vụ quá hạn, 1 nghĩa vụ sắp đến hạn"
    text = text_of(message)
    assert text.index("Khai mạc") < text.index("Lễ khánh thành")


@pytest.mark.parametrize(
    "title", ["A\r\nBcc: x@y.vn", "A\nSubject: B", "A\rB", "A\x00B", "A\u2028Bcc: x@y.vn", "A\x85B"]
)
def test_no_title_makes_a_header(title: str) -> None:
    message = received(owed(title))
    assert set(message.keys()) == {
        "To", "Subject", "Content-Language", "Auto-Submitted", "MIME-Version", "Content-Type",
        "From", "Date", "Message-ID",
    }  # fmt: skip
    assert message["To"] == "khoa@truong.vn"
    assert message["Subject"].startswith("Sắp đến hạn 23/11/2026 24:00: A ")


def test_a_title_is_text_in_the_html_too() -> None:
    html = received(owed("<script>alert(1)</script>")).get_body(("html",))
    assert isinstance(html, EmailMessage)
    assert "<script>" not in html.get_content()
    assert "&lt;script&gt;" in html.get_content()


def test_a_long_title_is_cut_in_the_subject() -> None:
    assert len(received(owed("Ạ" * 300))["Subject"]) < 160


def test_a_repeated_mail_has_the_same_id_and_is_known_as_automatic() -> None:
    first, second = received(owed()), received(owed(), owed("B"))
    assert first["Message-ID"] == second["Message-ID"] == "<m-1@truong.vn>"
    assert first["Auto-Submitted"] == "auto-generated"
