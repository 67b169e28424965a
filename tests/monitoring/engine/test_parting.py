"""Very many events that are due at once are judged in chunks that two replicas part in the same way."""

import random
from uuid import UUID

from services.monitoring.deadlines import CHUNK, parted

DICE = random.Random(7)
KEYS = [str(UUID(int=DICE.getrandbits(128), version=5)) for _ in range(1200)]


def test_few_events_are_one_transaction_and_none_is_none() -> None:
    assert parted([]) == []
    assert parted(KEYS[:CHUNK]) == [KEYS[:CHUNK]]


def test_every_event_is_in_one_chunk_and_none_is_too_large() -> None:
    chunks = parted(KEYS)
    assert sorted(key for chunk in chunks for key in chunk) == sorted(KEYS)
    assert max(map(len, chunks)) <= CHUNK


def test_a_replica_that_looked_later_parts_what_is_left_at_the_same_borders() -> None:
    mine = parted(KEYS)
    for chunk in parted(KEYS[400:]):
        assert sum(not set(chunk).isdisjoint(one) for one in mine) == 1
