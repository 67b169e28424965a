"""Supervision on a database of its own: the reading half's house, empty or after the story's November."""

from tests.monitoring.reading.conftest import _month, house, lived

__all__ = ["_month", "house", "lived"]
