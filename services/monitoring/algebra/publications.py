"""What was published about an event, and what of it discharges an obligation: pure.

Never a due date: whether it was in time is the obligation's question.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.codes import Phase, RequirementCode
from services.monitoring.algebra.facts import Publication
from services.monitoring.algebra.instants import Stamp
from services.monitoring.algebra.owed import Slot

# Source: the obligation, A publication: at a tie withdrawn over corrected over published
ORDER = {"published": 0, "corrected": 1, "withdrawn": 2}


@dataclass(frozen=True, slots=True)
class Shown:
    """A publication that stands, with its phase."""

    fact: Publication
    phase: str

    @property
    def order(self) -> tuple[Stamp, str, str]:
        """Which discharges first. Source: fine print"""
        return (self.fact.at, self.fact.content_id, self.fact.channel)


def standing(facts: Iterable[Publication]) -> list[Publication]:
    """Return the publications that stand: of each (content, channel) the ruling revision, unless it is withdrawn.

    Source: the obligation, A publication; fine print (other content: later time, then id)
    """
    ruling: dict[tuple[str, str], Publication] = {}
    for fact in facts:
        key = (fact.content_id, fact.channel)
        other = ruling.get(key)
        if other is None or _order(fact) > _order(other):
            ruling[key] = fact
    return [fact for fact in ruling.values() if fact.kind != "withdrawn"]


def _order(fact: Publication) -> tuple[int, int, Stamp, str, str]:
    return (fact.revision, ORDER[fact.kind], fact.time, fact.id, fact.source)


def shown(facts: Iterable[Publication], started_at: Stamp) -> list[Shown]:
    """Return the publications that stand, the first to discharge first, with their phases.

    Source: the obligation, Phase of a publication; A20 (during the event counts as POST)
    """
    found = [Shown(fact, Phase.PRE.value if fact.at < started_at else Phase.POST.value) for fact in standing(facts)]
    return sorted(found, key=lambda one: one.order)


def discharging(slot: Slot, channels: Sequence[str], publications: Iterable[Shown]) -> list[Publication]:
    """Return the publications that discharge an obligation, the first one first.

    Source: 3.4, 3.5, the obligation, What discharges what; A11
    """
    is_either = slot.requirement == RequirementCode.MASS_MEDIA and slot.phase == Phase.POST
    return [one.fact for one in publications if one.fact.channel in channels and (is_either or one.phase == slot.phase)]
