"""How the platform talks while it works: plain lines, and one line rewritten in place on a terminal; never to a log."""

import sys
from typing import TextIO


class Say:
    """Says lines on a stream; `progress` rewrites its line on a terminal and says every tenth elsewhere."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stdout
        self._quiet = quiet
        self._open = False
        self._count = 0

    def __call__(self, text: str) -> None:
        """Say a line."""
        if not self._quiet:
            self._end_progress()
            print(text, file=self._stream, flush=True)

    def progress(self, text: str) -> None:
        """Say how far it is; the next line said stands below it."""
        if self._quiet:
            return
        self._count += 1
        if self._stream.isatty():
            print(f"\r\x1b[K{text}", end="", file=self._stream, flush=True)
            self._open = True
        elif self._count % 10 == 0:
            print(text, file=self._stream, flush=True)

    def _end_progress(self) -> None:
        if self._open:
            print(file=self._stream, flush=True)
            self._open = False
