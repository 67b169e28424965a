"""Header names that are no text, in every place of a batch and under every compression: nobody is lost."""

from typing import Any

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.memory_records import MemoryRecords

from services.chassis.records import LenientRecords
from tests.chassis.ledger import NoText

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


def batch(bad: tuple[int, ...] = (), *, codec: int = 0, count: int = 5, first: int = 0) -> bytes:
    """A batch of records as it is on the wire; those in `bad` have such a header beside a good one."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, 0, 1 << 20)
    for n in range(count):
        headers = [(NoText("x"), b"1"), ("good", None)] if n in bad else [("good", b"\xff")]
        builder.append(n, 0, f"k{n}".encode(), f"v{n}".encode(), headers)
    raw = bytearray(builder.build())
    raw[:8] = first.to_bytes(8, "big")
    return bytes(raw)


def read(raw: bytes, kind: type = LenientRecords) -> list[tuple[int, bytes, Any]]:
    """What the fetcher gets of it."""
    records, found = kind(raw), []
    while records.has_next():
        one = records.next_batch()
        assert one.validate_crc() or raw[:8] != bytes(8)
        found += [(record.offset, record.value, list(record.headers)) for record in one]
    return found


def test_aiokafka_itself_still_raises_or_this_module_can_go() -> None:
    with pytest.raises((UnicodeDecodeError, CorruptRecordException)):
        read(batch((2,)), MemoryRecords)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("bad", [(0,), (2,), (4,), (1, 3), (0, 1, 2, 3, 4)], ids=str)
def test_a_name_that_is_no_text_is_read_with_escapes_and_loses_nobody(bad: tuple[int, ...], codec: str) -> None:
    found = read(batch(bad, codec=CODECS[codec]))
    assert [(offset, value) for offset, value, _ in found] == [(n, f"v{n}".encode()) for n in range(5)]
    for offset, _, headers in found:
        odd = [(r"\xff\xfeab", b"1"), ("good", None)]
        assert headers == (odd if offset in bad else [("good", b"\xff")])


@pytest.mark.parametrize("codec", CODECS)
def test_what_can_be_read_is_read_as_ever(codec: str) -> None:
    raw = batch(codec=CODECS[codec])
    assert read(raw) == read(raw, MemoryRecords)


def test_each_batch_of_an_answer_is_read_by_itself() -> None:
    raw = batch((1,)) + batch(first=5) + batch((0,), codec=4, first=10)
    assert [offset for offset, _, _ in read(raw)] == list(range(15))


def test_an_answer_that_is_cut_off_gives_what_is_whole() -> None:
    raw = batch() + batch(first=5)[:-3]
    assert [offset for offset, _, _ in read(raw)] == list(range(5))
    assert read(b"") == []
