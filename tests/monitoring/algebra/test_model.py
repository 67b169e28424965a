"""The algebra against an independent model of the rules, over random histories: every document, field by field."""

from datetime import datetime
from functools import cache
from typing import Any

import pytest

from contracts.times import format_time
from tests.monitoring.algebra.builders import assessed
from tests.monitoring.algebra.histories import History
from tests.monitoring.algebra.model import Model

SEEDS, BATCH = 600, 100
Doc = dict[str, Any]


def expected(history: History) -> dict[str, Doc]:
    """The documents by the model, instants as texts."""
    found = Model(history.messages, history.now).documents()
    return {
        key: {name: format_time(value) if isinstance(value, datetime) else value for name, value in doc.items()}
        for key, doc in found.items()
    }


@cache
def found(seed: int) -> tuple[History, dict[str, Doc]]:
    """A history, and the documents by the algebra."""
    history = History(seed)
    assessments = assessed(*history.messages, now=history.now, shipped=False)
    return history, {doc["obligation_id"]: doc for one in assessments.values() for doc in one.obligations}


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_the_algebra_says_what_the_rules_say(first: int) -> None:
    for seed in range(first, first + BATCH):
        history, by_algebra = found(seed)
        by_rules = expected(history)
        assert by_algebra.keys() == by_rules.keys(), f"history {seed}"
        for key, doc in by_rules.items():
            assert {name: by_algebra[key][name] for name in doc} == doc, f"history {seed}"


def test_the_histories_reach_every_state_cause_and_reason() -> None:
    docs = [doc for seed in range(300) for doc in found(seed)[1].values()]
    assert {(doc["state"], doc["phase"]) for doc in docs} == {
        (state, phase)
        for state in ("VOID", "ON_TIME", "WAIVED", "LATE", "MISSED", "OPEN")
        for phase in ("PRE", "POST")
        if (state, phase) != ("LATE", "PRE")  # what is owed before the event is never LATE
    }
    causes = {"LATE_NOTICE", "CHANNEL_FAILURE", "NO_SUBMISSION", "APPROVAL_DELAY", "UNKNOWN"}
    assert {doc["cause"] for doc in docs} == causes | {None}
    assert {doc["void_reason"] for doc in docs} == {"CANCELLED", "REVISED", "CLASSIFIED", "PLAN_CHANGED", None}
    assert any(doc["due_at"] is None for doc in docs)
    assert any(doc["state"] == "WAIVED" and doc["missed_at"] for doc in docs)
