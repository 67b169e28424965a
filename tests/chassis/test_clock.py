"""The domain clock: the machine's, or one that stands still until somebody steps it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.clock import ClockUnreadable, create_clock, wall_now
from services.chassis.store import is_transient


def step(file: Path, text: str) -> None:
    new = file.with_suffix(".new")
    new.write_text(text)
    os.replace(new, file)


def test_without_a_file_it_is_the_machines_time() -> None:
    assert abs(create_clock(None).now() - wall_now()) < timedelta(seconds=5)
    assert create_clock(None).now().tzinfo is UTC


def test_a_step_clock_stands_still_until_it_is_stepped(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    step(file, "2026-11-20T09:00:00Z\n")
    clock = create_clock(file)
    assert clock.now() == clock.now() == datetime(2026, 11, 20, 9, tzinfo=UTC)
    step(file, "2026-11-24T00:00:00+07:00")
    assert clock.now() == datetime(2026, 11, 23, 17, tzinfo=UTC)


def test_many_steps_within_one_tick_of_the_file_system_are_all_seen(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = create_clock(file)
    for second in range(60):
        step(file, f"2026-11-20T09:00:{second:02}Z")
        assert clock.now().second == second


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-20", "2026-11-20T09:00:00"])
def test_a_file_that_holds_no_instant_is_named_and_nobody_guesses(text: str, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text(text)
    with pytest.raises(ClockUnreadable, match=r"CLOCK_FILE=.*clock must hold one RFC 3339 instant"):
        create_clock(file).now()


def test_a_missing_file_is_waited_for_and_blames_no_message(tmp_path: Path) -> None:
    with pytest.raises(ClockUnreadable) as unreadable:
        create_clock(tmp_path / "none").now()
    assert is_transient(unreadable.value)
