"""When the due date of an obligation is near, and what is announced of it; pure.

Never of what is published, waived or void: only what is OPEN comes near.
"""

from collections.abc import Collection, Mapping
from typing import Any

from contracts.codes import State
from contracts.monitoring import DeadlineApproaching
from services.monitoring.algebra.instants import Stamp, shift

# Units: seconds. Source: R08 (remind, then escalate)
APPROACHING_S = 86_400
_TOLD = ("obligation_id", "event", "requirement", "channels", "phase", "due_at", "explanation")


def near_at(obligation: Mapping[str, Any], told: Collection[Stamp], approaching_s: int) -> Stamp | None:
    """Return from when the due date is near; None when nothing is to be announced of it.

    Shape:   told are the due dates of which it was announced already: each is announced once, whatever came between.
    Source:  R08
    """
    due_at = obligation["due_at"]
    if obligation["state"] != State.OPEN or due_at is None or due_at in told:
        return None
    return shift(due_at, -approaching_s)


def approaching(obligation: Mapping[str, Any]) -> DeadlineApproaching:
    """Return the announcement that the due date is near. Source: R08; contract, compliance"""
    return DeadlineApproaching.from_data({name: obligation[name] for name in _TOLD})
