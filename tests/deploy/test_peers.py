"""The peers of the benchmark call our rules, and their times count only for the same documents; none is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.bench.fixture import NOW, Told, evidence_of
from deploy.bench.peers.contest import PEERS, Contest
from deploy.bench.peers.environment import Answer, Unavailable
from deploy.bench.peers.stepping import Facts, learnt, owed
from deploy.bench.peers.task import Task
from deploy.bench.place import Place
from deploy.bench.replay import log_of
from deploy.bench.results import MET, MISSED, NOT_MEASURED
from services.monitoring.algebra.instants import to_stamp
from services.monitoring.algebra.plans import Reference
from services.monitoring.decisions import Sight
from services.monitoring.rebuild.folding import fold, gather

SIGHT = Sight(0, Reference(), to_stamp(NOW), to_stamp(NOW))


def test_one_message_after_the_other_comes_to_what_the_fold_says() -> None:
    lines, states = log_of(1_000, Told()), dict[str, Facts]()
    for line in lines:
        key = line.key.decode()
        facts = learnt(states.get(key), line.value)
        states[key] = states[key] if facts is None else facts
    settled = fold(gather(lines).known, SIGHT, frozenset())
    assert len(settled.obligations) > 700
    assert sum(map(_evidence, owed(states, SIGHT))) == sum(map(_evidence, settled.obligations))


def _evidence(obligation: dict[str, object]) -> int:
    return evidence_of(obligation, str(SIGHT.now))


def test_a_peer_needs_nothing_of_ours_but_rules() -> None:
    program = (
        "import sys, deploy.bench.peers.task\n"
        "print(sorted({'aiokafka', 'faststream', 'fastapi', 'motor', 'bson', 'structlog'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_task_is_understood_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task("127.0.0.1:1", ("a-events", "a-publications"), 3, "a-quix0", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["on_quix", task.argument])
    task.keep(SIGHT)
    assert Task.given() == task
    assert (Task.given().sight().now, Task.given().sight().confirmed) == (SIGHT.now, SIGHT.confirmed)


async def test_a_peer_that_cannot_be_installed_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder can be made in here")
    contest = Contest(10, tmp_path / "file")
    await contest.prepare()
    contest.folded(1.0, 7)
    await contest.turn(Place("", "", tmp_path), SIGHT)
    rows = contest.results()
    assert [(row.verdict, row.promise) for row in rows] == [(NOT_MEASURED, ">= 3x"), (NOT_MEASURED, ">= 10x")]
    assert all("venv" in row.note for row in rows)


def test_a_time_counts_for_the_same_documents_alone() -> None:
    contest = Contest(100)
    for seconds in (1.0, 2.0, 1.0):
        contest.folded(seconds, 7)
        for name in PEERS:
            contest.took(name, Answer(seconds * 4, 7, {"peer": "1.2"}))
    with pytest.raises(Unavailable, match="does not count"):
        contest.took("quix", Answer(1.0, 8, {}))
    quix, faust = contest.results()
    assert (quix.verdict, quix.found) == (MET, "4.00x (100/s; Quix Streams 25/s)")
    assert (faust.verdict, faust.measure) == (MISSED, "fold-only replay of 100 / Faust Table")
    assert quix.note.startswith("peer 1.2; ours 1.00-2.00 s, theirs 4.00-8.00 s, 3 turns each")
