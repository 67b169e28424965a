"""Logs as JSON lines and metrics of one service; it must never log personal data or message bodies."""

import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

QUIET_S = 10.0
REMEMBERED = 1000
_NUMBER = re.compile(r"\d+")


class Quiet(logging.Filter):
    """Lets one line per (logger, level, text) through in QUIET_S seconds, with a count of the rest."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; suppressed ones are counted on the next that is."""
        if record.levelno < logging.WARNING:
            return True
        # Numbers differ from line to line (ports, nodes, correlation ids) where the matter is the same.
        key = (record.name, record.levelno, _NUMBER.sub("#", str(record.msg))[:80])
        now = self._monotonic()
        since, count = self._seen.get(key, (now - QUIET_S, 0))
        if now - since < QUIET_S:
            self._seen[key] = (since, count + 1)
            return False
        if count:
            record.msg, record.args = f"{record.getMessage()} (and {count} more like it)", ()
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[key] = (now, 0)
        return True


def configure_logs(service: str, level: str) -> None:
    """Send every log line of this process to standard output as one JSON object."""

    def name_service(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_service,
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    handler.addFilter(Quiet())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("aiokafka", "faststream", "publicity.kafka", "pymongo", "uvicorn.access", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class Metrics:
    """The numbers of one service, in a registry of its own so that two services fit into one process."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        constant: dict[str, Any] = {"registry": self.registry}
        self.consumed = Counter("publicity_messages_consumed", "messages applied", ["topic"], **constant)
        self.skipped = Counter("publicity_messages_skipped", "messages seen before", ["topic"], **constant)
        self.dead = Counter("publicity_dead_letters", "records dead-lettered", ["topic", "reason"], **constant)
        self.relayed = Counter("publicity_messages_relayed", "outbox rows sent", ["topic"], **constant)
        self.units = Histogram("publicity_unit_seconds", "time of one unit of work", ["kind"], **constant)
        self.lag = Gauge("publicity_lag_records", "records not yet processed", ["topic"], **constant)
        self.outbox = Gauge("publicity_outbox_rows", "rows not yet relayed", **constant)
        Gauge("publicity_info", "which service this is", ["service"], **constant).labels(service).set(1)

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Observe how long the body takes, in seconds, under the kind."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.units.labels(kind).observe(time.perf_counter() - start)

    def exposition(self) -> bytes:
        """All numbers in the text format of Prometheus."""
        return generate_latest(self.registry)


def log(name: str) -> Any:
    """A structured logger; bind ids, never texts of people."""
    return structlog.get_logger(name)
