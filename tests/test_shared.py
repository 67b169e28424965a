"""One of several processes makes what all share, and takes it away when the last has finished with it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from tests.shared import shared


class Made:
    """Counts what was made, and what stands."""

    def __init__(self) -> None:
        self.count, self.standing = 0, 0

    @contextmanager
    def __call__(self) -> Iterator[dict[str, int]]:
        self.count += 1
        self.standing += 1
        yield {"number": self.count}
        self.standing -= 1


def test_the_second_gets_what_the_first_made_and_the_first_waits_for_it(tmp_path: Path) -> None:
    make, leave, has_made = Made(), Event(), Event()

    def first() -> dict[str, int]:
        with shared(tmp_path / "one", make) as found:
            has_made.set()
            leave.wait(10)
        return found

    with ThreadPoolExecutor(1) as apart:
        waiting = apart.submit(first)
        assert has_made.wait(10)
        with shared(tmp_path / "one", make) as found:
            leave.set()
            assert (found, make.count) == ({"number": 1}, 1)
            assert not waiting.done()
            assert make.standing == 1
        assert waiting.result(10) == {"number": 1}
    assert make.standing == 0


def test_who_comes_after_the_last_makes_another(tmp_path: Path) -> None:
    make = Made()
    for number in (1, 2):
        with shared(tmp_path / "one", make) as found:
            assert found == {"number": number}
    assert make.standing == 0
