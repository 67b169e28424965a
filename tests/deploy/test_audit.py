"""`make audit`: what it says and with which code it ends, of a file and of a database."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local import audit, settings
from deploy.local.__main__ import main
from services.chassis.audit.chain import ORIGIN, Entry, Head, entry_after
from services.chassis.audit.verifying import write_line

REPOSITORY = Path(__file__).parents[2]


def log(count: int = 5) -> list[Entry]:
    made: list[Entry] = []
    for number in range(count):
        row = {"id": f"k{number}", "act": "plan-approved", "actor": "a-1", "reason": "Đủ căn cứ"}
        made.append(entry_after(Head(number, made[-1]["hash"]) if made else ORIGIN, row))
    return made


def head_of(entry: Entry) -> Head:
    return Head(entry["n"], entry["hash"])


def written(folder: Path, entries: list[Entry]) -> str:
    file = folder / "log.ndjson"
    file.write_text("".join(map(write_line, entries)), encoding="utf-8")
    return str(file)


CASES: tuple[tuple[str, Callable[[list[Entry]], list[Entry]], bool, int, str], ...] = (
    ("intact", lambda log: log, True, 0, "log.ndjson: 5 entries, intact, held against 1 kept head"),
    ("intact, no head", lambda log: log, False, 0, "nobody can tell whether the end was cut off"),
    ("changed", lambda log: [*log[:2], log[2] | {"row": {"id": "x"}}, *log[3:]], False, 3, "entry 3 was changed"),
    ("dropped", lambda log: [*log[:2], *log[3:]], False, 3, "entry 3 is missing"),
    ("reordered", lambda log: [log[1], log[0], *log[2:]], False, 3, "entry 1 stands behind a later one"),
    ("inserted", lambda log: [*log, log[2]], False, 3, "entry 3 stands here a second time"),
    ("cut", lambda log: log[:3], True, 3, "the end was cut off: entries 4 to 5 are missing"),
    ("cut, no head", lambda log: log[:3], False, 0, "log.ndjson: 3 entries, intact"),
    ("empty", lambda log: [], True, 3, "the end was cut off: entries 1 to 5 are missing"),
)


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_file_is_verified_with_nothing_running(
    case: tuple[str, Callable[[list[Entry]], list[Entry]], bool, int, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, spoil, knows_head, code, words = case
    whole = log()
    head = ["--head", str(head_of(whole[-1]))] if knows_head else []
    assert main(["audit", "--verify", written(tmp_path, spoil(whole)), *head]) == code
    assert words in capsys.readouterr().out


def test_what_cannot_be_checked_ends_with_1_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, log())
    assert main(["audit", "--verify", file, "--head", "5:abc"]) == 1
    assert main(["audit", "--verify", str(tmp_path / "none.ndjson")]) == 1
    assert main(["audit", "--export", file]) == 1
    told = capsys.readouterr().err
    assert "'5:abc' is no head" in told
    assert "none.ndjson cannot be read" in told
    assert "of one service's log" in told


def test_the_command_needs_neither_a_database_nor_kafka(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.local", "audit", "--verify", written(tmp_path, log())]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def database(mongo_url: str, tmp_path: Path) -> Any:
    """The log of approval in a database of its own, and the platform that has it."""
    client: Any = MongoClient(mongo_url)
    name = f"t{tmp_path.name}"[:20].replace("-", "_").lower() + "_"
    made = client[f"{name}approval"]
    entries = log()
    made["acts"].insert_many({"_id": f"k{entry['n']}", "v": 2, **entry} for entry in entries)
    made["acts"].insert_one({"_id": "later", "n": 0, "row": {"id": "later"}})
    made["chain"].insert_one({"_id": "head", "n": 5, "hash": entries[-1]["hash"]})
    setup = settings.Setup(
        "up", tmp_path, tmp_path, "127.0.0.1", {}, {"approval": 8002}, outside_mongo=mongo_url,
        passed={"MONGO_PREFIX": name},
    )  # fmt: skip
    yield made, setup
    client.drop_database(made.name)
    client.close()


def test_a_running_log_is_verified_and_exported(
    database: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, setup = database
    file = tmp_path / "out.ndjson"
    assert audit.verify_running(setup, "approval", [], export=str(file)) == 0
    told = capsys.readouterr().out
    assert "approval: 5 entries, intact" in told
    assert "1 acts are put down and not chained yet" in told
    assert [json.loads(line) for line in file.read_text().splitlines()] == log()
    assert audit.verify_file(file, [head_of(log()[-1])]) == 0


def test_a_tampered_database_is_found_out(database: Any, capsys: pytest.CaptureFixture[str]) -> None:
    made, setup = database
    made["acts"].delete_one({"n": 5})
    assert audit.verify_running(setup, "approval", []) == 3
    assert "the end was cut off: entries 5 to 5 are missing" in capsys.readouterr().out
    made["chain"].update_one({}, {"$set": {"n": 4, "hash": log()[3]["hash"]}})
    assert audit.verify_running(setup, "approval", []) == 0, "whoever moves the head as well is found by a kept one"
    assert audit.verify_running(setup, "approval", [head_of(log()[-1])]) == 3


def test_heads_are_read_from_the_log_of_the_service_that_has_this_database(tmp_path: Path, mongo_url: str) -> None:
    setup = settings.Setup("up", tmp_path, tmp_path, "127.0.0.1", {"MONGO_PORT": 1}, {"approval": 8002})
    (tmp_path / "log").mkdir()
    heads = [head_of(entry) for entry in log()]
    lines = [json.dumps({"event": "audit head", "database": "publicity_approval", "head": str(one)}) for one in heads]
    other = json.dumps({"event": "audit head", "database": "other_approval", "head": str(ORIGIN)})
    (tmp_path / "log" / "approval.log.1").write_text("\n".join([*lines[:2], '{"event": "starting"}']))
    (tmp_path / "log" / "approval.log").write_text("\n".join([*lines[2:], other, "no JSON at all"]))
    assert audit.kept_heads(setup, "publicity_approval") == set(heads)
