"""`python -m deploy.bench [E1 ...] [--messages N]`: measures what is promised, prints a table, writes bench/report.md.

It must never be a test: a slow machine is no fault.
"""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.bench import deadlines, latency, living, rebuilding, replay, report, showing, starting
from deploy.bench.place import Place, say, servers
from deploy.bench.results import Result, keep, not_measured

Measure = Callable[[Place, int], list[Result]]
MESSAGES, LIVE_MESSAGES, MANY = 1_000_000, 100_000, 100_000
MEASURES: dict[str, tuple[str, Measure, int]] = {
    "E1": ("fold-only replay", replay.run, MESSAGES),
    "E2": ("rebuild, with its growth (E3) and memory (E4)", rebuilding.run, MESSAGES),
    "E5": ("live path", living.run, LIVE_MESSAGES),
    "E6": ("latency", latency.run, 0),
    "E7": ("deadlines at once", deadlines.run, 10_000),
    "E8": ("pages", showing.run, MESSAGES),
    "E10": ("make up", starting.run, 0),
}
WITHIN = {"E3": "E2", "E4": "E2"}
FOLDER = Path("bench")


def _given(argv: Sequence[str] | None) -> argparse.Namespace:
    told = "\n".join(f"  {name:4} {what} ({size:,} messages)" for name, (what, _, size) in MEASURES.items())
    parser = argparse.ArgumentParser(
        prog="python -m deploy.bench",
        description=f"Measures:\n{told}\n  E9   python -m deploy.bench.live, against a room that runs",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("measures", nargs="*", metavar="E1", help="which (default: all)")
    parser.add_argument("--messages", type=int, help="at most so many; try 10000 first")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where report.md goes (default: %(default)s)")
    parser.add_argument("--many", action="store_true", help="E7 with 100,000 obligations")
    given = parser.parse_args(argv)
    given.measures = list(dict.fromkeys(WITHIN.get(name, name) for name in given.measures)) or list(MEASURES)
    unknown = [name for name in given.measures if name not in MEASURES]
    if unknown:
        parser.error(f"no such measure: {', '.join(unknown)}")
    return given


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; 0 when all that was asked for was measured, whatever the verdicts."""
    given = _given(argv)
    failed = []
    with servers() as place:
        for name in given.measures:
            what, measure, size = MEASURES[name]
            messages = min(size, given.messages) if given.messages and size else size
            messages = MANY if name == "E7" and given.many else messages
            say(f"{name} {what}")
            began = time.monotonic()
            try:
                results = measure(place, messages)
            except Exception as error:
                traceback.print_exc()
                failed.append(name)
                results = [not_measured(name, what, "-", why=f"it failed: {type(error).__name__}: {str(error)[:200]}")]
            whole = keep(given.folder, results)
            report.write(given.folder, whole)
            say(f"{report.table(results)}\n  {time.monotonic() - began:.0f} s\n")
    say(report.table(whole))
    say(f"\n{report.machine()}\n{given.folder / 'report.md'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
