"""The heartbeat of a service.

Never a sign of health alone: it says up to when Kafka has all that the service committed.
"""

from pydantic import Field

from contracts.fields import Code, Count, Record
from contracts.times import Instant


class Heartbeat(Record):
    """All that the service committed before `drained_at` is in Kafka; a domain time."""

    service: Code
    drained_at: Instant
    waiting: Count | None = Field(None, description="How much work waits for people in the room; counted up to 100.")
