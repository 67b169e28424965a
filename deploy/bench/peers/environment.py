"""The virtual environments of the peers, made where a measure wants them, and one run in them; never in .venv."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.bench.fixture import evidence_of
from deploy.bench.peers.task import Task

ROOT = Path(__file__).parents[3]
INSTALL_S, RUN_S = 600, 300


class Unavailable(Exception):
    """A peer cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Answer:
    """What one run of a peer took, and the sum of the evidence of what it found."""

    seconds: float
    evidence: int
    versions: dict[str, str]


def python_of(lock: Path, folder: Path) -> Path:
    """The Python of an environment that holds what a lock names; made once, and anew when the lock is another.

    Raises:  Unavailable.
    """
    python, stamp = folder / "bin" / "python", folder / ".lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(folder)], INSTALL_S)
    quietly = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"]
    _run([str(python), "-m", "pip", "install", *quietly, "--require-hashes", "-r", str(lock)], INSTALL_S)
    stamp.write_text(digest)
    return python


def answered(python: Path, program: str, task: Task, *, now: str) -> Answer:
    """Run a peer's program to its end.

    Raises:  Unavailable.
    """
    told = json.loads(_run([str(python), "-m", program, task.argument], RUN_S).splitlines()[-1])
    with task.obligations.open() as lines:
        evidence = sum(evidence_of(json.loads(line), now) for line in lines) % 2**256
    return Answer(told["seconds"], evidence, told["versions"])


def _run(command: list[str], seconds: int) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    what = " ".join(command[1:4])
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{what} takes longer than {seconds} s") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise Unavailable(f"{what} ended with {done.returncode}: {said[:200]}")
    return done.stdout
