"""Up to when misses are confirmed: publishing's word, the ends of the topics after it, the group's positions.

Heartbeats and positions are stand-ins at the service's own seam; tests/live has the real ones.
"""

from datetime import timedelta
from typing import Any

from services.chassis.clock import wall_now
from services.chassis.watermark import Beat
from services.monitoring.deadlines import EVIDENCE, Confirmation
from tests.monitoring.engine.builders import NOW
from tests.monitoring.engine.conftest import Engine


class Positions:
    """Ends that are reached when the test says so."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.is_reached = False

    async def ends(self, topics: Any) -> dict[Any, int]:
        """Note what was asked for."""
        self.asked.append(tuple(topics))
        return {"p": len(self.asked)}

    async def reached(self, ends: Any) -> bool:
        """Whether the test lets the group arrive."""
        return self.is_reached


def given(engine: Engine, *, heard_ago: timedelta = timedelta(0)) -> tuple[Confirmation, Positions]:
    positions = Positions()
    engine.service.positions = positions  # type: ignore[assignment]
    engine.service.heartbeats.last["publishing"] = Beat(drained_at=NOW, heard_at=wall_now() - heard_ago)
    return Confirmation(engine.service), positions


async def test_what_publishing_says_counts_once_the_ends_taken_after_it_are_reached(engine: Engine) -> None:
    confirmation, positions = given(engine)
    await confirmation.advance()
    assert (confirmation.until, positions.asked) == (None, [EVIDENCE])
    positions.is_reached = True
    await confirmation.advance()
    assert confirmation.until == NOW
    await confirmation.advance()
    assert len(positions.asked) == 1, "nothing new was said"


async def test_a_later_word_while_waiting_does_not_move_what_is_waited_for(engine: Engine) -> None:
    confirmation, positions = given(engine)
    await confirmation.advance()
    engine.service.heartbeats.last["publishing"] = Beat(drained_at=NOW + timedelta(hours=1), heard_at=wall_now())
    positions.is_reached = True
    await confirmation.advance()
    assert confirmation.until == NOW, "the ends were taken before the later word"
    await confirmation.advance()
    assert confirmation.until == NOW + timedelta(hours=1)


async def test_publishing_silent_for_too_long_is_not_waited_for(engine: Engine) -> None:
    confirmation, positions = given(engine, heard_ago=timedelta(hours=25))
    positions.is_reached = True
    engine.clock.at = NOW + timedelta(days=9)
    await confirmation.advance()
    assert confirmation.until == NOW + timedelta(days=9)


async def test_a_publishing_that_was_never_heard_is_waited_for_from_the_start_on(engine: Engine) -> None:
    confirmation, positions = given(engine)
    engine.service.heartbeats.last.clear()
    positions.is_reached = True
    await confirmation.advance()
    assert (confirmation.until, positions.asked) == (None, [])
