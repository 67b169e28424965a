"""How far a long command has come, in words for whoever waits: rate and time left; it must never slow it down."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

EVERY_S, EVERY_LINE_S = 0.5, 5.0


class Progress:
    """Writes to a stream: over and over the same line on a terminal, a line now and then elsewhere."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream, self._quiet = stream or sys.stderr, quiet
        self._is_terminal = self._stream.isatty()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        if not self._quiet:
            self._stream.write(f"{text}\n")
            self._stream.flush()

    @contextmanager
    def of(self, what: str, total: int, unit: str = "records") -> Iterator[Callable[[int], None]]:
        """Count towards a total within; yields what is called with each step."""
        began = last = time.monotonic()
        done = 0

        def step(count: int) -> None:
            nonlocal done, last
            done, now = done + count, time.monotonic()
            if now - last >= (EVERY_S if self._is_terminal else EVERY_LINE_S):
                last = now
                self._tell(told(what, (done, total), now - began, unit=unit), passing=True)

        yield step
        self._tell(told(what, (done, max(done, total)), time.monotonic() - began, unit=unit), passing=False)

    def _tell(self, text: str, *, passing: bool) -> None:
        if self._quiet:
            return
        if self._is_terminal:
            self._stream.write(f"\r\x1b[2K{text}" + ("" if passing else "\n"))
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()


def told(what: str, count: tuple[int, int], seconds: float, *, unit: str) -> str:
    """One line: how many of how many, how fast, how long it took or will take."""
    done, total = count
    rate = done / seconds if seconds > 0 else 0.0
    pace = f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"
    if done >= total:
        return f"{what}: {done:,} {unit} in {seconds:.1f} s ({pace})"
    left = f"{(total - done) / rate:,.0f} s left" if rate else "time left unknown"
    return f"{what}: {done:,} of {total:,} {unit}, {pace}, {left}"
