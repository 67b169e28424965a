"""What several processes do is whole or fails as one, and leaves nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from services.chassis.watermark import Offsets
from services.monitoring.rebuild.command import LOCK, laid_down
from services.monitoring.rebuild.comparing.sides import Sides
from services.monitoring.rebuild.known import Settled
from services.monitoring.rebuild.progress import Progress
from services.monitoring.rebuild.running import Rebuild
from services.monitoring.rebuild.spill import Line
from services.monitoring.rebuild.spreading import spread
from services.monitoring.rebuild.staging import rows_of
from tests.live.system import until
from tests.monitoring.rebuild.conftest import Rebuilt

OWNER = """
import asyncio, sys
from pathlib import Path
from services.monitoring.rebuild.spreading import spread
from tests.monitoring.rebuild.test_spreading import say_and_sleep
if __name__ == "__main__":
    asyncio.run(spread(say_and_sleep, [Path(one) for one in sys.argv[1:]], hands=2))
"""


def leave(path: Path) -> None:
    """A task: the one without a folder fails, the others leave a file after a while."""
    if not path.parent.exists():
        raise FileNotFoundError(path)
    time.sleep(0.3)
    path.write_bytes(b"")


def say_and_sleep(path: Path) -> None:
    """A task that tells which process does it, and does not end."""
    path.with_suffix(".new").write_text(str(os.getpid()))
    path.with_suffix(".new").rename(path)
    time.sleep(600)


@pytest.mark.parametrize("hands", [1, 2])
async def test_when_one_task_fails_nothing_is_done_afterwards(tmp_path: Path, hands: int) -> None:
    tasks = [tmp_path / "none" / "x", *(tmp_path / str(number) for number in range(12))]
    with pytest.raises(FileNotFoundError):
        await spread(leave, tasks, hands=hands)
    left = sorted(tmp_path.iterdir())
    assert len(left) < 12
    await asyncio.sleep(1.5)
    assert sorted(tmp_path.iterdir()) == left


def test_processes_end_with_the_one_that_they_work_for(tmp_path: Path) -> None:
    told = [tmp_path / "a", tmp_path / "b"]
    with subprocess.Popen([sys.executable, "-c", OWNER, *map(str, told)]) as owner:
        until(lambda: all(path.exists() for path in told), within_s=30, what="both begun")
        pids = [int(path.read_text()) for path in told]
        owner.send_signal(signal.SIGKILL)
    until(lambda: all(map(_has_ended, pids)), within_s=30, what="both ended")


def _has_ended(pid: int) -> bool:
    """Whether a process is gone, or waits for nothing but to be asked how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def test_when_noting_fails_the_reading_ends(rebuilt: Rebuilt, monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(begin: Offsets, ends: Offsets, topics: Iterable[str] = ()) -> AsyncIterator[list[Line]]:
        while True:
            await asyncio.sleep(0.05)
            yield []

    monkeypatch.setattr(rebuilt.topics, "read", endless)
    service, folder = rebuilt.engine.service, rebuilt.folder
    made = Unreachable(service, folder, check=False, progress=Progress(quiet=True), topics=rebuilt.topics)
    async with asyncio.timeout(20):
        with pytest.raises(ServerSelectionTimeoutError):
            await made.run()


class Unreachable(Rebuild):
    """A rebuild whose helpers do not reach the database."""

    @property
    def _sides(self) -> Sides:
        return replace(super()._sides, url="mongodb://127.0.0.1:1")


def test_the_folder_of_a_killed_run_is_removed_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    killed = tmp_path / "rebuild-killed"
    killed.mkdir()
    (killed / LOCK).touch()
    with laid_down(tmp_path) as first, laid_down(tmp_path) as second:
        assert sorted(tmp_path.iterdir()) == sorted([first, second])
    assert list(tmp_path.iterdir()) == []


def test_documents_are_stored_in_the_order_of_their_ids() -> None:
    docs = [{"_id": one} for one in ("b", "c", "a")]
    rows = rows_of(Settled(events=docs, obligations=docs, untold={"b": [], "a": []}), 1)
    assert {name: [row[13:14] for row in encoded] for name, encoded in rows.items()} == {
        "events": [b"a", b"b", b"c"],
        "obligations": [b"a", b"b", b"c"],
        "untold": [b"a", b"b"],
    }
