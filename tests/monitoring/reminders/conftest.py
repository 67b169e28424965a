"""The reminders of monitoring on a database of their own, without Kafka."""

from tests.monitoring.engine.conftest import engine

__all__ = ["engine"]
