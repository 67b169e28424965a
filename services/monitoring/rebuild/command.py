"""`python -m services.monitoring rebuild`: the documents made again from the topics, while the service goes on.

It must never say that all is well when a document differs.
"""

import argparse
import asyncio
import contextlib
import fcntl
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from services.chassis.app import Service
from services.chassis.clock import create_clock
from services.monitoring.app import DEFINITION
from services.monitoring.rebuild.comparing.comparison import Comparison
from services.monitoring.rebuild.progress import Progress
from services.monitoring.rebuild.running import Outcome, Rebuild
from services.monitoring.rebuild.swapping import NotStill
from services.monitoring.settings import Settings

SAME, DIFFERS, FAILED = 0, 1, 2
PREFIX, LOCK = "rebuild-", "lock"


def _given(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.monitoring rebuild",
        description="Makes all documents again from the topics, compares them with the live ones and replaces these."
        " Broken off, it goes on at the next start.",
    )
    parser.add_argument("--check", action="store_true", help="only compare: 0 when all is the same, 1 when not")
    parser.add_argument("--folder", type=Path, help="where records are laid down meanwhile (default: a temporary one)")
    return parser.parse_args(argv)


async def run_rebuild_command(settings: Settings, argv: Sequence[str]) -> int:
    """Rebuild and say what was found; 0 when it was the same or was put in place, 1 when --check differs, 2 else."""
    given = _given(argv)
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    service = Service(DEFINITION, settings, create_clock(settings.clock_file))
    progress = Progress()
    try:
        await service.store.prepare()
        with laid_down(given.folder) as folder:
            rebuild = Rebuild(service, folder, check=given.check, progress=progress)
            outcome = await rebuild.run()
    except asyncio.CancelledError:
        progress.say("broken off; start it again to go on")
        return FAILED
    except (KafkaError, PyMongoError, OSError, NotStill, BrokenExecutor) as error:
        progress.say(f"not rebuilt ({type(error).__name__}: {str(error)[:300]}); start it again to go on")
        return FAILED
    finally:
        await service.positions.close()
        service.store.client.close()
    sys.stdout.write("\n".join(report(outcome, check=given.check)) + "\n")
    return DIFFERS if given.check and not outcome.comparison.is_same else SAME


@contextlib.contextmanager
def laid_down(where: Path | None) -> Iterator[Path]:
    """A new folder for records, gigabytes of them; those that killed runs have left are removed."""
    for old in Path(where or tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError), old.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody's who lives
            shutil.rmtree(old.parent, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=where) as folder, (Path(folder) / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(folder)


def report(outcome: Outcome, *, check: bool) -> list[str]:
    """What a rebuild found and did, line by line."""
    found = outcome.comparison
    lines = [f"{outcome.records:,} records read, {outcome.unreadable} unreadable"]
    lines += _digests(found)
    if found.is_same:
        lines.append(f"all {found.live.documents:,} documents are the same")
    else:
        counts = f"there are {found.live.documents:,}, the topics make {found.staged.documents:,}"
        lines.append(f"{found.count:,} documents differ; {counts}")
        lines += [f"  {words}" for words in found.words]
    lines += outcome.notes
    if check:
        return [*lines, "nothing was replaced (--check)"]
    if outcome.lacking:
        lines.append(f"{outcome.lacking:,} counters and items of reference data were lacking and were added")
    if outcome.behind:
        lines.append(
            f"{outcome.behind:,} events are judged otherwise than was announced: the service announces that now"
        )
    return [*lines, f"put in place; judging was held for {outcome.held_s or 0:.2f} s; nothing was announced again"]


def _digests(found: Comparison) -> list[str]:
    live, staged = found.live.digests, found.staged.digests
    rows = []
    for year in sorted(live.keys() | staged.keys(), key=lambda one: one or ""):
        one, other = live.get(year, "none"), staged.get(year, "none")
        rows.append(f"  {year or 'no year':<10} {one}" + (" (same)" if one == other else f"\n{'':12}{other} (topics)"))
    return ["digests by school year:", *rows] if rows else ["no obligations"]
