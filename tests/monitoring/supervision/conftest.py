"""Supervision on a database of its own: the reading half's house."""

from tests.monitoring.reading.conftest import house

__all__ = ["house"]
