"""The commands of publishing on a real MongoDB: each once per person, under races, announced under the right key."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from contracts.codes import Channel, DeliveryOutcome, WithdrawalReason
from contracts.envelope import Message, decode, event_key
from contracts.events import EventHeld
from contracts.publishing import ContentPublished, ContentSubmitted, ContentWithdrawn, Evidence
from services.chassis.app import Service
from services.chassis.decision import Actor, Refused
from services.chassis.unit import Cause, Unit
from services.publishing import storage
from services.publishing.commands import Desk, Order
from services.publishing.decisions import Correction, Failure
from services.publishing.handlers import apply_approvals, apply_events
from services.publishing.media import files
from services.publishing.state import About, Content, Link, Origin
from tests.clock import StoppedClock
from tests.publishing.builders import (
    CONTRIBUTOR,
    EDITOR,
    EVENT,
    HEAD,
    HOUR,
    NOW,
    OTHER_EVENT,
    STRANGER,
    SUBMISSION,
    approved,
    reported,
)
from tests.publishing.test_media import encoded

pytestmark = pytest.mark.live
NOW_ON_SITE = Order(Channel.VI_WEB)
ON_BOARD = Order(Channel.E_BOARD, published_at=NOW - HOUR, recorded=True)
PROOF = Evidence(sha256="cd" * 32, media_type="image/jpeg", href="https://luu.example.edu.vn/1.jpg")


async def sent(desk: Desk, *, key: str = "k", actor: Actor = CONTRIBUTOR, **changes: Any) -> str:
    """The id of submitted content."""
    return str((await desk.submit(key, actor, replace(SUBMISSION, **changes)))["content_id"])


async def announced(service: Service) -> list[Message]:
    rows = await service.store.raw("outbox").find({}, sort=[("o", 1)]).to_list(None)
    for row in rows:
        assert row["key"] == decode(row["value"]).subject.encode()
    return [decode(row["value"]) for row in rows]


async def content(service: Service, content_id: str) -> Content:
    found = await storage.content(service.store, content_id)
    assert found is not None
    return found


async def heard(service: Service, message: Message) -> None:
    """A message of another room arrives."""
    apply = apply_approvals if message.name.startswith("plan") else apply_events

    async def work(unit: Unit) -> None:
        await apply(unit, [message])

    await service.store.transact(Cause("/publicity/test", message.id), NOW, work)


def rules_of(answers: list[Any]) -> list[str]:
    return sorted(answer.refusals[0].rule for answer in answers if isinstance(answer, Refused))


async def test_the_same_key_again_answers_as_the_first_did(service: Service, desk: Desk) -> None:
    first = await desk.submit("k1", CONTRIBUTOR, SUBMISSION)
    assert await desk.submit("k1", CONTRIBUTOR, replace(SUBMISSION, title="Khác")) == first
    assert len(await announced(service)) == 1


async def test_the_key_of_another_person_is_another_command(service: Service, desk: Desk) -> None:
    assert await sent(desk, key="k1") != await sent(desk, key="k1", actor=STRANGER)
    messages = await announced(service)
    assert len({message.id for message in messages}) == 2
    assert all((message.causationid or "").isprintable() for message in messages), "a CloudEvents text has no newline"
    assert not any(CONTRIBUTOR.account_id in str(message.causationid) for message in messages)


async def test_eight_editors_at_once_publish_once(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    calls = [desk.publish(f"p{n}", EDITOR, content_id, order=NOW_ON_SITE) for n in range(8)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert rules_of(list(answers)) == ["published-already"] * 7
    assert [type(message.data) for message in await announced(service)] == [ContentSubmitted, ContentPublished]
    assert [page.content_id for page in await storage.news(service.store)] == [content_id]


async def test_one_key_sent_eight_times_at_once_has_one_effect(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    calls = [desk.publish("p", EDITOR, content_id, order=NOW_ON_SITE) for _ in range(8)]
    answers = await asyncio.gather(*calls)
    assert [answer for answer in answers if answer != answers[0]] == []
    assert len(await announced(service)) == 2


async def test_a_revision_and_a_publication_at_once_leave_one_truth(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    revision = desk.revise("r", CONTRIBUTOR, content_id, title="Tên mới", text="Tin mới")
    answers = await asyncio.gather(
        revision, desk.publish("p", EDITOR, content_id, order=NOW_ON_SITE), return_exceptions=True
    )
    (page,) = await storage.news(service.store)
    assert page.title == (SUBMISSION.title if isinstance(answers[0], Refused) else "Tên mới")
    assert [m.data.revision for m in await announced(service)] == list(range(1, len(await announced(service)) + 1))


async def test_content_is_taken_before_its_event_has_arrived_and_flagged_until_then(
    service: Service, desk: Desk
) -> None:
    content_id = await sent(desk)
    known = await storage.known_links(service.store, [Link(event=EVENT)])
    assert known == (set(), set())
    await desk.publish("p", EDITOR, content_id, order=NOW_ON_SITE)
    await heard(service, reported(EventHeld, id="e-1"))
    assert await storage.known_links(service.store, [Link(event=EVENT)]) == ({EVENT}, set())
    assert [message.subject for message in await announced(service)] == [EVENT, EVENT]


async def test_a_focal_items_content_is_about_its_milestone(service: Service, desk: Desk) -> None:
    await heard(service, approved(1, "Ngày Nhà giáo"))
    content_id = await sent(desk, link=Link(plan_item_id="kh-1"))
    found = await content(service, content_id)
    assert found.link == Link(event=event_key("/publicity/planning", "kh-1"), plan_item_id="kh-1")


async def test_content_of_a_routine_item_travels_under_its_key(service: Service, desk: Desk) -> None:
    content_id = await sent(desk, link=Link(plan_item_id="kh-tin"))
    await desk.publish("p", EDITOR, content_id, order=NOW_ON_SITE)
    await desk.withdraw("w", EDITOR, content_id, channel=Channel.VI_WEB, reason=WithdrawalReason.OTHER)
    assert [message.subject for message in await announced(service)] == ["kh-tin"] * 3


async def test_the_built_in_site_shows_corrects_and_takes_down(
    service: Service, desk: Desk, clock: StoppedClock
) -> None:
    content_id = await sent(desk)
    made = await desk.publish("p", EDITOR, content_id, order=NOW_ON_SITE)
    assert (made["channel"], made["published_at"]) == ("VI_WEB", "2026-11-24T03:00:00.000000Z")
    clock.at = NOW + HOUR
    await desk.correct("c", EDITOR, content_id, given=Correction(Channel.VI_WEB, "Tên đã sửa", ""))
    page = await storage.news_page(service.store, content_id)
    assert page is not None
    assert (page.title, page.text, page.published_at) == ("Tên đã sửa", SUBMISSION.text, NOW)
    await desk.withdraw("w", EDITOR, content_id, channel=Channel.VI_WEB, reason=WithdrawalReason.OTHER)
    assert await storage.news(service.store) == []
    shown = [m.data.evidence for m in await announced(service) if isinstance(m.data, ContentPublished)]
    for evidence in shown:
        assert evidence is not None
        assert await service.store.get("evidence", evidence.sha256), "the proof stays"
    assert len({evidence.sha256 for evidence in shown if evidence}) == 2


async def test_a_withdrawn_consent_takes_the_page_down_whatever_channel_is_named(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    await desk.publish("p1", EDITOR, content_id, order=NOW_ON_SITE)
    await desk.publish("p2", EDITOR, content_id, order=ON_BOARD)
    await desk.withdraw("w", EDITOR, content_id, channel=Channel.E_BOARD, reason=WithdrawalReason.CONSENT)
    assert await storage.news(service.store) == []
    withdrawn = [m.data.channel for m in await announced(service) if isinstance(m.data, ContentWithdrawn)]
    assert withdrawn == ["E_BOARD", "VI_WEB"]


async def test_what_was_shown_elsewhere_is_recorded_with_its_time_and_proof(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    await desk.publish("p", EDITOR, content_id, order=replace(ON_BOARD, evidence=PROOF))
    data = (await announced(service))[-1].data
    assert isinstance(data, ContentPublished)
    assert (data.published_at, data.recorded, data.evidence) == (NOW - HOUR, True, PROOF)
    assert await storage.news(service.store) == [], "the site shows only what it was told to show"


async def test_the_own_site_is_recorded_when_another_one_showed_it(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    old = Order(Channel.VI_WEB, NOW - HOUR, "https://cu.example.edu.vn/1", recorded=True)
    await desk.publish("p", EDITOR, content_id, order=old)
    assert await storage.news(service.store) == []
    await desk.withdraw("w", EDITOR, content_id, channel=Channel.VI_WEB, reason=WithdrawalReason.OTHER)


async def test_moving_to_another_event_keeps_the_page_and_changes_the_keys(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    await desk.publish("p", EDITOR, content_id, order=NOW_ON_SITE)
    await desk.relink("m", EDITOR, content_id, link=Link(event=OTHER_EVENT))
    assert [page.content_id for page in await storage.news(service.store)] == [content_id]
    assert [message.subject for message in await announced(service)] == [EVENT, EVENT, EVENT, OTHER_EVENT, OTHER_EVENT]


async def test_a_refused_command_leaves_no_trace_and_may_be_given_again(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    early = replace(ON_BOARD, published_at=NOW + HOUR)
    with pytest.raises(Refused, match="published-at-ahead"):
        await desk.publish("p", EDITOR, content_id, order=early)
    assert len(await announced(service)) == 1
    await desk.publish("p", EDITOR, content_id, order=ON_BOARD)


async def test_what_is_another_persons_is_as_absent_as_what_is_not_there(desk: Desk) -> None:
    content_id = await sent(desk)
    for actor, wanted in ((STRANGER, content_id), (CONTRIBUTOR, "no-such")):
        with pytest.raises(Refused, match="content-unknown") as refused:
            await desk.revise("r", actor, wanted, title="x", text="y")
        assert refused.value.status == 404


async def test_a_photo_is_kept_once_and_goes_with_the_page(service: Service, desk: Desk) -> None:
    about = About(alt_text="Sinh viên trình bày", origin=Origin.AI_EDITED)
    photo = await desk.keep_photo(about, encoded("JPEG"))
    assert await desk.keep_photo(about, encoded("JPEG")) == photo
    assert await service.store.database["media.files"].count_documents({}) == 2, "the photo and its small rendition"
    content_id = await sent(desk, photo=photo)
    await desk.publish("p", EDITOR, content_id, order=NOW_ON_SITE)
    (page,) = await storage.news(service.store)
    assert page.photo is not None
    assert (page.photo.sha256, page.photo.origin) == (photo.sha256, "AI_EDITED")
    assert await files.photo(service.store, photo.sha256)
    assert await files.photo(service.store, "0" * 64) is None


async def test_a_channels_failure_is_announced(service: Service, desk: Desk) -> None:
    content_id = await sent(desk)
    failure = Failure(Channel.E_BOARD, DeliveryOutcome.UNKNOWN)
    await desk.report_failure("f", EDITOR, content_id, failure=failure)
    assert [(m.name, m.subject) for m in await announced(service)][-1] == ("delivery-failed", EVENT)


async def test_a_plan_is_acknowledged_once_by_each_person(service: Service, desk: Desk, clock: StoppedClock) -> None:
    await heard(service, approved(1))
    first = await desk.acknowledge("a1", CONTRIBUTOR, "plan-1", revision=1)
    clock.at = NOW + HOUR
    assert await desk.acknowledge("a2", CONTRIBUTOR, "plan-1", revision=1) == first, "the first time counts"
    await desk.acknowledge("a1", HEAD, "plan-1", revision=1)
    read = await storage.acknowledgements(service.store, {"_id": "plan-1", "revision": 1})
    assert [doc["account_id"] for doc in read] == [CONTRIBUTOR.account_id, HEAD.account_id]
    await heard(service, approved(2))
    with pytest.raises(Refused, match="plan-outdated"):
        await desk.acknowledge("a3", CONTRIBUTOR, "plan-1", revision=1)
