"""R08: who does not publish is reminded, then others are told: each step once for each obligation and due date."""

from datetime import UTC, datetime, timedelta

from contracts.envelope import event_key, obligation_id
from services.chassis.clock import wall_now
from services.chassis.decision import Actor
from services.monitoring.reminders import storage
from tests.monitoring.engine.builders import ENDED, NOW, SOURCE, held, published, withdrawn
from tests.monitoring.reminders.conftest import Reminded
from tests.monitoring.reminders.post_office import HEAD, OFFICE, RECTORATE, UNIT, text_of

KEY = event_key(SOURCE, "E-1")
WEBSITE = obligation_id(KEY, "WEBSITE", "POST")
DUE = datetime(2026, 11, 23, 17, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# 07:00 at the school on the morning after each step's time, which is midnight there.
MORNING = 7 * HOUR
OPERATOR = Actor("operator", "Người vận hành", frozenset({"operator"}))


async def owing(reminded: Reminded) -> None:
    """One obligation that nobody has discharged."""
    await reminded.deliver(held("E-1"), published(KEY, "E_BOARD", NOW))


async def test_the_ladder_is_climbed_each_step_once(reminded: Reminded) -> None:
    await owing(reminded)
    for hours in range(-48, 24 * 6):
        await reminded.at(DUE + hours * HOUR)
    assert reminded.office.receivers == [UNIT, OFFICE, HEAD, RECTORATE]
    mails = await reminded.mails()
    sent = [mail["sent_at"] for mail in mails]
    steps = [DUE - DAY, DUE, DUE + DAY, DUE + 3 * DAY]
    assert sent == [(step + MORNING).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for step in steps]
    assert {mail["state"] for mail in mails} == {"SENT"}


async def test_a_ladder_ends_where_the_obligation_is_discharged(reminded: Reminded) -> None:
    await owing(reminded)
    await reminded.at(DUE + MORNING)
    await reminded.deliver(published(KEY, "VI_WEB", DUE + 8 * HOUR))
    await reminded.at(DUE + 5 * DAY)
    assert reminded.office.receivers == [OFFICE]
    assert await reminded.rows() == {"missed": "SENT", "head": "MOOT", "rectorate": "MOOT"}


async def test_what_falls_due_for_one_mailbox_in_one_run_is_one_mail(reminded: Reminded) -> None:
    await reminded.deliver(*[held(f"E-{n}") for n in range(30)], held("X-1", unit="K_DIEN"))
    await reminded.at(DUE - DAY)
    await reminded.at(DUE - DAY + MORNING)
    by_address = dict(reminded.office.taken)
    assert sorted(reminded.office.receivers) == sorted([UNIT, OFFICE])
    assert by_address[UNIT]["Subject"] == "Nhắc việc thông tin tuyên truyền: 60 nghĩa vụ sắp đến hạn"
    assert text_of(by_address[UNIT]).count("Hội thảo E-") == 50
    assert "Và 10 nghĩa vụ khác: " in text_of(by_address[UNIT])
    assert "Hội thảo X-1" in text_of(by_address[OFFICE]), "a unit without a mailbox: the office's"


async def test_a_server_that_was_down_gets_each_mail_once_when_it_is_up(reminded: Reminded) -> None:
    await owing(reminded)
    await reminded.office.close()
    await reminded.at(DUE - DAY + MORNING)
    (mail,) = await reminded.mails()
    assert (mail["state"], mail["tries"]) == ("WAITING", 1)
    assert "ConnectError" in mail["reason"]
    await reminded.send()
    assert (await reminded.mails())[0]["tries"] == 1, "not before its pause is over"
    await reminded.office.open()
    for _ in range(3):
        await reminded.retry()
    assert reminded.office.receivers == [UNIT]
    assert [(mail["state"], mail["reason"]) for mail in await reminded.mails()] == [("SENT", "")]


async def test_a_refused_mailbox_keeps_its_reason_and_the_others_get_theirs(reminded: Reminded) -> None:
    await reminded.deliver(held("E-1"), held("X-1", unit="K_DIEN"))
    reminded.office.answers[UNIT] = "550 5.1.1 no such mailbox"
    await reminded.at(DUE - DAY)
    await reminded.at(DUE - DAY + MORNING)
    assert reminded.office.receivers == [OFFICE]
    failed = next(mail for mail in await reminded.mails() if mail["address"] == UNIT)
    assert (failed["state"], failed["reason"]) == ("FAILED", "550 5.1.1 no such mailbox")
    await reminded.retry()
    assert reminded.office.receivers == [OFFICE]


async def test_a_mailbox_that_is_put_off_is_tried_again_and_given_up_in_the_end(reminded: Reminded) -> None:
    await owing(reminded)
    reminded.office.answers[UNIT] = "451 4.2.1 later"
    await reminded.at(DUE - DAY + MORNING)
    for _ in range(14):
        await reminded.retry()
    assert [(mail["state"], mail["tries"]) for mail in await reminded.mails()] == [("WAITING", 15)]
    await reminded.retry()
    assert [mail["state"] for mail in await reminded.mails()] == ["FAILED"]
    assert (await reminded.rows())["near"] == "FAILED"


async def test_what_is_discharged_between_scheduling_and_sending_is_not_sent(reminded: Reminded) -> None:
    await owing(reminded)
    await reminded.at(DUE - DAY)
    await reminded.deliver(published(KEY, "VI_WEB", DUE - DAY + HOUR))
    await reminded.at(DUE - DAY + MORNING)
    assert (reminded.office.taken, await reminded.rows()) == ([], {"near": "MOOT"})


async def test_what_is_discharged_while_the_server_is_away_is_not_sent(reminded: Reminded) -> None:
    await reminded.deliver(held("E-1"))
    await reminded.office.close()
    await reminded.at(DUE - DAY + MORNING)
    await reminded.deliver(published(KEY, "VI_WEB", DUE - DAY + 8 * HOUR))
    await reminded.office.open()
    await reminded.retry()
    ((_, message),) = reminded.office.taken
    assert "Bảng thông tin điện tử" in text_of(message)
    assert "Website" not in text_of(message)


async def test_a_mail_of_which_nothing_is_left_is_not_sent(reminded: Reminded) -> None:
    await owing(reminded)
    await reminded.office.close()
    await reminded.at(DUE - DAY + MORNING)
    await reminded.desk.waive("k-1", OPERATOR, WEBSITE, reason="Trùng tin.")
    await reminded.office.open()
    await reminded.retry()
    assert (reminded.office.taken, await reminded.rows()) == ([], {"near": "MOOT"})
    assert [mail["state"] for mail in await reminded.mails()] == ["MOOT"]


async def test_a_due_date_that_moves_is_reminded_of_anew_and_the_old_one_no_more(reminded: Reminded) -> None:
    await owing(reminded)
    await reminded.at(DUE - DAY)
    later = {"started_at": ENDED, "ended_at": ENDED + 2 * DAY}
    await reminded.deliver(held("E-1", revision=2, at=DUE - DAY, **later))
    for days in range(-1, 2):
        await reminded.at(DUE + days * DAY + MORNING)
    assert reminded.office.receivers == [UNIT]
    (mail,) = await reminded.mails()
    assert [one["due_at"] for one in mail["duties"]] == ["2026-11-25T17:00:00.000000Z"]


async def test_a_miss_that_was_taken_back_and_comes_again_climbs_on(reminded: Reminded) -> None:
    await owing(reminded)
    await reminded.at(DUE + MORNING)
    await reminded.deliver(published(KEY, "VI_WEB", DUE - HOUR))
    await reminded.at(DUE + DAY + MORNING)
    await reminded.deliver(withdrawn(KEY, "VI_WEB", DUE + DAY + MORNING))
    await reminded.at(DUE + 2 * DAY)
    await reminded.at(DUE + 4 * DAY)
    assert reminded.office.receivers == [OFFICE, HEAD, RECTORATE], "the office is not told twice of one due date"


async def test_what_is_learnt_long_after_its_due_date_reminds_nobody(reminded: Reminded) -> None:
    reminded.clock.at = DUE + 30 * DAY
    await reminded.deliver(held("E-1"))
    await reminded.at(DUE + 30 * DAY + MORNING)
    assert len(await reminded.said("deadline-missed")) == 2
    assert (reminded.office.taken, await reminded.rows()) == ([], {})


async def test_a_process_that_dies_after_the_server_took_the_mail_repeats_it_under_one_id(reminded: Reminded) -> None:
    await owing(reminded)
    await reminded.at(DUE - DAY + MORNING)
    await reminded.store.raw("mails").update_many({}, {"$set": {"state": "WAITING"}, "$inc": {"v": 1}})
    await reminded.retry()
    first, second = (message for _, message in reminded.office.taken)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].startswith("<")


async def test_only_one_replica_sends_and_another_goes_on_when_it_is_gone(reminded: Reminded) -> None:
    await owing(reminded)
    assert await storage.lease(reminded.store, "another replica", wall_now())
    await reminded.at(DUE - DAY + MORNING)
    assert reminded.office.taken == []
    await reminded.store.raw("leases").update_one({"_id": storage.LEASE}, {"$set": {"until": wall_now() - HOUR}})
    await reminded.send()
    assert reminded.office.receivers == [UNIT]
