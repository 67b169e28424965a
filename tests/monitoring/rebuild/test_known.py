"""What was announced is read back in any order, however often; records on disk come back as they were."""

import itertools
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import digest
from contracts.codes import State
from services.monitoring.decisions import new_event
from services.monitoring.reading.figures import evidence_line
from services.monitoring.rebuild.comparing.lines import Digest, line_bytes
from services.monitoring.rebuild.known import DEADLINE_MISSED, MISS_WITHDRAWN, Known, overlay
from services.monitoring.rebuild.progress import told
from services.monitoring.rebuild.spill import Buckets, Line, buckets_for


def said(kind: str, sequence: int, **data: object) -> bytes:
    time = f"2026-11-0{sequence}T00:00:00.000000Z"
    return json.dumps({"type": kind, "sequence": f"{sequence:010d}", "time": time, "data": data}).encode()


MISSES = (
    said(DEADLINE_MISSED, 1, obligation_id="o", n=1, due_at="d1", detected_at="t1"),
    said(MISS_WITHDRAWN, 2, obligation_id="o", n=1, reason="EVIDENCE"),
    said(DEADLINE_MISSED, 3, obligation_id="o", n=2, due_at="d2", detected_at="t2"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_misses_and_their_withdrawals_are_kept_as_they_alternated(order: tuple[int, ...]) -> None:
    heard, later = Known(), Known()
    for place in order[:2]:
        heard.hear_said(MISSES[place])
    for place in (*order[1:], *order):
        later.hear_said(MISSES[place])
    doc = later.onto(heard.onto(new_event("e")))
    assert doc["sequence"] == 3
    assert doc["kept"]["o"] == {
        "n": 2,
        "announced": True,
        "missed_at": "d2",
        "approached": [],
        "misses": [
            {
                "n": 1,
                "due_at": "d1",
                "detected_at": "t1",
                "withdrawn_at": "2026-11-02T00:00:00.000000Z",
                "reason": "EVIDENCE",
            },
            {"n": 2, "due_at": "d2", "detected_at": "t2", "withdrawn_at": None, "reason": None},
        ],
    }


def test_of_what_was_never_announced_nothing_is_left_to_see() -> None:
    assert overlay([{"_id": "a", "state": "LATE", "x": 1}, {"_id": "b"}], [{"_id": "a", "state": "OPEN"}])[0][
        "state"
    ] == ("OPEN")


def test_the_records_of_a_key_come_back_from_one_bucket_in_their_order(tmp_path: Path) -> None:
    dice = random.Random(1)
    lines = [Line(dice.choice(("events", "compliance")), b"k%d" % (n % 9), bytes([n]) * n) for n in range(200)]
    buckets = Buckets(tmp_path / "x", ("events", "compliance"), 4)
    buckets.open(frozenset())
    for line in lines:
        buckets.add(line)
    buckets.close()
    read = [list(buckets.read(bucket)) for bucket in range(4)]
    assert sorted(line for bucket in read for line in bucket) == sorted(lines)
    for bucket in read:
        keys = {line.key for line in bucket}
        assert bucket == [line for line in lines if line.key in keys]
    buckets.remove()
    assert not (tmp_path / "x").exists()


@given(st.lists(st.binary(max_size=6) | st.uuids().map(lambda one: str(one).encode())), st.integers(1, 400))
def test_no_record_is_lost_whatever_its_key_and_ids_come_in_their_order(keys: list[bytes], count: int) -> None:
    with TemporaryDirectory() as folder:
        buckets = Buckets(Path(folder), ("events",), count)
        buckets.open(frozenset())
        for key in keys:
            buckets.add(Line("events", key, b""))
        buckets.close()
        read = [line.key for bucket in range(count) for line in buckets.read(bucket)]
    assert sorted(read) == sorted(keys)
    places = [int(key[:3], 16) * count // 16**3 for key in read if len(key) == 36]
    assert places == sorted(places)


def test_buckets_are_as_many_as_the_records_ask_for() -> None:
    assert (buckets_for(0), buckets_for(25_001), buckets_for(10**9)) == (1, 2, 400)


LINES = st.fixed_dictionaries(
    {name: st.none() | st.text(max_size=9) for name in ("obligation_id", "due_at", "content_id", "discharged_at")}
    | {"state": st.sampled_from([state.value for state in State if state is not State.OPEN])}
)


@given(st.lists(LINES, max_size=3))
def test_the_digest_line_by_line_is_that_of_the_whole(docs: list[dict[str, str | None]]) -> None:
    made = Digest()
    for doc in docs:
        made.add(line_bytes(doc, "2026-01-01T00:00:00.000000Z"))
    assert made.text == digest([evidence_line(doc, "2026-01-01T00:00:00.000000Z") for doc in docs])


def test_progress_says_how_long_it_will_take() -> None:
    assert told("reading", (500, 1500), 5.0, unit="records") == "reading: 500 of 1,500 records, 100/s, 10 s left"
    assert told("reading", (1500, 1500), 5.0, unit="records") == "reading: 1,500 records in 5.0 s (300/s)"
