"""A clock for tests that hands domain time to what they test."""

from datetime import datetime


class StoppedClock:
    """Domain time as the test sets it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The time that was set."""
        return self.at
