"""The page of the reminders: for the office head and operators; what failed is sent again once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.envelope import event_key
from services.chassis.unit import Unit
from services.monitoring.judging import judge_of
from services.monitoring.reminders.sending import Sender, mail_backlog
from services.monitoring.settings import Settings
from tests.databases import SHARED_PREFIX
from tests.monitoring.engine.builders import NOW, SOURCE, held, published
from tests.monitoring.reading.house import House
from tests.monitoring.reminders.post_office import HEAD, OFFICE, SENDER, PostOffice, written

KEY = event_key(SOURCE, "E-1")
DUE = datetime(2026, 11, 23, 17, tzinfo=UTC)
MORNING = DUE + timedelta(hours=7)
FAR = "2027-12-31T00:00:00.000000Z"


def settings(mongo_url: str, **more: object) -> Settings:
    return Settings(environment="test", mongo_url=SecretStr(mongo_url), mongo_prefix=SHARED_PREFIX, **more)  # type: ignore[arg-type]


@pytest.fixture
async def room(mongo_url: str, office: PostOffice, tmp_path: Path) -> AsyncIterator[House]:
    """A room with mail on, one missed obligation and a mailbox that refuses."""
    url = SecretStr(f"smtp://127.0.0.1:{office.port}")
    made = House(settings(mongo_url, smtp_url=url, mail_from=SENDER, reminders_mailboxes=written(tmp_path)))
    await made.open()
    made.clock.at = NOW
    await made.hear(held("E-1", title="Ngày hội việc làm"), published(KEY, "E_BOARD", NOW))
    office.answers[OFFICE] = "550 no such mailbox"
    await pass_on(made, MORNING)
    yield made
    await made.close()


async def pass_on(room: House, at: datetime) -> None:
    """Let time pass and the mail go out."""
    room.clock.at = at

    async def work(unit: Unit) -> None:
        await judge_of(room.service).judge_again(unit, [KEY], confirmed=FAR, near=FAR)

    for _ in range(2):  # due dates pass, then misses are announced
        await room.transact(work)
    post = room.service.settings.reminders().post  # type: ignore[attr-defined]
    sender = Sender(room.service, post)
    await room.store.raw("leases").delete_many({})
    while await sender.turn():
        pass


async def test_the_page_says_what_failed_what_waits_and_how_the_ladder_stands(room: House) -> None:
    operator = await room.person("operator")
    shown = (await operator.get("/reminders")).text
    for part in ("Gửi hỏng", "550 no such mailbox", OFFICE, "Ngày hội việc làm", "Gửi lại", "Sắp gửi", "Lãnh đạo phòng",
                 "Trước hạn 1 ngày, chưa có bài đăng", "gộp vào thư buổi sáng, 07:00", "Chưa gửi thư nào"):  # fmt: skip
        assert part in shown
    assert "Thư đang tắt" not in shown
    english = (await operator.get("/reminders?lang=en")).text
    for part in ("Ladder of reminders", "1 day before the due date", "Send again"):
        assert part in english


async def test_what_failed_is_sent_again_once(room: House, office: PostOffice) -> None:
    head = await room.person("office_head")
    (mail,) = (await head.get("/api/reminders/mails")).json()["items"]
    assert (mail["address"], mail["reason"], mail["tries"]) == (OFFICE, "550 no such mailbox", 1)
    office.answers.clear()
    address = f"/reminders/mails/{mail['id']}/again"
    form = {"command_id": "c-1", "page": "/reminders"}
    for _ in range(2):
        assert (await head.post(address, data=form)).status_code == 303
    assert "Đang chờ gửi" in (await head.get("/reminders")).text
    await pass_on(room, MORNING + timedelta(minutes=1))
    assert office.receivers == [OFFICE]
    assert "Chưa gửi thư nào" not in (await head.get("/reminders")).text
    refused = await head.post(f"/api{address}", headers={"Idempotency-Key": "c-2"})
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (409, "mail-not-failed")
    unknown = await head.post("/api/reminders/mails/none/again", headers={"Idempotency-Key": "c-3"})
    assert (unknown.status_code, unknown.json()["errors"][0]["rule"]) == (404, "mail-unknown")


async def test_the_history_of_the_event_has_its_reminders(room: House, office: PostOffice) -> None:
    viewer = await room.person("viewer")
    assert "Không gửi được thư nhắc" in (await viewer.get(f"/events/{KEY}")).text
    await pass_on(room, MORNING + timedelta(days=1))
    assert office.receivers == [HEAD]
    shown = (await viewer.get(f"/events/{KEY}")).text
    assert "Gửi thư nhắc Website" in shown
    assert HEAD not in shown


async def test_who_may_see_and_who_may_send_again(room: House) -> None:
    may = {"operator": (200, 404), "administrator": (200, 404), "office_head": (200, 404), "auditor": (200, 403)}
    for role in ("viewer", "contributor", "editor", "rectorate", *may):
        person = await room.person(role)
        shown, sent = may.get(role, (403, 403))
        assert (await person.get("/reminders")).status_code == shown
        assert (await person.get("/api/reminders/mails?state=SENT")).status_code == shown
        answer = await person.post("/api/reminders/mails/none/again", headers={"Idempotency-Key": f"k-{role}"})
        assert answer.status_code == sent
    assert 'action="/reminders/mails' not in (await (await room.person("auditor")).get("/reminders")).text


async def test_the_page_says_that_mail_is_off_and_nobody_waits_for_it(mongo_url: str) -> None:
    room = House(settings(mongo_url))
    await room.open()
    operator = await room.person("operator")
    assert "Thư đang tắt" in (await operator.get("/reminders")).text
    assert await mail_backlog(room.service) == {}
    await room.close()


async def test_operations_count_the_mails_that_wait(room: House) -> None:
    assert "<code>mails</code>" in (await (await room.person("operator")).get("/operations")).text
