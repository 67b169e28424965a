"""The topics on Kafka, as data: who writes them, who reads them, what they carry and how long.

Never creates one: the platform does, from this table, and checks what it finds against it.
"""

import re
from dataclasses import dataclass

SERVICES = ("planning", "approval", "publishing", "monitoring", "reporting")
# Six for ever: a change would move keys to other partitions and break their order.
PARTITIONS = 6
FOREVER_MS = -1
DAY_MS = 86_400_000
MEBIBYTE = 1_048_576


@dataclass(frozen=True)
class Topic:
    """A topic, its only writer and its readers.

    Shape:   messages are names in `registry.TYPES`; a retention of -1 keeps for ever.
    """

    name: str
    key: str
    writer: str
    readers: tuple[str, ...]
    messages: tuple[str, ...]
    description: str
    partitions: int = PARTITIONS
    retention_ms: int = FOREVER_MS
    max_bytes: int = MEBIBYTE


TOPICS: tuple[Topic, ...] = (
    Topic(
        name="events",
        key="event key",
        writer="monitoring",
        readers=("publishing", "reporting", "monitoring"),
        messages=("event-held", "event-scheduled", "event-cancelled", "event-classified", "event-merged"),
        description="What the school holds: checked, canonical facts of events.",
    ),
    Topic(
        name="plans",
        key="plan id",
        writer="planning",
        readers=("approval", "monitoring", "reporting"),
        messages=("plan-drafted", "plan-withdrawn"),
        description="Plans of a school year, as submitted for approval.",
    ),
    Topic(
        name="approvals",
        key="plan id",
        writer="approval",
        readers=("planning", "publishing", "monitoring", "reporting"),
        messages=("plan-approved", "plan-returned", "plan-escalated", "plan-revised"),
        description="What the office and the Rectorate decided on plans.",
    ),
    Topic(
        name="publications",
        key="event key, else plan item id",
        writer="publishing",
        readers=("monitoring", "reporting"),
        messages=(
            "content-submitted",
            "content-published",
            "content-corrected",
            "content-withdrawn",
            "delivery-failed",
        ),
        description="What contributors sent and what the channels showed.",
    ),
    Topic(
        name="compliance",
        key="event key, else directive id",
        writer="monitoring",
        readers=("publishing", "reporting"),
        messages=(
            "obligation-assessed",
            "deadline-missed",
            "deadline-miss-withdrawn",
            "deadline-approaching",
            "obligation-waived",
            "obligation-waiver-revoked",
            "cause-set",
            "directive-issued",
            "directive-acknowledged",
            "directive-closed",
            "calendar-issued",
            "policy-issued",
        ),
        description="Obligations and their states, what people decided about them, and the rules they stand under.",
    ),
    Topic(
        name="reports",
        key="school year",
        writer="reporting",
        readers=("planning", "monitoring"),
        messages=("report-issued", "improvement-proposed"),
        description="The year's report and what it proposes.",
    ),
    Topic(
        name="heartbeats",
        key="service",
        writer="every service",
        readers=SERVICES,
        messages=("heartbeat",),
        description="Each second: up to when all that a service committed is in Kafka.",
        partitions=1,
        retention_ms=DAY_MS,
    ),
)


def inbox_topic(slug: str = "") -> Topic:
    """Return the open inbox, or the inbox of the one registered source that has the slug.

    Raises:  ValueError when the slug cannot be part of a topic's name.
    """
    if slug and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        raise ValueError("a slug has the letters a-z, digits and single hyphens")
    return Topic(
        name=f"event-inbox-{slug}" if slug else "event-inbox",
        key="any",
        writer="other university systems",
        readers=("monitoring",),
        messages=("event-held", "event-scheduled", "event-cancelled"),
        description="Reports of events by other systems, untrusted until monitoring has checked them.",
        retention_ms=30 * DAY_MS,
        max_bytes=4 * MEBIBYTE,
    )


def dlq_name(topic: str) -> str:
    """Return the name of a topic's dead letters."""
    return f"{topic}-dlq"


def dlq_topic(topic: Topic) -> Topic:
    """Return the topic of the dead letters of a topic."""
    return Topic(
        name=dlq_name(topic.name),
        key="as received",
        writer="the reader that failed",
        readers=(),
        messages=(),
        description=f"Records of {topic.name} that a reader could not take, byte for byte, with the reason.",
        partitions=topic.partitions,
        retention_ms=90 * DAY_MS,
        max_bytes=4 * MEBIBYTE,
    )


INBOXES: tuple[Topic, ...] = (inbox_topic(),)
DLQS: tuple[Topic, ...] = tuple(dlq_topic(topic) for topic in (*TOPICS, *INBOXES))
ALL_TOPICS: tuple[Topic, ...] = (*TOPICS, *INBOXES, *DLQS)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in ALL_TOPICS}
