"""Very many obligations due in the same second: one process killed, or a backlog with evidence for half of them.

Two obligations an event; BURST_EVENTS=5000 is ten thousand, and takes some minutes.
"""

import os
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest

from contracts.envelope import Message, event_key
from tests.live.log import announced, send
from tests.live.system import System, until
from tests.monitoring.algebra.builders import held, published

pytestmark = [pytest.mark.live, pytest.mark.soak]
EVENTS = int(os.environ.get("BURST_EVENTS", "1000"))
NOW = datetime.fromisoformat("2026-09-07T17:00:00+07:00")
ENDED = datetime.fromisoformat("2026-09-07T16:00:00+07:00")
DUE = datetime.fromisoformat("2026-09-11T00:00:00+07:00")
CHANNELS = ("VI_WEB", "E_BOARD")
WEEK = timedelta(days=7)
Slot = tuple[str, str]


def hold(system: System, name: str, ended: datetime) -> list[str]:
    """Tell of that many events that ended at one instant; their keys, once all are judged."""
    ids = [f"{name}-{n}" for n in range(EVENTS)]
    send(system, [held(one, ended_at=ended, started_at=ended) for one in ids])
    settle(system)
    return [event_key("/sis", one) for one in ids]


def settle(system: System) -> None:
    """Wait until all is read and judged, however long the machine takes for so many."""
    end = time.monotonic() + 600
    while time.monotonic() < end:
        try:
            return system.rooms.settle()
        except TimeoutError as error:
            last = error
    raise last


def misses(system: System) -> Counter[Slot]:
    """How often each obligation was announced as missed, by distinct message."""
    said = announced(system, "deadline-missed")
    return Counter((data.event, data.requirement) for data in (message.data for message in said))  # type: ignore[attr-defined]


def both(keys: list[str]) -> set[Slot]:
    return {(key, code) for key in keys for code in ("WEBSITE", "E_BOARD")}


def test_with_one_of_two_processes_killed_each_miss_is_announced_once(system: System) -> None:
    replica = system.start_replica("monitoring")
    keys = hold(system, "burst", ENDED)
    system.step(DUE + timedelta(seconds=61))
    until(lambda: len(misses(system)) > EVENTS // 10, within_s=120, what="the burst began")
    system.kill(replica)
    until(lambda: misses(system).keys() >= both(keys), within_s=300, what="all announced")
    settle(system)
    assert misses(system) == Counter(both(keys))
    assert announced(system, "deadline-miss-withdrawn") == []


def test_a_backlog_with_evidence_in_time_for_half_of_them_makes_misses_of_the_other_half_only(system: System) -> None:
    before = misses(system)
    system.step(NOW + WEEK)
    keys = hold(system, "backlog", ENDED + WEEK)
    system.kill("monitoring")
    shown = keys[: EVENTS // 2]
    send(system, [evidence(key, channel) for key in shown for channel in CHANNELS])
    system.step(DUE + WEEK + timedelta(hours=1))
    system.start_one("monitoring")
    system.wait_ready()
    expected = both(keys[EVENTS // 2 :])
    until(lambda: (misses(system) - before).keys() >= expected, within_s=300, what="the true misses")
    settle(system)
    assert misses(system) - before == Counter(expected)
    assert announced(system, "deadline-miss-withdrawn") == []


def evidence(key: str, channel: str) -> Message:
    return published(key, channel, NOW + WEEK, content_id=f"{key}-news")
