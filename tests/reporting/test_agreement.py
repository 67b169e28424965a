"""Reporting counts what monitoring counts: the same histories, judged there and told here, give the same figures."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from contracts.envelope import Message
from contracts.registry import BY_MODEL
from contracts.times import format_time
from services.monitoring.algebra import plans
from services.monitoring.algebra.milestones import milestone_announcements
from services.monitoring.algebra.obligations import to_assessed
from services.monitoring.reading.figures import Cut, figures
from services.reporting.report import CUTS, RATES
from services.reporting.school_years import dates_of
from services.reporting.snapshot import take
from tests.monitoring.algebra import builders
from tests.monitoring.algebra.histories import History
from tests.reporting.builders import folded

SEEDS = range(80)
# Whose doing a VOID obligation was does not travel when it was somebody's other than these.
TOLD_VOID = (None, "CANCELLED", "MERGED")


def told(data: Any, key: str, number: int, when: datetime) -> Message:
    """A message of monitoring's own."""
    kind = BY_MODEL[type(data)]
    return Message(f"{kind.name}-{number}", "/publicity/monitoring", kind.type, key, when, data, 1, when)


def milestones(history: History) -> Iterator[Message]:
    """What monitoring puts on `events` about approved milestones."""
    approvals = [plans.from_message(one) for one in history.messages if one.name == "plan-approved"]
    for n, approval in enumerate(approvals):
        for m, data in enumerate(milestone_announcements(approval, approvals[:n])):
            yield told(data, data.event, 1000 * n + m, datetime.fromisoformat(approval.approved_at))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_four_rates_agree_in_every_cut(seed: int) -> None:
    history = History(seed)
    judged = builders.assessed(*history.messages, now=history.now, shipped=False)
    docs = [doc for assessment in judged.values() for doc in assessment.obligations]
    own = [told(to_assessed(doc), doc["event"], n, history.now) for n, doc in enumerate(docs)]
    year = folded([*history.messages, *milestones(history), *own])
    now = format_time(history.now)
    for school_year in {doc["school_year"] for doc in docs}:
        mine = [doc for doc in docs if doc["school_year"] == school_year]
        here = take(year, dates_of(school_year, {}), as_of=now)
        is_told = all(doc["void_reason"] in TOLD_VOID for doc in mine)
        for by in CUTS:
            theirs = {row.key or "": row.to_data() for row in figures(mine, now, by=Cut(by))}
            ours = {row["key"]: row for row in here.cuts[by]}
            for part in (*RATES, "counts"):
                if part != "strict" or is_told:
                    assert {k: v[part] for k, v in ours.items()} == {k: v[part] for k, v in theirs.items()}, (by, part)
