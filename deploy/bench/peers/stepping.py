"""What a peer calls of monitoring: one message into the facts of its event, and all events judged at the end; pure.

It must never import what a peer's environment lacks: of the services only the rules.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.envelope import decode
from services.monitoring import decisions
from services.monitoring.algebra.messages import from_message, is_fact
from services.monitoring.decisions import Sight

Doc = dict[str, Any]
Facts = list[Doc]


def learnt(facts: Facts | None, value: bytes) -> Facts | None:
    """Return an event's facts with the one that a message brings; None when it says nothing new."""
    message = decode(value)
    if not is_fact(message):
        return None
    doc = decisions.learn({"facts": facts or []}, (from_message(message),))
    return doc["facts"] if doc else None


def owed(states: Mapping[str, Facts], sight: Sight) -> Iterator[Doc]:
    """Give what all events owe, each judged once: none of the log points to another."""
    for key, facts in states.items():
        yield from decisions.judge({key: decisions.new_event(key) | {"facts": facts}}, (), sight).obligations
