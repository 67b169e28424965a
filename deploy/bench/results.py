"""What a benchmark found against its promise; a verdict is never rounded in its own favour."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

MET, MISSED, NOT_MEASURED = "met", "missed", "not measured"


@dataclass(frozen=True)
class Result:
    """One line of the report.

    Shape:   series is {name: [[x, y], ...]} for the plot, only where a line is about growth.
    """

    id: str
    measure: str
    promise: str
    found: str
    verdict: str
    note: str = ""
    series: dict[str, list[list[float]]] = field(default_factory=dict)


def judged(is_met: bool) -> str:
    """The verdict of a comparison."""
    return MET if is_met else MISSED


def not_measured(id: str, measure: str, promise: str, *, why: str) -> Result:
    """A line that says plainly that nothing was measured."""
    return Result(id, measure, promise, "-", NOT_MEASURED, why)


def keep(folder: Path, results: Sequence[Result]) -> list[Result]:
    """Put results to those of earlier runs, in place of the same lines; return all in order."""
    path = folder / "results.json"
    before = [Result(**row) for row in json.loads(path.read_text())] if path.exists() else []
    new = {(one.id, one.measure) for one in results}
    kept = [one for one in before if (one.id, one.measure) not in new]
    whole = sorted([*kept, *results], key=lambda one: (int(one.id[1:]), one.measure))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in whole], ensure_ascii=False, indent=1) + "\n")
    return whole


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all lies; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
