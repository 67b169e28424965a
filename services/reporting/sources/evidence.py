"""The messages that a year was read from: how many of each kind, and from when to when they were received; pure.

Never part of what the digest covers: it says where to look, not what was found.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from services.reporting.rows import FactsOf
from services.reporting.sources.formulas import VERSIONS


def evidence_of(folds: Iterable[FactsOf]) -> Mapping[str, Any]:
    """The messages of a year by kind, the most first, the first and last receipt, and the formulas' versions.

    Shape:   each message counts once, however often it came.        Source: R18 "from evidence only", 5.1
    """
    facts = [fact for facts_of in folds for fact in chain.from_iterable(facts_of.values())]
    kinds = Counter(fact["kind"] for fact in facts)
    received = [fact["recorded"] for fact in facts]
    return {
        "messages": dict(sorted(kinds.items(), key=lambda one: (-one[1], one[0]))),
        "first_at": min(received, default=None),
        "last_at": max(received, default=None),
        "formulas": dict(VERSIONS),
    }
