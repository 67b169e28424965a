"""A miss is announced once, never while its evidence may be on the way."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.envelope import event_key
from tests.live.log import announced
from tests.live.system import System, until

pytestmark = pytest.mark.live
NOW = datetime.fromisoformat("2026-09-07T17:00:00+07:00")
ENDED = datetime.fromisoformat("2026-09-07T16:00:00+07:00")
DUE = datetime.fromisoformat("2026-09-11T00:00:00+07:00")


@pytest.fixture(scope="module")
def token(system: System) -> str:
    return system.token("/sis")


def hold(system: System, token: str, event_id: str, ended: datetime = ENDED) -> str:
    """Post an event that just ended; its key, once its obligations are there."""
    data = {
        "event_id": event_id,
        "title": f"Sự kiện {event_id}",
        "unit": "K_CK",
        "started_at": ended,
        "ended_at": ended,
    }
    system.rooms.post_event(token, "held", about=("/sis", event_id), data=data)
    key = event_key("/sis", event_id)
    until(lambda: (system.event(token, key) or {}).get("obligations"), what="obligations")
    return key


def publish(system: System, key: str, channels: tuple[str, ...], at: datetime) -> None:
    """An editor puts news of the event on the channels."""
    given = {"event": key, "title": "Tin", "text": "Nội dung tin."}
    content = system.rooms.call("contributor", "POST", "publishing/api/contents", given=given)["content_id"]
    for channel in channels:
        about: dict[str, Any] = {"channel": channel}
        if channel != "VI_WEB":
            about |= {"published_at": at, "recorded": True, "url": "https://example.edu.vn/tin"}
        place = f"publishing/api/contents/{content}/publications"
        system.rooms.call("editor", "POST", place, given=about)


def missed(system: System, key: str) -> list[str]:
    found = [message.data for message in announced(system, "deadline-missed")]
    return sorted(data.requirement for data in found if data.event == key)  # type: ignore[attr-defined]


def test_an_obligation_without_news_is_missed_once_and_one_with_news_is_not(system: System, token: str) -> None:
    silent, shown = hold(system, token, "E-1"), hold(system, token, "E-2")
    publish(system, shown, ("VI_WEB", "E_BOARD"), NOW)
    system.rooms.settle()
    system.step(DUE + timedelta(seconds=30))
    system.rooms.settle()
    assert missed(system, silent) == [], "within the grace nothing is announced"
    system.step(DUE + timedelta(seconds=61))
    until(lambda: missed(system, silent) == ["E_BOARD", "WEBSITE"], what="two misses")
    system.rooms.settle()
    assert missed(system, silent) == ["E_BOARD", "WEBSITE"]
    assert missed(system, shown) == []
    states = {one["requirement"]: one["state"] for one in (system.event(token, shown) or {})["obligations"]}
    assert states == {"WEBSITE": "ON_TIME", "E_BOARD": "ON_TIME"}


def test_evidence_found_after_the_announcement_takes_the_miss_back(system: System, token: str) -> None:
    key = event_key("/sis", "E-1")
    publish(system, key, ("E_BOARD",), NOW)
    taken_back = lambda: [m.data for m in announced(system, "deadline-miss-withdrawn") if m.subject == key]  # noqa: E731
    found: Any = until(taken_back, what="the withdrawal")
    assert [(data.requirement, data.n, data.reason) for data in found] == [("E_BOARD", 1, "EVIDENCE")]


def test_a_waiver_after_due_shows_beside_the_miss_and_is_not_given_twice(system: System, token: str) -> None:
    key = event_key("/sis", "E-1")
    item = next(one for one in (system.event(token, key) or {})["obligations"] if one["requirement"] == "WEBSITE")
    place = f"monitoring/api/obligations/{item['obligation_id']}/waiver"
    system.rooms.call("head", "POST", place, given={"reason": "Trùng nội dung đã đăng."})
    state = until(
        lambda: next(
            one["state"] == "WAIVED" and one
            for one in (system.event(token, key) or {})["obligations"]
            if one["requirement"] == "WEBSITE"
        ),
        what="waived",
    )
    assert state["missed_at"] is not None


def test_publications_still_in_the_outbox_across_the_due_time_are_no_misses(system: System, token: str) -> None:
    week = timedelta(days=7)
    system.step(NOW + week)
    key, silent = hold(system, token, "E-3", ENDED + week), hold(system, token, "E-4", ENDED + week)
    system.rooms.settle()
    pause(system, True)
    publish(system, key, ("VI_WEB", "E_BOARD"), NOW + week)
    system.step(DUE + week + timedelta(minutes=5))
    with pytest.raises(AssertionError):
        until(lambda: missed(system, key) or missed(system, silent), within_s=4)
    pause(system, False)
    until(lambda: missed(system, silent) == ["E_BOARD", "WEBSITE"], what="the true misses")
    system.rooms.settle()
    assert missed(system, key) == []


def pause(system: System, paused: bool) -> None:
    """Hold publishing's relay, as an operator does on /operations."""
    client = system.rooms._people["operator"]
    url = system.urls["publishing"]
    answer = client.post(f"{url}/operations/relay", data={"paused": str(paused).lower()}, headers={"Origin": url})
    assert answer.status_code in (200, 303), answer.text
    wanted = lambda: (system.ready("publishing") or {})["outbox"]["paused"] is paused  # noqa: E731
    until(wanted, what="the relay's pause")
    if paused:
        time.sleep(2)  # the lease that was held is renewed every 1.5 s; after that nothing is sent
