"""The domain clock, given to whoever needs it; leases, retries and sessions use wall time and never this."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from contracts.times import parse_time


class Clock(Protocol):
    """What tells the domain time."""

    def now(self) -> datetime:
        """The domain time: aware, UTC."""


class SystemClock:
    """Domain time is the machine's time."""

    def now(self) -> datetime:
        """The machine's time: aware, UTC."""
        return datetime.now(UTC)


class StepClock:
    """Domain time stands still until somebody writes another instant into the file; the demo and the tests share one.

    Raises:  ClockUnreadable when the file holds no instant.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """The instant in the file: aware, UTC."""
        try:
            return parse_time(self._file.read_text().strip())
        except (OSError, ValueError) as error:
            message = f"CLOCK_FILE={self._file} must hold one RFC 3339 instant: {error}"
            raise ClockUnreadable(message) from error


class ClockUnreadable(OSError):
    """The step clock's file is missing or holds no instant; another try may find one."""


def create_clock(file: Path | None) -> Clock:
    """The step clock of the file, or the machine's clock without one."""
    return StepClock(file) if file else SystemClock()


def wall_now() -> datetime:
    """Wall time for leases, sessions and log lines: aware, UTC; never given to a rule."""
    return datetime.now(UTC)
