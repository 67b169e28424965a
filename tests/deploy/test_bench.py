"""The benchmarks' own log is the same each time, and their report says what was found; nothing is timed here."""

from pathlib import Path

from contracts.envelope import decode
from deploy.bench.fixture import NOW, Told, announced, pairs
from deploy.bench.report import plot, write
from deploy.bench.results import MET, MISSED, Result, judged, keep, not_measured, quantile
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.algebra.plans import Reference
from services.monitoring.decisions import Sight
from services.monitoring.rebuild.folding import fold, gather


def log(messages: int) -> Told:
    told = Told()
    for pair in pairs(messages):
        for line in pair.lines:
            told.see(line)
    return told


def test_the_same_size_gives_the_same_log() -> None:
    assert (log(400).sha256, log(400).messages) == (log(400).sha256, 400)
    assert log(401).sha256 != log(400).sha256


def test_half_are_events_and_half_publications() -> None:
    names = [decode(line.value).name for pair in pairs(4_000) for line in pair.lines]
    for name in ("event-held", "content-published"):
        assert 0.48 < names.count(name) / len(names) < 0.52
    assert {"event-cancelled", "content-corrected"} < set(names)


def test_what_is_made_as_announced_is_what_a_rebuild_takes_for_told() -> None:
    sight, told = Sight(0, Reference(), to_stamp(NOW), to_stamp(NOW)), Told()
    lines = [line for pair in pairs(300) for line in (*pair.lines, *announced(pair, sight, told))]
    settled = fold(gather(lines).known, Sight(0, Reference(), to_stamp(NOW)), frozenset())
    assert settled.untold == {}
    assert len(settled.obligations) == told.obligations > 200


def test_a_line_takes_the_place_of_its_earlier_one(tmp_path: Path) -> None:
    keep(tmp_path, [Result("E10", "a", "p", "1", MET), not_measured("E2", "b", "p", why="w")])
    whole = keep(tmp_path, [Result("E10", "a", "p", "2", MISSED, series={"x": [[1e4, 1.0], [1e5, 12.0]]})])
    assert [(one.id, one.found) for one in whole] == [("E2", "-"), ("E10", "2")]
    write(tmp_path, whole)
    assert "| E10 | a | p | 2 | missed |" in (tmp_path / "report.md").read_text()
    assert (tmp_path / "growth.svg").read_text().startswith("<svg")


def test_quantiles_and_verdicts_are_plain() -> None:
    assert (quantile([3, 1, 2], 0.5), quantile([1], 0.99)) == (2, 1)
    assert (judged(True), judged(False)) == (MET, MISSED)
    assert "polyline" in plot({"a": [[1.0, 1.0], [10.0, 2.0]]})
