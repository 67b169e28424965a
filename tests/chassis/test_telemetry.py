"""What is logged: JSON, one line for a matter however often it is said, nothing secret."""

import json
import logging

import pytest

from services.chassis.telemetry import QUIET_S, REMEMBERED, Metrics, Quiet, configure_logs


class Watch:
    """Monotonic seconds as the test sets them."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def line(text: str, *args: object, level: int = logging.ERROR, name: str = "aiokafka") -> logging.LogRecord:
    return logging.LogRecord(name, level, "", 0, text, args, None)


def test_a_storm_of_one_matter_is_one_line_and_a_count() -> None:
    watch = Watch()
    quiet = Quiet(watch)
    written = []
    for n in range(900):
        watch.at = n / 90
        record = line("Unable connect to node with id %s: %s", 1, f"port {n}")
        if quiet.filter(record):
            written.append(record.getMessage())
    watch.at = QUIET_S + 0.1
    last = line("Unable connect to node with id %s: %s", 1, "port x")
    assert quiet.filter(last)
    assert written == ["Unable connect to node with id 1: port 0"]
    assert last.getMessage() == "Unable connect to node with id 1: port x (and 899 more like it)"


def test_numbers_do_not_make_another_matter_of_it() -> None:
    quiet = Quiet(Watch())
    assert [quiet.filter(line(f"Topic events-{n} not found")) for n in range(3)] == [True, False, False]


@pytest.mark.parametrize(
    "other",
    [line("another text"), line("text", level=logging.WARNING), line("text", name="pymongo")],
    ids=["text", "level", "logger"],
)
def test_another_matter_is_written(other: logging.LogRecord) -> None:
    quiet = Quiet(Watch())
    assert quiet.filter(line("text"))
    assert not quiet.filter(line("text"))
    assert quiet.filter(other)


def test_what_informs_is_never_held_back() -> None:
    quiet = Quiet(Watch())
    assert all(quiet.filter(line("text", level=logging.INFO)) for _ in range(5))


def test_it_remembers_no_more_than_it_must() -> None:
    quiet = Quiet(Watch())
    for n in range(3 * REMEMBERED):
        quiet.filter(line("x" * (n // 60) + "y" * (n % 60)))
    assert len(quiet._seen) <= REMEMBERED


def test_every_line_is_json_and_names_its_service(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logs("approval", "INFO")
        for _ in range(3):
            logging.getLogger("aiokafka.conn").error("không kết nối được %s", "kafka")
        logging.getLogger("publicity.kafka").debug("Received")
        logging.getLogger("publicity.kafka").error("KeyError: 'x'", extra={"topic": "events", "message_id": "1"})
        lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    finally:
        root.handlers[:], root.level = handlers, level
    assert [(one["service"], one["event"]) for one in lines] == [
        ("approval", "không kết nối được kafka"),
        ("approval", "KeyError: 'x'"),
    ]


def test_two_services_fit_into_one_process() -> None:
    for name in ("planning", "approval"):
        metrics = Metrics(name)
        with metrics.timed("batch"):
            metrics.consumed.labels("events").inc()
        assert f'publicity_info{{service="{name}"}} 1.0' in metrics.exposition().decode()
