"""The reading half of monitoring: figures, the read API, and acts by form and API; it must never judge an event.

figures, documents, shapes   what is told        filters, queries   how it is asked for
web_api, web_acts            the doors
"""

from services.monitoring.reading.queries import INDEXES

__all__ = ["INDEXES"]
