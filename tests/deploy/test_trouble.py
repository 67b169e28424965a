"""What can be wrong with a machine is told with what, why and what to do, and never as a traceback."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import jars, processes, settings
from deploy.local.kafka import MARK, Kafka
from deploy.local.mongo import explain_ldd
from deploy.local.say import Say
from deploy.local.trouble import Trouble

REPOSITORY = Path(__file__).parents[2]


def test_a_busy_port_is_named_with_its_holder_and_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Trouble) as trouble:
            processes.check_ports({"KAFKA_PORT": port, "MONGO_PORT": processes.free_ports(1)[0]})
    told = str(trouble.value)
    assert str(port) in told
    assert f"process {os.getpid()}" in told
    assert "KAFKA_PORT=" in told
    assert "MONGO_PORT" not in told


def test_one_port_for_two_is_refused() -> None:
    with pytest.raises(Trouble, match="given twice"):
        processes.check_ports({"KAFKA_PORT": 9092, "MONGO_PORT": 9092})


def test_too_little_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="too little disk"):
        processes.check_disk(tmp_path, needed_bytes=1 << 60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\tlibcurl.so.4 => not found\n\tlibm.so.6 => /lib/libm.so.6 (0x0)", "apt-get install libcurl4 "),
        ("\tlibssl.so.3 => not found\n\tlibcrypto.so.3 => not found", "apt-get install libssl3 "),
        ("\tlibodd.so.1 => not found", "(the package with libodd.so.1)"),
        ("mongod: /lib/libc.so.6: version `GLIBC_2.34' not found (required by mongod)", "Debian 12"),
    ],
)
def test_missing_libraries_are_named_with_debians_packages(text: str, words: str) -> None:
    with pytest.raises(Trouble) as trouble:
        explain_ldd(text)
    assert words in str(trouble.value)


def test_a_kafka_folder_with_topics_but_no_mark_is_left_alone_and_explained(tmp_path: Path) -> None:
    kafka = Kafka(tmp_path, port=1, controller_port=2, class_path="")
    (tmp_path / "data" / "events-0").mkdir(parents=True)
    with pytest.raises(Trouble, match="damaged") as trouble:
        kafka.prepare()
    assert "make reset" in trouble.value.do
    assert (tmp_path / "data" / "events-0").exists()


def test_a_formatted_kafka_folder_that_lost_its_properties_is_explained(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text("{}")
    with pytest.raises(Trouble, match="damaged"):
        Kafka(tmp_path, port=1, controller_port=2, class_path="").prepare()


def test_no_network_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAVEN_MIRROR", f"http://127.0.0.1:{processes.free_ports(1)[0]}")
    with pytest.raises(Trouble) as trouble:
        jars.fetch(tmp_path, say=Say(quiet=True))
    for word in ("HTTPS_PROXY", "MAVEN_MIRROR", "KAFKA_BOOTSTRAP"):
        assert word in trouble.value.do


def test_a_jar_that_is_not_the_locked_one_is_not_taken(tmp_path: Path) -> None:
    jar = jars.read_lock()[0]
    folder = tmp_path / "kafka"
    folder.mkdir()
    (folder / jar.file_name).write_bytes(b"0" * jar.size_bytes)
    assert jars.missing([jar], folder) == [jar]


def test_the_lock_holds_hashes_and_no_address() -> None:
    text = jars.LOCK.read_text()
    assert "://" not in text
    rows = json.loads(text)["jars"]
    assert {tuple(row) for row in rows} == {("coordinate", "sha256", "size_bytes")}
    assert {"kafka_2.13", "slf4j-simple"} <= {row["coordinate"].split(":")[1] for row in rows}


@pytest.mark.parametrize("value", ["0", "70000", "abc", "-1"])
def test_a_setting_that_is_no_port_is_named(value: str) -> None:
    with pytest.raises(Trouble, match="KAFKA_PORT"):
        settings.read("up", {"KAFKA_PORT": value})


def test_what_runs_elsewhere_needs_no_port_here() -> None:
    setup = settings.read("up", {"KAFKA_BOOTSTRAP": "kafka:9092", "MONGO_URL": "mongodb://db/"})
    assert setup.ports == {}
    assert (setup.kafka_bootstrap, setup.mongo_url) == ("kafka:9092", "mongodb://db/")
    assert "CLOCK_FILE" not in setup.environment()


def test_the_demo_has_a_clock_and_a_folder_of_its_own() -> None:
    up, demo = settings.read("up", {}), settings.read("demo", {})
    assert demo.folder == up.folder / "demo"
    assert demo.environment()["CLOCK_FILE"] == str(demo.folder / "clock")
    assert demo.environment()["ENVIRONMENT"] == "demo"
    assert settings.Setup.from_json(demo.to_json()) == demo


def test_trouble_on_the_command_line_is_words_and_code_1(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.local", "up"]
    env = {**os.environ, "KAFKA_PORT": "no"}
    done = subprocess.run(command, env=env, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Cannot go on: KAFKA_PORT=no is no port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_without_venv_is_told_which_package(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\nexit 0\n')
    python.chmod(0o755)
    told = _venv(tmp_path, python)
    assert "apt-get install python3-venv" in told


def test_a_machine_with_an_old_python_is_told_so(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\ncase "$*" in *version_info*) exit 1 ;; esac\necho Python 3.9.2\n')
    python.chmod(0o755)
    assert "Python 3.9.2 is too old" in _venv(tmp_path, python)


def _venv(folder: Path, python: Path) -> str:
    done = subprocess.run(
        ["sh", str(REPOSITORY / "deploy/local/venv.sh"), "run"],
        cwd=folder,
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr
