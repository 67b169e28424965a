"""Random histories over the real Kafka, shuffled, repeated, processes killed: the read API says what the core says."""

from collections import defaultdict
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import Any

import httpx2
import pytest
import rfc8785

from contracts.envelope import Message
from contracts.times import format_time
from services.monitoring.algebra.obligations import to_assessed
from services.monitoring.reading.figures import Cut, figures
from tests.live.log import announced, send
from tests.live.system import System, until
from tests.monitoring.algebra.builders import SHIPPED, assessed
from tests.monitoring.algebra.histories import History

pytestmark = [pytest.mark.live, pytest.mark.soak]
NOW = datetime.fromisoformat("2026-11-20T12:00:00+07:00")
LATER = datetime.fromisoformat("2027-09-10T09:00:00+07:00")
HISTORIES, SEED = 120, 2026
RATES = ("on_time", "strict", "working_day", "fault_adjusted", "counts")
Doc = dict[str, Any]


@pytest.fixture(scope="module")
def told() -> list[Message]:
    """What several hundred events, their plans and their publications bring, each history with names of its own."""
    return [one for seed in range(HISTORIES) for one in History(seed, tag=f"h{seed}-").messages]


@pytest.fixture(scope="module")
def expected(told: list[Message]) -> dict[str, Doc]:
    """The documents by the pure core, for the set of all that was told."""
    judged = assessed(*SHIPPED, *told, now=LATER, shipped=False)
    return {doc["obligation_id"]: doc for one in judged.values() for doc in one.obligations}


@pytest.fixture(scope="module")
def judged(system: System, told: list[Message]) -> dict[str, Doc]:
    """The obligations by the read API, after all was delivered in disorder to two processes, both killed once."""
    dice = Random(SEED)
    delivered = [*told, *dice.sample(told, len(told) // 5)]
    dice.shuffle(delivered)
    token, replica = system.token("/sis"), system.start_replica("monitoring")
    third = len(delivered) // 3
    send(system, delivered[:third])
    system.kill("monitoring")
    send(system, delivered[third : 2 * third])
    system.step(LATER)
    system.start_one("monitoring")
    system.kill(replica)
    send(system, delivered[2 * third :])
    system.wait_ready()
    system.rooms.settle()
    return {one["obligation_id"]: one for one in listed(system, token)}


def listed(system: System, token: str) -> list[Doc]:
    """All obligations, page after page."""
    found, after = list[Doc](), ""
    while True:
        page = ask(system, token, f"obligations?limit=200{after}")
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def ask(system: System, token: str, place: str) -> Any:
    url = f"{system.urls['monitoring']}/api/{place}"
    answer = httpx2.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_any_disorder_ends_in_the_same_obligations(judged: dict[str, Doc], expected: dict[str, Doc]) -> None:
    assert len({doc["event"] for doc in expected.values()}) > 200
    assert judged.keys() == expected.keys()
    for key, doc in expected.items():
        said = to_assessed(doc).to_data()
        assert {name: judged[key].get(name) for name in said} == said


def test_the_figures_and_the_digest_of_each_year_follow(
    system: System, judged: dict[str, Doc], expected: dict[str, Doc]
) -> None:
    token, now = system.token("/sis"), format_time(LATER)
    for year in {doc["school_year"] for doc in expected.values()}:
        docs = [doc for doc in expected.values() if doc["school_year"] == year]
        names = ("obligation_id", "state", "due_at", "content_id", "discharged_at")
        lines = sorted([doc[name] for name in names] for doc in docs)
        for by in (None, *Cut):
            found = ask(system, token, f"compliance?school_year={year}" + (f"&by={by}" if by else ""))
            rows = {row["key"]: {part: row[part] for part in RATES} for row in found["rows"]}
            counted = {row.key: row.to_data() for row in figures(docs, now, by=by, whole=year)}
            assert rows == {key: {part: row[part] for part in RATES} for key, row in counted.items()}, (year, by)
            assert found["digest"] == "sha256:" + sha256(rfc8785.dumps(lines)).hexdigest()


def test_each_miss_is_announced_once_and_taken_back_before_it_is_announced_again(
    system: System, judged: dict[str, Doc], expected: dict[str, Doc]
) -> None:
    missed = {key for key, doc in expected.items() if doc["missed_at"] is not None}

    def standing() -> set[str]:
        return {key for key, said in by_obligation(system).items() if said[-1][0] == "deadline-missed"}

    until(lambda: standing() >= missed, within_s=120, what="every miss announced")
    system.rooms.settle()
    for key, said in by_obligation(system).items():
        names = ["deadline-missed", "deadline-miss-withdrawn"] * len(said)
        assert [name for name, _ in said] == names[: len(said)], f"{key} does not alternate"
        assert [n for _, n in said] == [place // 2 + 1 for place in range(len(said))]
    assert standing() == missed


def by_obligation(system: System) -> dict[str, list[tuple[str, int]]]:
    """What was said of the misses of each obligation, in order, each message once."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for message in announced(system, "deadline-missed", "deadline-miss-withdrawn"):
        data: Any = message.data
        found[data.obligation_id].append((message.name, data.n))
    return found
